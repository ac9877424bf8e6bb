"""Slack events already acted on: Slack may deliver one up to four times (three retries, docs: Events API)."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Event(SQLModel, table=True):
    """An event's id, written in the transaction that acted on it."""

    __tablename__ = "homeroom_event"
    __table_args__ = (Index("ix_homeroom_event_received_at", "received_at"),)

    event_id: str = Field(primary_key=True)
    received_at: datetime
