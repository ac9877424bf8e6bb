"""Senders that are killed at any moment, against a Slack in trouble: everybody gets exactly one message."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.manifest import manifest_for
from bot.sandbox import server
from bot.sandbox.cast import default_cast
from bot.sandbox.people import Person
from models import (
    Course,
    Enrollment,
    User,
    announcements,
    announcing,
    backlogs,
    members,
    receipts,
    reminders,
    roles,
    sendoffs,
    switches,
)
from models.database import Database
from models.deliveries import Delivery
from models.links import Link
from models.members import Member
from tests import plain
from tests.processes import started
from tests.proofs.sender_process import send
from tests.school import LONG_AGO, a_course

TEAM = "T0HOME"
MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
FRIDAY = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)
AUTHOR = "U0GRACE"
HELLO = [{"type": "text", "text": "Chapter two is new."}]
SENDERS = 3
TROUBLE = (
    ("chat.postMessage", "429"),
    ("chat.postMessage", "500"),
    ("chat.postMessage", "timeout"),
    ("chat.postMessage", "timeout_before"),
    ("chat.postMessage", "drop"),
    ("chat.postMessage", "drop_before"),
    ("chat.postMessage", "fatal_error"),
    ("conversations.history", "429"),
    ("conversations.history", "500"),
    ("conversations.history", "drop"),
    ("conversations.open", "500"),
    ("conversations.open", "drop"),
)

Say = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    learners: int
    kills: int
    pause: tuple[float, float]
    lease: float
    settling: float
    call_seconds: float
    look_again: float
    risk: float
    patience: float


SMALL = Size(30, 2, (0.5, 1.0), 1.5, 0.3, 0.5, 0.2, 0.05, 90.0)
FULL = Size(2000, 200, (0.2, 0.9), 30.0, 10.0, 8.0, 15.0, 0.02, 3000.0)


@dataclass
class Senders:
    """Three processes that send, replaced as soon as they die."""

    told: dict[str, Any]
    processes: list[ForkServerProcess] = field(default_factory=list)
    killed: int = 0
    died_in_between: int = 0

    def start(self) -> None:
        """Have all three at work."""
        while len(self.processes) < SENDERS:
            self.processes.append(started(send, self.told))

    def kill(self) -> None:
        """Kill one of them, whatever it is doing."""
        victim = random.choice(self.processes)
        if victim.is_alive():
            victim.kill()
            victim.join()
            self.killed += 1
            self.processes.remove(victim)
        self.replace_the_dead()

    def replace_the_dead(self) -> None:
        """Who died between Slack's answer and the commit is replaced too."""
        for process in list(self.processes):
            if not process.is_alive():
                assert process.exitcode == -signal.SIGKILL, f"a sender ended with {process.exitcode}"
                self.died_in_between += 1
                self.processes.remove(process)
        self.start()

    def stop(self) -> None:
        """Let them finish and give back what they hold."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            # One that had only just been started ends before it can put anything away; it held nothing.
            process.join(30)
            assert process.exitcode in (0, -signal.SIGKILL, -signal.SIGTERM)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def school(request: pytest.FixtureRequest) -> Database:
    """An empty school on SQLite and on PostgreSQL."""
    name = "database" if request.param == "sqlite" else "postgresql_database"
    found: Database = request.getfixturevalue(name)
    return found


def furnish(session: Session, learners: int) -> None:
    """So many learners who fell behind; half of them never had a DM with us."""
    course = a_course(session, "Knots", ["Bowline", "Hitch"])
    assert course.id is not None
    for number in range(learners):
        user_id, slack_user_id = f"user_l{number}", f"U0X{number}"
        session.add(
            User(
                id=user_id,
                first_name="Learner",
                last_name=str(number),
                email=f"{number}@example.org",
                created_at=LONG_AGO,
                updated_at=LONG_AGO,
            )
        )
        session.add(
            Member(team_id=TEAM, slack_user_id=slack_user_id, handle=f"l{number}", name="L", tz="UTC", seen_at=MONDAY)
        )
    session.flush()
    for number in range(learners):
        user_id = f"user_l{number}"
        session.add(Link(team_id=TEAM, slack_user_id=f"U0X{number}", user_id=user_id, linked_at=MONDAY))
        session.add(Enrollment(user_id=user_id, course_id=course.id, enrolled_at=MONDAY))
    session.flush()
    switches.turn_on(session, switches.KINDS, "console", MONDAY)


@contextmanager
def a_workspace(learners: int) -> Iterator[server.RunningRehearsal]:
    cast = default_cast()
    for number in range(learners):
        cast[0].add(Person(f"U0X{number}", TEAM, f"Learner {number}", f"l{number}", "UTC"))
    setup = server.Setup(manifest_for("http://127.0.0.1:1"), "secret", "xoxb-rehearsal", workspaces=cast)
    with server.run(setup) as running:
        yield running


def plan(database: Database) -> None:
    with database.write() as session:
        everybody: list[str] = []
        past = ""
        while some := reminders.learners(session, past):
            everybody += some
            past = some[-1]
        reminders.schedule(session, everybody, MONDAY, frozenset())
    handled = reminders.AT_ONCE
    while handled == reminders.AT_ONCE:
        with database.write() as session:
            _, handled = reminders.plan(session, FRIDAY, datetime.now(UTC), frozenset())


def still_open(database: Database) -> int:
    with database.read() as session:
        return backlogs.backlog(session, TEAM).count


def in_slack(slack: server.RunningRehearsal) -> dict[str, list[tuple[str, str]]]:
    """Each learner's reminders as they are in Slack: ts and token."""
    found: dict[str, list[tuple[str, str]]] = {}
    for channel in slack.rehearsal.stage.workspaces[TEAM].channels.values():
        person = next((member for member in channel.members if member.startswith("U0X")), None)
        if channel.kind == "dm" and person is not None:
            found[person] = [
                (message.ts, message.metadata["event_payload"]["token"])
                for message in channel.messages.values()
                if message.metadata
            ]
    return found


