"""Destinations: programs that are told what happens here. Events count while one is configured, and only then."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update
from sqlmodel import Field, Session

from models import audit, backlogs, pauses
from models.deliveries import FAILED, HAS_FAILED, NOTED, OPEN, SENDING, WAITING, Delivery, line_of
from models.pauses import KIND
from models.statements import insert_unless_there, table_of
from models.switches import EVENTS
from models.tablemodels import TableModel

RECEIVER = "receiver"
"""Who paused a kind of event when its receiver said 410 Gone."""
LAPSES = timedelta(days=1)
"""A destination that no running process was configured for within so long is configured no more."""


class Destination(TableModel, table=True):
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


class Standing(NamedTuple):
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


_DESTINATION, _DELIVERY = table_of(Destination), table_of(Delivery)
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

_LEFT_HERE = or_(_DELIVERY.c.state != SENDING, _DELIVERY.c.lease_ends_at < bindparam("real_now"))
_END_OF_DESTINATION = (
    update(_DELIVERY)
    .where(OPEN, _DELIVERY.c.team_id == bindparam("team"), _LEFT_HERE)
    .values(
        state=FAILED,
        reason=bindparam("why"),
        try_at=None,
        settled_at=bindparam("now", type_=_DELIVERY.c.settled_at.type),
        leased_by=None,
        lease_ends_at=None,
        history=NOTED,
    )
)
_SEND_AGAIN = (
    update(_DELIVERY)
    .where(HAS_FAILED, _DELIVERY.c.kind == bindparam("which"), _DELIVERY.c.facts != "{}")
    .values(
        state=WAITING,
        reason=None,
        attempts=0,
        try_at=bindparam("again", type_=_DELIVERY.c.try_at.type),
        settled_at=None,
        history=NOTED,
    )
)


def configured(session: Session, name: str, address: str, real_now: datetime) -> None:
    """A process that is configured for this destination runs now. What the last address did is no matter of a new one,
    nor is the pause it asked for."""
    told = {"name": name, "address": address, "since": real_now, "seen_at": real_now}
    is_new = insert_unless_there(session, Destination, **told)
    connection = session.connection()
    connection.execute(_SEEN, {"which": name, "now": real_now})
    if is_new or connection.execute(_MOVED, {"which": name, "at": address}).rowcount:
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
            _fail(session, name, "not configured", now, real_now)


def send_again(session: Session, kind: str, now: datetime, real_now: datetime) -> int:
    """Try what failed of a kind afresh, from ``real_now`` on; how much that is. Who was erased is not spoken of."""
    said = {"which": kind, "again": real_now, "line": line_of(now, "to be sent again")}
    return session.connection().execute(_SEND_AGAIN, said).rowcount


def _fail(session: Session, name: str, reason: str, now: datetime, real_now: datetime) -> None:
    """Events can't go to this destination any more: what nobody has in hand has failed."""
    said = {"team": name, "why": reason, "now": now, "real_now": real_now, "line": line_of(now, f"failed: {reason}")}
    session.connection().execute(_END_OF_DESTINATION, said)
