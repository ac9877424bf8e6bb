"""Sessions on SQLite that are lent out again and again.

To make a session, check a connection out of a pool, begin, and give all of it back costs SQLAlchemy some forty times
what BEGIN and ROLLBACK cost SQLite, and a screen reads twice or more (docs/decisions/0014).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from models.errors import Unavailable


class KeptSession(Session):
    """A session with a connection to itself, which it keeps when its transaction ends."""

    def __init__(self, engine: Engine) -> None:
        self._kept = engine.connect()
        super().__init__(self._kept, expire_on_commit=False, join_transaction_mode="control_fully")

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

    def let_go(self) -> None:
        """Close it for good, and its connection."""
        self.close()
        self._kept.close()


class KeptSessions:
    """``most`` sessions on one engine, made when they are first needed; the one given back last is lent first.

    Whoever finds all of them lent waits ``patience`` seconds.
    """

    def __init__(self, engine: Engine, most: int, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._idle: LifoQueue[KeptSession | None] = LifoQueue()
        for _ in range(most):
            self._idle.put(None)

    @contextmanager
    def lend(self, *, commits: bool) -> Iterator[KeptSession]:
        """A session for one transaction: committed or rolled back when the block ends, rolled back when it raises.

        Raises `Unavailable` when none is given back in time.
        """
        try:
            kept = self._idle.get(timeout=self._patience)
        except Empty:
            raise Unavailable from None
        try:
            session = kept or KeptSession(self._engine)
        except BaseException:
            self._idle.put(None)
            raise
        try:
            yield session
            if commits:
                session.commit()
            session.close()
        except BaseException:
            # What its connection is in the middle of is not known for certain; the next to ask gets a new one.
            self._idle.put(None)
            session.let_go()
            raise
        self._idle.put(session)

    def let_go(self) -> None:
        """Close every session that is not lent."""
        idle = [self._idle.get() for _ in range(self._idle.qsize())]
        for session in idle:
            self._idle.put(None)
            if session is not None:
                session.let_go()
