"""The Slack app's manifest: ``manifest.yml`` is the Socket Mode form, and the HTTP form is made from it."""

from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

MANIFEST = Path(__file__).resolve().parent.parent / "manifest.yml"
EVENTS_PATH = "/slack/events"


def manifest(video_domains: Collection[str] = (), portal_url: str | None = None) -> dict[str, Any]:
    """The Socket Mode form, parsed. Videos of these domains may play inside Slack (docs: video block), and links to
    courses of the portal get a card (docs: unfurling links)."""
    parsed = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert isinstance(parsed, dict)
    scopes = parsed["oauth_config"]["scopes"]["bot"]
    portal = urlsplit(portal_url).hostname if portal_url else None
    if video_domains or portal:
        parsed["features"]["unfurl_domains"] = sorted({*video_domains, *([portal] if portal else [])})
    if video_domains:
        scopes.append("links.embed:write")
    if portal:
        scopes += ["links:read", "links:write"]
        parsed["settings"]["event_subscriptions"]["bot_events"].append("link_shared")
    return parsed


def manifest_for(url: str, video_domains: Collection[str] = (), portal_url: str | None = None) -> dict[str, Any]:
    """The HTTP form for a bot that answers at this address: every request goes to ``URL/slack/events``."""
    made = manifest(video_domains, portal_url)
    address = url.rstrip("/") + EVENTS_PATH
    made["settings"]["socket_mode_enabled"] = False
    made["settings"]["event_subscriptions"]["request_url"] = address
    made["settings"]["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
    for command in made["features"]["slash_commands"]:
        command["url"] = address
    return made


def as_yaml(made: dict[str, Any]) -> str:
    """A manifest as YAML, in the order it was written."""
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120)
