"""The Slack app's manifest: ``manifest.yml`` is the Socket Mode form, and the HTTP form is made from it."""

import copy
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).resolve().parent.parent / "manifest.yml"
EVENTS_PATH = "/slack/events"


def manifest() -> dict[str, Any]:
    """The Socket Mode form, parsed."""
    parsed = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert isinstance(parsed, dict)
    return parsed


def manifest_for(url: str) -> dict[str, Any]:
    """The HTTP form for a bot that answers at this address: every request goes to ``URL/slack/events``."""
    made = copy.deepcopy(manifest())
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
