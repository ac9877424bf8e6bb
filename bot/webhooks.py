"""Clerk's door: webhooks about its users, signed the Svix way. The body is never logged: it holds private metadata."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models import clerkusers, events, grants, links, users
from models.database import Database
from models.errors import DomainError, Unavailable
from models.identities import Identity

log = logging.getLogger("homeroom.webhooks")

LARGEST_BODY = 512 * 1024
SENT_AS = {"webhook-id": "svix-id", "webhook-timestamp": "svix-timestamp", "webhook-signature": "svix-signature"}
"""Svix signs as the Standard Webhooks say, under header names of its own."""


class ClerkWebhooks:
    """Takes what Clerk tells, once and in order."""

    def __init__(
        self,
        database: Database,
        secret: str,
        clock: Callable[[], datetime],
        refresh_home: Callable[[str, str], object],
        *,
        mirrors_roles: bool = False,
    ) -> None:
        self._database, self._webhook, self._clock = database, Webhook(secret), clock
        self._refresh_home = refresh_home
        self._mirrors_roles = mirrors_roles

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Act on one webhook; the status to answer with. What could not be stored is asked for again."""
        named = {ours: headers.get(theirs, "") for ours, theirs in SENT_AS.items()}
        try:
            # A signature with no comma in it raises ValueError.
            self._webhook.verify(body, named)
        except (WebhookVerificationError, ValueError):
            log.warning("A webhook with a bad signature was refused")
            return 400
        try:
            told = json.loads(body)
            kind, data = str(told["type"]), dict(told["data"])
            ended: tuple[tuple[str, str], ...] = ()
            with self._database.write() as session:
                if events.first_time(session, f"svix {named['webhook-id']}", self._clock()):
                    ended = self._act(session, kind, data)
            for team_id, slack_user_id in ended:
                self._refresh_home(team_id, slack_user_id)
        except Unavailable:
            return 503
        except DomainError as error:
            log.warning("A webhook told what can't be: %s", error)
        except (KeyError, TypeError, ValueError) as error:
            log.warning("A webhook could not be read: %s", type(error).__name__)
            return 400
        return 204

    def _act(self, session: Session, kind: str, data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Whose links ended by it: team id and Slack user id of each."""
        now, clerk_id = self._clock(), str(data["id"])
        before = links.everywhere(session, clerk_id)
        if kind == "user.deleted":
            clerkusers.deleted(session, clerk_id, now, datetime.now(UTC))
        elif kind in ("user.created", "user.updated"):
            changed_at = datetime.fromtimestamp(int(data["updated_at"]) / 1000, UTC)
            is_banned = bool(data.get("banned"))
            was_taken = clerkusers.changed(
                session, identity(data), is_banned=is_banned, changed_at=changed_at, now=now, real_now=datetime.now(UTC)
            )
            if was_taken and self._mirrors_roles and users.get(session, clerk_id) is not None:
                grants.mirror(session, clerk_id, roles_of(data), now)
        after = links.everywhere(session, clerk_id)
        return tuple(one for one in before if one not in after)


def identity(data: Mapping[str, Any]) -> Identity:
    """Who a user object of Clerk is; the e-mail is the primary one, where it is verified."""
    emails = [one for one in data.get("email_addresses") or () if one.get("id") == data.get("primary_email_address_id")]
    is_verified = bool(emails) and (emails[0].get("verification") or {}).get("status") == "verified"
    return Identity(
        clerk_id=str(data["id"]),
        first_name=str(data.get("first_name") or ""),
        last_name=str(data.get("last_name") or ""),
        email=str(emails[0]["email_address"]) if is_verified else None,
        image_url=str(data["image_url"]) if data.get("image_url") else None,
    )


def roles_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles Clerk's public metadata names. People can write their unsafe metadata themselves, so that is not read
    (docs: user metadata)."""
    told = (data.get("public_metadata") or {}).get("roles")
    return tuple(str(one) for one in told if isinstance(one, str)) if isinstance(told, list) else ()


def route(webhooks: ClerkWebhooks, pool: ThreadPoolExecutor) -> Route:
    """The address Clerk calls."""

    async def receive(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return Response(status_code=413)
        headers = dict(request.headers)
        status = await asyncio.get_running_loop().run_in_executor(pool, webhooks.take, body, headers)
        return Response(status_code=status)

    return Route("/clerk/webhook", receive, methods=["POST"])
