"""Slack events already acted on: Slack may deliver one up to four times (three retries, docs: Events API)."""

from datetime import datetime

from sqlalchemy import Index, bindparam, delete, select
from sqlmodel import Field, Session

from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel


class Event(TableModel, table=True):
    """An event's id, written in the transaction that acted on it."""

    __tablename__ = "homeroom_event"
    __table_args__ = (Index("ix_homeroom_event_received_at", "received_at"),)

    event_id: str = Field(primary_key=True)
    received_at: datetime


_EVENT = table_of(Event)
_KNOWN = select(_EVENT.c.event_id).where(_EVENT.c.event_id == bindparam("event_id"))
_FORGET = delete(_EVENT).where(_EVENT.c.received_at < bindparam("before"))


def first_time(session: Session, event_id: str, now: datetime) -> bool:
    """Remember the event; whether nobody acted on it before. Of two processes asking at once one hears True."""
    return insert_unless_there(session, Event, event_id=event_id, received_at=now)


def is_known(session: Session, event_id: str) -> bool:
    """Whether the event was acted on before."""
    return session.connection().execute(_KNOWN, {"event_id": event_id}).first() is not None


def forget(session: Session, before: datetime) -> int:
    """Let go of events received before this instant; how many there were."""
    return session.connection().execute(_FORGET, {"before": before}).rowcount
