"""The benchmarks compare like with like: the floor does what the bot does, and answers the same bytes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import settings
from bot.program import Program
from tests.benchmarks import asking
from tests.benchmarks.floor import Floor
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import environment
from tests.house import copied
from tests.loops import awaited

SMALL = Size(courses=14, learners=6)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small school, filled as the large one of the benchmarks."""
    path = tmp_path_factory.mktemp("school") / "school.db"
    furnish(f"sqlite:///{path}", SMALL)
    return path


@pytest.fixture
def bot(school: Path, tmp_path: Path) -> Iterator[tuple[Any, Path]]:
    """The bot's web application as it is served, and its database."""
    url = copied(school, tmp_path)
    program = Program(settings.read(environment(url, slack_port=9, port=3000)))
    yield program.web, tmp_path / Path(url).name
    program.stop()


@pytest.fixture
def floor(school: Path, tmp_path: Path) -> tuple[Any, Path]:
    """The floor, and a database of its own."""
    path = tmp_path / "floor.db"
    path.write_bytes(school.read_bytes())
    return Floor(str(path)), path


def asked(app: Any, body: bytes, **changed: str) -> tuple[int, dict[str, str], bytes]:
    """What an ASGI application answers to a signed body: status, headers and bytes."""
    headers = {**asking.signed(body), "Content-Length": str(len(body)), **changed}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/slack/events",
        "raw_path": b"/slack/events",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    awaited(app(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


def rows(path: Path) -> list[tuple[Any, ...]]:
    """Progress and the change log, without the instants."""
    with sqlite3.connect(path) as database:
        done = database.execute("SELECT user_id, lesson_id, completed FROM progress ORDER BY id").fetchall()
        return done + database.execute("SELECT * FROM homeroom_change ORDER BY id").fetchall()


def test_the_floor_answers_the_catalog_in_the_same_bytes(bot: tuple[Any, Path], floor: tuple[Any, Path]) -> None:
    for learner in range(SMALL.learners):
        body = asking.catalog(learner)
        assert asked(bot[0], body) == asked(floor[0], body)


def test_the_floor_commits_the_same_rows(bot: tuple[Any, Path], floor: tuple[Any, Path], school: Path) -> None:
    presses = asking.Presses(SMALL).take(4)
    for learner, lesson in presses:
        body = asking.complete(learner, lesson)
        assert asked(bot[0], body) == asked(floor[0], body)
    assert rows(bot[1]) == rows(floor[1])
    assert len(rows(floor[1])) == len(rows(school)) + 2 * len(presses)


def test_neither_answers_what_is_not_signed(bot: tuple[Any, Path], floor: tuple[Any, Path]) -> None:
    forged = {"X-Slack-Signature": "v0=" + "0" * 64}
    assert asked(bot[0], asking.catalog(1), **forged)[0] == asked(floor[0], asking.catalog(1), **forged)[0] == 401
