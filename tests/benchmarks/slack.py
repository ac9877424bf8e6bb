"""``python -m tests.benchmarks.slack PORT``: a Slack that says yes at once and knows nobody."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from tests.benchmarks.school import TEAM

WHO = {"ok": True, "team_id": TEAM, "team": "Bench", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "homeroom"}
NOTHING = {"ok": True, "members": [], "channels": [], "response_metadata": {"next_cursor": ""}}
ANSWERS = {"/api/auth.test": json.dumps(WHO).encode()}
YES = json.dumps(NOTHING).encode()
HEADERS = [(b"content-type", b"application/json")]


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Yes."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWERS.get(scope["path"], YES)})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")
