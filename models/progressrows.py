"""The table of progress: which lessons a learner has completed."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

if TYPE_CHECKING:
    from models.courses import Lesson
    from models.users import User


class Progress(SQLModel, table=True):
    """One learner and one lesson. Reopening sets ``completed`` false and ``completed_at`` to nothing."""

    __table_args__ = (
        UniqueConstraint("user_id", "lesson_id", name="uq_progress_user_id_lesson_id"),
        Index("ix_progress_lesson_id", "lesson_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database, never used twice.")
    user_id: str = Field(foreign_key="user.id", description="Who learns.")
    lesson_id: int = Field(foreign_key="lesson.id", description="Which lesson.")
    completed: bool = Field(default=False, description="Whether it is done.")
    completed_at: datetime | None = Field(default=None, description="When it was done; empty while it isn't.")

    user: "User" = Relationship(back_populates="progress")
    lesson: "Lesson" = Relationship(back_populates="progress")
