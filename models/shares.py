"""Courses shared to channels: once a day for each course and channel, removable by who shared it."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Share(SQLModel, table=True):
    """One course shown in one channel on one day (``shared_on``: the sharer's local date)."""

    __tablename__ = "homeroom_share"
    __table_args__ = (
        UniqueConstraint(
            "course_id", "team_id", "channel_id", "shared_on", name="uq_homeroom_share_course_channel_day"
        ),
        Index("ix_homeroom_share_course_id", "course_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    team_id: str
    channel_id: str
    slack_user_id: str
    shared_on: date
