"""``python -m tests.benchmarks.floor PORT DATABASE [SOCKET]``: the least that can do the same.

One coroutine on uvicorn that checks the signature, runs the same SQL on raw sqlite3 over the same indexes, and answers
the same bytes. It knows two requests, one kind of card and no mistakes; the same triggers fire when it writes. With a
SOCKET it is a bare client of it, which answers each command as it comes.
"""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import sys
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import time
from typing import Any
from urllib.parse import parse_qsl

import orjson
import uvicorn
import uvloop
from websockets.asyncio.client import connect

SECRET = b"bench-signing-secret"
IDENTIFY = """
SELECT m.name, m.is_guest, m.active_at, u.id, r.name FROM homeroom_member m
LEFT JOIN homeroom_link l ON l.team_id = m.team_id AND l.slack_user_id = m.slack_user_id
LEFT JOIN user u ON u.id = l.user_id LEFT JOIN userrole h ON h.user_id = u.id LEFT JOIN role r ON r.id = h.role_id
WHERE m.team_id = ? AND m.slack_user_id = ? AND m.is_deleted = 0"""
SORTED_BY = "lower(substr(title, 1, 200))"
PAGE = f"""
SELECT p.id, p.title, p.description, p.archived_at, p.revised_at, u.first_name, u.last_name, w.lessons, w.minutes, e.id,
    c.id, c.completed_at, p.sorted_by
FROM (SELECT *, {SORTED_BY} AS sorted_by FROM course WHERE {SORTED_BY} >= ? AND ({SORTED_BY} > ? OR id > ?)
    AND archived_at IS NULL ORDER BY {SORTED_BY}, id LIMIT 7) p
LEFT JOIN user u ON u.id = p.instructor_id
LEFT JOIN homeroom_workload w ON w.course_id = p.id
LEFT JOIN enrollment e ON e.course_id = p.id AND e.user_id = ?
LEFT JOIN homeroom_completion c ON c.course_id = p.id AND c.user_id = ?
ORDER BY p.sorted_by, p.id"""
DONE = """
SELECT m.course_id, count(CASE WHEN p.completed IS 1 THEN 1 END), count(p.id)
FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
JOIN progress p ON p.lesson_id = l.id AND p.user_id = ?
WHERE m.course_id IN ({}) GROUP BY m.course_id"""
LESSON = """
SELECT l.id, l.title, c.id, c.title FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
JOIN course c ON c.id = m.course_id WHERE l.id = ?"""
ENROLLED = "SELECT id FROM enrollment WHERE user_id = ? AND course_id = ?"
COMPLETE = """
INSERT INTO progress (user_id, lesson_id, completed, completed_at) VALUES (?, ?, 1, ?)
ON CONFLICT (user_id, lesson_id) DO UPDATE SET completed = 1, completed_at = excluded.completed_at
WHERE progress.completed IS NOT 1"""
HOW_FAR = """
SELECT count(*), coalesce(sum(CASE WHEN p.completed IS 1 THEN 1 ELSE 0 END), 0)
FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
LEFT JOIN progress p ON p.lesson_id = l.id AND p.user_id = ? WHERE m.course_id = ?"""
NEXT = """
SELECT l.id, l.title, l.content_type, l.minutes, m.id, m.title, p.id, p.completed,
    (SELECT id FROM homeroom_completion WHERE user_id = ? AND course_id = ?)
FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
LEFT JOIN progress p ON p.lesson_id = l.id AND p.user_id = ?
WHERE m.course_id = ? AND p.completed IS NOT 1 ORDER BY m."order", m.id, l."order", l.id LIMIT 1"""
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {mark: f"\u200b{mark}\u200b" for mark in "*_~`"})
HEADING = {"type": "header", "text": {"type": "plain_text", "text": "Courses", "emoji": True}}
FINDER = {
    "type": "actions",
    "elements": [
        {
            "type": "external_select",
            "action_id": "catalog.pick",
            "placeholder": {"type": "plain_text", "text": "Find a course by title", "emoji": True},
            "min_query_length": 0,
        }
    ],
}
JSON = [(b"content-type", b"application/json;charset=utf-8")]
TEXT = [(b"content-type", b"text/plain;charset=utf-8")]


