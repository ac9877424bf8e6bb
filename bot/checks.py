"""``homeroom check``: whether everything is in order, a line for each thing looked at."""

from typing import Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.manifest import manifest
from bot.settings import Settings, SettingsError
from models.database import Database
from models.errors import DomainError

SLACK_SECONDS = 5


class House(Protocol):
    """What the checks need of the console."""

    def settings(self) -> Settings:
        """Every setting."""

    def database(self) -> Database:
        """The database at head."""


def run_checks(house: House) -> tuple[list[str], bool]:
    """A line for each check, and whether all of them passed."""
    lines: list[str] = []
    is_fine = True
    try:
        database = house.database()
        lines.append(f"ok    Database: {database.url.render_as_string(hide_password=True)} is up to date")
    except (DomainError, SettingsError) as error:
        is_fine = False
        lines.append(f"wrong Database: {error}")
    try:
        settings = house.settings()
    except SettingsError as error:
        return [*lines, *(f"wrong Settings: {line}" for line in str(error).splitlines())], False
    lines.append("ok    Settings: " + ("Socket Mode" if settings.is_socket_mode else "HTTP"))
    line, answered = _slack(settings)
    return [*lines, line], is_fine and answered


def _slack(settings: Settings) -> tuple[str, bool]:
    client = WebClient(settings.slack_bot_token, base_url=settings.slack_api_url, timeout=SLACK_SECONDS)
    try:
        told = client.auth_test()
    except SlackApiError as error:
        return f"wrong Slack: it refused the bot token ({error.response['error']})", False
    except OSError:
        return "wrong Slack: it can't be reached", False
    granted = {scope.strip() for scope in str(told.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    missing = sorted(set(manifest()["oauth_config"]["scopes"]["bot"]) - granted) if granted else []
    if missing:
        return f"wrong Slack: the app lacks {', '.join(missing)}. Reinstall it with the manifest", False
    return f"ok    Slack: {told['user']} in {told['team']}", True
