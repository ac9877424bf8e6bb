"""The neighbour's program as a test speaks to it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from models.database import normal_url

ROOT = Path(__file__).parents[2]


class Neighbour:
    """A running program on one database; each method is something it does, in a transaction of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process, self._url = process, normal_url(url).render_as_string(hide_password=False)

    def does(self, deed: str, **asked: Any) -> Any:
        """Whatever `tests.neighbours.program` can do; its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([self._url, deed, asked], default=_plain) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        assert "error" not in told, told["error"]
        return told["answer"]

    def adds(self, table: str, **values: Any) -> dict[str, Any]:
        """It adds a row."""
        row: dict[str, Any] = self.does("adds", table=table, values=values)
        return row

    def changes(self, table: str, where: dict[str, Any], **values: Any) -> None:
        """It changes the rows where this is so; there are some."""
        assert self.does("changes", table=table, where=where, values=values) > 0

    def removes(self, table: str, **where: Any) -> None:
        """It deletes the rows where this is so; there are some."""
        assert self.does("removes", table=table, where=where) > 0

    def reads(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The rows where this is so."""
        rows: list[dict[str, Any]] = self.does("reads", table=table, where=where)
        return rows


@contextmanager
def next_door() -> Iterator[subprocess.Popen[str]]:
    """A neighbour's program running until the end of the block."""
    command = [sys.executable, "-m", "tests.neighbours.program"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a line of JSON")