class Floor:
    """The application, on a database of the bot's."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, cached_statements=256, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._database.execute(f"PRAGMA {pragma}")

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = dict(scope["headers"])
        at = headers[b"x-slack-request-timestamp"]
        mine = hmac.new(SECRET, b"v0:" + at + b":" + body, hashlib.sha256).hexdigest()
        is_signed = hmac.compare_digest(f"v0={mine}".encode(), headers[b"x-slack-signature"])
        if not is_signed or abs(time() - int(at)) > 300:
            await send({"type": "http.response.start", "status": 401, "headers": TEXT})
            await send({"type": "http.response.body", "body": b""})
            return
        form = dict(parse_qsl(body.decode()))
        if "payload" in form:
            answer, kind = self._complete(json.loads(form["payload"])), TEXT
        else:
            answer, kind = orjson.dumps(self.catalog(form)), JSON
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*kind, length]})
        await send({"type": "http.response.body", "body": answer})

    def catalog(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to ``/learn courses``."""
        execute = self._database.execute
        execute("BEGIN")
        (_, is_guest, _, me, _), *_ = execute(IDENTIFY, (form["team_id"], form["user_id"])).fetchall()
        assert me
        assert not is_guest
        rows = execute(PAGE, ("", "", -1, me, me)).fetchall()
        mine = [row[0] for row in rows[:6] if row[9] or row[10]]
        asked = DONE.format(", ".join("?" * len(mine)))
        done = {row[0]: row[1] for row in execute(asked, (me, *mine))} if mine else {}
        execute("ROLLBACK")
        return screen_of(rows, done)

    def _complete(self, payload: dict[str, Any]) -> bytes:
        execute = self._database.execute
        (_, is_guest, _, me, _), *_ = execute(IDENTIFY, (payload["team"]["id"], payload["user"]["id"])).fetchall()
        assert me
        assert not is_guest
        execute("BEGIN IMMEDIATE")
        lesson, _, course, _ = execute(LESSON, (int(payload["actions"][0]["value"]),)).fetchone()
        assert execute(ENROLLED, (me, course)).fetchone()
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        assert execute(COMPLETE, (me, lesson, now)).rowcount == 1
        count, done = execute(HOW_FAR, (me, course)).fetchone()
        assert done < count
        assert execute(NEXT, (me, course, me, course)).fetchone()
        execute("COMMIT")
        return b""


def screen_of(rows: Sequence[Any], done: Mapping[int, int]) -> dict[str, Any]:
    """The catalog's first page: seven courses at most, of which six are shown, and how many of their lessons are done,
    by their ids."""
    blocks: list[dict[str, Any]] = [HEADING, FINDER]
    lines = ["Courses"]
    for row in rows[:6]:
        _card(row, done.get(row[0], 0), blocks, lines)
    if len(rows) > 6:
        cursor = _cursor(rows[5][0], rows[5][12])
        blocks.append({"type": "actions", "elements": [_button("More courses", "catalog.turn", f"after {cursor}")]})
        lines.append("[More courses]")
    return {"response_type": "ephemeral", "text": "\n".join(lines), "blocks": blocks}


def _card(row: tuple[Any, ...], done: int, blocks: list[dict[str, Any]], lines: list[str]) -> None:
    course, title, about, lessons = str(row[0]), row[1], row[2], row[7]
    told = f"*{title.translate(ESCAPES)}*\n{about.translate(ESCAPES)}"
    facts = f"{row[5]} {row[6]}".translate(ESCAPES) + f" · {lessons:,} lessons · {row[8]} min"
    small = [{"type": "mrkdwn", "text": facts, "verbatim": True}]
    if row[9] is None:
        words, main = facts, _button("Enroll", "course.enroll", course, "primary", f"Enroll in {title}")
    else:
        filled = 10 * done // lessons
        bar = f"{'▰' * filled}{'▱' * (10 - filled)} {done} of {lessons}"
        small.append({"type": "mrkdwn", "text": bar, "verbatim": True})
        words = f"{facts} {bar}"
        main = _button("Continue", "course.continue", course, "primary", f"Continue {title}")
    details = _button("Details", "course.open", course, None, f"Details of {title}")
    blocks += (
        {"type": "section", "text": {"type": "mrkdwn", "text": told, "verbatim": True}},
        {"type": "context", "elements": small},
        {"type": "actions", "elements": [main, details]},
        {"type": "divider"},
    )
    lines += (told, words, f"[{main['text']['text']}] [Details]")


def _button(text: str, action: str, value: str, style: str | None = None, label: str | None = None) -> dict[str, Any]:
    words = {"type": "plain_text", "text": text, "emoji": True}
    made: dict[str, Any] = {"type": "button", "action_id": action, "text": words, "value": value}
    if style:
        made["style"] = style
    if label:
        made["accessibility_label"] = label
    return made


def _cursor(course: int, title: str) -> str:
    told = json.dumps([course, title], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


async def by_socket(floor: Floor, port: int, url: str) -> None:
    """Answer every command that comes by a socket, until it closes. That the port is open says that it is there."""
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    async with listening, connect(url, compression=None) as socket:
        async for text in socket:
            told = json.loads(text)
            if "envelope_id" in told:
                screen = floor.catalog(told["payload"])
                answer = {"envelope_id": told["envelope_id"], "payload": screen}
                await socket.send(orjson.dumps(answer).decode())


if __name__ == "__main__":
    if len(sys.argv) > 3:
        uvloop.run(by_socket(Floor(sys.argv[2]), int(sys.argv[1]), sys.argv[3]))
    else:
        uvicorn.run(Floor(sys.argv[2]), port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
