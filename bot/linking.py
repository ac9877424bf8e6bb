"""The web side of linking: a browser goes to sign in, comes back, and says that both are the same person.

``GET /link/TOKEN`` never uses the link up, so a scanner that follows it does no harm; only the POST at the end does.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clerk import Clerk, NotVerified, Unreachable
from bot.linkpages import HEADERS, both_you, sentence
from handlers.views import account as screens
from handlers.views.screens import Screen
from models import audit, linkrequests, links, members, users, workspaces
from models.database import Database
from models.errors import DomainError
from models.identities import Identity
from models.linkrequests import Asked

log = logging.getLogger("homeroom.linking")

LARGEST_FORM = 10_000
TRY_AGAIN = "Type /learn link in Slack for a new link."
BACK_TO_SLACK = "One more step: go back to Slack, and press “Yes, that's me” in my message to you."

Post = Callable[[str, str, Screen], None]
"""Send this screen to a person of a workspace."""


class Linking(NamedTuple):
    """What the pages work with. ``post`` writes to the Slack person; ``public_url`` is where browsers reach us."""

    database: Database
    clerk: Clerk
    public_url: str
    portal_name: str
    clock: Callable[[], datetime]
    post: Post
    parties: frozenset[str] = frozenset()

    @property
    def callback(self) -> str:
        """The redirect URI, letter by letter as Clerk has it."""
        return f"{self.public_url.rstrip('/')}/link/callback"

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https, so that the cookie can be kept to it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def cookie(self) -> str:
        """The cookie's name; the prefix keeps other hosts from setting it (RFC 6265bis)."""
        return "__Host-homeroom-link" if self.is_secure else "homeroom-link"

    # What happens at each address, all in a thread of the pool

    def set_out(self, token: str, browser: str | None) -> Response:
        """A browser opened the link: it goes to sign in, with a cookie that says which browser it is."""
        now = self.clock()
        browser = browser or secrets.token_urlsafe(24)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self.database.write() as session:
            asked = linkrequests.by_token(session, token, now)
            linkrequests.set_out(
                session, asked.request_id, state=state, browser=browser, verifier=verifier, nonce=nonce, now=now
            )
        url = self.clerk.sign_in_url(redirect_uri=self.callback, state=state, nonce=nonce, verifier=verifier)
        answer = RedirectResponse(url, 302, HEADERS)
        answer.set_cookie(
            self.cookie,
            browser,
            max_age=int(linkrequests.LIFETIME.total_seconds()),
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def come_back(self, state: str, code: str, error: str, browser: str) -> Response:
        """The browser signed in, or didn't: the page that names both sides, or one that says what to do."""
        now = self.clock()
        with self.database.write() as session:
            returned = linkrequests.come_back(session, state, browser, now)
        if error or not code:
            return sentence("Not signed in", f"You didn't let {self.portal_name} tell me who you are. {TRY_AGAIN}")
        identity = self.clerk.identity(
            code=code, redirect_uri=self.callback, verifier=returned.verifier, nonce=returned.nonce
        )
        with self.database.write() as session:
            trouble = self._trouble(session, returned.asked, identity)
            if trouble is not None:
                self._refused(session, returned.asked, identity, trouble)
                return sentence("Not linked", trouble, 409)
            linkrequests.signed_in(session, state, identity)
            handle, workspace = _names(session, returned.asked)
        return both_you(
            handle=handle,
            workspace=workspace,
            portal=self.portal_name,
            name=users.full_name(identity.first_name, identity.last_name) or identity.clerk_id,
            email=identity.email,
            action="/link/confirm",
            state=state,
        )

    def answer(self, state: str, browser: str, said: str) -> Response:
        """Whoever signed in said yes, and the Slack person is asked; or no, and nothing happens."""
        now = self.clock()
        with self.database.write() as session:
            asked, identity = linkrequests.who_is_there(session, state, browser, now)
            if said != "yes":
                linkrequests.refuse(session, asked.request_id)
                self._refused(session, asked, identity, "on the page")
                words = "Nothing was linked, and the link works no more. If you don't know who sent it, tell an admin."
                return sentence("Thank you", words)
            trouble = self._trouble(session, asked, identity)
            if trouble is not None:
                return sentence("Not linked", trouble, 409)
            linkrequests.confirm(session, asked.request_id, identity, now)
        self._ask_in_slack(asked, identity)
        return sentence("Almost there", BACK_TO_SLACK)

    def by_session(self, token: str, bearer: str) -> Response:
        """A portal page vouches for who is signed in there; the Slack person is still asked."""
        now = self.clock()
        clerk_id = self.clerk.session(bearer, self.parties)
        with self.database.write() as session:
            asked = linkrequests.by_token(session, token, now)
            user = users.get(session, clerk_id)
            identity = Identity(clerk_id, user.first_name, user.last_name) if user else Identity(clerk_id)
            trouble = self._trouble(session, asked, identity)
            if trouble is not None:
                self._refused(session, asked, identity, trouble)
                return JSONResponse({"error": trouble}, 409, HEADERS)
            linkrequests.confirm(session, asked.request_id, identity, now)
        self._ask_in_slack(asked, identity)
        return JSONResponse({"next": BACK_TO_SLACK}, 200, HEADERS)

    def _ask_in_slack(self, asked: Asked, identity: Identity) -> None:
        name = users.full_name(identity.first_name, identity.last_name) or identity.clerk_id
        screen = screens.is_this_you(self.portal_name, name, identity.email, asked.request_id)
        self.post(asked.team_id, asked.slack_user_id, screen)

    def _trouble(self, session: Session, asked: Asked, identity: Identity) -> str | None:
        """Why these two can't be linked, in a sentence, or None."""
        holder = links.holder(session, asked.team_id, identity.clerk_id)
        if holder not in (None, asked.slack_user_id):
            return (
                f"Your account in {self.portal_name} is linked to somebody else in that Slack workspace. "
                "Ask an admin there to unlink them first."
            )
        if identity.email is not None and users.holder_of(session, identity.email) not in (None, identity.clerk_id):
            return str(users.EmailTaken())
        return None

    def _refused(self, session: Session, asked: Asked, identity: Identity, why: str) -> None:
        me = audit.member(asked.team_id, asked.slack_user_id)
        audit.note(session, "link.refused", actor=identity.clerk_id, whom=me, because=why, now=self.clock())


def routes(linking: Linking, pool: ThreadPoolExecutor) -> list[Route]:
    """The addresses of linking."""

    async def run(work: Callable[..., Response], *arguments: Any) -> Response:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, lambda: _explained(work, *arguments))

    async def open_link(request: Request) -> Response:
        token = request.path_params["token"]
        return await run(linking.set_out, token, request.cookies.get(linking.cookie))

    async def callback(request: Request) -> Response:
        asked = request.query_params
        browser = request.cookies.get(linking.cookie, "")
        return await run(
            linking.come_back, asked.get("state", ""), asked.get("code", ""), asked.get("error", ""), browser
        )

    async def confirm(request: Request) -> Response:
        form = await _form(request)
        browser = request.cookies.get(linking.cookie, "")
        return await run(linking.answer, form.get("state", ""), browser, form.get("answer", ""))

    async def session(request: Request) -> Response:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        form = await _form(request)
        if scheme.lower() != "bearer" or not bearer:
            return JSONResponse({"error": "Send the session token as a bearer."}, 401, HEADERS)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, lambda: _told(linking.by_session, form.get("token", ""), bearer))

    return [
        Route("/link/callback", callback, methods=["GET"]),
        Route("/link/confirm", confirm, methods=["POST"]),
        Route("/link/session", session, methods=["POST"]),
        Route("/link/{token}", open_link, methods=["GET"]),
    ]


