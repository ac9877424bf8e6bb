"""The database: one place that opens it, and two ways to work with it, reading and writing."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool
from sqlalchemy.util import LRUCache
from sqlmodel import Session

from models.errors import Unavailable
from models.keptsessions import KeptSession, KeptSessions, Wait

INTERACTIVE_SECONDS = 1.0
"""How long a person's request waits for a connection, and for a lock: Slack gives up after three seconds."""
WORKER_SECONDS = 30.0
"""How long background work waits for the same."""
NAP_SECONDS = 0.002
"""How long a writer naps on SQLite while another process writes: about as long as a person's transaction takes."""
POSTGRESQL_CONNECTIONS = 20
"""As many as a process has threads that may ask at once, so that none waits for a connection it could have."""
WRITER_CACHE_KIB = 16 * 1024
"""Pages of the one writing connection kept in memory at most."""
READER_CACHE_KIB = 256
"""Pages that each reading connection keeps in memory at most. A screen reads a few, mostly another learner's than the
last one did, and finds them in the system's memory as fast: with the default's 2 MB a catalog took no less time."""
SQLITE_READERS = 16
"""Read connections on SQLite at most, as many again for background work: one is opened when all others are lent."""
COMPILED_STATEMENTS = 1000
"""Statements kept compiled; a bot has some hundreds."""
_SHARED: dict[str, Any] = {"compiled_cache": LRUCache(COMPILED_STATEMENTS)}


def _at_once(call: Callable[[], Any]) -> Any:
    return call()


class Database:
    """A database opened for reading and writing.

    ``read()`` and ``write()`` each give a session in one transaction. On SQLite a writing transaction begins IMMEDIATE,
    on the process's one connection that writes, so what it read before it wrote still holds; on PostgreSQL operations
    lock their guard row. A connection or a turn to write, and then a lock, may each take ``patience`` seconds to get;
    after that, and where the database is stopped or out of reach, both raise `Unavailable`. On SQLite ``wait`` makes
    the calls that wait for others.
    """

    def __init__(self, url: str, *, patience: float = INTERACTIVE_SECONDS, wait: Wait = _at_once) -> None:
        self.url = normal_url(url)
        self.patience = patience
        self._wait = wait
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.reader = _sqlite_engine(self.url, patience)
            self.writer = _sqlite_engine(self.url, patience, writes=True)
            self._readers, self._writers = KeptSessions(self.reader, SQLITE_READERS), KeptSessions(self.writer, 1)
            self._one_writer = Lock()
        else:
            self.reader = self.writer = _postgresql_engine(self.url, patience)

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)})"

    def for_workers(self) -> "Database":
        """The same database for background work, which is more patient. On SQLite both write by one connection, in
        turns, so that closing one closes it for the other as well.

        Between two who know nothing of each other SQLite's own waiting is a ladder of naps, at whose end a person may
        find that somebody else was quicker again.
        """
        if not self.is_sqlite:
            return Database(self.url.render_as_string(hide_password=False), patience=WORKER_SECONDS)
        workers = copy(self)
        workers.patience, workers._wait = WORKER_SECONDS, _at_once
        workers.reader = _sqlite_engine(self.url, WORKER_SECONDS)
        workers._readers = KeptSessions(workers.reader, SQLITE_READERS)
        return workers

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; whatever it changes is rolled back."""
        with _explained(self.reader):
            if self.is_sqlite:
                with self._readers.lend(self.patience, self._wait) as session:
                    yield session
            else:
                with Session(self.reader) as session:
                    yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for writing, committed when the block ends and rolled back when it raises."""
        with _explained(self.writer):
            if self.is_sqlite:
                with self._turn() as kept:
                    begun = kept.connection().get_transaction()
                    yield kept
                    assert kept.transaction is begun or not kept.driver.in_transaction, "Operations end no transaction."
                    kept.commit()
            else:
                with Session(self.writer, expire_on_commit=False) as session, session.begin():
                    yield session

    @contextmanager
    def _turn(self) -> Iterator[KeptSession]:
        """The session that writes, in a transaction begun."""
        # Its patience begins now: there may be no thread to wait in before it is over. It is for the turn and for the
        # lock, each of which PostgreSQL is given as long for.
        begins = time.monotonic()
        with ExitStack() as held:
            # Whoever has the turn never waits for a thread with it: those who wait for the turn may have all threads.
            kept = self._begin(held, begins) or self._wait(lambda: self._begin(held, begins + 2 * self.patience))
            if kept is None:
                raise Unavailable
            yield kept

    def _begin(self, held: ExitStack, deadline: float) -> KeptSession | None:
        """Begin to write; None where somebody else still writes then. What ``held`` closes ends the turn."""
        with ExitStack() as taken:
            # Who waits for a lock in a thread takes it as it is released, without waiting for the interpreter. In a
            # queue requests that have just begun, on the loop's thread, would pass by those who wait in others.
            if not self._one_writer.acquire(timeout=max(0.0, deadline - time.monotonic())):
                return None
            taken.callback(self._one_writer.release)
            kept = taken.enter_context(self._writers.lend(0, _at_once))
            if not _begins_until(kept.driver, deadline):
                return None
            held.push(taken.pop_all())
            return kept

    def close(self) -> None:
        """Let go of every connection."""
        if self.is_sqlite:
            self._readers.let_go()
            self._writers.let_go()
        self.reader.dispose()
        self.writer.dispose()


