"""The neighbour in Node, as a test speaks to it: Prisma's client, made from models/schema.prisma.

What it needs is installed once, beside its program, by `make` or by whichever worker is first; so is what is built.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import make_url

from tests.neighbours.neighbour import ROOT

HERE = ROOT / "tests" / "neighbours" / "prisma"
SCHEMA = ROOT / "models" / "schema.prisma"
MADE = HERE / "made"
PROGRAM = MADE / "neighbour.mjs"
SETTINGS = {
    # An odd zone, so that nothing is right only because Node thinks in UTC.
    "TZ": "America/St_Johns",
    # Making a client needs no engine; without these Prisma would fetch one, and ask whether there is news of itself.
    "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
    "CHECKPOINT_DISABLE": "1",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
}
IN_UTC = "-c timezone=UTC"
"""What a connection to PostgreSQL has to be opened with: Prisma sends and reads instants without their zone."""


class Refused(Exception):
    """Prisma's client refused; the message begins with its code."""


class NodeNeighbour:
    """A running program on one database; each call is a query of Prisma's client, in a transaction of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, options: str = IN_UTC) -> None:
        parsed = make_url(url)
        self.process = process
        self._url = (
            f"file:{parsed.database}"
            if parsed.get_backend_name() == "sqlite"
            else f"postgresql://{parsed.username}@/{parsed.database}?host={quote(str(parsed.query['host']))}"
            + (f"&options={quote(options)}" if options else "")
        )

    def asks(self, model: str, deed: str, **asked: Any) -> Any:
        """What the client answers to ``prisma.MODEL.DEED({…})``. Raises `Refused` where it throws."""
        return self._says(model, deed, asked)

    def compares(self, deed: str, at: str) -> Any:
        """What a function of instants.ts answers about this instant (ISO 8601)."""
        return self._says("instants", deed, at)

    def hangs_up(self) -> None:
        """Whoever speaks to this database next, or to another of its name, begins anew."""
        self._says("client", "disconnect", None)

    def _says(self, whom: str, deed: str, asked: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([self._url, whom, deed, asked]) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        if "error" in told:
            raise Refused(told["error"])
        return told["answer"]


def why_missing() -> str | None:
    """Why no program can run in Node here, as a sentence; None when one can."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"There is no {program} on this machine."
    major = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return None if int(major.lstrip("v").partition(".")[0]) >= 20 else f"Prisma needs Node 20 or newer, not {major}."


@contextmanager
def next_door() -> Iterator[subprocess.Popen[str]]:
    """The program running until the end of the block."""
    _build()
    with subprocess.Popen(
        ["node", PROGRAM],
        env=os.environ | SETTINGS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def install() -> None:
    """Install what package-lock.json names, unless it is there."""
    with _alone():
        _unless_made("installed", [HERE / "package-lock.json"], lambda: _run("npm", "ci"))


def _build() -> None:
    """Make a client for each database, and one file of the program."""
    install()
    with _alone():
        _unless_made("built", [HERE / "package-lock.json", SCHEMA, *HERE.glob("*.ts")], _make)


@contextmanager
def _alone() -> Iterator[None]:
    MADE.mkdir(exist_ok=True)
    with (MADE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unless_made(name: str, of: list[Path], make: Any) -> None:
    mark, digest = MADE / name, hashlib.sha256(b"".join(path.read_bytes() for path in of)).hexdigest()
    if not mark.exists() or mark.read_text() != digest:
        make()
        mark.write_text(digest)


def _make() -> None:
    words = SCHEMA.read_text(encoding="utf-8")
    for provider in ("sqlite", "postgresql"):
        schema = MADE / f"{provider}.prisma"
        schema.write_text(
            words.replace('provider = "sqlite"', f'provider = "{provider}"').replace("../generated/prisma", provider)
        )
        _run("node", "node_modules/prisma/build/index.js", "generate", "--schema", schema)
    _run(
        "node",
        "node_modules/esbuild/bin/esbuild",
        "neighbour.ts",
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--packages=external",
        f"--outfile={PROGRAM}",
    )


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command, cwd=HERE, env=os.environ | SETTINGS, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"


if __name__ == "__main__":
    if why_missing() is None:
        try:
            install()
        except AssertionError as error:
            print(f"The tests with Node will fail: {error}", file=sys.stderr)