def announce(database: Database) -> int:
    """Grace announces something to all of them, and a tick looks for them; the announcement's id."""
    with database.write() as session:
        course = session.exec(select(Course)).one()
        course_id = course.id or 0
        roles.ensure_roles(session)
        roles.grant(session, course.instructor_id, roles.ADMIN)
        session.add(Member(team_id=TEAM, slack_user_id=AUTHOR, handle="grace", name="Grace", tz="UTC", seen_at=MONDAY))
        session.flush()
        session.add(Link(team_id=TEAM, slack_user_id=AUTHOR, user_id=course.instructor_id, linked_at=MONDAY))
        session.flush()
        made = announcements.begin(session, course_id, course.instructor_id, TEAM, AUTHOR, FRIDAY)
        words = json.dumps({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": HELLO}]})
        announcements.write(session, made, announcements.Content(words, None, announcements.ENROLLED, None, None))
        author = members.identify(session, TEAM, AUTHOR)
        assert author is not None
        announcing.confirm(session, author, made, FRIDAY, datetime.now(UTC))
        sendoffs.let_go(session, TEAM, FRIDAY, datetime.now(UTC))
    is_more = True
    while is_more:
        with database.write() as session:
            is_more = sendoffs.look_for_people(session, made, FRIDAY, frozenset())
    return made


def is_going(database: Database, announcement_id: int) -> bool:
    """What a tick does, as often as the proof looks; whether there is more to do."""
    with database.write() as session:
        sendoffs.let_people_in(session, TEAM, FRIDAY, datetime.now(UTC))
        sendoffs.finish(session, TEAM, FRIDAY, datetime.now(UTC))
        return announcements.get(session, announcement_id).state == announcements.GOING


def test_everybody_gets_exactly_one_reminder_whoever_is_killed(school: Database, is_full: bool, figures: Say) -> None:
    size = FULL if is_full else SMALL
    with school.write() as session:
        furnish(session, size.learners)
    plan(school)
    assert still_open(school) == size.learners
    _sends_each_once(school, size, "reminder", lambda: bool(still_open(school)), figures)


def test_everybody_gets_an_announcement_exactly_once_whoever_is_killed(
    database: Database, is_full: bool, figures: Say
) -> None:
    """Let into the ledger a few at a time, so that those who die leave some in it and some not."""
    size = replace(FULL, learners=5000, kills=300) if is_full else SMALL
    with database.write() as session:
        furnish(session, size.learners)
    made = announce(database)
    # A tick waits as the program's does.
    patient = Database(database.url.render_as_string(hide_password=False), patience=30)
    _sends_each_once(database, size, "announcement", lambda: is_going(patient, made), figures)
    patient.close()
    with database.read() as session:
        told = receipts.receipt(session, announcements.get(session, made))
    assert (told.delivered, told.settled, told.waiting) == (size.learners, size.learners, 0)


def _sends_each_once(school: Database, size: Size, what: str, is_more: Callable[[], bool], figures: Say) -> None:
    faults = 0
    with a_workspace(size.learners) as slack, plain.client(base_url=slack.url, timeout=30) as director:
        senders = Senders(
            {
                "url": school.url.render_as_string(hide_password=False),
                "api_url": slack.api_url,
                "planned_at": FRIDAY.isoformat(),
                "started_at": datetime.now(UTC).isoformat(),
                "risk": size.risk,
                "lease": size.lease,
                "settling": size.settling,
                "call_seconds": size.call_seconds,
                "look_again": size.look_again,
                "threads": 4,
            }
        )
        began = time.monotonic()
        senders.start()
        try:
            while is_more():
                assert time.monotonic() - began < size.patience, f"{still_open(school)} are still open"
                # Real processes live in real time: there is no clock to pass in.
                time.sleep(random.uniform(*size.pause))
                if senders.killed < size.kills:
                    method, fault = random.choice(TROUBLE)
                    director.post("/rehearsal/faults", json={"method": method, "fault": fault, "retry_after": 1})
                    faults += 1
                    senders.kill()
                senders.replace_the_dead()
        finally:
            senders.stop()
        seconds = time.monotonic() - began
        arrived = in_slack(slack)
    with school.read() as session:
        rows = {row.slack_user_id: row for row in session.exec(select(Delivery).where(Delivery.kind == what))}
    attempts = [row.attempts for row in rows.values()]
    assert Counter(len(messages) for messages in arrived.values()) == {1: size.learners}
    assert Counter(row.state for row in rows.values()) == {"sent": size.learners}
    assert all((row.message_ts, row.token) == arrived[person][0] for person, row in rows.items())
    dialect = school.url.get_backend_name()
    figures(
        f"Exactly one {what} each, whoever is killed ({dialect})",
        f"{size.learners:,} people to tell, {SENDERS} senders, kill -9 at {senders.killed} random moments and "
        f"{senders.died_in_between} times between Slack's answer and the commit, {faults} faults of Slack's",
        f"{len(arrived):,} people have one message each, none two, none none; {sum(attempts):,} attempts, "
        f"{sum(count > 1 for count in attempts):,} messages taken up more than once; {seconds:.0f} s",
    )
