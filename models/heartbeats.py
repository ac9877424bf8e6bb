"""Signs of life: when work was last done well, whoever did it."""

from datetime import datetime

from sqlmodel import Field, Session

from models.statements import insert_or_update
from models.tablemodels import TableModel

TICK = "tick"


class Heartbeat(TableModel, table=True):
    """When a piece of regular work last ended well."""

    __tablename__ = "homeroom_heartbeat"

    name: str = Field(primary_key=True)
    beat_at: datetime


def beat(session: Session, name: str, now: datetime) -> datetime | None:
    """Note that this work ended well now; when it did before, or None."""
    last = of(session, name)
    insert_or_update(session, Heartbeat, [{"name": name, "beat_at": now}])
    return last


def of(session: Session, name: str) -> datetime | None:
    """When this work last ended well, or None."""
    row = session.get(Heartbeat, name, populate_existing=True)
    return row.beat_at if row else None
