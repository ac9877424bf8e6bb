"""Who is due: a page of reminders' rows, which say where each learner is reached."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlmodel import Session

from models.reminderfacts import Facts, Reach
from models.reminderrows import Reminder, Schedule
from models.statements import as_driver_gives, python_value, table_of

LONG_AGO = timedelta(days=3)
"""A day that was so long before now is over in every zone, and no reminder in time can be for it."""


Addressee = tuple[int, str, str, str, str | None]
"""One learner who is due, and where they are reached: row, user, team, Slack user and DM."""


@dataclass(frozen=True, slots=True)
class Due:
    """A page of ``count`` learners who are due.

    ``alike`` are those whose row can be taken at its word, in groups: the facts that decide about a group, which name
    nobody, and who is in it. The ``others`` need a closer look.
    """

    alike: tuple[tuple[Facts, tuple[Addressee, ...]], ...]
    others: tuple[str, ...]
    count: int


_REMINDER = table_of(Reminder)
_LONG_AGO = bindparam("long_ago", type_=_REMINDER.c.planned_on.type)
_LONG_AGO_AT = bindparam("long_ago_at", type_=_REMINDER.c.planned_at.type)
_IS_PLAIN = and_(
    _REMINDER.c.slack_user_id.is_not(None),
    _REMINDER.c.stopped_because.is_(None),
    or_(_REMINDER.c.snoozed_until.is_(None), _REMINDER.c.snoozed_until <= _LONG_AGO),
    or_(_REMINDER.c.away_until.is_(None), _REMINDER.c.away_until <= _LONG_AGO),
)
_HAS_ANSWERED = or_(_REMINDER.c.nudged_at.is_(None), _REMINDER.c.answered_at > _REMINDER.c.nudged_at)
_DECIDING = (
    _REMINDER.c.rhythm,
    _REMINDER.c.weekdays,
    _REMINDER.c.hour,
    func.coalesce(func.nullif(_REMINDER.c.tz, ""), _REMINDER.c.slack_tz),
    case((_HAS_ANSWERED, 0), else_=_REMINDER.c.nudges),
    # What was long ago decides nothing, so it is the same for everybody.
    as_driver_gives(case((_REMINDER.c.planned_on > _LONG_AGO, _REMINDER.c.planned_on))),
    as_driver_gives(case((_REMINDER.c.planned_at > _LONG_AGO_AT, _REMINDER.c.planned_at))),
    as_driver_gives(_REMINDER.c.due_at),
)
_ADDRESSEE = tuple(_REMINDER.c[name] for name in ("id", "user_id", "team_id", "slack_user_id", "dm_channel_id"))
_DUE = (
    select(*_DECIDING, *_ADDRESSEE, _IS_PLAIN)
    .where(_REMINDER.c.due_at <= bindparam("now"))
    .order_by(_REMINDER.c.due_at, _REMINDER.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def page(session: Session, now: datetime, most: int) -> Due:
    """Up to ``most`` learners who are due, the first due first; they stay the caller's until the transaction ends."""
    long_ago = now - LONG_AGO
    asked = {"now": now, "most": most, "long_ago": long_ago.date(), "long_ago_at": long_ago}
    rows = session.connection().execute(_DUE, asked).all()
    deciding, end = len(_DECIDING), len(_DECIDING) + len(_ADDRESSEE)
    alike: dict[tuple[Any, ...], list[Addressee]] = defaultdict(list)
    others = []
    for row in rows:
        if row[end]:
            alike[row[:deciding]].append(row[deciding:end])
        else:
            others.append(row.user_id)
    return Due(
        alike=tuple((_facts(session, *told), tuple(people)) for told, people in alike.items()),
        others=tuple(others),
        count=len(rows),
    )


def _facts(
    session: Session,
    rhythm: str,
    weekdays: str,
    hour: int,
    tz: str | None,
    nudges: int,
    planned_on: object,
    planned_at: object,
    due_at: object,
) -> Facts:
    due = python_value(session, _REMINDER.c.due_at, due_at)
    row = Schedule(
        rhythm=rhythm,
        weekdays=weekdays,
        hour=hour,
        nudges=nudges,
        # Nudges count while nothing was answered since the last of them; when that was matters no further.
        nudged_at=due,
        planned_on=python_value(session, _REMINDER.c.planned_on, planned_on),
        planned_at=python_value(session, _REMINDER.c.planned_at, planned_at),
        due_at=due,
    )
    return Facts("", row, has_row=True, reach=Reach("", "", tz), is_linked=True, open_courses=1)