def normal_url(url: str) -> URL:
    """The URL with its driver named: PostgreSQL is spoken through psycopg 3.

    Raises ValueError for a URL that can't be read or a database we do not run on.
    """
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ValueError("it is not a database URL") from error
    backend = parsed.get_backend_name()
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(f"{backend} is not supported")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ValueError("it names no file, and what is only in memory is gone when the bot stops")
    return parsed


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    # What is run past the engine (models.prepared) fails with the driver's own errors.
    own: type[Exception] = engine.dialect.loaded_dbapi.OperationalError
    try:
        yield
    except (OperationalError, own, PoolTimeoutError) as error:
        raise Unavailable from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable from error
        raise


def _sqlite_engine(url: URL, patience: float, *, writes: bool = False) -> Engine:
    """An engine for reading, or for writing."""
    Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
    connect_args: dict[str, Any] = {"timeout": patience, "check_same_thread": False}
    # The sessions keep their connections themselves.
    engine = create_engine(url, poolclass=NullPool, connect_args=connect_args, execution_options=_SHARED)
    engine.dialect = _sqlite_dialect()

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transaction control would begin late and silently lose updates; we say BEGIN ourselves.
        connection.isolation_level = None
        # A tick touches learners all over the file, and would read the same pages again.
        cache = WRITER_CACHE_KIB if writes else READER_CACHE_KIB
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{cache}"):
            connection.execute(f"PRAGMA {pragma}")
        if writes:
            # From here on it waits as `_begins_until` says.
            connection.execute("PRAGMA busy_timeout=0")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # Straight to the driver: through the engine it would cost as much as a statement of a screen.
        driver = connection.connection.driver_connection
        if driver.in_transaction:
            # By `Database.write`, or by `KeptSession.for_driver`.
            return
        if not writes:
            driver.execute("BEGIN")
        elif not _begins_until(driver, time.monotonic() + patience):
            raise Unavailable

    return engine


@cache
def _sqlite_dialect() -> Dialect:
    """What all engines on SQLite speak. What was compiled is kept by dialect, and a program has several engines: each
    would compile the same statements again."""
    with (engine := create_engine("sqlite://")).connect():
        return engine.dialect


def _begins_until(driver: sqlite3.Connection, deadline: float) -> bool:
    """Whether writing began, by then.

    SQLite's own waiting is a ladder of naps up to a tenth of a second, at whose end somebody of another process was
    often quicker again.
    """
    while not _begins(driver):
        if time.monotonic() >= deadline:
            return False
        time.sleep(NAP_SECONDS)
    return True


def _begins(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _postgresql_engine(url: URL, patience: float) -> Engine:
    return create_engine(
        url,
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": max(2, int(patience)),
            "options": f"-c timezone=UTC -c lock_timeout={int(patience * 1000)}",
        },
    )
