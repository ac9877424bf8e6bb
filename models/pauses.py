"""Pauses: an admin holds what is sent unasked, all of it or some, until they let it go or throw it away."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlmodel import Field, Session

from models.prepared import Prepared
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel

EVERYTHING, KIND, COURSE, WORKSPACE = "everything", "kind", "course", "workspace"


class Pause(TableModel, table=True):
    """What is held: everything, or one kind, course (by its number) or workspace (by its team id).

    ``paused_by`` is a Slack user id, "console", or "receiver": that of the events it holds wants no more.
    """

    __tablename__ = "homeroom_pause"

    scope: str = Field(primary_key=True)
    value: str = Field(default="", primary_key=True)
    paused_by: str
    because: str = ""
    paused_at: datetime


class Held(NamedTuple):
    """A pause in force."""

    scope: str
    value: str
    paused_by: str
    because: str
    paused_at: datetime


_PAUSE = table_of(Pause)
_ALL = select(_PAUSE.c.scope, _PAUSE.c.value, _PAUSE.c.paused_by, _PAUSE.c.because, _PAUSE.c.paused_at).order_by(
    _PAUSE.c.paused_at, _PAUSE.c.scope, _PAUSE.c.value
)
_COURSES = Prepared(select(_PAUSE.c.value).where(_PAUSE.c.scope == COURSE))
_END = delete(_PAUSE).where(_PAUSE.c.scope == bindparam("which"), _PAUSE.c.value == bindparam("what"))


def pause(session: Session, scope: str, value: str, *, by: str, because: str, now: datetime) -> bool:
    """Hold this from now on; whether it was not held already."""
    return insert_unless_there(session, Pause, scope=scope, value=value, paused_by=by, because=because, paused_at=now)


def resume(session: Session, scope: str, value: str) -> bool:
    """Let it go again; whether it was held."""
    return session.connection().execute(_END, {"which": scope, "what": value}).rowcount > 0


def in_force(session: Session) -> tuple[Held, ...]:
    """Every pause, the oldest first."""
    return tuple(Held(*row) for row in session.connection().execute(_ALL))


def courses(session: Session) -> frozenset[int]:
    """The courses nothing is said about for now."""
    return frozenset(int(row.value) for row in _COURSES.rows(session) if row.value.isdecimal())
