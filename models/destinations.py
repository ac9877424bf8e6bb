"""Destinations: programs that are told what happens here. Events count while one is configured, and only then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Field, Session, SQLModel

from models import audit, backlogs, deliveries, pauses
from models.pauses import KIND
from models.statements import insert_unless_there, table_of
from models.switches import EVENTS

RECEIVER = "receiver"
"""Who paused a kind of event when its receiver said 410 Gone."""
LAPSES = timedelta(days=1)
"""A destination that no running process was configured for within so long is configured no more."""


class Destination(SQLModel, table=True):
    """A destination by its kind of event, configured ``since``; a process configured for it ran last at ``seen_at``.

    ``address`` is a digest of its address. ``failing_since`` is empty unless the last thing it did was to fail, with
    ``trouble`` as the reason. All in real time.
    """

    __tablename__ = "homeroom_destination"

    name: str = Field(primary_key=True)
    address: str
    since: datetime
    seen_at: datetime
    failing_since: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a kind of event stands: how many wait and since when (planning time), and how many failed, by reason.

    ``since`` is empty where the destination is configured no more.
    """

    name: str
    since: datetime | None
    failing_since: datetime | None
    trouble: str | None
    waiting: int
    oldest_planned_at: datetime | None
    failed: Mapping[str, int]


_DESTINATION = table_of(Destination)
_THIS = _DESTINATION.c.name == bindparam("which")
_SEEN = update(_DESTINATION).where(_THIS).values(seen_at=bindparam("now"))
_MOVED = (
    update(_DESTINATION)
    .where(_THIS, _DESTINATION.c.address != bindparam("at"))
    .values(address=bindparam("at"), failing_since=None, trouble=None)
)
_ON = (
    select(_DESTINATION.c.name)
    .where(_DESTINATION.c.name.in_(EVENTS), _DESTINATION.c.seen_at >= bindparam("after"))
    .order_by(_DESTINATION.c.name)
)
_EVERY = select(Destination).order_by(_DESTINATION.c.name)
_FAILS = (
    update(_DESTINATION).where(_THIS, _DESTINATION.c.failing_since.is_(None)).values(failing_since=bindparam("now"))
)
_TROUBLE = update(_DESTINATION).where(_THIS).values(trouble=bindparam("why"))
_WORKS = (
    update(_DESTINATION)
    .where(_THIS, _DESTINATION.c.failing_since.is_not(None))
    .values(failing_since=None, trouble=None)
)
_LAPSE = delete(_DESTINATION).where(_DESTINATION.c.name.in_(EVENTS), _DESTINATION.c.seen_at < bindparam("before"))


def configured(session: Session, name: str, address: str, real_now: datetime) -> None:
    """A process that is configured for this destination runs now. What the last address did is no matter of a new one,
    nor is the pause it asked for."""
    told = {"name": name, "address": address, "since": real_now, "seen_at": real_now}
    if insert_unless_there(session, Destination, **told):
        return
    connection = session.connection()
    connection.execute(_SEEN, {"which": name, "now": real_now})
    if connection.execute(_MOVED, {"which": name, "at": address}).rowcount:
        for one in pauses.in_force(session):
            if (one.scope, one.value, one.paused_by) == (KIND, name, RECEIVER):
                pauses.resume(session, KIND, name)


def on(session: Session, real_now: datetime) -> tuple[str, ...]:
    """The destinations that are configured."""
    return tuple(session.connection().execute(_ON, {"after": real_now - LAPSES}).scalars())


def every(session: Session) -> tuple[Destination, ...]:
    """Every destination, those that lapsed a moment ago among them."""
    return tuple(session.execute(_EVERY).scalars())


def standings(session: Session) -> tuple[Standing, ...]:
    """How each kind of event stands that has a destination, or had one and left something behind."""
    there = {one.name: one for one in every(session)}
    waiting, failed = backlogs.events_open(session), backlogs.events_failed(session)
    told = []
    for name in EVENTS:
        if name in there or name in waiting or name in failed:
            one = there.get(name)
            count, oldest = waiting.get(name, (0, None))
            since, failing, trouble = (one.since, one.failing_since, one.trouble) if one else (None, None, None)
            told.append(Standing(name, since, failing, trouble, count, oldest, failed.get(name, {})))
    return tuple(told)


def fails(session: Session, name: str, why: str, real_now: datetime) -> None:
    """The destination did not take an event, for this reason."""
    session.connection().execute(_FAILS, {"which": name, "now": real_now})
    session.connection().execute(_TROUBLE, {"which": name, "why": why})


def works(session: Session, name: str) -> None:
    """The destination took an event."""
    session.connection().execute(_WORKS, {"which": name})


def is_gone(session: Session, name: str, why: str, now: datetime) -> None:
    """The receiver wants no more: its events are held until an admin resumes them, or its address is another."""
    if pauses.pause(session, KIND, name, by=RECEIVER, because=why, now=now):
        audit.note(session, "sending.paused", actor=RECEIVER, what=f"{KIND} {name}", because=why, now=now)


def lapse(session: Session, now: datetime, real_now: datetime) -> None:
    """Let go of destinations that are configured no more, and fail whatever was still to go there."""
    session.connection().execute(_LAPSE, {"before": real_now - LAPSES})
    configured_ones = on(session, real_now)
    for name in EVENTS:
        if name not in configured_ones:
            deliveries.end_of_destination(session, name, "not configured", now, real_now)
