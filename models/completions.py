"""Courses finished: made once, and kept whatever happens to the course or the enrollment afterwards."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Completion(SQLModel, table=True):
    """A learner finished a course. ``lessons`` is how many counted on that day."""

    __tablename__ = "homeroom_completion"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id", name="uq_homeroom_completion_user_id_course_id"),
        Index("ix_homeroom_completion_course_id", "course_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    lessons: int
    completed_at: datetime
