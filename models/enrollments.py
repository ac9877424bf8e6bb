"""Who is enrolled in what."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from models.instants import utc_now

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

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    course_id: int = Field(foreign_key="course.id")
    enrolled_at: datetime = Field(default_factory=utc_now, nullable=False)

    user: "User" = Relationship(back_populates="enrollments")
    course: "Course" = Relationship(back_populates="enrollments")