def _explained(work: Callable[..., Response], *arguments: Any) -> Response:
    try:
        return work(*arguments)
    except NotVerified as error:
        log.warning("A sign-in proved nothing: %s", error)
        return sentence("Not signed in", f"I couldn't make sure who you are. {TRY_AGAIN}", 400)
    except Unreachable as error:
        log.warning("Clerk could not be asked: %s", error)
        return sentence("Try again in a minute", f"The sign-in can't be reached just now. {TRY_AGAIN}", 503)
    except DomainError as error:
        return sentence("This didn't work", str(error), 400)


def _told(work: Callable[..., Response], *arguments: Any) -> Response:
    try:
        return work(*arguments)
    except NotVerified as error:
        log.warning("A session token proved nothing: %s", error)
        return JSONResponse({"error": "The session token proves nothing. Sign in again."}, 401, HEADERS)
    except Unreachable:
        return JSONResponse({"error": "Clerk can't be reached just now. Try again in a minute."}, 503, HEADERS)
    except DomainError as error:
        return JSONResponse({"error": str(error)}, 400, HEADERS)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form or JSON object; empty for anything else."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    return _fields(body, request.headers.get("content-type", ""))


def _fields(body: bytes, content_type: str) -> dict[str, str]:
    if content_type.startswith("application/json"):
        try:
            told = json.loads(body)
        except ValueError:
            return {}
        pairs = told.items() if isinstance(told, dict) else ()
        return {str(name): value for name, value in pairs if isinstance(value, str)}
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _names(session: Session, asked: Asked) -> tuple[str, str]:
    caller = members.identify(session, asked.team_id, asked.slack_user_id)
    workspace = workspaces.by_team(session, asked.team_id)
    return (caller.handle if caller else asked.slack_user_id), (workspace.name if workspace else asked.team_id)
