"""The app as manifest.yml describes it: what it may do here, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

APP_ID = "A0HOME"

# Which scope an event needs besides its subscription (https://docs.slack.dev/reference/events).
_SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "team_join": "users:read",
    "user_change": "users:read",
    "channel_rename": "channels:read",
    "channel_archive": "channels:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "link_shared": "links:read",
}


@dataclass(frozen=True)
class Command:
    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True)
class Shortcut:
    name: str
    type: str
    callback_id: str
    description: str


@dataclass(frozen=True)
class InstalledApp:
    """What the manifest grants. `events` are subscription names such as "message.im"."""

    name: str
    display_name: str
    description: str
    commands: Mapping[str, Command]
    shortcuts: Mapping[str, Shortcut]
    scopes: tuple[str, ...]
    events: frozenset[str]
    interactive: bool
    home_tab: bool
    messages_tab: bool
    messages_tab_read_only: bool
    unfurl_domains: tuple[str, ...] = ()

    def unfurls(self, url: str) -> bool:
        """Whether Slack tells the app of links to this address
        (https://docs.slack.dev/messaging/unfurling-links-in-messages)."""
        host = urlsplit(url).hostname or ""
        return any(host == one or host.endswith(f".{one}") for one in self.unfurl_domains)

    def plays(self, video_url: str) -> bool:
        """Whether Slack would show a video of this address: the scope granted, and the domain among the app's own.

        (https://docs.slack.dev/reference/block-kit/blocks/video-block)
        """
        return self.unfurls(video_url) and "links.embed:write" in self.scopes

    def hears(self, subscription: str) -> bool:
        """Whether Slack would deliver this event: subscribed to, and within the scopes."""
        needed = _SCOPE_OF_EVENT.get(subscription)
        return subscription in self.events and (needed is None or needed in self.scopes)


def read_manifest(manifest: Mapping[str, Any]) -> InstalledApp:
    """The app a parsed manifest describes. Missing parts grant nothing, as in Slack."""
    features = manifest.get("features") or {}
    settings = manifest.get("settings") or {}
    information = manifest.get("display_information") or {}
    home = features.get("app_home") or {}
    name = str(information.get("name", "App"))
    commands = [
        Command(
            str(entry["command"]),
            str(entry.get("description", "")),
            str(entry.get("usage_hint", "")),
            bool(entry.get("should_escape", False)),
        )
        for entry in features.get("slash_commands") or []
    ]
    shortcuts = [
        Shortcut(
            str(entry["name"]),
            str(entry["type"]),
            str(entry["callback_id"]),
            str(entry.get("description", "")),
        )
        for entry in features.get("shortcuts") or []
    ]
    scopes = ((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot") or []
    return InstalledApp(
        name=name,
        display_name=str((features.get("bot_user") or {}).get("display_name", name)),
        description=str(information.get("description", "")),
        commands={command.command: command for command in commands},
        shortcuts={shortcut.callback_id: shortcut for shortcut in shortcuts},
        scopes=tuple(str(scope) for scope in scopes),
        events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or []),
        interactive=bool((settings.get("interactivity") or {}).get("is_enabled", False)),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True)),
        messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled", False)),
        unfurl_domains=tuple(str(domain) for domain in features.get("unfurl_domains") or []),
    )
