"""Courses somebody stays enrolled in and wants to hear nothing about."""

from sqlalchemy import Index, bindparam, delete, select
from sqlmodel import Field, Session

from models.courses import Course, hold
from models.prepared import Prepared
from models.statements import an_id, insert_unless_there, table_of
from models.tablemodels import TableModel


class Mute(TableModel, table=True):
    """No reminders to this learner about this course."""

    __tablename__ = "homeroom_mute"
    __table_args__ = (Index("ix_homeroom_mute_course_id", "course_id"), {"sqlite_with_rowid": False})

    user_id: str = Field(primary_key=True, foreign_key="user.id", ondelete="CASCADE")
    course_id: int = Field(primary_key=True, foreign_key="course.id", ondelete="CASCADE")


_MUTE, _COURSE = table_of(Mute), table_of(Course)
_UNMUTE = delete(_MUTE).where(_MUTE.c.user_id == bindparam("user"), _MUTE.c.course_id == an_id("course"))
_OF = Prepared(
    select(_MUTE.c.course_id, _COURSE.c.title)
    .join_from(_MUTE, _COURSE, _COURSE.c.id == _MUTE.c.course_id)
    .where(_MUTE.c.user_id == bindparam("user"))
    .order_by(_COURSE.c.title, _COURSE.c.id)
)


def mute(session: Session, user_id: str, course_id: int) -> str:
    """Say nothing more about this course, whose title is returned. Raises `Gone` when the course is."""
    title = hold(session, course_id).title
    insert_unless_there(session, Mute, user_id=user_id, course_id=course_id)
    return title


def title(session: Session, course_id: int) -> str:
    """The course's title. Raises `Gone` when the course is."""
    return hold(session, course_id).title


def unmute(session: Session, user_id: str, course_id: int) -> bool:
    """Speak of this course again; whether it was muted."""
    return session.connection().execute(_UNMUTE, {"user": user_id, "course": course_id}).rowcount > 0


def of(session: Session, user_id: str) -> tuple[tuple[int, str], ...]:
    """The courses this user muted: id and title, by title."""
    return tuple((course_id, title) for course_id, title in _OF.rows(session, user=user_id))
