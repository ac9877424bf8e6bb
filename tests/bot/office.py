"""A sender at work: a ledger of planned reminders on one side, the rehearsal workspace on the other, time at hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Condition, Event, Thread
from typing import Any

from slack_sdk import WebClient
from sqlmodel import Session, select

from bot.delivery import Sender, Timing
from bot.sandbox.faults import Fault
from bot.sandbox.server import RunningRehearsal
from bot.sandbox.workspace import Message
from handlers import deliveries as composing
from handlers.deliveries import Composed
from handlers.requests import Context, Portal
from models import changes, links, members, preferences, reminders, switches
from models.database import Database
from models.deliveries import Delivery
from models.errors import Unavailable
from models.leases import LEASE, Leased
from models.members import Profile
from models.paces import Pace
from models.reminderrows import Reminder
from tests.house import TOKEN
from tests.school import a_course, a_user, enrolled

MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
"""When everybody here enrolled."""
FRIDAY = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)
"""When everybody's reminder is due: they all live in London."""
PATIENCE = 20.0
"""Seconds after which something that should have happened has not."""


class Watched(Database):
    """A database that tells whenever something was written, and that may be away."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_away = False
        self._written = Condition()

    @contextmanager
    def write(self) -> Iterator[Session]:
        if self.is_away:
            raise Unavailable
        with super().write() as session:
            yield session
        with self._written:
            self._written.notify_all()

    def wait_for(self, reached: Callable[[], bool]) -> None:
        """Return when it is so, looking after every write."""
        with self._written:
            assert self._written.wait_for(reached, PATIENCE), "it never came to that"


def furnish(session: Session) -> None:
    """Ada, Mary and Grace enrolled on Monday; everything is on."""
    course = a_course(session, "Knots", ["Bowline", "Hitch"], instructor="radia")
    for name in ("ada", "mary", "grace"):
        user = a_user(session, name)
        told = Profile("T0HOME", f"U0{name.upper()}", name, name.capitalize(), tz="Europe/London")
        members.remember(session, told, MONDAY)
        links.link(session, "T0HOME", f"U0{name.upper()}", user.id, MONDAY)
        enrolled(session, user, course, at=MONDAY)
    while changes.consume(session, MONDAY, MONDAY):
        pass
    reminders.schedule(session, reminders.learners(session), MONDAY, frozenset())
    switches.turn_on(session, switches.KINDS, "console", MONDAY)


@dataclass
class Office:
    """The ledger, Slack, and who carries from one to the other. ``now`` is the time reminders are planned in."""

    database: Watched
    slack: RunningRehearsal
    now: datetime = FRIDAY
    holidays: frozenset[Any] = frozenset()
    in_hand: Event = field(default_factory=Event)
    before_leaving: Callable[[Leased], object] = field(default=lambda leased: None)
    """What happens while a message is in hand, just before it is written."""

    def plans(self, *names: str) -> None:
        """The tick of Friday morning; with names only theirs is due."""
        with self.database.write() as session:
            for user_id in ("user_ada", "user_mary", "user_grace"):
                if names and user_id.removeprefix("user_") not in names:
                    preferences.stop(session, user_id, "you", MONDAY)
                    reminders.schedule(session, [user_id], MONDAY, frozenset())
            reminders.plan(session, self.now, datetime.now(UTC), self.holidays)

    def sender(
        self, *, team_id: str = "T0HOME", threads: int = 1, call_seconds: float = 5.0, lease: timedelta = LEASE
    ) -> Sender:
        """Somebody who sends."""
        client = WebClient(TOKEN, base_url=self.slack.api_url, timeout=5, retry_handlers=[])
        timing = Timing(lease, call_seconds)
        return Sender(
            self.database,
            client,
            team_id,
            self._compose,
            lambda: self.now,
            lambda: self.holidays,
            threads=threads,
            timing=timing,
        )

    def sends(self, reached: Callable[[], bool] | Event, **how: Any) -> None:
        """Somebody sends until it has come to that, finishes what is in hand and leaves."""
        sender = self.sender(**how)
        sender.start()
        try:
            if isinstance(reached, Event):
                assert reached.wait(PATIENCE), "it never came to that"
            else:
                self.database.wait_for(reached)
        finally:
            sender.stop()

    def sends_everything(self) -> None:
        """Somebody sends until nothing is left."""
        sender = self.sender()
        work = Thread(target=sender.drain)
        work.start()
        work.join(PATIENCE)
        is_done = not work.is_alive()
        sender.stop()
        work.join()
        assert is_done, "something is left"

    def passes(self, time: timedelta = timedelta(minutes=10)) -> None:
        """So much real time goes by in the ledger."""
        with self.database.write() as session:
            for row in session.exec(select(Delivery)):
                row.try_at = _earlier(row.try_at, time)
                row.lease_ends_at = _earlier(row.lease_ends_at, time)
                row.first_leased_at = _earlier(row.first_leased_at, time)
            for pace in session.exec(select(Pace)):
                pace.next_at -= time
                pace.blocked_until = _earlier(pace.blocked_until, time)

    def breaks(self, method: str, fault: str, times: int | None = 1, **details: Any) -> None:
        """Slack does this to calls of the method."""
        self.slack.rehearsal.stage.faults.add(Fault(method, fault, times, **details))

    def mends(self) -> None:
        """Slack works again."""
        self.slack.rehearsal.stage.faults.clear()

    def asked(self) -> list[str]:
        """What Slack was asked, in order."""
        entries = self.slack.rehearsal.stage.traffic.after(0)
        return [str(entry["what"]) for entry in entries if entry["direction"] == "from_bot"]

    def got(self, name: str = "ada") -> list[Message]:
        """What somebody got from us."""
        channel = self.slack.rehearsal.stage.workspaces["T0HOME"].channels.get(f"D0{name.upper()}")
        return list(channel.messages.values()) if channel else []

    def row(self, name: str = "ada") -> Delivery:
        """Their reminder in the ledger."""
        with self.database.read() as session:
            found = session.exec(select(Delivery).where(Delivery.slack_user_id == f"U0{name.upper()}")).one()
            session.expunge(found)
            return found

    def became(self, state: str, name: str = "ada", attempts: int = 0) -> Callable[[], bool]:
        """Whether their reminder is in this state, after so many attempts at least."""

        def has_become() -> bool:
            row = self.row(name)
            return row.state == state and row.attempts >= attempts

        return has_become

    def reminder(self, name: str = "ada") -> Reminder:
        """Where they are in their rhythm."""
        with self.database.read() as session:
            found = session.exec(select(Reminder).where(Reminder.user_id == f"user_{name}")).one()
            session.expunge(found)
            return found

    def pace(self) -> Pace:
        """The workspace's pace."""
        with self.database.read() as session:
            found = session.exec(select(Pace).where(Pace.team_id == "T0HOME")).one()
            session.expunge(found)
            return found

    def _compose(self, leased: Leased, now: datetime) -> Composed:
        self.in_hand.set()
        self.before_leaving(leased)
        context = Context(self.database, now, Portal("Homeroom", None), _nobody, holidays=self.holidays)
        return composing.compose(leased, context)


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up to send something")


def _earlier(instant: datetime | None, time: timedelta) -> datetime | None:
    return None if instant is None else instant - time
