"""The change log: every change of a seed table, whoever made it, appended by triggers and consumed by the tick."""

from sqlmodel import Field, SQLModel


class Change(SQLModel, table=True):
    """One row of a seed table was inserted, updated or deleted. Ids that do not apply are empty."""

    __tablename__ = "homeroom_change"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    table_name: str
    operation: str
    user_id: str | None = None
    course_id: int | None = None
    module_id: int | None = None
    lesson_id: int | None = None
