"""Migrations: bringing a database to the form this release needs, and taking ours away again."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from models import triggers
from models.database import WORKER_SECONDS, normal_url
from models.errors import DomainError, Unavailable
from models.migrations import adoption, neighbours
from models.revisions import HEAD, VERSION_TABLE, revision_of

LOCK = 0x686F6D65726F6F6D
"""The PostgreSQL advisory lock one migration holds: "homeroom" in ASCII."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE for a lock not had within lock_timeout (PostgreSQL docs, appendix A)."""


class MigrationReport(NamedTuple):
    """What a migration did. ``before`` is None for a database that had never been migrated."""

    before: str | None
    after: str
    adopted: tuple[str, ...]
    """The seed's tables that were already there, when this migration adopted them."""

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return self.before != self.after


class UnknownRevision(DomainError):
    """The database was migrated by a release this one doesn't know."""

    def __init__(self, revision: str | None) -> None:
        super().__init__(
            f"This database is at revision {revision}, which this release of Homeroom doesn't know. "
            "Run the release that migrated it, or a newer one."
        )


class Unfinished(DomainError):
    """The database was made by this release before it was finished, without these tables."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(
            f"This database is from before this release was finished: it has no {', '.join(missing)}. "
            "Make a new one; for the demo, `make demo-reset` does."
        )


class Dangling(DomainError):
    """A migration would have left rows that refer to nothing; it was undone."""

    def __init__(self, rows: list[str]) -> None:
        super().__init__("The migration was undone, because rows would refer to nothing any more:\n" + "\n".join(rows))


def migrate(url: str, *, patience: float = WORKER_SECONDS) -> MigrationReport:
    """Bring a database to head in one transaction; of two migrations at once the second finds it done.

    A database that already has the seed's tables is adopted: checked first, then lifted with its rows. Raises
    `adoption.Unadoptable` with everything that is wrong, `UnknownRevision` for a database of a newer release,
    `Unfinished` for one that lacks a table, and `Unavailable` when it is out of reach or locked for ``patience``
    seconds; in each case nothing is changed.
    """
    with _alone(url, patience) as connection:
        before = revision_of(connection)
        adopted: tuple[str, ...] = ()
        if before != HEAD:
            with _references_kept(connection), neighbours.kept(connection):
                if before is None:
                    adopted = adoption.prepare(connection)
                else:
                    triggers.uninstall(connection)
                _alembic(connection, "upgrade", "head", before)
                triggers.install(connection)
            if adopted:
                adoption.announce(connection)
        elif not triggers.are_installed(connection):
            if missing := sorted(SQLModel.metadata.tables.keys() - set(inspect(connection).get_table_names())):
                raise Unfinished(missing)
            triggers.install(connection)
        return MigrationReport(before=before, after=HEAD, adopted=adopted)


def downgrade(url: str, revision: str = "base", *, patience: float = WORKER_SECONDS) -> None:
    """Take a database back; all the way down leaves the seed's tables and rows as the seed defined them.

    Instants stay as they are: SQLAlchemy's own text on SQLite, ``timestamptz`` on PostgreSQL. Raises as `migrate` does.
    """
    with _alone(url, patience) as connection:
        before = revision_of(connection)
        if before is None:
            return
        triggers.uninstall(connection)
        with _references_kept(connection), neighbours.kept(connection):
            _alembic(connection, "downgrade", revision, before)
        if revision_of(connection) is None:
            connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
        else:
            triggers.install(connection)


def _alembic(connection: Connection, direction: str, revision: str, before: str | None) -> None:
    # Alembic takes a third of a second to import, and a start that finds its database at head has no use for it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        getattr(command, direction)(config, revision)
    except CommandError as error:
        raise UnknownRevision(before) from error


@contextmanager
def _references_kept(connection: Connection) -> Iterator[None]:
    """With foreign keys off SQLite lets everything through; so count before and after what refers to nothing.

    A neighbour with foreign keys off may have left such rows itself; those are no reason to stop.
    """
    before = _dangling(connection)
    yield
    lost = _dangling(connection) - before
    if lost:
        raise Dangling([f"{table}: {count} to {parent}" for (table, parent), count in sorted(lost.items())])


def _dangling(connection: Connection) -> Counter[tuple[str, str]]:
    if connection.dialect.name != "sqlite":
        return Counter()
    return Counter((row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))


@contextmanager
def _alone(url: str, patience: float) -> Iterator[Connection]:
    """One connection in one transaction no other migration shares, with SQLite's foreign keys off."""
    engine = _engine(url, patience)
    try:
        with _reached(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            connection.commit()
            _share(connection)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise Unavailable from error
        raise
    finally:
        engine.dispose()


def _share(connection: Connection) -> None:
    """Leave a SQLite file in the mode it is used in: of several processes that change it at once only one may."""
    if connection.dialect.name == "sqlite":
        # The driver's connection, since no transaction may be open. Somebody else is at work: they change it.
        with suppress(sqlite3.OperationalError):
            connection.connection.cursor().execute("PRAGMA journal_mode=WAL")


def _reached(engine: Engine) -> Connection:
    try:
        connection = engine.connect()
        connection.begin()
    except OperationalError as error:
        raise Unavailable from error
    return connection


def _engine(url: str, patience: float) -> Engine:
    parsed = normal_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed,
            poolclass=NullPool,
            connect_args={
                "connect_timeout": max(2, int(patience)),
                "options": f"-c timezone=UTC -c lock_timeout={int(patience * 1000)}",
            },
        )
    if parsed.database:
        Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver would commit before DDL; and a rebuilt table must not take its children with it when dropped.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA legacy_alter_table=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
