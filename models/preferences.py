"""Preferences: what a learner says about their reminders, and when nobody should be reminded any more.

When they are next due follows from it: `models.reminders.schedule` is the caller's next step after each of these.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session

from models.prepared import Prepared
from models.reminderrows import Reminder, Schedule
from models.rhythms import Rhythm
from models.statements import insert_unless_there, table_of

_REMINDER = table_of(Reminder)
_CHANGE = {
    name: Prepared(
        update(_REMINDER)
        .where(_REMINDER.c.user_id == bindparam("user"))
        .values({column: bindparam(f"new_{column}", type_=_REMINDER.c[column].type) for column in columns})
    )
    for name, columns in {
        "rhythm": ("rhythm", "weekdays", "hour", "tz", "answered_at"),
        "snooze": ("snoozed_until", "answered_at"),
        "stop": ("stopped_because", "stopped_at", "unreachable_why"),
    }.items()
}


def choose(session: Session, user_id: str, rhythm: Rhythm, own_tz: str | None, now: datetime) -> None:
    """Keep the learner's rhythm; ``own_tz`` is their choice of zone over Slack's, or None for Slack's.

    What was unanswered until now is forgiven.
    """
    told: dict[str, Any] = {"rhythm": rhythm.kind, "weekdays": rhythm.weekdays, "hour": rhythm.hour, "tz": own_tz}
    _change(session, "rhythm", user_id, **told, answered_at=now)


def snooze(session: Session, user_id: str, until: date | None, now: datetime) -> None:
    """Say nothing before this local day, or None: speak again."""
    _change(session, "snooze", user_id, snoozed_until=until, answered_at=now)


def stop(session: Session, user_id: str, because: str, now: datetime, why: str | None = None) -> None:
    """Send this learner no reminders any more, and keep why."""
    _change(session, "stop", user_id, stopped_because=because, stopped_at=now, unreachable_why=why)


def resume(session: Session, user_id: str, now: datetime) -> None:
    """Speak again, after a stop or a snooze."""
    _change(session, "stop", user_id, stopped_because=None, stopped_at=None, unreachable_why=None)
    snooze(session, user_id, None, now)


def _change(session: Session, what: str, user_id: str, **values: Any) -> None:
    insert_unless_there(session, Reminder, user_id=user_id, **Schedule()._asdict())
    _CHANGE[what].count(session, user=user_id, **{f"new_{column}": value for column, value in values.items()})
