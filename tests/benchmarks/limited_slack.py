"""``python -m tests.benchmarks.limited_slack PORT``: a Slack that takes 100 ms to answer and 50 messages a second.

What is posted above that within any second is refused for a second, as Slack does it. ``/told`` says what happened.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import uvicorn

from tests.benchmarks.slack import ANSWERS, YES

LIMIT, SECOND, ANSWERS_AFTER = 50, 1.0, 0.1
JSON = (b"content-type", b"application/json")


class LimitedSlack:
    """The application."""

    def __init__(self) -> None:
        self._lately: deque[float] = deque()
        self.accepted = self.refused = 0
        self.first_at = self.last_at = 0.0

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Yes, unless it is one too many."""
        while (await receive()).get("more_body"):
            pass
        status, headers, body = 200, [JSON], ANSWERS.get(scope["path"], YES)
        if scope["path"] == "/told":
            body = json.dumps(
                {"accepted": self.accepted, "refused": self.refused, "first_at": self.first_at, "last_at": self.last_at}
            ).encode()
            self.accepted = self.refused = 0
            self.first_at = 0.0
        elif scope["path"] == "/api/chat.postMessage":
            if self._takes(monotonic()):
                body = json.dumps({"ok": True, "channel": "D0", "ts": f"{self.accepted}.{self.last_at:.6f}"}).encode()
            else:
                status, headers, body = 429, [JSON, (b"retry-after", b"1")], b'{"ok":false,"error":"ratelimited"}'
            await asyncio.sleep(ANSWERS_AFTER)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _takes(self, now: float) -> bool:
        while self._lately and self._lately[0] <= now - SECOND:
            self._lately.popleft()
        self.first_at = self.first_at or now
        if len(self._lately) >= LIMIT:
            self.refused += 1
            return False
        self._lately.append(now)
        self.accepted += 1
        self.last_at = now
        return True


if __name__ == "__main__":
    uvicorn.run(LimitedSlack(), port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
