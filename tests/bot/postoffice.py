"""Events on their way: a school where things happen on one side, a receiver on the other, time at hand."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from bot.destinations import Destination, PortalWebhook, RecordStore
from bot.eventsending import EventSender, Timing
from bot.eventsettings import LrsSettings, WebhookSettings
from models import Course, changes, destinations, paces
from models.database import Database
from models.deliveries import Delivery
from models.paces import Pace
from tests.bot import receivers
from tests.house import Clock
from tests.school import a_course, a_user, completed, enrolled, lessons_of

HOME = "https://learn.example.com"


@dataclass
class PostOffice:
    """``clock`` is as far ahead of this machine's as a test says; pace, leases and retries follow it."""

    database: Database
    destination: Destination
    clock: Clock = field(default_factory=Clock)

    def passes(self, time: timedelta) -> None:
        """So much time passes."""
        self.clock.ahead += time

    def happens(self, what: Callable[[Session], object]) -> None:
        """Somebody does something, and a tick follows."""
        with self.database.write() as session:
            destinations.configured(session, self.destination.name, self.destination.address, self.clock())
            what(session)
        with self.database.write() as session:
            while changes.waiting(session):
                changes.consume(session, self.clock(), self.clock())

    def enrolls(self, *names: str) -> None:
        """These people enroll in Knots."""

        def enroll(session: Session) -> None:
            course = knots(session)
            for name in names:
                enrolled(session, a_user(session, name), course, at=self.clock())

        self.happens(enroll)

    def hurries(self) -> None:
        """The receiver is known to be quick, so that nobody waits for a slot."""
        with self.database.write() as session:
            session.merge(Pace(team_id=self.destination.name, rate=paces.HIGHEST_RATE, next_at=datetime.now(UTC)))

    def sender(self, threads: int = 1, call_seconds: float = 5.0) -> EventSender:
        """Somebody who sends."""
        timing = Timing(call_seconds=call_seconds)
        return EventSender(
            self.database, self.destination, self.clock, real_clock=self.clock, threads=threads, timing=timing
        )

    def sends(self, call_seconds: float = 5.0) -> None:
        """Somebody sends whatever may be sent now."""
        sender = self.sender(call_seconds=call_seconds)
        try:
            sender.drain()
        finally:
            sender.stop()

    def rows(self) -> list[Delivery]:
        """The events in the ledger."""
        with self.database.read() as session:
            found = session.exec(
                select(Delivery).where(Delivery.kind == self.destination.name).order_by(col(Delivery.id))
            ).all()
            session.expunge_all()
            return list(found)

    def states(self) -> list[tuple[str, str | None]]:
        """How far each is, and why."""
        return [(row.state, row.reason) for row in self.rows()]

    def ids(self) -> list[str]:
        """The id of each."""
        return [str(json.loads(row.facts)["id"]) for row in self.rows()]

    def sends_again(self) -> int:
        """An operator has the failed ones sent again."""
        with self.database.write() as session:
            return destinations.send_again(session, self.destination.name, self.clock(), self.clock())


def a_webhook(url: str, *secrets: str) -> PortalWebhook:
    """A portal at this address."""
    return PortalWebhook(WebhookSettings(url, secrets or (receivers.SECRET,)))


def a_store(url: str, portal_url: str | None = HOME, secret: str = receivers.LRS_SECRET) -> RecordStore:
    """A record store at this address."""
    return RecordStore(LrsSettings(f"{url}/xapi/", receivers.KEY, secret, HOME), portal_url)


def knots(session: Session, title: str = "Knots") -> Course:
    """The course everybody here takes."""
    found = session.exec(select(Course).where(Course.title == title)).one_or_none()
    return found or a_course(session, title, ["Bowline", "Hitch"])


def finishes(session: Session, name: str, title: str = "Knots", *, at: datetime) -> None:
    """Somebody enrolls and takes every lesson."""
    user, course = a_user(session, name), knots(session, title)
    enrolled(session, user, course, at=at)
    for lesson in lessons_of(session, course):
        completed(session, user, lesson, at=at)
