"""The delivery ledger: whatever is sent unasked is first a row here, and the row says what became of it.

Senders lease rows (`models.leases`); ``try_at`` is in real time, ``not_after`` in the time reminders are planned in.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Index,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlmodel import Field, Session

from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE, Pause
from models.statements import ForMany, driver_value, for_each_database, index_of_some, table_of
from models.switches import EDIT, EVENTS
from models.tablemodels import TableModel

WAITING, SENDING, UNCERTAIN = "waiting", "sending", "uncertain"
SENT, FAILED, SUPPRESSED = "sent", "failed", "suppressed"
SETTLED = (SENT, FAILED, SUPPRESSED)


class Delivery(TableModel, table=True):
    """One message to one person. ``token`` is in the message's metadata; ``try_at`` is empty once it is settled.

    An event goes to a program: ``team_id`` is its destination and ``slack_user_id`` is empty.
    ``facts`` is JSON: what the message is about, as known when it was planned. ``history`` has a line for each thing
    that happened to it. Ids are plain: the ledger outlives what it speaks of.
    """

    __tablename__ = "homeroom_delivery"
    __table_args__ = (
        index_of_some("ix_homeroom_delivery_team_id_try_at", "team_id", "try_at", where="try_at IS NOT NULL"),
        Index("ix_homeroom_delivery_channel_id_message_ts", "channel_id", "message_ts"),
        Index("ix_homeroom_delivery_settled_at", "settled_at"),
        Index("ix_homeroom_delivery_user_id", "user_id"),
        index_of_some("ix_homeroom_delivery_kind", "kind", where="state = 'failed'"),
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
NOTED = _DELIVERY.c.history + bindparam("line", type_=Text())
"""The history with one more ``line``."""
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
    column = _DELIVERY.c
    planned_at = driver_value(session, column.planned_at, now)
    try_at, settled_at = driver_value(session, column.try_at, real_now), driver_value(session, column.settled_at, now)
    # A tick's messages have few occasions, and what belongs to one is put into the driver's form only once.
    occasions: dict[tuple[object, ...], tuple[tuple[object, ...], tuple[object, ...]]] = {}
    rows = []
    for start, one in enumerate(told):
        key, kind, team_id, slack_user_id, user_id, course_id, channel_id, facts, not_after, reason = one
        occasion = (id(facts), not_after, reason)
        if (common := occasions.get(occasion)) is None:
            words, ends = json.dumps(dict(facts), sort_keys=True), driver_value(session, column.not_after, not_after)
            if reason is None:
                common = (words, WAITING, None, planned_at, ends, try_at, 0), (None, line_of(now, "planned"))
            else:
                line = line_of(now, f"not sent: {reason}")
                common = (words, SUPPRESSED, reason, planned_at, ends, None, 0), (settled_at, line)
            occasions[occasion] = common
        token = tokens[16 * start : 16 * start + 16]
        whom = (key, token, kind, team_id, slack_user_id, user_id, course_id)
        rows.append((*whom, *common[0], channel_id, *common[1]))
    _INSERT.run(session, rows)


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


def discard(session: Session, scope: str, value: str, now: datetime) -> tuple[tuple[str, str | None], ...]:
    """Throw away what falls under a pause and can't be in Slack; the kind of each, and the user it was for."""
    said = {"which": scope, "what": value, "now": now, "line": line_of(now, "discarded")}
    return tuple((row[0], row[1]) for row in session.connection().execute(_DISCARD, said))


def end_of_workspace(session: Session, team_id: str, reason: str, now: datetime) -> None:
    """Nothing more can be sent to this workspace: whatever was still to be isn't."""
    said = {"team": team_id, "why": reason, "now": now, "line": line_of(now, f"not sent: {reason}")}
    session.connection().execute(_END_OF_WORKSPACE, said)


def line_of(now: datetime, what: str) -> str:
    """A line of a delivery's history."""
    return f"{now:%Y-%m-%d %H:%M:%S} UTC {what}\n"
