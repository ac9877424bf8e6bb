"""Socket Mode: envelopes to the bot over a WebSocket it opened (https://docs.slack.dev/apis/events-api/using-socket-mode)."""

import asyncio
import json
import uuid
from itertools import count
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.installed_app import APP_ID
from bot.sandbox.refusals import Refused

_MOST = 10


class NoSocket(Exception):
    """No connection is open, or the one an envelope went over was closed before the answer."""


class _Connection:
    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.waiting: dict[str, asyncio.Future[Any]] = {}


class Sockets:
    """The open connections; envelopes go to one of them in turn."""

    def __init__(self, *, offered: bool) -> None:
        self.offered = offered
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = count()

    def ticket(self) -> str:
        """A single-use pass for one connection, part of the URL that apps.connections.open answers."""
        if not self.offered:
            raise Refused("not_allowed_token_type")
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def connect(self, socket: WebSocket) -> None:
        """Serve one connection until it is closed."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._connections) >= _MOST:
            await socket.send_text(json.dumps({"type": "disconnect", "reason": "too_many_websockets"}))
            await socket.close()
            return
        connection = _Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                _take_ack(connection, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            if connection in self._connections:
                self._connections.remove(connection)
            for waiting in connection.waiting.values():
                if not waiting.done():
                    waiting.set_exception(NoSocket())

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "rehearsal", "build_number": 1, "approximate_connection_time": 3600},
        }

    async def send(self, kind: str, payload: dict[str, Any], extra: dict[str, Any]) -> Any:
        """Send an envelope; returns the payload of its acknowledgement (None when it has none).

        Raises NoSocket when nobody is connected.
        """
        if not self._connections:
            raise NoSocket
        connection = self._connections[next(self._turn) % len(self._connections)]
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **({"retry_attempt": 0, "retry_reason": ""} if kind == "events_api" else {}),
            **extra,
        }
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = waiting
        try:
            await connection.socket.send_text(json.dumps(envelope))
            return await waiting
        except (WebSocketDisconnect, RuntimeError) as error:
            raise NoSocket from error
        finally:
            connection.waiting.pop(envelope_id, None)

    async def close(self) -> None:
        """Say goodbye to everyone."""
        for connection in list(self._connections):
            try:
                await connection.socket.close(code=1001)
            except RuntimeError:
                # It was closing by itself at the same moment.
                continue


def _take_ack(connection: _Connection, text: str) -> None:
    try:
        ack = json.loads(text)
    except ValueError:
        return
    waiting = connection.waiting.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
    if waiting is not None and not waiting.done():
        waiting.set_result(ack.get("payload"))
