"""Recipients: each person an announcement is for, the moment they may be told from, and whether they opened it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Index, String, and_, bindparam, cast, func, literal, select, update
from sqlmodel import Field, Session

from models.announcements import GOING, Announcement
from models.deliveries import OPEN, SENT, Delivery
from models.links import Link
from models.members import Member
from models.statements import an_id, for_each_database, index_of_some, own, table_of
from models.switches import ANNOUNCEMENT
from models.tablemodels import TableModel


class Recipient(TableModel, table=True):
    """One person an announcement is for, or who opened it. ``due_at`` is empty once it is in the ledger, or never
    will be; ``revision`` is the one their message shows."""

    __tablename__ = "homeroom_recipient"
    __table_args__ = (
        Index("ix_homeroom_recipient_user_id", "user_id"),
        index_of_some("ix_homeroom_recipient_due_at", "due_at", where="due_at IS NOT NULL"),
        {"sqlite_with_rowid": False},
    )

    announcement_id: int = Field(primary_key=True, foreign_key="homeroom_announcement.id", ondelete="CASCADE")
    user_id: str = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    due_at: datetime | None = None
    opened_at: datetime | None = None
    revision: int = 0


class Due(NamedTuple):
    """Somebody whose turn it is. ``slack_user_id`` is None for who is no longer linked in the workspace."""

    announcement_id: int
    course_id: int
    user_id: str
    slack_user_id: str | None
    dm_channel_id: str | None
    revision: int


_RECIPIENT, _ANNOUNCEMENT, _DELIVERY = table_of(Recipient), table_of(Announcement), table_of(Delivery)
_LINK, _MEMBER = table_of(Link), table_of(Member)

KEY = literal(f"{ANNOUNCEMENT}:") + cast(_RECIPIENT.c.announcement_id, String()) + literal(":") + _RECIPIENT.c.user_id
"""The key of a recipient's delivery in the ledger, in SQL."""


_ADD = for_each_database(lambda insert: insert(_RECIPIENT).on_conflict_do_nothing().inline())
_DUE = (
    select(
        _RECIPIENT.c.announcement_id,
        _ANNOUNCEMENT.c.course_id,
        _RECIPIENT.c.user_id,
        _LINK.c.slack_user_id,
        _MEMBER.c.dm_channel_id,
        _ANNOUNCEMENT.c.revision,
    )
    .select_from(
        _RECIPIENT.join(_ANNOUNCEMENT, _ANNOUNCEMENT.c.id == _RECIPIENT.c.announcement_id)
        .outerjoin(_LINK, and_(_LINK.c.user_id == _RECIPIENT.c.user_id, _LINK.c.team_id == _ANNOUNCEMENT.c.team_id))
        .outerjoin(
            _MEMBER, and_(_MEMBER.c.team_id == _LINK.c.team_id, _MEMBER.c.slack_user_id == _LINK.c.slack_user_id)
        )
    )
    .where(_RECIPIENT.c.due_at <= bindparam("now"), _ANNOUNCEMENT.c.team_id == bindparam("team"))
    .where(_ANNOUNCEMENT.c.state == GOING)
    .order_by(_RECIPIENT.c.due_at, _RECIPIENT.c.announcement_id, _RECIPIENT.c.user_id)
    .limit(bindparam("most"))
    .with_for_update(of=_RECIPIENT, skip_locked=True)
)
_PLANNED = (
    update(_RECIPIENT)
    .where(_RECIPIENT.c.announcement_id == an_id("announcement"), _RECIPIENT.c.user_id == bindparam("user"))
    .values(due_at=None, revision=bindparam("shows"))
)
_LET_GO = update(_RECIPIENT).where(_RECIPIENT.c.announcement_id == an_id("announcement")).values(due_at=None)
_ANY_DUE = (
    select(_RECIPIENT.c.user_id)
    .where(_RECIPIENT.c.announcement_id == an_id("announcement"), _RECIPIENT.c.due_at.is_not(None))
    .limit(1)
)
_ON_THE_WAY = (
    select(_RECIPIENT.c.user_id)
    .join_from(_RECIPIENT, _DELIVERY, _DELIVERY.c.key == KEY)
    .where(_RECIPIENT.c.announcement_id == an_id("announcement"), OPEN)
    .limit(1)
)
_OPENED = for_each_database(
    lambda insert: insert(_RECIPIENT).on_conflict_do_update(
        index_elements=["announcement_id", "user_id"],
        set_={"opened_at": func.coalesce(_RECIPIENT.c.opened_at, bindparam("now", type_=_RECIPIENT.c.opened_at.type))},
    )
)
_BEHIND = (
    select(_RECIPIENT.c.user_id, _DELIVERY.c.channel_id, _DELIVERY.c.message_ts, _DELIVERY.c.slack_user_id)
    .join_from(_RECIPIENT, _DELIVERY, _DELIVERY.c.key == KEY)
    .where(
        _RECIPIENT.c.announcement_id == an_id("announcement"),
        _RECIPIENT.c.revision < bindparam("revision"),
        _DELIVERY.c.state == SENT,
        _DELIVERY.c.message_ts.is_not(None),
    )
    .order_by(_RECIPIENT.c.user_id)
    .limit(bindparam("most"))
)
_CAUGHT_UP = (
    update(_RECIPIENT)
    .where(_RECIPIENT.c.announcement_id == an_id("announcement"), _RECIPIENT.c.user_id == bindparam("user"))
    .values(revision=bindparam("shows"))
)


