"""Telling the bot what happened to a user, signed as Svix signs for Clerk."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.certificates import trusted
from bot.sandbox.activity import Activity
from bot.sandbox.clock import Clock
from bot.sandbox.traffic import Traffic

if TYPE_CHECKING:
    import httpx

# When a delivery that failed comes again, and how long an answer may take (https://docs.svix.com/retries).
_RETRIES = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
_ANSWER_SECONDS = 15.0


@dataclass(frozen=True)
class Webhook:
    """A webhook as it goes out."""

    id: str
    what: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Delivered:
    """What came of one delivery. `status` is None when nobody answered in time."""

    id: str
    status: int | None
    body: str

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass
class ClerkWebhooks:
    """The way to the bot's webhook endpoint. Raises ValueError when the secret is not Svix's "whsec_BASE64"."""

    clock: Clock
    activity: Activity
    traffic: Traffic
    secret: str
    url: str | None = None
    _client: "httpx.AsyncClient | None" = None
    _under_way: "set[asyncio.Task[httpx.Response]]" = field(default_factory=set)
    _repeating: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        try:
            self._key = base64.b64decode(self.secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError('A webhook secret is "whsec_" and base64.') from error
        if not self.secret.startswith("whsec_") or not self._key:
            raise ValueError('A webhook secret is "whsec_" and base64.')

    def webhook(
        self,
        type: str,
        data: dict[str, Any],
        *,
        id: str | None = None,
        age: float = 0.0,
        happened_at: int | None = None,
        signature: str | None = None,
    ) -> Webhook:
        """A signed webhook about something.

        `age` is how many seconds ago it claims to be sent, `happened_at` the milliseconds since 1970 in its
        body, `signature` the header to send instead of the true one.
        """
        now = self.clock.signing_time()
        happened = now * 1000 if happened_at is None else happened_at
        content = {"object": "event", "type": type, "timestamp": happened, "instance_id": "ins_rehearsal", "data": data}
        body = json.dumps(content).encode()
        return self._signed(id or f"msg_{secrets.token_hex(14)}", type, body, int(now - age), signature)

    def _signed(self, id: str, what: str, body: bytes, timestamp: int, signature: str | None = None) -> Webhook:
        digest = hmac.new(self._key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Svix-Webhooks/1.0",
            "svix-id": id,
            "svix-timestamp": str(timestamp),
            "svix-signature": f"v1,{base64.b64encode(digest).decode()}" if signature is None else signature,
        }
        return Webhook(id, what, body, headers)

    async def send(self, webhook: Webhook) -> Delivered:
        """Send once and wait for the answer, at most 15 seconds. A redirect is not followed."""
        import httpx

        entry = self.traffic.begin(self.clock.now(), "to_bot", f"clerk:{webhook.what}", webhook.body.decode())
        started = time.perf_counter()
        status, body = None, "The bot could not be reached."
        task = asyncio.create_task(self._post(webhook))
        self._under_way.add(task)
        with self.activity.busy():
            await asyncio.wait({task})
        self._under_way.discard(task)
        if not task.cancelled() and not isinstance(task.exception(), httpx.HTTPError):
            status, body = task.result().status_code, task.result().text
        self.traffic.end(entry, status if status is not None else "dispatch_failed", started, body)
        return Delivered(webhook.id, status, body)

    async def _post(self, webhook: Webhook) -> "httpx.Response":
        import httpx

        if self.url is None:
            raise httpx.ConnectError("Clerk has not been told where the bot listens for webhooks.")
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False, verify=trusted())
        return await self._client.post(self.url, content=webhook.body, headers=webhook.headers)

    def send_until_accepted(self, webhook: Webhook) -> None:
        """Send in the background, and when it is not accepted the same id again later, on the workspace's clock."""
        task = asyncio.create_task(self._until_accepted(webhook))
        self._repeating.add(task)
        task.add_done_callback(self._repeating.discard)

    async def _until_accepted(self, webhook: Webhook) -> None:
        delivered = await self.send(webhook)
        for pause in _RETRIES:
            if delivered.is_accepted:
                return
            await self.clock.sleep(pause)
            again = self._signed(webhook.id, webhook.what, webhook.body, self.clock.signing_time())
            delivered = await self.send(again)

    def give_up(self) -> None:
        """Send nothing of what is under way or would come again."""
        for task in (*self._repeating, *self._under_way):
            task.cancel()

    async def close(self) -> None:
        """Give up what is under way and let go of connections."""
        self.give_up()
        if self._client is not None:
            await self._client.aclose()
            self._client = None
