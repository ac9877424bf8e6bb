"""Where events go: a portal that takes Standard Webhooks, and a learning record store that takes xAPI statements."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any, Protocol
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

from bot import xapi
from bot.eventsettings import LrsSettings, WebhookSettings
from bot.settings import Settings
from models.switches import WEBHOOK, XAPI

LONGEST_RETRY_AFTER = timedelta(days=1)
CHECK = "homeroom.check"
"""The type of the event with which `homeroom check` tries a portal."""


class Outcome(Enum):
    """What became of an event: taken, refused for good, not taken now, or no more are wanted at all."""

    TAKEN = auto()
    REFUSED = auto()
    LATER = auto()
    GONE = auto()


class Destination(Protocol):
    """Somewhere that takes events."""

    name: str
    address: str

    def request(self, client: httpx.Client, facts: Mapping[str, Any], now: datetime) -> httpx.Request:
        """The call that tells of an event at this instant (real time)."""

    def outcome(self, status: int) -> Outcome:
        """What this answer means."""

    def check(self, client: httpx.Client, now: datetime) -> str | None:
        """Why the destination would take nothing, as a sentence; None when it would. Raises `httpx.HTTPError`."""


class PortalWebhook:
    """A portal's address for webhooks. It answers 2xx for what it took (spec: Standard Webhooks)."""

    name = WEBHOOK

    def __init__(self, settings: WebhookSettings) -> None:
        self._url, self._keys = settings.url, [Webhook(secret) for secret in settings.secrets]
        self.address = _digest(settings.url)

    def request(self, client: httpx.Client, facts: Mapping[str, Any], now: datetime) -> httpx.Request:
        """A signed POST. The id is the event's, however often it is tried; the signature is of this attempt."""
        return self._signed(client, f"evt_{facts['id']}", body(facts), now)

    def _signed(self, client: httpx.Client, event_id: str, told: Mapping[str, Any], now: datetime) -> httpx.Request:
        said = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(key.sign(event_id, now, said) for key in self._keys),
        }
        return client.build_request("POST", self._url, content=said.encode(), headers=headers)

    def outcome(self, status: int) -> Outcome:
        """Anything but 2xx is tried again: what a portal answers while it is being put right says little."""
        if 200 <= status < 300:
            return Outcome.TAKEN
        return Outcome.GONE if status == 410 else Outcome.LATER

    def check(self, client: httpx.Client, now: datetime) -> str | None:
        """Send an event of a type nobody acts on, signed as any other."""
        told = {"type": CHECK, "timestamp": _iso(now), "data": {}}
        status = client.send(self._signed(client, f"evt_{uuid4()}", told, now)).status_code
        return None if 200 <= status < 300 else f"it answered a signed {CHECK} with HTTP {status}, not 2xx"


class RecordStore:
    """A learning record store."""

    name = XAPI

    def __init__(self, settings: LrsSettings, portal_url: str | None) -> None:
        self._settings, self._portal_url = settings, portal_url
        self.address = _digest(settings.url)

    def request(self, client: httpx.Client, facts: Mapping[str, Any], now: datetime) -> httpx.Request:
        """PUT the statement under its id."""
        said = xapi.statement(facts, self._settings.home, self._portal_url)
        return self._asked(
            client,
            "PUT",
            {"statementId": facts["id"]},
            content=json.dumps(said, ensure_ascii=False).encode(),
            headers={"content-type": "application/json"},
        )

    def _asked(self, client: httpx.Client, method: str, params: Mapping[str, str], **more: Any) -> httpx.Request:
        settings, headers = self._settings, dict(more.pop("headers", {}))
        request = client.build_request(method, f"{settings.url}statements", params=params, headers=headers, **more)
        request.headers["x-experience-api-version"] = xapi.VERSION
        return next(httpx.BasicAuth(settings.key, settings.secret).auth_flow(request))

    def outcome(self, status: int) -> Outcome:
        """A statement that can't be read will never be; one whose id is there already is there."""
        if 200 <= status < 300 or status == 409:
            return Outcome.TAKEN
        return Outcome.REFUSED if status in (400, 413) else Outcome.LATER

    def check(self, client: httpx.Client, now: datetime) -> str | None:
        """Ask for one statement. A client that may only write is answered 403, which says it was recognized."""
        status = client.send(self._asked(client, "GET", {"limit": "1"})).status_code
        if status == 401:
            return "it refused LRS_KEY and LRS_SECRET"
        return None if status in (200, 403) else f"it answered HTTP {status}"


def body(facts: Mapping[str, Any]) -> dict[str, Any]:
    """An event as a portal reads it: what happened, when, and the ids to look the rest up by."""
    data = {"user_id": facts["user_id"], "course_id": facts["course"]["id"]}
    if "lesson" in facts:
        data["lesson_id"] = facts["lesson"]["id"]
    return {"type": facts["type"], "timestamp": facts["timestamp"], "data": data}


def of_settings(settings: Settings) -> tuple[Destination, ...]:
    """The destinations that are set."""
    found: list[Destination] = []
    if settings.webhook is not None:
        found.append(PortalWebhook(settings.webhook))
    if settings.lrs is not None:
        found.append(RecordStore(settings.lrs, settings.portal_url))
    return tuple(found)


def retry_after(answer: httpx.Response, now: datetime) -> timedelta:
    """How long the answer asks to wait, a day at most; nothing when it doesn't say (RFC 9110, 10.2.3)."""
    told = answer.headers.get("retry-after", "")
    if told.isdecimal() and len(told) < 10:
        wait = timedelta(seconds=int(told))
    else:
        try:
            instant = parsedate_to_datetime(told)
        except ValueError:
            return timedelta(0)
        wait = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(wait, LONGEST_RETRY_AFTER))


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
