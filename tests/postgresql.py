"""A private PostgreSQL for the tests: its own directory, a socket and no port, nothing kept, gone at the end."""

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

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
    name = f"test_{uuid4().hex}"
    # Copying files takes a quarter less of a processor than writing each page to the log first.
    say(directory, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield url(directory, name)
    say(directory, f"DROP DATABASE {name} WITH (FORCE)")


def say(directory: Path, statement: str) -> None:
    """Have the server in ``directory`` do this."""
    with psycopg.connect(host=str(directory), user=ACCOUNT, dbname="postgres", autocommit=True) as connection:
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
