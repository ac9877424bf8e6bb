"""A tick: what is due goes into the ledger, admins hear of trouble, and who watches from outside hears a heartbeat."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from types import MappingProxyType

import pytest
from sqlmodel import select

from bot.afterwards import Afterwards
from bot.answers import Answers
from bot.delivery import Sender
from bot.events import Events
from bot.installations import Installations
from bot.scheduler import LOOK_EVERY, Scheduler
from handlers.replies import Suppressed
from handlers.requests import Context, Portal
from models import heartbeats, reminders, roles, switches
from models.database import Database
from models.deliveries import Delivery
from models.errors import Unavailable
from models.members import Profile
from models.reports import ASLEEP
from models.switches import KINDS
from tests.bot.office import FRIDAY, PATIENCE, furnish
from tests.house import TOKEN
from tests.school import a_user


class Watcher(HTTPServer):
    """Who listens for heartbeats from outside, and answers with this status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.heard: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        """What HEARTBEAT_URL is to be."""
        return f"http://127.0.0.1:{self.server_address[1]}/ping/secret"


class _Heard(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Watcher)
        self.server.heard.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher()
    thread = Thread(target=watcher.serve_forever, args=(0.01,))
    thread.start()
    yield watcher
    watcher.shutdown()
    thread.join()
    watcher.server_close()


class Ticks:
    """Somebody who ticks by hand."""

    def __init__(
        self,
        database: Database,
        heartbeat_url: str | None = None,
        reconcile: Mapping[timedelta, Callable[[], object]] = MappingProxyType({}),
    ) -> None:
        self.now = FRIDAY
        nowhere = "http://127.0.0.1:9/api/"
        installations = Installations(database, TOKEN, nowhere)
        self._afterwards = Afterwards()
        answers = Answers(
            installations,
            {"prompt": self._afterwards, "slow": self._afterwards, "home": self._afterwards},
            lambda now: Context(database, now, Portal("Homeroom", None), _nobody),
            lambda: self.now,
        )
        self._sender = Sender(
            database, installations.sending, "T0HOME", lambda leased, now: Suppressed("late"), lambda: self.now
        )
        nobody = Events(database, ())
        self._scheduler = Scheduler(
            database, answers, self._sender, nobody, lambda: self.now, "T0HOME", reconcile, heartbeat_url
        )

    def start(self) -> None:
        """From now on by itself."""
        self._scheduler.start()

    def tick(self) -> None:
        """One tick."""
        self._scheduler.remind()

    def stop(self) -> None:
        """No more."""
        self._scheduler.stop()
        self._sender.stop()
        self._afterwards.stop(1)


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up in a tick")


@pytest.fixture
def school(database: Database) -> Database:
    """Three learners who are due on Friday, everything on, and Ada is an admin too."""
    with database.write() as session:
        furnish(session)
        a_user(session, "ada", roles.ADMIN)
        switches.turn_off(session, "reminder")
    return database


@pytest.fixture
def ticks(school: Database, watcher: Watcher) -> Iterator[Ticks]:
    ticks = Ticks(school, watcher.url)
    yield ticks
    ticks.stop()


def planned(database: Database, kind: str) -> int:
    with database.read() as session:
        return len(session.exec(select(Delivery).where(Delivery.kind == kind)).all())


def test_a_tick_has_the_same_claim_to_the_processor_as_who_waits_for_it_to_write(school: Database) -> None:
    seen: list[int] = []
    has_ticked = Event()

    def look() -> None:
        seen.append(os.getpriority(os.PRIO_PROCESS, 0))
        has_ticked.set()

    ticks = Ticks(school, reconcile={timedelta(milliseconds=10): look})
    ticks.start()
    try:
        assert has_ticked.wait(PATIENCE)
    finally:
        ticks.stop()
    assert set(seen) == {os.getpriority(os.PRIO_PROCESS, 0)}


def test_every_good_tick_is_heard_outside(ticks: Ticks, watcher: Watcher) -> None:
    ticks.tick()
    assert watcher.heard == ["/ping/secret"]
    ticks.tick()
    assert len(watcher.heard) == 2


