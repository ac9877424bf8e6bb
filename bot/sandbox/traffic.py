"""What went between Slack and the bot, for the page's inspector and for tests that ask."""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from bot.sandbox.news import News

_SECRET = {"token", "authorization", "client_secret", "x-slack-signature"}
_KEPT = 2000


@dataclass
class Sent:
    """A request to the bot as it went out, so that it can be sent again."""

    kind: Literal["slash_commands", "interactive", "events_api"]
    body: bytes
    content_type: str
    payload: dict[str, Any]


@dataclass
class Entry:
    """One exchange. `refused` holds the reasons when the rehearsal refused what the bot said."""

    n: int
    at: float
    direction: Literal["to_bot", "from_bot"]
    what: str
    request: str
    status: int | str | None = None
    ms: float | None = None
    response: str = ""
    refused: list[str] = field(default_factory=list)
    sent: Sent | None = None

    def shown(self) -> dict[str, Any]:
        """The entry as the rehearsal API gives it, with tokens, signatures and response URLs taken out."""
        return {
            "n": self.n,
            "at": self.at,
            "direction": self.direction,
            "what": self.what,
            "status": self.status,
            "ms": self.ms,
            "request": without_secrets(parsed(self.request)),
            "response": without_secrets(parsed(self.response)),
            "refused": self.refused,
        }


class Traffic:
    """The latest exchanges, numbered from 1; numbers are never used again."""

    def __init__(self, news: News) -> None:
        self._news = news
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._count = 0

    def begin(
        self,
        at: float,
        direction: Literal["to_bot", "from_bot"],
        what: str,
        request: str,
        sent: Sent | None = None,
    ) -> Entry:
        self._count += 1
        entry = Entry(self._count, at, direction, what, request, sent=sent)
        self._entries.append(entry)
        return entry

    def end(self, entry: Entry, status: int | str | None, started: float, response: str) -> None:
        """The answer came, or was given up; `started` is time.perf_counter() of the beginning."""
        entry.status = status
        entry.ms = round((time.perf_counter() - started) * 1000, 2)
        entry.response = response
        self._news.tell("traffic")

    def after(self, n: int) -> list[dict[str, Any]]:
        """Exchanges with a number beyond n, oldest first."""
        return [entry.shown() for entry in self._entries if entry.n > n]

    def entry(self, n: int) -> Entry | None:
        return next((entry for entry in self._entries if entry.n == n), None)

    def clear(self) -> None:
        self._entries.clear()


def parsed(body: str) -> Any:
    """A JSON or form body as data (a form's `payload` field opened); anything else as the text it is."""
    if not body:
        return {}
    if body[0] in "{[":
        try:
            return json.loads(body)
        except ValueError:
            return body
    form = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in form:
        return parsed(form["payload"])
    return form or body


def without_secrets(value: Any) -> Any:
    """The same data, with what would let a reader act as the app replaced by "…"."""
    if isinstance(value, dict):
        return {
            key: "…" if key.lower() in _SECRET or key == "response_url" else without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value
