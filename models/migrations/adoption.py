"""Adoption."""

from sqlalchemy import Connection


def prepare(connection: Connection) -> tuple[str, ...]:
    return ()


def announce(connection: Connection) -> None: ...
