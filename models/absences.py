"""Days somebody is away: said by themselves, or by a vacation status in Slack."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Index, bindparam, delete, select, update
from sqlmodel import Field, Session

from models.prepared import Prepared
from models.rhythms import DaysOff, Span, local_day
from models.statements import table_of
from models.tablemodels import TableModel

OWN, STATUS = "own", "status"
LONGEST = timedelta(days=365)
"""An absence is cut to a year."""


class Absence(TableModel, table=True):
    """One stretch of days, first and last both included, on which somebody is not expected to learn.

    ``status_ends_at`` is when the Slack status behind it ends, one working day before they are expected back.
    """

    __tablename__ = "homeroom_absence"
    __table_args__ = (Index("ix_homeroom_absence_user_id", "user_id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    source: str
    starts_on: date
    ends_on: date
    status_ends_at: datetime | None = None


_ABSENCE = table_of(Absence)
_OF = Prepared(
    select(_ABSENCE.c.user_id, _ABSENCE.c.starts_on, _ABSENCE.c.ends_on, _ABSENCE.c.source)
    .where(_ABSENCE.c.user_id.in_(bindparam("users", expanding=True)))
    .order_by(_ABSENCE.c.user_id, _ABSENCE.c.starts_on, _ABSENCE.c.id)
)
_BY_STATUS = select(_ABSENCE.c.user_id, _ABSENCE.c.status_ends_at).where(
    _ABSENCE.c.user_id.in_(bindparam("users", expanding=True)),
    _ABSENCE.c.source == STATUS,
    _ABSENCE.c.status_ends_at > bindparam("now"),
    _ABSENCE.c.ends_on >= bindparam("earliest"),
)
_MINE = (_ABSENCE.c.user_id == bindparam("user")) & (_ABSENCE.c.source == bindparam("kind"))
_STILL_AHEAD = delete(_ABSENCE).where(_MINE, _ABSENCE.c.starts_on >= bindparam("today"))
_UNDER_WAY = (
    update(_ABSENCE)
    .where(_MINE, _ABSENCE.c.starts_on < bindparam("today"), _ABSENCE.c.ends_on >= bindparam("today"))
    .values(ends_on=bindparam("yesterday"))
)


def set_away(
    session: Session, user_id: str, source: str, today: date, back_on: date, status_ends_at: datetime | None = None
) -> None:
    """The person is away from today until the day before ``back_on``, in place of what this source said before."""
    back_on = min(back_on, today + LONGEST)
    set_back(session, user_id, source, today)
    if back_on > today:
        last = back_on - timedelta(days=1)
        session.add(
            Absence(user_id=user_id, source=source, starts_on=today, ends_on=last, status_ends_at=status_ends_at)
        )
        session.flush()


def set_back(session: Session, user_id: str, source: str, today: date) -> bool:
    """The person is here from today on, as far as this source knows; whether they were away or about to be."""
    said = {"user": user_id, "kind": source, "today": today, "yesterday": today - timedelta(days=1)}
    connection = session.connection()
    ended = connection.execute(_STILL_AHEAD, said).rowcount + connection.execute(_UNDER_WAY, said).rowcount
    return ended > 0


def by_status(session: Session, user_ids: Collection[str], now: datetime) -> dict[str, datetime]:
    """Which of these users are away by a Slack status that has not ended, and when it ends."""
    asked = {"users": list(user_ids), "now": now, "earliest": now.date() - timedelta(days=1)}
    return {row[0]: row[1] for row in session.connection().execute(_BY_STATUS, asked)}


def of(session: Session, user_ids: Collection[str]) -> dict[str, tuple[Span, ...]]:
    """The absences of each of these users, past ones too."""
    found: dict[str, tuple[Span, ...]] = {}
    for user_id, starts_on, ends_on, _ in _OF.rows(session, users=list(user_ids)):
        found[user_id] = (*found.get(user_id, ()), (starts_on, ends_on))
    return found


def back_on(spans: Collection[Span], today: date) -> date | None:
    """The first day back of somebody away today, or None."""
    day = today
    while any(first <= day <= last for first, last in spans):
        day = max(last for first, last in spans if first <= day <= last) + timedelta(days=1)
    return day if day > today else None


def back_after_status(expires_at: datetime, tz: str, holidays: frozenset[date]) -> date:
    """The first day back after a vacation status that ends at this instant, with one working day to arrive in between.

    A status that ends at midnight was for the day before.
    """
    off = DaysOff(holidays)
    arriving = local_day(expires_at - timedelta(microseconds=1), tz) + timedelta(days=1)
    while arriving.isoweekday() > 5 or arriving in off:
        arriving += timedelta(days=1)
    return arriving + timedelta(days=1)
