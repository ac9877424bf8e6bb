"""Courses shared to channels: once a day for each course and channel, removable by who shared it."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint, bindparam, delete
from sqlmodel import Field, Session, select

from models.courses import hold
from models.statements import an_id, insert_unless_there, table_of
from models.tablemodels import TableModel


class Share(TableModel, table=True):
    """One course shown in one channel on one day (``shared_on``: in UTC)."""

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


_SHARE = table_of(Share)
_REMOVE = delete(_SHARE).where(_SHARE.c.id == an_id("share_id"), _SHARE.c.slack_user_id == bindparam("person"))


def share(
    session: Session, course_id: int, team_id: str, channel_id: str, slack_user_id: str, on: date
) -> Share | None:
    """Note that the course is shown in the channel on this date; None when it was that day already.

    Raises `Gone` when the course is.
    """
    hold(session, course_id)
    day = {"course_id": course_id, "team_id": team_id, "channel_id": channel_id, "shared_on": on}
    if not insert_unless_there(session, Share, **day, slack_user_id=slack_user_id):
        return None
    return session.exec(select(Share).filter_by(**day)).one()


def remove(session: Session, share_id: int, slack_user_id: str) -> bool:
    """Forget a share, for the person who made it and nobody else; whether it was theirs and there."""
    return session.connection().execute(_REMOVE, {"share_id": share_id, "person": slack_user_id}).rowcount > 0
