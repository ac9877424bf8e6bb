"""Settings: environment or ``.env``, checked once, each mistake one sentence that names the variable and the fix."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.eventsettings import LrsSettings, WebhookSettings, lrs, webhook
from models.database import normal_url

SLACK_API_URL = "https://slack.com/api/"
CLERK_API_URL = "https://api.clerk.com/v1"
"""Clerk's Backend API (docs: Backend API)."""

AWAY_EMOJI = frozenset({":palm_tree:", ":desert_island:", ":beach_with_umbrella:"})
"""A Slack status with one of these and an end says that somebody is on vacation; the first is Slack's own."""
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
MOST_VIDEO_DOMAINS = 5
"""Unfurl domains an app may name (docs: app manifest)."""


CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,}")


class SettingsError(Exception):
    """One or more settings are missing or malformed; ``str`` is a sentence for each."""


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """How Slack people are matched with accounts of the portal: asked of Clerk's Backend API, for addresses of these
    domains. ``asks`` says that people are asked about their match in Slack."""

    secret_key: str = field(repr=False)
    domains: frozenset[str]
    api_url: str = CLERK_API_URL
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program runs with. Secrets never show in ``repr``."""

    database_url: str = field(repr=False)
    host: str
    port: int
    public_url: str | None
    portal_url: str | None
    portal_name: str
    slack_bot_token: str = field(repr=False)
    slack_app_token: str | None = field(repr=False)
    slack_signing_secret: str = field(repr=False)
    slack_api_url: str
    video_domains: frozenset[str] = frozenset()
    holidays: Path | None = None
    away_emoji: frozenset[str] = AWAY_EMOJI
    heartbeat_url: str | None = field(default=None, repr=False)
    clerk_issuer: str | None = None
    clerk_client_id: str | None = None
    clerk_client_secret: str | None = field(default=None, repr=False)
    clerk_webhook_secret: str | None = field(default=None, repr=False)
    mirrors_roles: bool = False
    admin_channel: str | None = None
    erases_at_once: bool = False
    first_admins: tuple[str, ...] = ()
    match: MatchSettings | None = None
    webhook: WebhookSettings | None = None
    lrs: LrsSettings | None = None

    @property
    def can_link(self) -> bool:
        """Whether people can link themselves: there is a Clerk to sign in to, and an address to come back to."""
        return bool(self.clerk_issuer and self.clerk_client_id and self.public_url)

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack's traffic comes through a socket we open rather than to an address of ours."""
        return self.slack_app_token is not None


def environment(folder: Path | None = None) -> dict[str, str]:
    """The process environment over what ``.env`` in the folder (the current one) says. Empty values count as unset."""
    told = dotenv_values((folder or Path.cwd()) / ".env")
    merged = {name: value for name, value in told.items() if value} | {k: v for k, v in os.environ.items() if v}
    return merged


