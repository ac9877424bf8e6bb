"""Console commands about what is sent unasked: starting it, doing one round by hand, holding it."""

import logging
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Protocol

import click
from sqlmodel import Session

from bot.delivery import Sender
from bot.holidays import Holidays
from bot.installations import Installations, NotInstalled
from bot.scheduler import plan_all
from bot.settings import Settings, holidays
from handlers import deliveries as composing
from handlers.requests import Context, Portal
from models import audit, backlogs, pauses, reminders, rhythms, switches, users
from models.database import Database
from models.deliveries import Planned
from models.errors import DomainError
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE
from models.reminderfacts import Facts, Why, decide, facts_of
from models.switches import EVENTS, KINDS, REMINDER

DAYS_AHEAD = 7
LONGEST_LIST = 50
"""People listed by name for one day; the rest are a number."""
BECAUSE = {
    Why.NO_COURSE: "no course in hand",
    Why.MUTED: "every course in hand is muted",
    Why.NOT_LINKED: "not linked to a Slack person",
    Why.DEACTIVATED: "no longer a member in Slack",
    Why.STOPPED: "stopped by themselves",
    Why.UNANSWERED: "stopped after several went unanswered",
    Why.UNREACHABLE: "Slack says they can't be reached",
    Why.NO_DAY: "no day left within two years",
}


class House(Protocol):
    """What these commands need of the console."""

    env: dict[str, str]

    def settings(self) -> Settings:
        """Every setting."""

    def database(self) -> Database:
        """The database at head."""


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with its offset."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant in UTC."""
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} should be an instant such as 2026-11-26T09:00:00+00:00.", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} should say its offset from UTC, such as 2026-11-26T09:00:00+00:00.", param, ctx)
        return instant.astimezone(UTC)


@click.group("reminders")
def reminders_group() -> None:
    """Start reminders and everything else that is sent unasked."""


@reminders_group.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def start(house: House, yes: bool) -> None:
    """Turn on what is sent unasked, after showing who would hear what in the next seven days."""
    database, now = house.database(), datetime.now(UTC)
    days_off = Holidays(holidays(house.env)).around(now)
    with database.read() as session:
        off = [kind for kind in KINDS if kind not in switches.on(session)]
        if not off:
            click.echo("Everything is on already.")
            return
        for line in _week(session, now, days_off):
            click.echo(line)
    if not yes:
        if not sys.stdin.isatty():
            raise DomainError("Nobody is here to ask. Look at the list above, then run it again with --yes.")
        click.confirm("Start?", abort=True)
    with database.write() as session:
        for kind in switches.turn_on(session, off, audit.CONSOLE, now):
            audit.note(session, "sending.turned on", actor=audit.CONSOLE, what=kind, now=now)
    if REMINDER in off:
        # Whatever came due while nothing was sent is past: everybody begins with their next day.
        past = ""
        while True:
            with database.write() as session:
                some = reminders.learners(session, past)
                reminders.schedule(session, some, now, days_off, afresh=True)
            if len(some) < reminders.AT_ONCE:
                break
            past = some[-1]
    click.echo(f"Started: {', '.join(off)}. `homeroom pause` holds everything at any time.")


def _week(session: Session, now: datetime, days_off: frozenset[date]) -> Iterator[str]:
    """Who hears what in the next seven days, by day."""
    until = now + timedelta(days=DAYS_AHEAD)
    coming: list[tuple[datetime, str, str]] = []
    people = 0
    for facts in _everyone(session):
        told = list(reminders.forecast(facts, now, until, days_off))
        people += bool(told)
        coming += [(datetime.fromisoformat(one.facts["due_at"]), facts.user_id, _what(one)) for one in told]
    coming.sort()
    if not coming:
        yield "Nobody would hear anything in the next seven days."
        return
    yield f"In the next seven days {_people(people)} would hear from Homeroom:"
    for day, of_day in groupby(coming, key=lambda one: one[0].date()):
        group = list(of_day)
        yield f"{day:%A} {day.day} {day:%B}: {len(group):,} {'message' if len(group) == 1 else 'messages'}"
        for due_at, user_id, what in group[:LONGEST_LIST]:
            yield f"  {due_at:%H:%M} UTC  {_name(session, user_id)}  {what}"
        if len(group) > LONGEST_LIST:
            yield f"  and {len(group) - LONGEST_LIST:,} more"


