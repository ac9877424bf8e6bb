"""Revisions: which one a database is at, and which this release needs. How it gets there is `models.migrations`."""

from sqlalchemy import Connection, inspect, text
from sqlmodel import Session

VERSION_TABLE = "homeroom_alembic_version"
HEAD = "0001"


def is_at_head(session: Session) -> bool:
    """Whether the database is in the form this release needs."""
    return revision_of(session.connection()) == HEAD


def revision_of(connection: Connection) -> str | None:
    """The revision a database is at, or None when it was never migrated."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return revision
