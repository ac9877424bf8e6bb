"""Bringing requests to the bot: signed HTTP posts or envelopes over a socket, three seconds to answer."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from bot.certificates import trusted
from bot.sandbox.activity import Activity
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Faults
from bot.sandbox.sockets import NoSocket, Sockets
from bot.sandbox.traffic import Entry, Sent, Traffic

if TYPE_CHECKING:
    import httpx

Kind = Literal["slash_commands", "interactive", "events_api"]
Failure = Literal["operation_timeout", "dispatch_failed", "dispatch_unknown_error"]


@dataclass(frozen=True)
class Answer:
    """What the bot said. `failure` is Slack's own word for why there is nothing usable, else None."""

    status: int | None
    body: str
    headers: dict[str, str]
    failure: Failure | None
    entry: Entry


@dataclass(frozen=True)
class Retry:
    """Which repetition of an event this is (1 to 3), and Slack's word for why."""

    number: int
    reason: str


@dataclass
class Deliveries:
    """The way to the bot. Deliveries under way when the rehearsal ends are given up."""

    clock: Clock
    activity: Activity
    faults: Faults
    traffic: Traffic
    sockets: Sockets
    signing_secret: str
    ack_limit: float
    request_url: str | None = None
    _client: "httpx.AsyncClient | None" = None
    _under_way: set[asyncio.Task[tuple[int, str, dict[str, str]]]] = field(default_factory=set)

    @property
    def mode(self) -> Literal["http", "socket"]:
        """HTTP once it is known where the bot listens, else the socket where one is offered."""
        return "socket" if self.request_url is None and self.sockets.offered else "http"

    async def deliver(self, what: str, kind: Kind, payload: dict[str, Any], *, retry: Retry | None = None) -> Answer:
        """Send and wait for the answer, at most the ack limit."""
        return await self.send(what, _encode(kind, payload), retry=retry)

    async def send(self, what: str, sent: Sent, *, retry: Retry | None = None) -> Answer:
        """Send a request that is already encoded (again)."""
        entry = self.traffic.begin(self.clock.now(), "to_bot", what, sent.body.decode(), sent)
        started = time.perf_counter()
        with self.activity.busy():
            status, body, headers, failure = await self._attempt(what, sent, retry)
        self.traffic.end(entry, status if status is not None else failure, started, body)
        return Answer(status, body, headers, failure, entry)

    async def _attempt(
        self, what: str, sent: Sent, retry: Retry | None
    ) -> tuple[int | None, str, dict[str, str], Failure | None]:
        started = time.perf_counter()
        # Loaded with the first delivery: it would be a twentieth of the demo's start.
        import httpx

        way = self._over_socket if self.mode == "socket" else self._over_http
        task = asyncio.create_task(way(sent, retry))
        self._under_way.add(task)
        try:
            await asyncio.wait({task}, timeout=self.ack_limit)
        finally:
            self._under_way.discard(task)
            if not task.done():
                task.cancel()
        if not task.done():
            return None, "", {}, "operation_timeout"
        if task.cancelled() or isinstance(task.exception(), (httpx.HTTPError, NoSocket)):
            return None, "", {}, "dispatch_failed"
        status, body, headers = task.result()
        slow = self.faults.strike_delivery(what)
        if slow is not None:
            late = slow.seconds if slow.seconds is not None else self.ack_limit
            # A lateness beyond the limit is not waited for: what the person sees is the same.
            if time.perf_counter() - started + late >= self.ack_limit:
                return None, "", {}, "operation_timeout"
            await asyncio.sleep(late)
        accepted = 200 <= status < 300 if sent.kind == "events_api" else status == 200
        return status, body, headers, None if accepted else "dispatch_unknown_error"

    async def _over_http(self, sent: Sent, retry: Retry | None) -> tuple[int, str, dict[str, str]]:
        headers = {"Content-Type": sent.content_type, **self.signature(sent.body)}
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        return await self.post(sent.body, headers)

    async def _over_socket(self, sent: Sent, retry: Retry | None) -> tuple[int, str, dict[str, str]]:
        extra = {} if retry is None else {"retry_attempt": retry.number, "retry_reason": retry.reason}
        answer = await self.sockets.send(sent.kind, sent.payload, extra)
        if answer is None:
            return 200, "", {}
        return (
            200,
            answer if isinstance(answer, str) else json.dumps(answer),
            {"content-type": "application/json"},
        )

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        """Post to where the bot listens, as is. Raises httpx.HTTPError when nobody is there."""
        import httpx

        if self.request_url is None:
            raise httpx.ConnectError("The rehearsal has not been told where the bot listens.")
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(None),
                trust_env=False,
                verify=trusted(),
                headers={"User-Agent": "Slackbot 1.0"},
            )
        response = await self._client.post(self.request_url, content=body, headers=headers)
        return response.status_code, response.text, dict(response.headers)

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers that prove a body comes from here
        (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
        timestamp = str(self.clock.signing_time())
        signed = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    async def close(self) -> None:
        """Give up what is under way and let go of connections."""
        for task in list(self._under_way):
            task.cancel()
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _encode(kind: Kind, payload: dict[str, Any]) -> Sent:
    if kind == "events_api":
        body, content_type = json.dumps(payload), "application/json"
    elif kind == "slash_commands":
        body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
    else:
        body, content_type = urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
    return Sent(kind, body.encode(), content_type, payload)
