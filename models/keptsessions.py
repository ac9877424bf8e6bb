"""Sessions on SQLite that are lent out again and again.

To make one for each reading, with a connection out of a pool, cost more than many a reading (docs/decisions/0014).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models.errors import Unavailable

Wait = Callable[[Callable[[], Any]], Any]
"""Makes a call that waits, and returns what it returned."""


class KeptSession(Session):
    """A session with a connection to itself, which it keeps when its transaction ends.

    Savepoints are begun by the session, not by its connection. What somebody sets on either stays set.
    """

    def __init__(self, engine: Engine) -> None:
        self._kept = engine.connect()
        driver = self._kept.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self.driver = driver
        """The driver's own connection."""
        super().__init__(self._kept, expire_on_commit=False, join_transaction_mode="control_fully")

    @property
    def transaction(self) -> RootTransaction | None:
        """The transaction its connection is in."""
        return self._kept.get_transaction()

    def connection(self, *_args: Any, **_options: Any) -> Connection:
        """The connection, in a transaction."""
        if self.in_nested_transaction():
            # What is done by the connection is part of the savepoint as well.
            return super().connection()
        if not self._kept.in_transaction():
            self._kept.begin()
        return self._kept

    def for_driver(self) -> Connection:
        """The connection for what is run by the driver itself, which begins a transaction where there is none."""
        # That SQLAlchemy knew of it would cost as much as to find three rows by an index.
        if self.in_nested_transaction():
            return super().connection()
        if not (driver := self.driver).in_transaction:
            driver.execute("BEGIN")
        return self._kept

    def commit(self) -> None:
        """Commit what was done through the session or by its connection."""
        if self.in_transaction():
            super().commit()
        if self._kept.in_transaction():
            self._kept.commit()
        elif self._is_the_drivers:
            self.driver.commit()

    def rollback(self) -> None:
        """Roll it back."""
        if self.in_transaction():
            super().rollback()
        self._roll_back()

    def close(self) -> None:
        """Roll back what is not committed, and forget what was loaded: whoever has it next reads it afresh."""
        if self.in_transaction() or self.identity_map:
            super().close()
        self._roll_back()

    def _roll_back(self) -> None:
        if self._kept.in_transaction():
            self._kept.rollback()
        elif self._is_the_drivers:
            self.driver.rollback()

    @property
    def _is_the_drivers(self) -> bool:
        """Whether the driver is in a transaction that SQLAlchemy knows nothing of."""
        return self.transaction is None and self.driver.in_transaction

    def comes_to_rest(self) -> bool:
        """Roll back after an error; whether nothing is left open then."""
        try:
            self.close()
        except (SQLAlchemyError, sqlite3.Error):
            return False
        return not self.driver.in_transaction

    def let_go(self) -> None:
        """Close it for good, and its connection."""
        super().close()
        self._kept.close()


class KeptSessions:
    """``most`` sessions on one engine, made when they are first needed; the one given back last is lent first."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._idle: list[KeptSession] = []
        # What is collected as garbage gives its turn back, perhaps while somebody is taking one: this queue allows it
        # (docs: queue.SimpleQueue).
        self._turns: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._turns.put(None)

    @contextmanager
    def lend(self, patience: float, wait: Wait) -> Iterator[KeptSession]:
        """A session while the block runs; what it has not committed then is rolled back.

        Where all of them are lent, ``wait`` makes the call that waits for one. Raises `Unavailable` when that takes
        longer than ``patience`` seconds.
        """
        if not self._has_turn(0) and not wait(lambda: self._has_turn(patience)):
            raise Unavailable
        try:
            idle = self._idle
            session = _last_of(idle) or KeptSession(self._engine)
            is_sound = False
            try:
                yield session
                session.close()
                is_sound = True
            except BaseException:
                is_sound = session.comes_to_rest()
                raise
            finally:
                if is_sound and idle is self._idle:
                    idle.append(session)
                else:
                    session.let_go()
        finally:
            self._turns.put(None)

    def _has_turn(self, seconds: float) -> bool:
        try:
            self._turns.get(timeout=seconds) if seconds else self._turns.get_nowait()
        except Empty:
            return False
        return True

    def let_go(self) -> None:
        """Close them, and those that are lent as soon as they are given back."""
        idle, self._idle = self._idle, []
        while (session := _last_of(idle)) is not None:
            session.let_go()


def _last_of(sessions: list[KeptSession]) -> KeptSession | None:
    try:
        return sessions.pop()
    except IndexError:
        return None
