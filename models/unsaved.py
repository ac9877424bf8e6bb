"""What is unsaved: typed into a form of a draft, and kept until it is saved or not wanted any more."""

from datetime import datetime

from sqlalchemy import Index, Text, and_, bindparam, delete, select
from sqlmodel import Field, Session

from models.members import Caller
from models.statements import an_id, insert_or_update, table_of
from models.tablemodels import TableModel

ABOUT = 0
"""In place of a lesson's ref: a course's title and description."""


class Unsaved(TableModel, table=True):
    """What somebody typed into a form of a draft and did not save, as JSON: nothing typed is lost. ``ref`` is the
    lesson's or the module's, or `ABOUT`."""

    __tablename__ = "homeroom_unsaved"
    __table_args__ = (Index("ix_homeroom_unsaved_user_id", "user_id"), {"sqlite_with_rowid": False})

    draft_id: int = Field(foreign_key="homeroom_draft.id", ondelete="CASCADE", primary_key=True)
    ref: int = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    words: str = Field(sa_type=Text)
    typed_at: datetime


_UNSAVED = table_of(Unsaved)
_MINE = and_(
    _UNSAVED.c.draft_id == an_id("draft"), _UNSAVED.c.ref == an_id("ref"), _UNSAVED.c.user_id == bindparam("user")
)
_TYPED = select(_UNSAVED.c.words, _UNSAVED.c.typed_at).where(_MINE)
_FORGET = delete(_UNSAVED).where(_MINE)


def keep(session: Session, caller: Caller, draft_id: int, ref: int, words: str, now: datetime) -> None:
    """Keep what somebody is typing into a form before they save it."""
    told = {"draft_id": draft_id, "ref": ref, "user_id": caller.user_id, "words": words, "typed_at": now}
    insert_or_update(session, Unsaved, [told])


def typed(session: Session, caller: Caller, draft_id: int, ref: int) -> tuple[str, datetime] | None:
    """What somebody typed into a form and did not save, and when; None for nothing."""
    asked = {"draft": draft_id, "ref": ref, "user": caller.user_id}
    row = session.connection().execute(_TYPED, asked).first()
    return (row.words, row.typed_at) if row is not None else None


def forget(session: Session, caller: Caller, draft_id: int, ref: int) -> None:
    """What was typed is saved, or not wanted any more."""
    session.connection().execute(_FORGET, {"draft": draft_id, "ref": ref, "user": caller.user_id})
