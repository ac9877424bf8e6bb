"""What lessons said before they were published anew, for whoever was reading them just then."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, bindparam, select
from sqlmodel import Field, Session

from models.standings import LessonStanding
from models.statements import an_id, for_each_database, own, table_of
from models.tablemodels import TableModel


class LessonText(TableModel, table=True):
    """What a lesson said until ``replaced_at``."""

    __tablename__ = "homeroom_lesson_text"
    __table_args__ = ({"sqlite_with_rowid": False},)

    lesson_id: int = Field(foreign_key="lesson.id", ondelete="CASCADE", primary_key=True)
    replaced_at: datetime = Field(primary_key=True)
    title: str
    body: str | None = Field(default=None, sa_type=Text)
    url: str | None = None


class Earlier(NamedTuple):
    """What a lesson said."""

    title: str
    body: str | None
    url: str | None


_TEXT = table_of(LessonText)
_KEEP = for_each_database(lambda insert: insert(_TEXT).on_conflict_do_nothing().inline())
"""Of what was replaced twice at one instant nobody read the second."""
_AS_OPENED = (
    select(_TEXT.c.title, _TEXT.c.body, _TEXT.c.url)
    .where(
        _TEXT.c.lesson_id == an_id("lesson"), _TEXT.c.replaced_at > bindparam("opened", type_=_TEXT.c.replaced_at.type)
    )
    .order_by(_TEXT.c.replaced_at)
    .limit(1)
)


def keep(session: Session, rows: Iterable[LessonStanding], now: datetime) -> None:
    """Keep what these lessons say, which is replaced now."""
    kept = [
        {"lesson_id": row.id, "replaced_at": now, "title": row.title, "body": row.body, "url": row.url} for row in rows
    ]
    if kept:
        session.connection().execute(own(session, _KEEP), kept)


def as_opened(session: Session, lesson_id: int, opened_at: datetime) -> Earlier | None:
    """What the lesson said to whoever opened it then; None where it says the same still."""
    row = session.connection().execute(_AS_OPENED, {"lesson": lesson_id, "opened": opened_at}).first()
    return Earlier(row.title, row.body, row.url) if row is not None else None
