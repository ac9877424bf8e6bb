"""A private PostgreSQL for the tests: its own directory, a socket and no port, nothing kept, gone at the end."""

import fcntl
import os
import pwd
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

ACCOUNT = "postgres"
TEMPLATE = "homeroom_template"
"""The migrated database that tests copy."""
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "jit=off",
    "max_connections=200",
    "listen_addresses=",
    # An odd zone, so that nothing is right only because the server thinks in UTC.
    "timezone=<+0545>-05:45",
    "log_timezone=UTC",
)
SOMEBODY_WAITS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
"""How many wait for a lock in this database."""
MOST_BYTES = 8 * 1024 * 1024
"""Tables that grew larger are not tidied up: what was deleted stays in them and would have to be read past."""
_SHAPE = """
SELECT (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_attribute),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_constraint),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_proc),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_trigger),
    (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE d.datname = current_database())
"""
"""What any change of tables, columns, triggers or settings changes."""
_FILLED = """
SELECT relname, pg_table_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
_COUNTED = "SELECT sequencename, start_value, last_value FROM pg_sequences"
_OTHERS_LEAVE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def binaries() -> Path | None:
    """The directory with ``initdb`` and ``pg_ctl``: from PATH, else Debian's newest; None where there is none."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else None


def why_missing() -> str | None:
    """Why no PostgreSQL can be started here, as a sentence; None when one can."""
    if binaries() is None:
        return "PostgreSQL's binaries are not on this machine."
    if os.geteuid() == 0 and not (shutil.which("setpriv") and _account()):
        return f"PostgreSQL won't run as root, and there is no setpriv or no account {ACCOUNT!r} here."
    return None


def url(directory: Path, database: str) -> str:
    """The URL of one database of the server kept in ``directory``."""
    return f"postgresql://{ACCOUNT}@/{database}?host={directory}"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process at a time."""
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(directory: Path) -> None:
    """Start the server in ``directory``, unless it runs already. Ask under `locked`."""
    if (directory / "started").exists():
        return
    if os.geteuid() == 0:
        shutil.chown(directory, ACCOUNT, ACCOUNT)
    data = directory / "data"
    _run(
        "initdb",
        "-D",
        data,
        "-U",
        ACCOUNT,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
        "--no-instructions",
    )
    with (data / "postgresql.conf").open("a") as configuration:
        for setting in (*SETTINGS, f"unix_socket_directories={directory}"):
            name, _, value = setting.partition("=")
            configuration.write(f"{name} = '{value}'\n")
    _run("pg_ctl", "-D", data, "-l", directory / "log", "-w", "start")
    (directory / "started").touch()


@contextmanager
def copied(directory: Path, template: str) -> Iterator[str]:
    """A copy of one of its databases, gone at the end of the block; its URL."""
    name = _copy(directory, template)
    yield url(directory, name)
    _drop(directory, name)


@contextmanager
def lent(directory: Path, template: str) -> Iterator[str]:
    """A database with the tables and rows of one that stays as it is; its URL.

    What was done to the rows in the block is undone afterwards, for whoever borrows it next: making a copy and dropping
    it takes six times as long. Where something else was changed, or much was written, the copy is dropped.
    """
    free = _FREE[directory, template]
    name = free.pop() if free else _copy(directory, template)
    if (directory, template) not in _MODELS:
        # Of the copy, since a database somebody is connected to can't be copied.
        with _opened(directory, name) as connection:
            _MODELS[directory, template] = _model_of(connection)
    yield url(directory, name)
    if _is_tidied(directory, name, _MODELS[directory, template]):
        free.append(name)
    else:
        _drop(directory, name)


@dataclass(frozen=True, slots=True)
class _Model:
    """What a database is to be again: its shape, the rows of its tables as COPY writes them, and the next numbers."""

    shape: tuple[object, ...] | None
    rows: Mapping[str, bytes]
    numbers: Mapping[str, tuple[int, int | None]]


_FREE: defaultdict[tuple[Path, str], list[str]] = defaultdict(list)
_MODELS: dict[tuple[Path, str], _Model] = {}


def _model_of(connection: psycopg.Connection) -> _Model:
    rows = {}
    for table, _ in connection.execute(_FILLED).fetchall():
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as told:
            rows[table] = b"".join(bytes(part) for part in told)
    numbers = {name: (start, last) for name, start, last in connection.execute(_COUNTED)}
    return _Model(connection.execute(_SHAPE).fetchone(), rows, numbers)


def _is_tidied(directory: Path, name: str, model: _Model) -> bool:
    with _opened(directory, name) as connection:
        connection.execute(_OTHERS_LEAVE)
        filled: dict[str, int] = dict(connection.execute(_FILLED).fetchall())
        if connection.execute(_SHAPE).fetchone() != model.shape or sum(filled.values()) > MOST_BYTES:
            return False
        connection.execute("BEGIN")
        # Who still holds a row after being told to leave fails the test that left it, and keeps nobody waiting.
        connection.execute("SET LOCAL lock_timeout = '10s'")
        # No trigger is asked, neither for what follows nor whether the audit log may be emptied.
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, rows in model.rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as told:
                told.write(rows)
        for sequence, _, last in connection.execute(_COUNTED).fetchall():
            start, before = model.numbers[sequence]
            if last != before:
                connection.execute(
                    "SELECT setval(%s::regclass, %s, %s)", (sequence, before or start, before is not None)
                )
        connection.execute("COMMIT")
    return True


def _copy(directory: Path, template: str) -> str:
    name = f"test_{uuid4().hex}"
    # Copying files takes a quarter less of a processor than writing each page to the log first.
    say(directory, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return name


def _drop(directory: Path, name: str) -> None:
    say(directory, f"DROP DATABASE {name} WITH (FORCE)")


def _opened(directory: Path, name: str) -> psycopg.Connection:
    return psycopg.connect(host=str(directory), user=ACCOUNT, dbname=name, autocommit=True)


def say(directory: Path, statement: str) -> None:
    """Have the server in ``directory`` do this."""
    with _opened(directory, "postgres") as connection:
        connection.execute(statement.encode())


def stop(directory: Path) -> None:
    """Stop the server in ``directory`` if there is one, and remove the directory."""
    if (directory / "started").exists():
        _run("pg_ctl", "-D", directory / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(directory, ignore_errors=True)


def _account() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True


def _run(program: str, *arguments: str | Path) -> None:
    found = binaries()
    assert found is not None
    as_account = ["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"] if os.geteuid() == 0 else []
    # The server outlives pg_ctl and would hold a pipe open; so what is said goes nowhere.
    subprocess.run(
        [*as_account, found / program, *arguments],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