@click.command()
@click.option("--dry-run", is_flag=True, help="Say who would get what and who not, and stop.")
@click.option("--at", "at", type=Instant(), help="The moment to plan for; leases and pauses stay in real time.")
@click.pass_obj
def remind(house: House, dry_run: bool, at: datetime | None) -> None:
    """One round by hand: plan what is due, send it, and wait for what somebody else may leave behind."""
    database = house.database()
    if dry_run:
        now = at or datetime.now(UTC)
        with database.read() as session:
            for line in _dry_run(session, now, Holidays(holidays(house.env)).around(now)):
                click.echo(line)
        return
    settings = house.settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    started = datetime.now(UTC)

    def clock() -> datetime:
        # Planning stands at the given moment and goes on from there.
        return datetime.now(UTC) if at is None else at + (datetime.now(UTC) - started)

    with database.read() as session:
        is_on = REMINDER in switches.on(session)
    if not is_on:
        raise DomainError("Reminders are not turned on. Run `homeroom reminders start` first.")
    installations = Installations(database, settings.slack_bot_token, settings.slack_api_url)
    try:
        workspace = installations.learn(clock())
    except NotInstalled as error:
        raise DomainError(str(error)) from error
    days = Holidays(settings.holidays)
    portal = Portal(settings.portal_name, settings.portal_url)

    def context(now: datetime) -> Context:
        return Context(database, now, portal, installations.look_up, holidays=days.around(now))

    planned = plan_all(database, clock, days.around(clock()))
    sender = Sender(
        database,
        installations.sending,
        workspace.team_id,
        lambda leased, now: composing.compose(leased, context(now)),
        clock,
        lambda: days.around(clock()),
    )
    # What is in hand is finished and the rest given back, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        sender.drain()
    finally:
        sender.stop()
    click.echo(f"Planned {planned:,}.")
    for line in _told(database, workspace.team_id, started if at is None else at):
        click.echo(line)


def _told(database: Database, team_id: str, since: datetime) -> Iterator[str]:
    with database.read() as session:
        for state, kind, reason, count in backlogs.told(session, since, since + timedelta(days=1), team_id):
            yield f"{state} {count:,} {kind}" + (f" ({reason})" if reason else "")
        uncertain = backlogs.stuck(session, team_id)
        held = sum(backlogs.held(session).values())
    if uncertain:
        yield f"uncertain {uncertain:,}: the DM's history can't be read, so nothing was repeated"
    if held:
        yield f"held {held:,}: somebody paused them"


def _dry_run(session: Session, now: datetime, days_off: frozenset[date]) -> Iterator[str]:
    """A line for every learner, in order of their ids: the same for the same database and instant."""
    yield f"At {now.isoformat()}"
    if REMINDER not in switches.on(session):
        yield "Reminders are not turned on, so nobody gets anything. What follows is what would come of it."
    sending = skipped = 0
    for facts in _everyone(session):
        due_at = facts.row.due_at
        after = due_at - reminders.EPSILON if due_at is not None and due_at <= now else now
        verdict = decide(facts, days_off, after=after)
        if verdict.due_at is None:
            skipped += 1
            yield f"skip  {facts.user_id}  {BECAUSE[verdict.why]}"
        elif verdict.due_at > now:
            skipped += 1
            yield f"skip  {facts.user_id}  not due before {_there(facts, verdict.due_at)}"
        elif now > rhythms.leaves_until(facts.rhythm, verdict.due_at):
            skipped += 1
            yield f"skip  {facts.user_id}  late: it was due {_there(facts, verdict.due_at)}"
        else:
            sending += 1
            step = min(facts.nudges + 1, reminders.LAST_STEP)
            yield f"send  {facts.user_id}  {_step(step)}, due {_there(facts, verdict.due_at)}"
    yield f"{_people(sending)} would get a reminder, {skipped:,} would not."


