"""Where a learner left off: the last lesson and page they read in each course."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Place(SQLModel, table=True):
    """The last lesson and page (from 1) one learner had open in one course."""

    __tablename__ = "homeroom_place"
    __table_args__ = (
        Index("ix_homeroom_place_course_id", "course_id"),
        Index("ix_homeroom_place_lesson_id", "lesson_id"),
    )

    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    lesson_id: int = Field(foreign_key="lesson.id", ondelete="CASCADE")
    page: int = 1
    opened_at: datetime
