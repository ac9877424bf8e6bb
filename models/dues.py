"""Who is due: a page of reminders' rows with where each learner is reached, read in one statement."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlmodel import Session

from models.absences import Absence
from models.links import Link
from models.members import Member
from models.reminderfacts import Facts, Reach
from models.reminderrows import Reminder, Schedule
from models.statements import table_of

LONG_AGO = timedelta(days=3)
"""A day that was so long before now is over in every zone, and no reminder in time can be for it."""


class Addressee(NamedTuple):
    """One learner who is due, and where they are reached."""

    user_id: str
    team_id: str
    slack_user_id: str
    dm_channel_id: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A page of ``count`` learners who are due.

    ``alike`` are those whose row can be taken at its word, in groups: the facts that decide about a group, which name
    nobody, and who is in it. The ``others`` need a closer look.
    """

    alike: tuple[tuple[Facts, tuple[Addressee, ...]], ...]
    others: tuple[str, ...]
    count: int


_REMINDER, _ABSENCE, _LINK, _MEMBER = (table_of(model) for model in (Reminder, Absence, Link, Member))
_PAGE = (
    select(_REMINDER.c.user_id, *(_REMINDER.c[name] for name in Schedule._fields))
    .where(_REMINDER.c.due_at <= bindparam("now"))
    .order_by(_REMINDER.c.due_at, _REMINDER.c.user_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .subquery("due")
)
_LONG_AGO = bindparam("long_ago", type_=_REMINDER.c.planned_on.type)
_LONG_AGO_AT = bindparam("long_ago_at", type_=_REMINDER.c.planned_at.type)
_IS_PLAIN = and_(
    _PAGE.c.stopped_because.is_(None),
    or_(_PAGE.c.snoozed_until.is_(None), _PAGE.c.snoozed_until <= _LONG_AGO),
    _LINK.c.user_id.is_not(None),
    _MEMBER.c.is_deleted.is_(False),
    _MEMBER.c.is_guest.is_(False),
    _MEMBER.c.is_bot.is_(False),
    ~select(_ABSENCE.c.id)
    .where(_ABSENCE.c.user_id == _PAGE.c.user_id, _ABSENCE.c.ends_on > _LONG_AGO)
    .correlate(_PAGE)
    .exists(),
)
_HAS_ANSWERED = or_(_PAGE.c.nudged_at.is_(None), _PAGE.c.answered_at > _PAGE.c.nudged_at)
_DECIDING = (
    _PAGE.c.rhythm,
    _PAGE.c.weekdays,
    _PAGE.c.hour,
    func.coalesce(func.nullif(_PAGE.c.tz, ""), _MEMBER.c.tz),
    case((_HAS_ANSWERED, 0), else_=_PAGE.c.nudges),
    # What was long ago decides nothing, so it is the same for everybody.
    case((_PAGE.c.planned_on > _LONG_AGO, _PAGE.c.planned_on)),
    case((_PAGE.c.planned_at > _LONG_AGO_AT, _PAGE.c.planned_at)),
    _PAGE.c.due_at,
)
_DUE = select(
    *_DECIDING,
    _PAGE.c.user_id,
    _LINK.c.team_id,
    _LINK.c.slack_user_id,
    _MEMBER.c.dm_channel_id,
    _IS_PLAIN,
).select_from(
    _PAGE.outerjoin(_LINK, _LINK.c.user_id == _PAGE.c.user_id).outerjoin(
        _MEMBER, and_(_MEMBER.c.team_id == _LINK.c.team_id, _MEMBER.c.slack_user_id == _LINK.c.slack_user_id)
    )
)


def page(session: Session, now: datetime, most: int) -> Due:
    """Up to ``most`` learners who are due, the first due first; they stay the caller's until the transaction ends."""
    long_ago = now - LONG_AGO
    asked = {"now": now, "most": most, "long_ago": long_ago.date(), "long_ago_at": long_ago}
    rows = session.connection().execute(_DUE, asked).all()
    deciding, end = len(_DECIDING), len(_DECIDING) + len(Addressee._fields)
    times = Counter(row[deciding] for row in rows)
    alike: dict[tuple[Any, ...], list[Addressee]] = defaultdict(list)
    others: dict[str, None] = {}
    for row in rows:
        if row[end] and times[row[deciding]] == 1:
            alike[row[:deciding]].append(Addressee._make(row[deciding:end]))
        else:
            others[row[deciding]] = None
    return Due(
        alike=tuple((_facts(*told), tuple(people)) for told, people in alike.items()),
        others=tuple(others),
        count=len(times),
    )


def _facts(
    rhythm: str,
    weekdays: str,
    hour: int,
    tz: str | None,
    nudges: int,
    planned_on: date | None,
    planned_at: datetime | None,
    due_at: datetime,
) -> Facts:
    # Nudges count while nothing was answered since the last of them; when that was matters no further.
    row = Schedule(
        rhythm=rhythm,
        weekdays=weekdays,
        hour=hour,
        nudges=nudges,
        nudged_at=due_at,
        planned_on=planned_on,
        planned_at=planned_at,
        due_at=due_at,
    )
    return Facts("", row, has_row=True, reach=Reach("", "", tz), is_linked=True, open_courses=1)
