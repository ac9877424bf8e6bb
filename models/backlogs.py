"""The ledger read: what is still to be sent, what is held, what became of the rest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, func, or_, select
from sqlmodel import Session

from models.deliveries import HAS_FAILED, IS_HELD, OPEN, UNCERTAIN, Delivery, is_under
from models.statements import table_of
from models.switches import EVENTS

_DELIVERY = table_of(Delivery)
_OF_MESSAGE = select(Delivery).where(
    _DELIVERY.c.channel_id == bindparam("channel"), _DELIVERY.c.message_ts == bindparam("ts")
)
_BACKLOG = (
    select(func.count(), func.min(_DELIVERY.c.planned_at), func.min(_DELIVERY.c.try_at))
    .where(OPEN, ~IS_HELD, _DELIVERY.c.kind.not_in(EVENTS))
    .where(or_(bindparam("team", type_=String()).is_(None), _DELIVERY.c.team_id == bindparam("team", type_=String())))
)
_EVENTS_OPEN = (
    select(_DELIVERY.c.kind, func.count(), func.min(_DELIVERY.c.planned_at))
    .where(OPEN, _DELIVERY.c.team_id.in_(EVENTS))
    .group_by(_DELIVERY.c.kind)
    .order_by(_DELIVERY.c.kind)
)
_EVENTS_FAILED = (
    select(_DELIVERY.c.kind, _DELIVERY.c.reason, func.count())
    .where(HAS_FAILED, _DELIVERY.c.kind.in_(EVENTS))
    .group_by(_DELIVERY.c.kind, _DELIVERY.c.reason)
    .order_by(_DELIVERY.c.kind, _DELIVERY.c.reason)
)
_DUE = (
    select(_DELIVERY.c.id)
    .where(_DELIVERY.c.team_id == bindparam("team"), _DELIVERY.c.try_at <= bindparam("now"), ~IS_HELD)
    .limit(1)
)
_HELD = (
    select(_DELIVERY.c.kind, func.count()).where(OPEN, IS_HELD).group_by(_DELIVERY.c.kind).order_by(_DELIVERY.c.kind)
)
_HELD_BY = (
    select(_DELIVERY.c.kind, func.count())
    .where(OPEN, is_under(bindparam("which"), bindparam("what")))
    .group_by(_DELIVERY.c.kind)
    .order_by(_DELIVERY.c.kind)
)
_TOLD = (
    select(_DELIVERY.c.state, _DELIVERY.c.kind, _DELIVERY.c.reason, func.count())
    .where(
        _DELIVERY.c.settled_at >= bindparam("since"),
        _DELIVERY.c.settled_at < bindparam("until"),
        or_(bindparam("team", type_=String()).is_(None), _DELIVERY.c.team_id == bindparam("team", type_=String())),
    )
    .group_by(_DELIVERY.c.state, _DELIVERY.c.kind, _DELIVERY.c.reason)
    .order_by(_DELIVERY.c.state, _DELIVERY.c.kind, _DELIVERY.c.reason)
)
_OPENED = (
    select(_DELIVERY.c.kind, _DELIVERY.c.state, func.count())
    .where(OPEN)
    .group_by(_DELIVERY.c.kind, _DELIVERY.c.state)
    .order_by(_DELIVERY.c.kind, _DELIVERY.c.state)
)
_STUCK = (
    select(func.count())
    .where(OPEN, _DELIVERY.c.state == UNCERTAIN, _DELIVERY.c.attempts > 1)
    .where(or_(bindparam("team", type_=String()).is_(None), _DELIVERY.c.team_id == bindparam("team", type_=String())))
)
_OUTSTANDING = (
    select(_DELIVERY.c.id)
    .where(OPEN, ~IS_HELD, _DELIVERY.c.team_id == bindparam("team"))
    .where(or_(_DELIVERY.c.state != UNCERTAIN, _DELIVERY.c.attempts <= bindparam("tries")))
    .limit(1)
)
_LATEST_TO = (
    select(Delivery)
    .where(
        _DELIVERY.c.user_id == bindparam("user"),
        _DELIVERY.c.team_id == bindparam("team"),
        _DELIVERY.c.slack_user_id == bindparam("person"),
    )
    .order_by(_DELIVERY.c.id.desc())
    .limit(bindparam("most"))
)


def held(session: Session) -> dict[str, int]:
    """How many deliveries of each kind are held by pauses."""
    return {row[0]: row[1] for row in session.connection().execute(_HELD)}


def held_by(session: Session, scope: str, value: str) -> dict[str, int]:
    """How many deliveries of each kind fall under one pause."""
    rows = session.connection().execute(_HELD_BY, {"which": scope, "what": value})
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages neither settled nor held: how many, since when (planning time), when the next is due (real time)."""

    count: int
    oldest_planned_at: datetime | None
    next_try_at: datetime | None


def backlog(session: Session, team_id: str | None = None) -> Backlog:
    """What is still to be sent, in one workspace or (None) in all."""
    return Backlog(*session.connection().execute(_BACKLOG, {"team": team_id}).one())


def events_open(session: Session) -> dict[str, tuple[int, datetime]]:
    """Events still to be sent or held, by kind: how many, and since when (planning time)."""
    return {row[0]: (row[1], row[2]) for row in session.connection().execute(_EVENTS_OPEN)}


def events_failed(session: Session) -> dict[str, dict[str, int]]:
    """Events that failed and were not sent again, by kind and reason."""
    failed: dict[str, dict[str, int]] = {}
    for kind, reason, count in session.connection().execute(_EVENTS_FAILED):
        failed.setdefault(kind, {})[reason or ""] = count
    return failed


def any_due(session: Session, team_id: str, real_now: datetime) -> bool:
    """Whether anything may be sent to a workspace or a destination now."""
    return session.connection().execute(_DUE, {"team": team_id, "now": real_now}).first() is not None


def outstanding(session: Session, team_id: str, tries: int) -> bool:
    """Whether anything is still to be sent or taken over; what stayed uncertain for more ``tries`` is left out."""
    return session.connection().execute(_OUTSTANDING, {"team": team_id, "tries": tries}).first() is not None


def stuck(session: Session, team_id: str | None = None) -> int:
    """How many deliveries stay uncertain because the DM's history can't be read."""
    return session.connection().execute(_STUCK, {"team": team_id}).scalar_one()


def opened(session: Session) -> tuple[tuple[str, str, int], ...]:
    """What is not settled: kind, state, how many."""
    return tuple((row[0], row[1], row[2]) for row in session.connection().execute(_OPENED))


def of_message(session: Session, channel_id: str, message_ts: str) -> Delivery | None:
    """The delivery that became this message, or None."""
    return session.execute(_OF_MESSAGE, {"channel": channel_id, "ts": message_ts}).scalar()


def told(
    session: Session, since: datetime, until: datetime, team_id: str | None = None
) -> tuple[tuple[str, str, str | None, int], ...]:
    """What was settled between two instants: state, kind, reason, how many."""
    asked = {"since": since, "until": until, "team": team_id}
    return tuple((row[0], row[1], row[2], row[3]) for row in session.connection().execute(_TOLD, asked))


def latest_to(
    session: Session, team_id: str, slack_user_id: str, user_id: str | None, most: int
) -> tuple[Delivery, ...]:
    """The newest messages to somebody of a workspace, sent or not."""
    if user_id is None:
        return ()
    asked = {"team": team_id, "person": slack_user_id, "user": user_id, "most": most}
    return tuple(session.execute(_LATEST_TO, asked).scalars())