def key(announcement_id: int, user_id: str) -> str:
    """The key of a recipient's delivery in the ledger."""
    return f"{ANNOUNCEMENT}:{announcement_id}:{user_id}"


def add(session: Session, announcement_id: int, due: Sequence[tuple[str, datetime | None]]) -> None:
    """Put people down as recipients, each with the moment they may be told from; None for never."""
    if due:
        rows = [
            {"announcement_id": announcement_id, "user_id": user_id, "due_at": due_at, "opened_at": None, "revision": 0}
            for user_id, due_at in due
        ]
        session.connection().execute(own(session, _ADD), rows)


def due(session: Session, team_id: str, now: datetime, most: int) -> tuple[Due, ...]:
    """Recipients of announcements on their way whose turn it is, locked for the caller."""
    rows = session.connection().execute(_DUE, {"team": team_id, "now": now, "most": most})
    return tuple(Due(*row) for row in rows)


def planned(session: Session, people: Collection[Due]) -> None:
    """These are in the ledger now."""
    told = [{"announcement": one.announcement_id, "user": one.user_id, "shows": one.revision} for one in people]
    if told:
        session.connection().execute(_PLANNED, told)


def let_go(session: Session, announcement_id: int) -> None:
    """Nobody who was not told yet will be."""
    session.connection().execute(_LET_GO, {"announcement": announcement_id})


def any_open(session: Session, announcement_id: int) -> bool:
    """Whether anybody is still to be told, or somebody's message is still on its way."""
    asked = {"announcement": announcement_id}
    connection = session.connection()
    return (
        connection.execute(_ANY_DUE, asked).first() is not None
        or connection.execute(_ON_THE_WAY, asked).first() is not None
    )


def opened(session: Session, announcement_id: int, user_id: str, now: datetime) -> None:
    """The person opened what it offers; the first time counts."""
    row = {"announcement_id": announcement_id, "user_id": user_id, "due_at": None, "revision": 0}
    session.connection().execute(own(session, _OPENED), {**row, "opened_at": now, "now": now})


def behind(session: Session, announcement: Announcement, most: int) -> tuple[tuple[str, str, str, str], ...]:
    """Whose message still shows an earlier revision: user, channel, timestamp, Slack user."""
    asked = {"announcement": announcement.id, "revision": announcement.revision, "most": most}
    return tuple((row[0], row[1], row[2], row[3]) for row in session.connection().execute(_BEHIND, asked))


def caught_up(session: Session, announcement: Announcement, user_ids: Collection[str]) -> None:
    """What was changed is on its way to these."""
    shows = [{"announcement": announcement.id, "user": one, "shows": announcement.revision} for one in user_ids]
    if shows:
        session.connection().execute(_CAUGHT_UP, shows)