@pytest.mark.parametrize("table", ["homeroom_switch", "homeroom_reminder", "homeroom_heartbeat"])
def test_a_bad_tick_is_not_heard(ticks: Ticks, watcher: Watcher, school: Database, table: str) -> None:
    with school.write() as session:
        switches.turn_on(session, KINDS, "console", FRIDAY)
        session.connection().exec_driver_sql(f"ALTER TABLE {table} RENAME TO elsewhere")
    with pytest.raises(Unavailable):
        ticks.tick()
    assert watcher.heard == []
    with school.write() as session:
        session.connection().exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {table}")
    ticks.tick()
    assert len(watcher.heard) == 1


def test_a_watcher_in_trouble_stops_no_tick_and_its_address_stays_a_secret(
    ticks: Ticks, watcher: Watcher, school: Database, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.status = 500
    ticks.tick()
    with school.read() as session:
        assert heartbeats.of(session, heartbeats.TICK) == FRIDAY
    said = [record.getMessage() for record in caplog.records if record.name.startswith("homeroom")]
    assert said == ["The heartbeat was not heard: HTTPStatusError"]


def test_a_watcher_nobody_reaches_stops_no_tick(school: Database) -> None:
    ticks = Ticks(school, "http://127.0.0.1:9/ping")
    try:
        ticks.tick()
    finally:
        ticks.stop()
    with school.read() as session:
        assert heartbeats.of(session, heartbeats.TICK) == FRIDAY


def test_without_an_address_nobody_is_called(school: Database, watcher: Watcher) -> None:
    ticks = Ticks(school)
    try:
        ticks.tick()
    finally:
        ticks.stop()
    assert watcher.heard == []


def test_a_tick_plans_reminders_once_they_are_on(ticks: Ticks, school: Database) -> None:
    ticks.tick()
    assert planned(school, "reminder") == 0
    with school.write() as session:
        switches.turn_on(session, ["reminder"], "console", FRIDAY)
        # Where their DMs are is known, so that no tick has to open them.
        session.connection().exec_driver_sql("UPDATE homeroom_member SET dm_channel_id = 'D1'")
    ticks.tick()
    ticks.tick()
    assert planned(school, "reminder") == 3
    with school.read() as session:
        assert reminders.oldest_due(session, FRIDAY) is None


@pytest.mark.parametrize(
    ("away", "alerts"),
    [
        pytest.param(None, 0, id="the first tick ever"),
        pytest.param(ASLEEP, 0, id="an hour"),
        pytest.param(ASLEEP + timedelta(seconds=1), 1, id="more than an hour"),
        pytest.param(timedelta(days=2), 1, id="two days"),
    ],
)
def test_admins_are_told_when_nothing_ticked_for_an_hour(
    ticks: Ticks, school: Database, away: timedelta | None, alerts: int
) -> None:
    if away is not None:
        with school.write() as session:
            heartbeats.beat(session, heartbeats.TICK, FRIDAY - away)
    ticks.tick()
    ticks.tick()
    assert planned(school, "alert") == alerts


def test_nobody_is_told_anything_while_it_is_off(ticks: Ticks, school: Database) -> None:
    with school.write() as session:
        for kind in KINDS:
            switches.turn_off(session, kind)
        heartbeats.beat(session, heartbeats.TICK, FRIDAY - timedelta(days=4))
    ticks.now = FRIDAY + timedelta(days=3)
    ticks.tick()
    assert (planned(school, "alert"), planned(school, "report")) == (0, 0)


def test_a_tick_brings_the_report_on_monday_and_looks_now_and_then(ticks: Ticks, school: Database) -> None:
    with school.write() as session:
        switches.turn_off(session, "alert")
    ticks.now = FRIDAY.replace(day=8, hour=8, minute=58)
    ticks.tick()
    ticks.now += LOOK_EVERY - timedelta(seconds=1)
    ticks.tick()
    assert planned(school, "report") == 0
    ticks.now += timedelta(seconds=1)
    ticks.tick()
    assert planned(school, "report") == 1


def test_a_tick_tells_of_failures_when_it_looks(ticks: Ticks, school: Database) -> None:
    ticks.tick()
    with school.write() as session:
        for number in range(5):
            session.add(
                Delivery(
                    key=f"f{number}",
                    token="t",
                    kind="reminder",
                    team_id="T0HOME",
                    slack_user_id="U0MARY",
                    state="failed",
                    planned_at=FRIDAY,
                    settled_at=FRIDAY - timedelta(minutes=30),
                )
            )
    ticks.tick()
    assert planned(school, "alert") == 0
    ticks.now += LOOK_EVERY
    ticks.tick()
    assert planned(school, "alert") == 1
