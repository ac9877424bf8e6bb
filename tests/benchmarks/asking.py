"""What Slack would send, signed: whole HTTP requests, made before the clock runs."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.school import DONE, LESSONS, SECRET, TEAM, Size, courses_of, lesson_id, slack_user_id

ANYBODY = 200
"""Learners who ask for the catalog, one after the other."""


def catalog(learner: int) -> bytes:
    """The body of ``/learn courses``."""
    person = slack_user_id(learner)
    return _form(
        token="gone",
        team_id=TEAM,
        team_domain="bench",
        channel_id="C0BENCH",
        channel_name="general",
        user_id=person,
        user_name=f"lea{learner}",
        command="/learn",
        text="courses",
        api_app_id="A0BENCH",
        is_enterprise_install="false",
        response_url=f"https://hooks.example.com/commands/{TEAM}/{person}/x",
        trigger_id=f"1.2.{person}",
    )


def complete(learner: int, lesson: int) -> bytes:
    """The body of a press on Mark complete, on Home."""
    view = {"id": "V0HOME", "team_id": TEAM, "type": "home", "callback_id": "", "private_metadata": "", "hash": "1.x"}
    seen = {"container": {"type": "view", "view_id": "V0HOME"}, "view": {**view, "state": {"values": {}}, "blocks": []}}
    return press(learner, "lesson.complete", str(lesson), **seen)


def press(learner: int, action_id: str, value: str, **seen: Any) -> bytes:
    """The body of a press on a button, in a message only the learner sees unless ``seen`` says where else."""
    person = slack_user_id(learner)
    action = {"type": "button", "block_id": "b1", "action_id": action_id, "value": value}
    told = {
        "type": "block_actions",
        "user": {"id": person, "username": f"lea{learner}", "name": f"lea{learner}", "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "token": "gone",
        "container": {"type": "message", "is_ephemeral": True},
        "trigger_id": f"1.2.{person}",
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "actions": [{**action, "text": {"type": "plain_text", "text": "Press"}, "action_ts": "1.0"}],
        **seen,
    }
    return _form(payload=json.dumps(told))


def catalogs() -> list[bytes]:
    """The catalog asked for by so many learners."""
    return [catalog(learner) for learner in range(ANYBODY)]


@dataclass
class Presses:
    """Presses of Mark complete, never the same twice: each a lesson its learner has open, and no course is finished."""

    size: Size
    _left: Iterator[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._left = (
            (learner, lesson_id(courses_of(learner, self.size)[nth], place))
            for place in range(DONE, LESSONS - 1)
            for nth in range(2)
            for learner in range(self.size.learners)
        )

    def take(self, count: int) -> list[tuple[int, int]]:
        """The next learners and lessons."""
        return [next(self._left) for _ in range(count)]


def signed(body: bytes) -> dict[str, str]:
    """Slack's headers for a body: its signature holds for five minutes (docs: verifying requests)."""
    at = str(int(time()))
    digest = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept": "application/json,*/*",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={digest}",
    }


def write(path: Path, bodies: Iterable[bytes]) -> None:
    """Keep whole requests in a file, each after its length in a line, as load.lua reads them."""
    with path.open("wb") as file:
        for body in bodies:
            headers = {"Host": "bench", "Content-Length": str(len(body)), **signed(body)}
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            request = f"POST /slack/events HTTP/1.1\r\n{lines}\r\n".encode() + body
            file.write(f"{len(request)}\n".encode() + request)


def _form(**fields: str) -> bytes:
    return urlencode(fields).encode()
