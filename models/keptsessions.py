"""Sessions on SQLite that are lent out again and again.

To make a session, check a connection out of a pool, begin, and give all of it back costs SQLAlchemy some forty times
what BEGIN and ROLLBACK cost SQLite, and a screen reads twice or more (docs/decisions/0014).
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models.errors import Unavailable

log = logging.getLogger("homeroom.database")


class KeptSession(Session):
    """A session with a connection to itself, which it keeps when its transaction ends."""

    def __init__(self, engine: Engine) -> None:
        self._kept = engine.connect()
        super().__init__(self._kept, expire_on_commit=False, join_transaction_mode="control_fully")

    @property
    def driver(self) -> sqlite3.Connection:
        """The driver's own connection."""
        driver = self._kept.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def connection(self, *_args: Any, **_options: Any) -> Connection:
        """The connection, in a transaction."""
        if not self._kept.in_transaction():
            self._kept.begin()
        return self._kept

    def commit(self) -> None:
        """Commit what was done through the session or by its connection."""
        if self.in_transaction():
            super().commit()
        if self._kept.in_transaction():
            self._kept.commit()

    def rollback(self) -> None:
        """Roll it back."""
        if self.in_transaction():
            super().rollback()
        if self._kept.in_transaction():
            self._kept.rollback()

    def close(self) -> None:
        """Roll back what is not committed, and forget what was loaded: whoever has it next reads it afresh."""
        if self.in_transaction() or self.identity_map:
            super().close()
        if self._kept.in_transaction():
            self._kept.rollback()

    def recovers(self) -> bool:
        """Roll back after an error; whether the session can be used again. One that can't is closed for good."""
        try:
            self.close()
            if not self.driver.in_transaction:
                return True
        except (SQLAlchemyError, sqlite3.Error):
            log.warning("A connection to the database could not roll back, and is closed.")
        self.let_go()
        return False

    def let_go(self) -> None:
        """Close it for good, and its connection."""
        super().close()
        self._kept.close()


class KeptSessions:
    """``most`` sessions on one engine, made when they are first needed; the one given back last is lent first."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._idle: LifoQueue[KeptSession | None] = LifoQueue()
        for _ in range(most):
            self._idle.put(None)

    @contextmanager
    def lend(self, patience: float) -> Iterator[KeptSession]:
        """A session while the block runs; what it has not committed then is rolled back.

        Raises `Unavailable` when all of them are lent for longer than ``patience`` seconds.
        """
        try:
            kept = self._idle.get(timeout=patience)
        except Empty:
            raise Unavailable from None
        try:
            session = kept = kept or KeptSession(self._engine)
            yield session
            session.close()
        except BaseException:
            broken, kept = kept, None
            if broken is not None and broken.recovers():
                kept = broken
            raise
        finally:
            self._idle.put(kept)

    def let_go(self) -> None:
        """Close every session that is not lent."""
        idle = [self._idle.get() for _ in range(self._idle.qsize())]
        for session in idle:
            self._idle.put(None)
            if session is not None:
                session.let_go()
