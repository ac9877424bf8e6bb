"""``homeroom check``: whether everything is in order, a line for each thing looked at."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.clerkbackend import CantAsk, ClerkBackend
from bot.destinations import of_settings
from bot.eventsending import a_client
from bot.manifest import manifest
from bot.settings import Settings, SettingsError
from models import backlogs, destinations, heartbeats, pauses, reminders, switches
from models.database import Database
from models.destinations import Standing
from models.errors import DomainError
from models.reports import FAILING_LONG
from models.switches import WEBHOOK, XAPI

SLACK_SECONDS = 5
DESTINATION_SECONDS = 10
LATE_TICK = timedelta(minutes=10)
"""A tick comes every few seconds; none for so long is a fault."""


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
        sending, is_ticking = _sending(database, datetime.now(UTC))
        events, are_fine = _events(database, datetime.now(UTC))
        lines += sending + events
        is_fine = is_ticking and are_fine
    except (DomainError, SettingsError) as error:
        is_fine = False
        lines.append(f"wrong Database: {error}")
    try:
        settings = house.settings()
    except SettingsError as error:
        return [*lines, *(f"wrong Settings: {line}" for line in str(error).splitlines())], False
    lines.append("ok    Settings: " + ("Socket Mode" if settings.is_socket_mode else "HTTP"))
    events, are_taken = _destinations(settings)
    line, answered = _slack(settings)
    matching, can_match = _matching(settings)
    return [*lines, *events, matching, line], is_fine and are_taken and answered and can_match


def _sending(database: Database, now: datetime) -> tuple[list[str], bool]:
    """How what is sent unasked stands: the last tick, what waits, what is held."""
    with database.read() as session:
        last = heartbeats.of(session, heartbeats.TICK)
        backlog = backlogs.backlog(session)
        due = reminders.oldest_due(session, now)
        on = switches.on(session)
        paused = pauses.in_force(session)
        uncertain = backlogs.stuck(session)
    off = [kind for kind in switches.KINDS if kind not in on]
    lines = []
    is_ticking = not on or (last is not None and now - last < LATE_TICK)
    ticked = f"the last was {_ago(last, now)} ago" if last else "none so far"
    if is_ticking:
        lines.append(f"ok    Ticks: {ticked}")
    else:
        lines.append(f"wrong Ticks: {ticked}. See that `homeroom serve` is running")
    waiting = f"{backlog.count:,} on the way"
    if backlog.oldest_planned_at is not None:
        waiting += f", the oldest since {_ago(backlog.oldest_planned_at, now)}"
    if due is not None:
        waiting += f"; the oldest reminder due and not planned is {_ago(due, now)} old"
    lines.append(f"ok    Sending: {waiting}" + (f"; {uncertain:,} uncertain" if uncertain else ""))
    lines += [f"note  Off: {kind}. `homeroom reminders start` turns everything on" for kind in off]
    for pause in paused:
        what = f"{pause.scope} {pause.value}".strip()
        because = f": {pause.because}" if pause.because else ""
        lines.append(f"note  Paused: {what}, by {pause.paused_by} at {pause.paused_at:%Y-%m-%d %H:%M} UTC{because}")
    return lines, is_ticking


def _events(database: Database, now: datetime) -> tuple[list[str], bool]:
    """How what other programs are told stands."""
    with database.read() as session:
        standings = destinations.standings(session)
    lines, are_fine = [], True
    for one in standings:
        failing = one.failing_since is not None and now - one.failing_since >= FAILING_LONG
        are_fine = are_fine and not failing
        lines.append(f"{'wrong' if failing else 'ok   '} Events: {standing(one, now)}")
    return lines, are_fine


def standing(one: Standing, now: datetime) -> str:
    """How a kind of event stands, in a line."""
    said = f"{one.name}, {one.waiting:,} on the way"
    if one.oldest_planned_at is not None:
        said += f", the oldest since {_ago(one.oldest_planned_at, now)}"
    if one.since is None:
        said += "; configured no more"
    if one.failing_since is not None:
        said += f"; none was taken for {_ago(one.failing_since, now)} ({one.trouble})"
    if one.failed:
        reasons = ", ".join(f"{count:,} {why}" for why, count in one.failed.items())
        said += f"; given up: {reasons}. `homeroom events --resend` sends them again"
    return said


def _destinations(settings: Settings) -> tuple[list[str], bool]:
    """Whether each destination that is set takes what it is told."""
    lines, are_fine = [], True
    client = a_client(DESTINATION_SECONDS)
    for one in of_settings(settings):
        name = {WEBHOOK: "Webhooks", XAPI: "Learning record store"}[one.name]
        try:
            trouble = one.check(client, datetime.now(UTC))
        except httpx.HTTPError as error:
            trouble = f"it can't be reached ({type(error).__name__})"
        are_fine = are_fine and trouble is None
        lines.append(f"wrong {name}: {trouble}" if trouble else f"ok    {name}: taken")
    client.close()
    return lines, are_fine


def _ago(instant: datetime, now: datetime) -> str:
    seconds = max(0, int((now - instant).total_seconds()))
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _slack(settings: Settings) -> tuple[str, bool]:
    client = WebClient(settings.slack_bot_token, base_url=settings.slack_api_url, timeout=SLACK_SECONDS)
    try:
        told = client.auth_test()
    except SlackApiError as error:
        return f"wrong Slack: it refused the bot token ({error.response['error']})", False
    except OSError:
        return "wrong Slack: it can't be reached", False
    granted = {scope.strip() for scope in str(told.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    missing = (
        sorted(set(manifest(settings.video_domains, settings.portal_url)["oauth_config"]["scopes"]["bot"]) - granted)
        if granted
        else []
    )
    if missing:
        return f"wrong Slack: the app lacks {', '.join(missing)}. Reinstall it with the manifest", False
    return f"ok    Slack: {told['user']} in {told['team']}", True


def _matching(settings: Settings) -> tuple[str, bool]:
    if settings.match is None:
        return "note  Matching by e-mail: off", True
    backend = ClerkBackend(settings.match.api_url, settings.match.secret_key)
    try:
        backend.answers()
    except CantAsk as error:
        return f"wrong Matching by e-mail: {error}", False
    finally:
        backend.close()
    where = "at the console and in Slack" if settings.match.asks else "at the console"
    return f"ok    Matching by e-mail: {', '.join(sorted(settings.match.domains))}, {where}", True
