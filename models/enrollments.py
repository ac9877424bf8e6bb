"""Who is enrolled in what."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, UniqueConstraint, bindparam, delete, func, select
from sqlmodel import Field, Relationship, Session, SQLModel

from models.courses import Archived, hold
from models.errors import DomainError
from models.instants import utc_now
from models.prepared import Prepared
from models.statements import an_id, insert_unless_there, table_of

if TYPE_CHECKING:
    from models.courses import Course
    from models.users import User


class Enrollment(SQLModel, table=True):
    """One learner in one course. Withdrawing deletes the row; progress stays."""

    __table_args__ = (
        UniqueConstraint("user_id", "course_id", name="uq_enrollment_user_id_course_id"),
        Index("ix_enrollment_course_id", "course_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database, never used twice.")
    user_id: str = Field(foreign_key="user.id", description="Who learns.")
    course_id: int = Field(foreign_key="course.id", description="In which course.")
    enrolled_at: datetime = Field(default_factory=utc_now, nullable=False, description="Since when.")

    user: "User" = Relationship(back_populates="enrollments")
    course: "Course" = Relationship(back_populates="enrollments")


class NotEnrolled(DomainError):
    """Only who is enrolled can complete lessons. ``course_id`` and ``title`` say where to enroll."""

    def __init__(self, course_id: int, title: str) -> None:
        super().__init__("Enroll in this course first, and then its lessons count.")
        self.course_id = course_id
        self.title = title


_ENROLLMENT = table_of(Enrollment)
_THIS = (_ENROLLMENT.c.user_id == bindparam("user")) & (_ENROLLMENT.c.course_id == an_id("course"))
_WITHDRAW = delete(_ENROLLMENT).where(_THIS)
_LOCK = Prepared(select(_ENROLLMENT.c.id).where(_THIS).with_for_update())
_COUNT = select(func.count()).where(_ENROLLMENT.c.user_id == bindparam("user"))


def enroll(session: Session, user_id: str, course_id: int, now: datetime) -> bool:
    """Enroll the user, whose earlier progress counts again; whether they were not enrolled yet.

    Raises `Gone` when the course is, and `Archived` when it takes nobody new.
    """
    if hold(session, course_id).is_archived and not lock(session, user_id, course_id):
        raise Archived
    return insert_unless_there(session, Enrollment, user_id=user_id, course_id=course_id, enrolled_at=now)


def withdraw(session: Session, user_id: str, course_id: int) -> bool:
    """End the enrollment and keep the progress; whether the user was enrolled."""
    return session.connection().execute(_WITHDRAW, {"user": user_id, "course": course_id}).rowcount > 0


def lock(session: Session, user_id: str, course_id: int) -> bool:
    """Keep others from changing what this user does in this course until the transaction ends.

    Whether they are enrolled; when not, nothing is locked.
    """
    return _LOCK.first(session, user=user_id, course=course_id) is not None


def count(session: Session, user_id: str) -> int:
    """How many courses the user is enrolled in."""
    return session.connection().execute(_COUNT, {"user": user_id}).scalar_one()
