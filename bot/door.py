"""Slack's door: signed requests come in, and what Bolt says goes out. A bare ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot import turns
from bot.answers import Answers
from bot.slack import following

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. A view is 250 KB at most (docs: views.publish); form encoding can triple that."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Door:
    """Checks the signature before anything else, and has Bolt dispatch: in turns on the loop's thread, or each request
    in a thread of the pool where the database is a server that is waited for.

    Not one of Bolt's own adapters: those wait for Slack on the event loop. Nor Starlette's own requests, which
    would cost as much as the rest of the way in.
    """

    def __init__(
        self, bolt: App, answers: Answers, signing_secret: str, pool: ThreadPoolExecutor, *, takes_turns: bool
    ) -> None:
        self._bolt = bolt
        self._answers = answers
        self._verifier = SignatureVerifier(signing_secret)
        self._pool = pool
        self._takes_turns = takes_turns

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, and begin what follows once the answer is out."""
        body = await _body(receive)
        if body is None:
            await _answer(send, BoltResponse(status=413))
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if not self._is_signed(body, headers):
            await _answer(send, BoltResponse(status=401))
            return
        # Of its headers Bolt needs to know how to read a body, and no more.
        kind = headers.get(b"content-type", b"").decode("latin-1")
        request = BoltRequest(body=body.decode("utf-8", "replace"), headers={"content-type": kind})
        self._answers.in_hand.add(request)
        try:
            if self._takes_turns:
                answer = await turns.take(self._bolt.dispatch, request, pool=self._pool)
            else:
                answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._bolt.dispatch, request)
            await _answer(send, answer)
            self._answers.begin(following(request))
        finally:
            self._answers.in_hand.discard(request)

    def _is_signed(self, body: bytes, headers: dict[bytes, bytes]) -> bool:
        """Whether Slack signed this body within five minutes (docs: verifying requests); a malformed time is a no."""
        timestamp = headers.get(b"x-slack-request-timestamp", b"").decode("latin-1")
        signature = headers.get(b"x-slack-signature", b"").decode("latin-1")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            return False
        return bool(self._verifier.is_valid(body, timestamp, signature))


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None for one that is too large, or of somebody who hung up."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, answer: BoltResponse) -> None:
    body = answer.body.encode()
    headers = [
        (name.encode("latin-1"), values[0].encode("latin-1"))
        for name, values in answer.headers.items()
        if name != "content-length"
    ]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
