"""What a course file said when it was last imported: the ground a later import is compared with."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class Import(SQLModel, table=True):
    """The last imported state of one course, as canonical JSON."""

    __tablename__ = "homeroom_import"

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    document: str = Field(sa_type=Text)
    imported_at: datetime
