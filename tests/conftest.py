"""The bench every test stands on: migrated databases, quick and the test's own.

`url`, `database` and `session` are SQLite; `any_url`, `any_database` and `any_session` run the test twice, on SQLite
and on PostgreSQL; `empty_url` is either, not migrated. A session is one writing transaction, undone afterwards even
where the test commits; a database is a file (or a PostgreSQL database) which threads and processes may share.
"""

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlmodel import Session

from models.database import Database
from models.migrations import migrate
from tests import postgresql

BENCH = pytest.StashKey[Path]()
MOST_WORKERS = 12
"""More would take more connections than PostgreSQL has."""
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


def pytest_configure(config: pytest.Config) -> None:
    """One directory for what all workers share; no test fails because the machine was slow."""
    # Until everything is collected: see below.
    gc.disable()
    settings.register_profile("homeroom", deadline=None)
    settings.load_profile("homeroom")
    given = getattr(config, "workerinput", {}).get("bench")
    config.stash[BENCH] = Path(given or tempfile.mkdtemp(prefix="homeroom-"))
    config.addinivalue_line("markers", "postgresql: runs on PostgreSQL; skipped, and said, where there is none")


def pytest_collection_finish() -> None:
    """What was collected lives to the end: looking among it for garbage, time and again, took a fifteenth of it all."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core: tests wait for Slack, databases and browsers as long as they compute."""
    return min(2 * (os.cpu_count() or 1), MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where that directory is."""
    node.workerinput["bench"] = str(node.config.stash[BENCH])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the private PostgreSQL when every worker is done."""
    if not hasattr(config, "workerinput"):
        postgresql.stop(config.stash[BENCH])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, and why."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"Skipped {count} {'test' if count == 1 else 'tests'}: {reason}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "homeroom.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Path:
    """The private PostgreSQL, started by whichever worker needs it first, with a migrated template database."""
    reason = postgresql.why_missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{reason} In CI it must be.", pytrace=False)
    if reason:
        pytest.skip(reason)
    server = pytestconfig.stash[BENCH]
    with postgresql.locked(server):
        postgresql.start(server)
        if not (server / postgresql.TEMPLATE).exists():
            postgresql.say(server, f"CREATE DATABASE {postgresql.TEMPLATE}")
            migrate(postgresql.url(server, postgresql.TEMPLATE))
            (server / postgresql.TEMPLATE).touch()
    return server


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    path = tmp_path / "homeroom.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """That file, open."""
    with _opened(url) as database:
        yield database


@pytest.fixture
def session(sqlite_shared: Database) -> Iterator[Session]:
    """A writing session on SQLite, undone afterwards."""
    with _undone(sqlite_shared) as session:
        yield session


@pytest.fixture(params=BOTH)
def any_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("url")
        return
    with postgresql.lent(request.getfixturevalue("postgresql_server"), postgresql.TEMPLATE) as url:
        yield url


@pytest.fixture
def any_database(any_url: str) -> Iterator[Database]:
    """Such a database, open."""
    with _opened(any_url) as database:
        yield database


@pytest.fixture
def postgresql_database(postgresql_server: Path) -> Iterator[Database]:
    """Such a database, on PostgreSQL only; mark the test with `pytest.mark.postgresql`."""
    with postgresql.lent(postgresql_server, postgresql.TEMPLATE) as url, _opened(url) as database:
        yield database


@pytest.fixture(params=BOTH)
def any_session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A writing session on SQLite and on PostgreSQL, undone afterwards."""
    with _undone(request.getfixturevalue(f"{request.param}_shared")) as session:
        yield session


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'homeroom.db'}"
        return
    with postgresql.copied(request.getfixturevalue("postgresql_server"), "template1") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_shared(sqlite_template: Path) -> Iterator[Database]:
    """One SQLite file for all sessions of a worker: each is undone, so none sees another."""
    path = sqlite_template.with_name("shared.db")
    shutil.copyfile(sqlite_template, path)
    with _opened(f"sqlite:///{path}") as database:
        yield database


@pytest.fixture(scope="session")
def postgresql_shared(postgresql_server: Path) -> Iterator[Database]:
    """One PostgreSQL database for all sessions of a worker."""
    with postgresql.lent(postgresql_server, postgresql.TEMPLATE) as url, _opened(url) as database:
        yield database


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _undone(database: Database) -> Iterator[Session]:
    with (
        database.writer.connect() as connection,
        connection.begin() as transaction,
        Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
    ):
        yield session
        session.close()
        transaction.rollback()
