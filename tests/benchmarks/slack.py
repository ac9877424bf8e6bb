"""``python -m tests.benchmarks.slack PORT``: a Slack that says yes at once and knows nobody.

It has sockets, too: whoever connects is sent commands when a load is asked for, and as one is acknowledged the next
takes its place.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from tests.benchmarks import asking
from tests.benchmarks.school import TEAM

WHO = {"ok": True, "team_id": TEAM, "team": "Bench", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "homeroom"}
NOTHING = {"ok": True, "members": [], "channels": [], "response_metadata": {"next_cursor": ""}}
ANSWERS = {"/api/auth.test": json.dumps(WHO).encode()}
YES = json.dumps(NOTHING).encode()
HEADERS = [(b"content-type", b"application/json")]
HELLO = {
    "type": "hello",
    "num_connections": 1,
    "debug_info": {"host": "bench"},
    "connection_info": {"app_id": "A0BENCH"},
}
COMMANDS = [json.dumps(dict(parse_qsl(body.decode()))) for body in asking.catalogs()]

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Slack:
    """The application, at an address of this machine."""

    def __init__(self, port: int) -> None:
        socket = {"ok": True, "url": f"ws://127.0.0.1:{port}/socket"}
        self._answers = ANSWERS | {"/api/apps.connections.open": json.dumps(socket).encode()}
        self._send: Send | None = None
        self._acknowledged: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Yes."""
        if scope["type"] == "websocket":
            await self._socket(receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        path = scope["path"]
        if path == "/load":
            asked = dict(parse_qsl(scope["query_string"].decode()))
            answer = json.dumps(await self._load(float(asked["seconds"]), int(asked["in_flight"]))).encode()
        else:
            answer = self._answers.get(path, YES)
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": answer})

    async def _socket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": json.dumps(HELLO)})
        self._send = send
        while (message := await receive())["type"] == "websocket.receive":
            told = json.loads(message.get("text") or message["bytes"])
            if "envelope_id" in told:
                assert told["payload"]["blocks"]
                self._acknowledged.put_nowait(told["envelope_id"])

    async def _load(self, seconds: float, in_flight: int) -> dict[str, float]:
        """Keep so many commands on their way for so long."""
        while self._send is None:
            await asyncio.sleep(0.01)
        sent: dict[str, float] = {}
        numbers = count()

        async def command() -> None:
            number = next(numbers)
            envelope = str(number)
            sent[envelope] = perf_counter()
            text = (
                f'{{"envelope_id": "{envelope}", "type": "slash_commands", "accepts_response_payload": true,'
                f' "payload": {COMMANDS[number % len(COMMANDS)]}}}'
            )
            assert self._send is not None
            await self._send({"type": "websocket.send", "text": text})

        took = []
        started = perf_counter()
        for _ in range(in_flight):
            await command()
        while sent:
            took.append(perf_counter() - sent.pop(await self._acknowledged.get()))
            if perf_counter() - started < seconds:
                await command()
        elapsed = perf_counter() - started
        milliseconds = [one * 1000 for one in took]
        return {
            "requests": len(took),
            "seconds": elapsed,
            "p50": median(milliseconds),
            "p99": quantiles(milliseconds, n=100)[98],
            "slowest": max(milliseconds),
        }


if __name__ == "__main__":
    at = int(sys.argv[1])
    uvicorn.run(Slack(at), port=at, lifespan="off", access_log=False, log_level="warning")
