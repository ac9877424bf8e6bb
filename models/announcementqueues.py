"""Which announcements a tick has to look at: those that are due, on their way, or still followed by a correction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, literal_column, select, text
from sqlmodel import Session

from models.announcements import ASKED, GOING, LATE, SCHEDULED, TAKEN_BACK, Announcement, read
from models.statements import table_of

_ANNOUNCEMENT = table_of(Announcement)
# In the very words of the partial indexes: SQLite uses one for nothing else.
_IS_SCHEDULED: ColumnElement[bool] = text("homeroom_announcement.state = 'scheduled'")  # type: ignore[assignment]
_IS_GOING: ColumnElement[bool] = text("homeroom_announcement.state = 'going'")  # type: ignore[assignment]
_IS_EDITING: ColumnElement[bool] = literal_column("homeroom_announcement.is_editing")
_AHEAD_OF = (
    select(_ANNOUNCEMENT)
    .where(_ANNOUNCEMENT.c.author_id.in_(bindparam("users", expanding=True)))
    .where(_ANNOUNCEMENT.c.state.in_((ASKED, SCHEDULED, GOING, LATE)))
    .order_by(_ANNOUNCEMENT.c.id)
)
_DUE = (
    select(_ANNOUNCEMENT)
    .where(
        _ANNOUNCEMENT.c.team_id == bindparam("team"),
        _IS_SCHEDULED,
        _ANNOUNCEMENT.c.leaves_at <= bindparam("now"),
    )
    .order_by(_ANNOUNCEMENT.c.leaves_at, _ANNOUNCEMENT.c.id)
    .with_for_update(skip_locked=True)
)
_ANY_DUE = (
    select(_ANNOUNCEMENT.c.id)
    .where(
        _ANNOUNCEMENT.c.team_id == bindparam("team"),
        _IS_SCHEDULED,
        _ANNOUNCEMENT.c.leaves_at <= bindparam("now"),
    )
    .limit(1)
)
_GOING = (
    select(_ANNOUNCEMENT).where(_ANNOUNCEMENT.c.team_id == bindparam("team"), _IS_GOING).order_by(_ANNOUNCEMENT.c.id)
)
_EDITING = (
    select(_ANNOUNCEMENT)
    .where(_ANNOUNCEMENT.c.team_id == bindparam("team"), _IS_EDITING)
    .order_by((_ANNOUNCEMENT.c.state == TAKEN_BACK).desc(), _ANNOUNCEMENT.c.id)
)


def ahead_of(session: Session, user_ids: Collection[str]) -> tuple[Announcement, ...]:
    """The announcements of these authors which would go by themselves, or are going."""
    rows = session.connection().execute(_AHEAD_OF, {"users": list(user_ids)})
    return tuple(read(row) for row in rows)


def due(session: Session, team_id: str, now: datetime) -> tuple[Announcement, ...]:
    """Those of a workspace whose time has come, locked for the caller."""
    return tuple(read(row) for row in session.connection().execute(_DUE, {"team": team_id, "now": now}))


def any_due(session: Session, team_id: str, now: datetime) -> bool:
    """Whether the time of any announcement of a workspace has come."""
    return session.connection().execute(_ANY_DUE, {"team": team_id, "now": now}).first() is not None


def going(session: Session, team_id: str) -> tuple[Announcement, ...]:
    """Those of a workspace that are on their way."""
    return tuple(read(row) for row in session.connection().execute(_GOING, {"team": team_id}))


def editing(session: Session, team_id: str) -> tuple[Announcement, ...]:
    """Those of a workspace whose messages still have to follow what was changed; what was taken back comes first."""
    return tuple(read(row) for row in session.connection().execute(_EDITING, {"team": team_id}))
