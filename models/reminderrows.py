"""The table of reminders: each learner's rhythm, and where they are in it."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Field

from models import rhythms
from models.statements import index_of_some
from models.tablemodels import TableModel

BY_YOU, UNANSWERED, UNREACHABLE = "you", "unanswered", "unreachable"
"""Who stopped it: the learner, we because nobody answered, or Slack for good."""


class Reminder(TableModel, table=True):
    """One learner's rhythm and where they are in it. ``tz`` is their own choice of zone, over Slack's.

    ``planned_on`` is the local day something was last planned for, ``nudged_at`` when something last arrived, and
    ``nudges`` how many arrived unanswered; ``answered_at`` is when the learner last changed anything here.
    ``snoozed_until`` is the first day to speak again.

    Where they are reached, Slack's zone for them and the last day they said they are away are kept here as they were
    when the row was last scheduled, for a tick to read nothing else. Without ``slack_user_id`` it has to look closer:
    they are linked twice, or not at all, or are no longer members. A tick finds the rows by their ``id``: to find
    and move a thousand among a million takes SQLite two thirds of the time that it takes by a text.
    """

    __tablename__ = "homeroom_reminder"
    __table_args__ = (
        index_of_some("ix_homeroom_reminder_due_at", "due_at", where="due_at IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(unique=True, foreign_key="user.id", ondelete="CASCADE")
    rhythm: str = rhythms.BEHIND
    weekdays: str = rhythms.WEEKDAYS
    hour: int = rhythms.HOUR
    tz: str | None = None
    snoozed_until: date | None = None
    stopped_because: str | None = None
    stopped_at: datetime | None = None
    unreachable_why: str | None = None
    nudges: int = 0
    nudged_at: datetime | None = None
    answered_at: datetime | None = None
    planned_on: date | None = None
    planned_at: datetime | None = None
    due_at: datetime | None = None
    team_id: str | None = None
    slack_user_id: str | None = None
    dm_channel_id: str | None = None
    slack_tz: str | None = None
    away_until: date | None = None


class Schedule(NamedTuple):
    """A learner's row as a value; without a row, everything as it is for somebody who never chose."""

    rhythm: str = rhythms.BEHIND
    weekdays: str = rhythms.WEEKDAYS
    hour: int = rhythms.HOUR
    tz: str | None = None
    snoozed_until: date | None = None
    stopped_because: str | None = None
    stopped_at: datetime | None = None
    unreachable_why: str | None = None
    nudges: int = 0
    nudged_at: datetime | None = None
    answered_at: datetime | None = None
    planned_on: date | None = None
    planned_at: datetime | None = None
    due_at: datetime | None = None
    team_id: str | None = None
    slack_user_id: str | None = None
    dm_channel_id: str | None = None
    slack_tz: str | None = None
    away_until: date | None = None
