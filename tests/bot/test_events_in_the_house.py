"""Events in the running house: what people do in Slack and neighbours in the database, and what admins see of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import Session, select

from bot import remindercommands
from bot.checks import run_checks
from bot.eventcommands import events
from bot.eventsettings import LrsSettings, WebhookSettings
from bot.settings import Settings, read
from bot.telemetry import exposition
from models import accountnotes, deliveries, destinations, heartbeats, leases, pauses, switches
from models.audit import Entry
from models.database import Database
from models.deliveries import Delivery, Planned
from models.grants import Whom
from models.switches import ACCOUNT, ALERT, WEBHOOK, XAPI
from tests.bot import receivers
from tests.bot.receivers import Fault, Portal, RecordStore, running
from tests.bot.test_telemetry import Console
from tests.house import House, copied, open_house

LEARN = "https://learn.example.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running(Portal) as portal:
        yield portal


@pytest.fixture
def store() -> Iterator[RecordStore]:
    with running(RecordStore) as store:
        yield store


@pytest.fixture
def told(furnished: Path, tmp_path: Path, portal: Portal, store: RecordStore) -> Iterator[House]:
    """A house that tells a portal and a record store."""
    webhook = WebhookSettings(portal.url, (receivers.SECRET,))
    lrs = LrsSettings(f"{store.url}/xapi/", receivers.KEY, receivers.LRS_SECRET, LEARN)
    with open_house(copied(furnished, tmp_path), webhook=webhook, lrs=lrs) as house:
        yield house


def test_what_people_do_and_what_a_neighbour_writes_is_told(told: House, portal: Portal, store: RecordStore) -> None:
    ada = told.person("U0ADA")
    ada.types("/learn enroll python basics")
    ada.types("/learn continue")
    ada.presses("Mark complete")
    with told.program.database.write() as session:
        session.connection().execute(
            text(
                "INSERT INTO enrollment (user_id, course_id, enrolled_at)"
                " SELECT 'user_mary', id, '2026-11-26T09:00:00Z' FROM course WHERE title = 'SQL'"
            )
        )
    told.program.scheduler.follow()
    heard = sorted((event["type"], event["data"]["user_id"]) for event in portal.has_taken(3))
    assert heard == [
        ("enrollment.created", "user_ada"),
        ("enrollment.created", "user_mary"),
        ("lesson.completed", "user_ada"),
    ]
    assert len(store.has_taken(3)) == 3
    assert store.refusals == []


def test_a_portal_that_hangs_keeps_no_message_and_no_statement_waiting(
    told: House, portal: Portal, store: RecordStore
) -> None:
    answers = Event()
    portal.always = Fault(waits=answers)
    ada = told.person("U0ADA")
    for course in ("python basics", "sql", "baking bread", "data stories", "meeting well"):
        ada.types(f"/learn enroll {course}")
    told.program.scheduler.follow()
    store.has_taken(5)
    with told.program.database.write() as session:
        whom, now = Whom("T0HOME", "U0ADA", "user_ada"), told.clock()
        accountnotes.tell(session, whom, accountnotes.ROLE_ENDED, {"role": "Instructor"}, now, datetime.now(UTC))
    told.program.sender.drain()
    with told.program.database.read() as session:
        states = {(row.kind, row.state) for row in session.exec(select(Delivery))}
    assert {(ACCOUNT, "sent"), (WEBHOOK, "sending")} <= states
    assert (WEBHOOK, "sent") not in states
    answers.set()


# What admins see


def tells(
    session: Session, kind: str, *, waiting: int = 0, failed: int = 0, failing_for: timedelta | None = None
) -> None:
    """A destination with so many events."""
    now = datetime.now(UTC)
    destinations.configured(session, kind, "here", now)
    names = [f"{kind}:{number}" for number in range(waiting + failed)]
    facts = {"id": "x"}
    planned = [Planned(name, kind, kind, "", user_id="user_ada", facts=facts) for name in names]
    deliveries.plan(session, planned, now - 5 * HOUR, now)
    for leased in leases.lease(session, kind, now, failed) if failed else ():
        leases.failed(session, leased, "HTTP 500", now)
    if failing_for is not None:
        destinations.fails(session, kind, "HTTP 502", now - failing_for)


@pytest.mark.parametrize(
    ("failing_for", "line", "is_fine"),
    [
        pytest.param(None, "ok    Events: webhook, 2 on the way, the oldest since 5 hours", True, id="well"),
        pytest.param(
            3 * HOUR,
            "ok    Events: webhook, 2 on the way, the oldest since 5 hours; none was taken for 3 hours (HTTP 502)",
            True,
            id="for a while",
        ),
        pytest.param(
            2 * DAY,
            "wrong Events: webhook, 2 on the way, the oldest since 5 hours; none was taken for 2 days (HTTP 502)",
            False,
            id="for days",
        ),
    ],
)
def test_the_check_says_how_events_stand(house: House, failing_for: timedelta | None, line: str, is_fine: bool) -> None:
    with house.program.database.write() as session:
        tells(session, WEBHOOK, waiting=2, failing_for=failing_for)
        heartbeats.beat(session, heartbeats.TICK, datetime.now(UTC))
    lines, told = run_checks(Console(house.program.database, house.slack.api_url))
    assert line in lines
    assert told is is_fine


class Set(Console):
    """What the checks see of a console with these settings."""

    def __init__(self, house: House, told: dict[str, str]) -> None:
        super().__init__(house.program.database)
        self.env = {"SLACK_BOT_TOKEN": "xoxb-rehearsal", "SLACK_SIGNING_SECRET": "s"} | told
        self.env["SLACK_API_URL"] = house.slack.api_url

    def settings(self) -> Settings:
        return read(self.env)


def checked(house: House, **told: str) -> str:
    """What ``homeroom check`` says of a destination."""
    lines, is_fine = run_checks(Set(house, told))
    (line,) = (line for line in lines if line[6:].startswith(("Webhooks", "Learning record store")))
    assert is_fine is line.startswith("ok")
    return line


def test_the_check_tries_each_destination(house: House, portal: Portal, store: RecordStore) -> None:
    webhook = {"WEBHOOK_URL": portal.url, "WEBHOOK_SECRET": receivers.SECRET}
    assert checked(house, **webhook) == "ok    Webhooks: taken"
    assert [event["type"] for event in portal.taken.values()] == ["homeroom.check"]
    portal.secret = receivers.OLD_SECRET
    wrong = "wrong Webhooks: it answered a signed homeroom.check with HTTP 401, not 2xx"
    assert checked(house, **webhook) == wrong
    webhook["WEBHOOK_URL"] = "http://127.0.0.1:9"
    assert checked(house, **webhook) == "wrong Webhooks: it can't be reached (ConnectError)"
    lrs = {"LRS_URL": f"{store.url}/xapi", "LRS_KEY": receivers.KEY, "LRS_SECRET": receivers.LRS_SECRET}
    lrs |= {"CLERK_ISSUER": LEARN, "CLERK_CLIENT_ID": "c", "PUBLIC_URL": LEARN}
    assert checked(house, **lrs) == "ok    Learning record store: taken"
    lrs["LRS_SECRET"] = "wrong"
    assert checked(house, **lrs) == "wrong Learning record store: it refused LRS_KEY and LRS_SECRET"


def typed(command: click.Command, database: Database, *words: str) -> str:
    """What the console answers."""
    return CliRunner().invoke(command, words, obj=Console(database), catch_exceptions=False).stdout


def test_the_console_says_how_events_stand_and_has_them_sent_again(database: Database) -> None:
    nobody = "Nobody is told: set WEBHOOK_URL or LRS_URL, and start `homeroom serve`.\n"
    assert typed(events, database) == nobody
    with database.write() as session:
        tells(session, WEBHOOK, failed=2)
        tells(session, XAPI, failed=1, waiting=1)
    given_up = "given up: 2 HTTP 500. `homeroom events --resend` sends them again"
    assert typed(events, database, "--kind", WEBHOOK) == f"webhook, 0 on the way; {given_up}\n"
    assert typed(events, database, "--resend", "--kind", XAPI) == (
        "xapi: 1 on the way again.\nxapi, 2 on the way, the oldest since 5 hours\n"
    )
    assert typed(events, database, "--resend").startswith("webhook: 2 on the way again.\n")
    with database.read() as session:
        assert {row.state for row in session.exec(select(Delivery))} == {"waiting"}
        assert {(entry.actor, entry.what, entry.after) for entry in session.exec(select(Entry))} == {
            ("console", WEBHOOK, "2"),
            ("console", XAPI, "1"),
        }


def test_the_figures_say_how_events_stand(database: Database) -> None:
    with database.write() as session:
        tells(session, WEBHOOK, waiting=1, failed=2, failing_for=HOUR)
    figures = dict(
        line.rsplit(" ", 1)
        for line in exposition(database, lambda: datetime.now(UTC)).decode().splitlines()
        if line.startswith("homeroom_")
    )
    assert figures['homeroom_events_failed{kind="webhook"}'] == "2.0"
    assert 3600 <= float(figures['homeroom_events_failing_seconds{kind="webhook"}']) < 3700
    assert 5 * 3600 <= float(figures['homeroom_events_oldest_waiting_seconds{kind="webhook"}']) < 5 * 3600 + 100
    assert figures['homeroom_deliveries{kind="webhook",state="waiting"}'] == "1.0"
    assert figures["homeroom_backlog"] == "0.0"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [(WEBHOOK, "Webhooks don't get through any more."), (XAPI, "Learning records don't get through")],
)
def test_admins_are_told_once_when_a_destination_takes_nothing_for_a_day(
    house: House, kind: str, sentence: str
) -> None:
    with house.program.database.write() as session:
        switches.turn_on(session, [ALERT], "console", house.clock())
        tells(session, kind, failing_for=DAY + HOUR)
    for _ in range(2):
        house.program.scheduler.remind()
        house.clock.ahead += timedelta(minutes=6)
    house.program.sender.drain()
    house.quiet()
    radia = house.person("U0RADIA")
    radia.goes_to("D0RADIA")
    assert radia.screen().count(sentence) == 1
    assert radia.sees("HTTP 502")


def test_admins_see_trouble_on_home_and_let_a_receiver_that_was_gone_have_its_events(house: House) -> None:
    with house.program.database.write() as session:
        switches.turn_on(session, [ALERT], "console", house.clock())
        tells(session, WEBHOOK, waiting=1, failed=2, failing_for=HOUR)
        destinations.is_gone(session, WEBHOOK, "their receiver answered HTTP 410", house.clock())
    house.program.scheduler.remind()
    house.program.sender.drain()
    house.quiet()
    radia = house.person("U0RADIA")
    radia.goes_to("D0RADIA")
    assert radia.sees("Webhooks are paused (")
    radia.opens_home()
    assert radia.sees("(HTTP 502). Waiting to be tried again: 1.")
    assert radia.sees("2 given up (HTTP 500).")
    assert radia.sees("Webhooks paused by me")
    assert radia.sees("Held: 1 webhook.")
    radia.clicks("Resume what's still timely")
    house.quiet()
    with house.program.database.read() as session:
        assert pauses.in_force(session) == ()


def test_an_operator_holds_events_by_name_and_lets_them_go(database: Database) -> None:
    with database.write() as session:
        tells(session, WEBHOOK, waiting=1)
    assert typed(remindercommands.pause, database, "--kind", WEBHOOK) == "Paused.\nHeld: 1 webhook.\n"
    with database.write() as session:
        assert leases.lease(session, WEBHOOK, datetime.now(UTC), 1) == ()
    assert typed(remindercommands.resume, database, "--kind", WEBHOOK) == "Resumed.\n"
    with database.write() as session:
        assert len(leases.lease(session, WEBHOOK, datetime.now(UTC), 1)) == 1
