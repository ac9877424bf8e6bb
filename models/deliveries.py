"""The delivery ledger: whatever is sent unasked is first a row here, and the row says what became of it.

A sender leases rows, sends each once and records what Slack said. What Slack did not say is *uncertain*, never a reason
to repeat: whoever leases such a row next is told so, and looks before sending. Leases, pauses between attempts and the
pace are in real time; ``not_after`` is in the time reminders are planned in.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Index,
    Row,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlmodel import Field, Session, SQLModel

from models import paces
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE, Pause
from models.statements import ForMany, an_id, driver_value, for_each_database, table_of
from models.switches import EDIT, EVENTS

WAITING, SENDING, UNCERTAIN = "waiting", "sending", "uncertain"
SENT, FAILED, SUPPRESSED = "sent", "failed", "suppressed"
SETTLED = (SENT, FAILED, SUPPRESSED)
LEASE = timedelta(seconds=30)
SETTLING = timedelta(seconds=10)
"""How long after a lease has run out the DM is read at the earliest: what was sent last must have arrived by then."""


class Delivery(SQLModel, table=True):
    """One message to one person. ``token`` is in the message's metadata; ``try_at`` is empty once it is settled.

    An event goes to a program: ``team_id`` is its destination and ``slack_user_id`` is empty.
    ``facts`` is JSON: what the message is about, as known when it was planned. ``history`` has a line for each thing
    that happened to it. Ids are plain: the ledger outlives what it speaks of.
    """

    __tablename__ = "homeroom_delivery"
    __table_args__ = (
        Index(
            "ix_homeroom_delivery_team_id_try_at",
            "team_id",
            "try_at",
            sqlite_where=text("try_at IS NOT NULL"),
            postgresql_where=text("try_at IS NOT NULL"),
        ),
        Index("ix_homeroom_delivery_channel_id_message_ts", "channel_id", "message_ts"),
        Index("ix_homeroom_delivery_settled_at", "settled_at"),
        Index("ix_homeroom_delivery_user_id", "user_id"),
        Index(
            "ix_homeroom_delivery_kind",
            "kind",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    token: str
    kind: str
    team_id: str
    slack_user_id: str
    user_id: str | None = None
    course_id: int | None = None
    facts: str = Field(default="{}", sa_type=Text)
    state: str
    reason: str | None = None
    planned_at: datetime
    not_after: datetime | None = None
    try_at: datetime | None = None
    leased_by: str | None = None
    lease_ends_at: datetime | None = None
    first_leased_at: datetime | None = None
    attempts: int = 0
    channel_id: str | None = None
    message_ts: str | None = None
    settled_at: datetime | None = None
    history: str = Field(default="", sa_type=Text)


class Planned(NamedTuple):
    """A message to be sent. ``key`` names it for ever: planned again it is the same one.

    With a ``reason`` it is not sent at all, and the ledger says why.
    """

    key: str
    kind: str
    team_id: str
    slack_user_id: str
    user_id: str | None = None
    course_id: int | None = None
    channel_id: str | None = None
    facts: Mapping[str, Any] = MappingProxyType({})
    not_after: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery in somebody's hands until ``lease_ends_at``. ``leave_at`` is its slot in the workspace's pace.

    ``may_be_there`` says that an earlier attempt may have reached Slack: look before sending.
    """

    delivery_id: int
    token: str
    kind: str
    team_id: str
    slack_user_id: str
    user_id: str | None
    course_id: int | None
    facts: Mapping[str, Any]
    planned_at: datetime
    not_after: datetime | None
    attempts: int
    first_leased_at: datetime
    channel_id: str | None
    leased_by: str
    lease_ends_at: datetime
    leave_at: datetime
    may_be_there: bool


_DELIVERY, _PAUSE = table_of(Delivery), table_of(Pause)
_TOLD = (
    *("key", "token", "kind", "team_id", "slack_user_id", "user_id", "course_id"),
    *("facts", "state", "reason", "planned_at", "not_after", "try_at", "attempts", "channel_id"),
    *("settled_at", "history"),
)
_INSERT = ForMany(
    for_each_database(
        lambda insert: (
            insert(_DELIVERY)
            .values({name: bindparam(name) for name in _TOLD})
            .on_conflict_do_nothing(index_elements=["key"])
            .inline()
        )
    ),
    _TOLD,
)


