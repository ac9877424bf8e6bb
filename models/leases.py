"""Leases on deliveries: a sender takes rows of the ledger, sends each once and records what Slack said.

What Slack did not say is *uncertain*, never a reason to repeat: whoever leases such a row next is told so, and looks
before sending. Leases, pauses between attempts and the pace are in real time.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, and_, bindparam, func, select, update
from sqlmodel import Session

from models import paces
from models.deliveries import FAILED, IS_HELD, NOTED, SENDING, SENT, SUPPRESSED, UNCERTAIN, WAITING, Delivery, line_of
from models.prepared import Prepared
from models.statements import an_id, table_of

LEASE = timedelta(seconds=30)
SETTLING = timedelta(seconds=10)
"""How long after a lease has run out the DM is read at the earliest: what was sent last must have arrived by then."""


class Leased(NamedTuple):
    """A delivery in somebody's hands until ``lease_ends_at``. ``leave_at`` is its slot in the workspace's pace,
    ``apart`` from the next.

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
    apart: timedelta
    may_be_there: bool


_DELIVERY = table_of(Delivery)
_DUE = Prepared(
    select(_DELIVERY)
    .where(_DELIVERY.c.team_id == bindparam("team"), _DELIVERY.c.try_at <= bindparam("now"), ~IS_HELD)
    .order_by(_DELIVERY.c.try_at, _DELIVERY.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = Prepared(
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
_STILL_MINE = Prepared(
    select(_DELIVERY.c.id).where(
        _MINE,
        _DELIVERY.c.lease_ends_at > bindparam("until"),
        ~paces.is_blocked(_DELIVERY.c.team_id),
    )
)
_AT_CHANNEL = update(_DELIVERY).where(_MINE).values(channel_id=bindparam("channel"))
_SETTLE = Prepared(
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
    rows = _DUE.rows(session, team=team_id, now=real_now, most=slots.count)
    if not rows:
        return ()
    holder, ends = secrets.token_hex(8), real_now + length
    ids = [row.id for row in rows]
    _TAKE.count(session, ids=ids, holder=holder, ends=ends, again=ends + settling, now=real_now)
    paces.take(session, slots, len(rows))
    return tuple(_leased(row, holder, real_now, ends, slots.at(number), slots.apart) for number, row in enumerate(rows))


def may_leave(session: Session, leased: Leased, real_now: datetime, until: datetime) -> bool:
    """Whether the lease still holds, and will until this instant, and Slack has refused nothing meanwhile."""
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "until": until, "now": real_now}
    return _STILL_MINE.first(session, **asked) is not None


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


def give_back(session: Session, leased: Leased, real_now: datetime) -> bool:
    """The caller never came to send it: somebody else may, from ``real_now`` on."""
    became = UNCERTAIN if leased.may_be_there else WAITING
    asked = {"delivery": leased.delivery_id, "holder": leased.leased_by, "became": became, "again": real_now}
    return session.connection().execute(_GIVE_BACK, asked).rowcount == 1


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
    return _SETTLE.count(session, **asked) == 1


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


def _leased(row: Any, holder: str, real_now: datetime, ends: datetime, leave_at: datetime, apart: timedelta) -> Leased:
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
        apart=apart,
        # Whoever held it before may have sent it and died; without a channel it never came to that.
        may_be_there=row.state != WAITING and row.channel_id is not None,
    )