def _everyone(session: Session) -> Iterator[Facts]:
    past = ""
    while some := reminders.learners(session, past):
        yield from (facts for _, facts in sorted(facts_of(session, some).items()))
        past = some[-1]


def _there(facts: Facts, instant: datetime) -> str:
    there = instant.astimezone(rhythms.zone(facts.rhythm.tz))
    return f"{there:%a %Y-%m-%d %H:%M} {facts.rhythm.tz}"


def _step(step: int) -> str:
    return "the last word" if step >= reminders.LAST_STEP else f"reminder {step}"


def _what(planned: Planned) -> str:
    return _step(int(planned.facts["step"]))


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _name(session: Session, user_id: str) -> str:
    user = users.get(session, user_id)
    return f"{users.name(user)} ({user_id})" if user else user_id


_SCOPES = (
    click.option("--kind", type=click.Choice((*KINDS, *EVENTS)), help="Only this kind of message, or of event."),
    click.option("--course", type=int, help="Only this course, by its number."),
    click.option("--workspace", help="Only this workspace, by its team id."),
)


@click.command()
@click.option("--because", default="", help="Why; admins read it on Home.")
@_SCOPES[0]
@_SCOPES[1]
@_SCOPES[2]
@click.pass_obj
def pause(house: House, because: str, kind: str | None, course: int | None, workspace: str | None) -> None:
    """Hold what is sent unasked, all of it or some, in force within one tick. Nothing held is lost."""
    scope, value = _scope(kind, course, workspace)
    with house.database().write() as session:
        now = datetime.now(UTC)
        is_new = pauses.pause(session, scope, value, by=audit.CONSOLE, because=because, now=now)
        if is_new:
            what = f"{scope} {value}".strip()
            audit.note(session, "sending.paused", actor=audit.CONSOLE, what=what, because=because, now=now)
        held = backlogs.held(session)
    click.echo("Paused." if is_new else "It was paused already.")
    click.echo(f"Held: {', '.join(f'{count:,} {kind}' for kind, count in held.items()) or 'nothing so far'}.")


@click.command()
@click.option("--discard", is_flag=True, help="Throw away what is held rather than send what is still timely.")
@_SCOPES[0]
@_SCOPES[1]
@_SCOPES[2]
@click.pass_obj
def resume(house: House, discard: bool, kind: str | None, course: int | None, workspace: str | None) -> None:
    """Let go what was paused: what is still timely goes out, what is late is put down as late."""
    scope, value = _scope(kind, course, workspace)
    now = datetime.now(UTC)
    days_off = Holidays(holidays(house.env)).around(now)
    with house.database().write() as session:
        found = [one for one in pauses.in_force(session) if (one.scope, one.value) == (scope, value)]
        if not found:
            raise DomainError("That is not paused. `homeroom check` lists what is.")
        thrown = composing.throw_away(session, found, now, days_off) if discard else 0
        pauses.resume(session, scope, value)
        action, after = ("sending.discarded", str(thrown)) if discard else ("sending.resumed", None)
        what = f"{scope} {value}".strip()
        audit.note(session, action, actor=audit.CONSOLE, what=what, after=after, now=now)
    click.echo(f"Resumed, and {thrown:,} discarded." if discard else "Resumed.")


def _scope(kind: str | None, course: int | None, workspace: str | None) -> tuple[str, str]:
    given = [(KIND, kind), (COURSE, str(course) if course else None), (WORKSPACE, workspace)]
    named = [(scope, value) for scope, value in given if value]
    if len(named) > 1:
        raise click.UsageError("Name one of --kind, --course and --workspace, or none for everything.")
    return named[0] if named else (EVERYTHING, "")


COMMANDS = (reminders_group, remind, pause, resume)
