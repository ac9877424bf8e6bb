"""What a course file said when it was imported last: the ground the next import is compared with."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from models.tablemodels import TableModel


class Import(TableModel, table=True):
    """What the file of one course said last, as `coursefiles.as_document` has it, in JSON. A course that came to its
    file by an export has what was exported until the first import."""

    __tablename__ = "homeroom_import"

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    document: str = Field(sa_type=Text)
    imported_at: datetime