def is_under(scope: ColumnElement[str], value: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a delivery falls under a pause. Nothing keeps what was sent from being corrected or taken back."""
    return and_(
        _DELIVERY.c.kind != EDIT,
        or_(
            scope == EVERYTHING,
            and_(scope == KIND, value == _DELIVERY.c.kind),
            and_(scope == COURSE, value == cast(_DELIVERY.c.course_id, String())),
            and_(scope == WORKSPACE, value == _DELIVERY.c.team_id),
        ),
    )


IS_HELD = select(_PAUSE.c.scope).where(is_under(_PAUSE.c.scope, _PAUSE.c.value)).correlate(_DELIVERY).exists()
_DUE = (
    select(_DELIVERY)
    .where(_DELIVERY.c.team_id == bindparam("team"), _DELIVERY.c.try_at <= bindparam("now"), ~IS_HELD)
    .order_by(_DELIVERY.c.try_at, _DELIVERY.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
NOTED = _DELIVERY.c.history + bindparam("line", type_=Text())
"""The history with one more ``line``."""
_TAKE = (
    update(_DELIVERY)
    .where(_DELIVERY.c.id.in_(an_id("ids", expanding=True)))
    .values(
        state=SENDING,
        attempts=_DELIVERY.c.attempts + 1,
        leased_by=bindparam("holder"),
        lease_ends_at=bindparam("ends", type_=_DELIVERY.c.lease_ends_at.type),
        try_at=bindparam("again", type_=_DELIVERY.c.try_at.type),
        first_leased_at=func.coalesce(_DELIVERY.c.first_leased_at, bindparam("now", type_=_DELIVERY.c.try_at.type)),
    )
)
_MINE = and_(
    _DELIVERY.c.id == an_id("delivery"), _DELIVERY.c.leased_by == bindparam("holder"), _DELIVERY.c.state == SENDING
)
_STILL_MINE = select(_DELIVERY.c.id).where(
    _MINE, _DELIVERY.c.lease_ends_at > bindparam("until"), ~paces.is_blocked(_DELIVERY.c.team_id)
)
_AT_CHANNEL = update(_DELIVERY).where(_MINE).values(channel_id=bindparam("channel"))
_SETTLE = (
    update(_DELIVERY)
    .where(_MINE)
    .values(
        state=bindparam("became"),
        reason=bindparam("why", type_=String()),
        message_ts=bindparam("ts", type_=String()),
        settled_at=bindparam("now", type_=_DELIVERY.c.settled_at.type),
        try_at=None,
        leased_by=None,
        lease_ends_at=None,
        history=NOTED,
    )
)
_PUT_BACK = (
    update(_DELIVERY)
    .where(_MINE)
    .values(
        state=bindparam("became"),
        reason=bindparam("why", type_=String()),
        try_at=bindparam("again", type_=_DELIVERY.c.try_at.type),
        leased_by=None,
        lease_ends_at=None,
        history=NOTED,
    )
)
_GIVE_BACK = (
    update(_DELIVERY)
    .where(_MINE)
    .values(
        state=bindparam("became"),
        attempts=_DELIVERY.c.attempts - 1,
        try_at=bindparam("again", type_=_DELIVERY.c.try_at.type),
        leased_by=None,
        lease_ends_at=None,
    )
)
_UNDECIDED = (
    update(_DELIVERY)
    .where(_MINE)
    .values(
        state=UNCERTAIN,
        reason=bindparam("why", type_=String()),
        try_at=None,
        leased_by=None,
        lease_ends_at=None,
        history=NOTED,
    )
)
_DECIDE = (
    update(_DELIVERY)
    .where(_DELIVERY.c.key == bindparam("which"), _DELIVERY.c.state == UNCERTAIN, _DELIVERY.c.try_at.is_(None))
    .values(
        state=bindparam("became"),
        reason=bindparam("why", type_=String()),
        settled_at=bindparam("now", type_=_DELIVERY.c.settled_at.type),
        history=NOTED,
    )
)
_SEEN = (
    update(_DELIVERY)
    .where(
        _DELIVERY.c.key == bindparam("which"),
        _DELIVERY.c.channel_id == bindparam("channel"),
        _DELIVERY.c.message_ts.is_(None),
        or_(_DELIVERY.c.state == SENT, and_(_DELIVERY.c.state == UNCERTAIN, _DELIVERY.c.try_at.is_(None))),
    )
    .values(
        state=SENT,
        reason=None,
        message_ts=bindparam("ts"),
        settled_at=func.coalesce(_DELIVERY.c.settled_at, bindparam("now", type_=_DELIVERY.c.settled_at.type)),
        history=NOTED,
    )
)
_OF_KEYS = select(Delivery).where(_DELIVERY.c.key.in_(bindparam("keys", expanding=True))).order_by(_DELIVERY.c.id)
OPEN = _DELIVERY.c.try_at.is_not(None)
_DISCARD = (
    update(_DELIVERY)
    .where(
        OPEN,
        _DELIVERY.c.state == WAITING,
        is_under(bindparam("which"), bindparam("what")),
        # A message is late one day; what happened stays true, and goes unless its own kind is discarded.
        or_(_DELIVERY.c.kind.not_in(EVENTS), bindparam("which") == KIND),
    )
    .values(
        state=SUPPRESSED,
        reason="discarded",
        try_at=None,
        settled_at=bindparam("now", type_=_DELIVERY.c.settled_at.type),
        history=NOTED,
    )
    .returning(_DELIVERY.c.kind, _DELIVERY.c.user_id)
)
_END_OF_WORKSPACE = (
    update(_DELIVERY)
    .where(OPEN, _DELIVERY.c.team_id == bindparam("team"))
    .values(
        state=SUPPRESSED,
        reason=bindparam("why"),
        try_at=None,
        settled_at=bindparam("now", type_=_DELIVERY.c.settled_at.type),
        leased_by=None,
        lease_ends_at=None,
        history=NOTED,
    )
)


HAS_FAILED = _DELIVERY.c.state == literal_column("'failed'")
"""As the index of those says it."""


def plan(session: Session, planned: Iterable[Planned], now: datetime, real_now: datetime) -> None:
    """Write these messages into the ledger, to leave at once; one whose key is there already stays as it is.

    ``now`` is the moment they are planned for, ``real_now`` the moment on this machine's clock.
    """
    told = list(planned)
    tokens = secrets.token_hex(8 * len(told))
    # A tick's messages have few occasions, and what belongs to one is put into the driver's form only once.
    occasions: dict[tuple[object, ...], tuple[tuple[object, ...], tuple[object, ...]]] = {}
    rows = []
    for start, one in enumerate(told):
        occasion = (id(one.facts), one.not_after, one.reason)
        common = occasions.get(occasion)
        if common is None:
            common = occasions[occasion] = _common(session, one, now, real_now)
        token = tokens[16 * start : 16 * start + 16]
        whom = (one.key, token, one.kind, one.team_id, one.slack_user_id, one.user_id, one.course_id)
        rows.append((*whom, *common[0], one.channel_id, *common[1]))
    _INSERT.run(session, rows)


def lease(
    session: Session,
    team_id: str,
    real_now: datetime,
    most: int,
    length: timedelta = LEASE,
    settling: timedelta = SETTLING,
) -> tuple[Leased, ...]:
    """Take up to ``most`` deliveries of a workspace that are due and not held, each with a slot in its pace.

    Nobody else gets them until the lease has run out and ``settling`` has passed.
    """
    slots = paces.offered(session, team_id, real_now, most)
    if not slots.count:
        return ()
    connection = session.connection()
    rows = connection.execute(_DUE, {"team": team_id, "now": real_now, "most": slots.count}).all()
    if not rows:
        return ()
    holder, ends = secrets.token_hex(8), real_now + length
    ids = [row.id for row in rows]
    taking = {"ids": ids, "holder": holder, "ends": ends, "again": ends + settling, "now": real_now}
    connection.execute(_TAKE, taking)
    paces.take(session, slots, len(rows))
    return tuple(_leased(row, holder, real_now, ends, slots.at(number)) for number, row in enumerate(rows))


def may_leave(session: Session, leased: Leased, real_now: datetime, until: datetime) -> bool:
    """Whether the lease still holds, and will until this instant, and Slack has refused nothing meanwhile."""
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "until": until, "now": real_now}
    return session.connection().execute(_STILL_MINE, asked).first() is not None


def at_channel(session: Session, leased: Leased, channel_id: str) -> bool:
    """Keep where the message is to go, before it goes; whether the delivery is still the caller's."""
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "channel": channel_id}
    return session.connection().execute(_AT_CHANNEL, asked).rowcount == 1


def sent(session: Session, leased: Leased, message_ts: str | None, now: datetime, note: str = "sent") -> bool:
    """Slack, or the destination of an event, has it; whether the delivery was still the caller's to settle."""
    return _settle(session, leased, SENT, None, now, note, message_ts)


def failed(session: Session, leased: Leased, reason: str, now: datetime) -> bool:
    """Slack refused the message for good."""
    return _settle(session, leased, FAILED, reason, now, f"failed: {reason}")


def suppressed(session: Session, leased: Leased, reason: str, now: datetime) -> bool:
    """The message should no longer go."""
    return _settle(session, leased, SUPPRESSED, reason, now, f"not sent: {reason}")


def deferred(session: Session, leased: Leased, reason: str, again: datetime, now: datetime) -> bool:
    """Slack refused the message for now: it is tried again at ``again`` (real time). It is certainly not there."""
    return _put_back(session, leased, WAITING, reason, again, now)


def uncertain(session: Session, leased: Leased, reason: str, again: datetime, now: datetime) -> bool:
    """Nobody knows whether Slack has the message: whoever takes it up, at ``again`` (real time) or later, looks."""
    return _put_back(session, leased, UNCERTAIN, reason, again, now)


def undecided(session: Session, leased: Leased, reason: str, now: datetime) -> bool:
    """Nobody knows whether Slack has the message and nobody can look: a person has to `decide`."""
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "why": reason}
    line = line_of(now, f"{UNCERTAIN}: {reason}")
    return session.connection().execute(_UNDECIDED, {**asked, "line": line}).rowcount == 1


def decide(session: Session, key: str, *, is_there: bool, now: datetime) -> bool:
    """Somebody looked and says whether the message is there; whether that was still to be said."""
    became, why = (SENT, None) if is_there else (FAILED, "not there")
    line = line_of(now, "seen in the channel" if is_there else "not in the channel")
    asked = {"which": key, "became": became, "why": why, "now": now, "line": line}
    return session.connection().execute(_DECIDE, asked).rowcount == 1


def seen(session: Session, key: str, channel_id: str, message_ts: str, now: datetime) -> bool:
    """Somebody pressed a button of the message in its channel, so it is there and this one; whether that was news."""
    asked = {"which": key, "channel": channel_id, "ts": message_ts, "now": now, "line": line_of(now, "pressed there")}
    return session.connection().execute(_SEEN, asked).rowcount == 1


def of_keys(session: Session, keys: Collection[str]) -> list[Delivery]:
    """The deliveries of these keys that are there, the oldest first."""
    return list(session.execute(_OF_KEYS, {"keys": list(keys)}).scalars())


def give_back(session: Session, leased: Leased, real_now: datetime) -> bool:
    """The caller never came to send it: somebody else may, from ``real_now`` on."""
    became = UNCERTAIN if leased.may_be_there else WAITING
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "became": became, "again": real_now}
    return session.connection().execute(_GIVE_BACK, asked).rowcount == 1


def discard(session: Session, scope: str, value: str, now: datetime) -> tuple[tuple[str, str | None], ...]:
    """Throw away what falls under a pause and can't be in Slack; the kind of each, and the user it was for."""
    said = {"which": scope, "what": value, "now": now, "line": line_of(now, "discarded")}
    return tuple((row[0], row[1]) for row in session.connection().execute(_DISCARD, said))


def end_of_workspace(session: Session, team_id: str, reason: str, now: datetime) -> None:
    """Nothing more can be sent to this workspace: whatever was still to be isn't."""
    said = {"team": team_id, "why": reason, "now": now, "line": line_of(now, f"not sent: {reason}")}
    session.connection().execute(_END_OF_WORKSPACE, said)


def _settle(
    session: Session, leased: Leased, became: str, why: str | None, now: datetime, note: str, ts: str | None = None
) -> bool:
    asked = {
        "delivery": leased.delivery_id,
        "holder": leased.leased_by,
        "became": became,
        "why": why,
        "ts": ts,
        "now": now,
        "line": line_of(now, note),
    }
    return session.connection().execute(_SETTLE, asked).rowcount == 1


def _put_back(session: Session, leased: Leased, became: str, why: str, again: datetime, now: datetime) -> bool:
    asked = {
        "delivery": leased.delivery_id,
        "holder": leased.leased_by,
        "became": became,
        "why": why,
        "again": again,
        "line": line_of(now, f"{became}: {why}"),
    }
    return session.connection().execute(_PUT_BACK, asked).rowcount == 1


def _leased(row: Row[Any], holder: str, real_now: datetime, ends: datetime, leave_at: datetime) -> Leased:
    return Leased(
        delivery_id=row.id,
        token=row.token,
        kind=row.kind,
        team_id=row.team_id,
        slack_user_id=row.slack_user_id,
        user_id=row.user_id,
        course_id=row.course_id,
        facts=json.loads(row.facts),
        planned_at=row.planned_at,
        not_after=row.not_after,
        attempts=row.attempts + 1,
        first_leased_at=row.first_leased_at or real_now,
        channel_id=row.channel_id,
        leased_by=holder,
        lease_ends_at=ends,
        leave_at=leave_at,
        # Whoever held it before may have sent it and died; without a channel it never came to that.
        may_be_there=row.state != WAITING and row.channel_id is not None,
    )


def _common(
    session: Session, one: Planned, now: datetime, real_now: datetime
) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """What all messages of one occasion have in common, as the driver takes it: before the channel and after it."""
    settled, column = one.reason is not None, _DELIVERY.c
    return (
        json.dumps(dict(one.facts), sort_keys=True),
        SUPPRESSED if settled else WAITING,
        one.reason,
        driver_value(session, column.planned_at, now),
        driver_value(session, column.not_after, one.not_after),
        driver_value(session, column.try_at, None if settled else real_now),
        0,
    ), (
        driver_value(session, column.settled_at, now if settled else None),
        line_of(now, f"not sent: {one.reason}" if settled else "planned"),
    )


def line_of(now: datetime, what: str) -> str:
    """A line of a delivery's history."""
    return f"{now:%Y-%m-%d %H:%M:%S} UTC {what}\n"