def database_url(env: Mapping[str, str]) -> str:
    """Where the database is. Raises `SettingsError` when the value can't be read."""
    url = env.get("DATABASE_URL", "sqlite:///homeroom.db")
    try:
        normal_url(url)
    except ValueError as error:
        raise SettingsError(
            f"DATABASE_URL: {error}. Use sqlite:///homeroom.db or postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    return url


def video_domains(env: Mapping[str, str]) -> frozenset[str]:
    """The domains whose videos may play inside Slack. Raises `SettingsError` when one is not a domain."""
    named = [one.strip().lower() for one in env.get("VIDEO_DOMAINS", "").split(",") if one.strip()]
    if len(named) > MOST_VIDEO_DOMAINS or any("/" in one or "." not in one or " " in one for one in named):
        raise SettingsError("VIDEO_DOMAINS should be up to five domains with commas between, such as youtube.com.")
    return frozenset(named)


def away_emoji(env: Mapping[str, str]) -> frozenset[str]:
    """The status emoji that say somebody is on vacation. Raises `SettingsError` when one is not an emoji's name."""
    if "AWAY_EMOJI" not in env:
        return AWAY_EMOJI
    named = [one.strip() for one in env["AWAY_EMOJI"].replace(",", " ").split()]
    if any(len(one) < 3 or not (one.startswith(":") and one.endswith(":")) for one in named):
        raise SettingsError("AWAY_EMOJI should be emoji names with spaces between, such as :palm_tree: :airplane:.")
    return frozenset(named)


def holidays(env: Mapping[str, str]) -> Path | None:
    """The calendar file with the company's holidays. Raises `SettingsError` when it can't be opened."""
    if "HOLIDAYS" not in env:
        return None
    path = Path(env["HOLIDAYS"]).expanduser()
    if not path.is_file():
        raise SettingsError("HOLIDAYS should name an iCalendar file (.ics) with your company's days off.")
    return path


def first_admins(env: Mapping[str, str]) -> tuple[str, ...]:
    """The Clerk IDs of those who are to be admins while nobody is."""
    return tuple(dict.fromkeys(env.get("HOMEROOM_ADMINS", "").replace(",", " ").split()))


def match(env: Mapping[str, str]) -> MatchSettings | None:
    """How people are matched; None where it is off: there are no domains. Raises `SettingsError` with every mistake."""
    wrong: list[str] = []
    key, url = env.get("CLERK_SECRET_KEY"), env.get("CLERK_API_URL", CLERK_API_URL)
    named = frozenset(one.strip().lower() for one in env.get("MATCH_EMAIL_DOMAINS", "").split(",") if one.strip())
    asks = env.get("MATCH_EMAIL", "off").lower()
    if key is not None and not key.startswith("sk_"):
        wrong.append("CLERK_SECRET_KEY should begin with sk_. Copy it from the API keys page in Clerk.")
    if not _is_address(url):
        wrong.append("CLERK_API_URL should be a web address. Leave it out for Clerk's own.")
    if any(not _DOMAIN.fullmatch(one) for one in named):
        wrong.append("MATCH_EMAIL_DOMAINS should be domains with commas between, such as example.com, example.org.")
    if named and key is None:
        wrong.append("CLERK_SECRET_KEY is missing. MATCH_EMAIL_DOMAINS needs it to ask Clerk's Backend API for people.")
    if asks not in ("off", "ask"):
        wrong.append("MATCH_EMAIL should be off or ask.")
    elif asks == "ask" and not named:
        wrong.append("MATCH_EMAIL_DOMAINS is missing. MATCH_EMAIL=ask needs the domains whose addresses may match.")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return MatchSettings(key, named, url.rstrip("/"), asks == "ask") if key and named else None


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def read(env: Mapping[str, str]) -> Settings:  # noqa: PLR0912, PLR0915 - one line a setting
    """The settings. Raises `SettingsError` with every mistake at once."""
    wrong: list[str] = []

    def checked(name: str, value: str | None, prefix: str, where: str) -> str:
        if not value:
            wrong.append(f"{name} is missing. {where}")
        elif not value.startswith(prefix):
            wrong.append(f"{name} should begin with {prefix}. {where}")
        return value or ""

    def url(name: str, default: str | None = None) -> str | None:
        value = env.get(name, default)
        if value is None:
            return None
        if not _is_address(value):
            wrong.append(f"{name} should be a web address such as https://learn.example.com.")
        return value

    def checked_word(name: str, word: str) -> str | None:
        value = env.get(name)
        if value not in (None, word):
            wrong.append(f"{name} should be {word}, or left out.")
        return value

    try:
        database = database_url(env)
    except SettingsError as error:
        database = ""
        wrong.append(str(error))
    try:
        videos = video_domains(env)
    except SettingsError as error:
        videos = frozenset()
        wrong.append(str(error))
    away, days_off = AWAY_EMOJI, None
    try:
        away = away_emoji(env)
    except SettingsError as error:
        wrong.append(str(error))
    try:
        days_off = holidays(env)
    except SettingsError as error:
        wrong.append(str(error))
    matching = None
    try:
        matching = match(env)
    except SettingsError as error:
        wrong.append(str(error))
    portal_webhook, store = None, None
    try:
        portal_webhook = webhook(env)
    except ValueError as error:
        wrong.append(str(error))
    try:
        store = lrs(env)
    except ValueError as error:
        wrong.append(str(error))
    webhook_secret = env.get("CLERK_WEBHOOK_SECRET")
    if webhook_secret is not None:
        checked("CLERK_WEBHOOK_SECRET", webhook_secret, "whsec_", "Copy the signing secret of your endpoint in Clerk.")
    channel = env.get("ADMIN_CHANNEL")
    if channel is not None and not CHANNEL_ID.fullmatch(channel):
        wrong.append("ADMIN_CHANNEL should be a channel's ID such as C0123ABCD: open the channel's details to copy it.")
    port = env.get("PORT", "3000")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        wrong.append("PORT should be a number from 1 to 65535, such as 3000.")
        port = "3000"
    bot_token = checked(
        "SLACK_BOT_TOKEN",
        env.get("SLACK_BOT_TOKEN"),
        "xoxb-",
        "Copy the Bot User OAuth Token from your Slack app's OAuth & Permissions page.",
    )
    app_token = env.get("SLACK_APP_TOKEN")
    if app_token is not None:
        where = "Make one with the connections:write scope on your Slack app's Basic Information page."
        checked("SLACK_APP_TOKEN", app_token, "xapp-", where)
    secret = env.get("SLACK_SIGNING_SECRET", "")
    if not secret and app_token is None:
        wrong.append(
            "SLACK_SIGNING_SECRET is missing. Copy it from your Slack app's Basic Information page, "
            "or set SLACK_APP_TOKEN to use Socket Mode, which needs none."
        )
    api_url = url("SLACK_API_URL", SLACK_API_URL) or SLACK_API_URL
    settings = Settings(
        database_url=database,
        host=env.get("HOST", "127.0.0.1"),
        port=int(port),
        public_url=url("PUBLIC_URL"),
        portal_url=url("PORTAL_URL"),
        portal_name=env.get("PORTAL_NAME", "Homeroom"),
        slack_bot_token=bot_token,
        slack_app_token=app_token,
        slack_signing_secret=secret,
        slack_api_url=api_url if api_url.endswith("/") else api_url + "/",
        video_domains=videos,
        holidays=days_off,
        away_emoji=away,
        heartbeat_url=url("HEARTBEAT_URL"),
        clerk_issuer=url("CLERK_ISSUER"),
        clerk_client_id=env.get("CLERK_CLIENT_ID"),
        clerk_client_secret=env.get("CLERK_CLIENT_SECRET"),
        clerk_webhook_secret=webhook_secret,
        mirrors_roles=checked_word("MIRROR_ROLES", "clerk") is not None,
        admin_channel=channel,
        erases_at_once=checked_word("ERASURE", "self") is not None,
        first_admins=first_admins(env),
        match=matching,
        webhook=portal_webhook,
        lrs=store,
    )
    if bool(settings.clerk_issuer) != bool(settings.clerk_client_id):
        wrong.append("CLERK_ISSUER and CLERK_CLIENT_ID go together: both from your OAuth application's page in Clerk.")
    elif settings.clerk_issuer and not settings.public_url:
        wrong.append("PUBLIC_URL is missing. People's browsers come back to it after signing in to Clerk.")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings
