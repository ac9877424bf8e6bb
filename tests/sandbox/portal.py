"""What the tests of the local Clerk stand on: an application that signs people in, by the book."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import httpx

from bot.sandbox.clerk import Clerk, ClerkSetup
from bot.sandbox.server import RunningRehearsal
from tests import plain
from tests.sandbox.stand import Stand

CLIENT, CLIENT_SECRET = "homeroom-client", "a client secret: 100% odd+"
SECRET_KEY = "sk_test_of_these_tests"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byte").decode()
CALLBACK = "http://127.0.0.1:9/link/callback?from=clerk"
VERIFIER = "v" * 43


def clerk_setup(**changes: Any) -> ClerkSetup:
    given = {
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": (CALLBACK, "http://127.0.0.1:9/other"),
        "secret_key": SECRET_KEY,
        "webhook_secret": WEBHOOK_SECRET,
    }
    return ClerkSetup(**{**given, **changes})


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def told(response: httpx.Response) -> dict[str, str]:
    """What a redirect tells the application."""
    assert response.status_code == 303
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


@dataclass
class Browser:
    """Somebody's browser at the portal. It follows no redirect by itself."""

    http: httpx.Client
    page: str = ""
    last: httpx.Response = field(default_factory=lambda: httpx.Response(200))

    def ask(self, **changes: str | None) -> httpx.Response:
        """Open the authorization endpoint; None leaves a parameter out."""
        given: dict[str, str | None] = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return self.see(
            self.http.get("/clerk/oauth/authorize", params={k: v for k, v in given.items() if v is not None})
        )

    def see(self, response: httpx.Response) -> httpx.Response:
        self.last, self.page = response, response.text
        return response

    def press(self, action: str, **values: str) -> httpx.Response:
        """Press a button of the page's form for this."""
        form = re.search(rf'action="/clerk/{action}"><input type="hidden" name="request" value="([^"]+)"', self.page)
        assert form is not None, self.page
        return self.see(self.http.post(f"/clerk/{action}", data={"request": form[1], **values}))

    def follow(self) -> httpx.Response:
        return self.see(self.http.get(self.last.headers["location"]))

    def sign_in(self, user: str, **changes: str | None) -> httpx.Response:
        """From the first page to the question whether to allow it."""
        self.ask(**changes)
        self.press("sign-in", user=user)
        return self.follow()

    def code(self, user: str = "user_ada", **changes: str | None) -> str:
        """A code this person allowed."""
        self.sign_in(user, **changes)
        return told(self.press("consent", answer="allow"))["code"]


@dataclass
class Portal:
    """The local Clerk in a running rehearsal."""

    stand: Stand

    @property
    def running(self) -> RunningRehearsal:
        return self.stand.running

    @property
    def clerk(self) -> Clerk:
        return self.running.rehearsal.clerk

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        with plain.client(base_url=self.running.url, trust_env=False) as http:
            yield Browser(http)

    def code(self, user: str = "user_ada", **changes: str | None) -> str:
        with self.browser() as browser:
            return browser.code(user, **changes)

    def exchange(
        self, code: str, *, auth: tuple[str, str] | None = (CLIENT, CLIENT_SECRET), **changes: str | None
    ) -> httpx.Response:
        """Ask the token endpoint."""
        given: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.stand.http.post(
            "/clerk/oauth/token",
            data={k: v for k, v in given.items() if v is not None},
            headers={} if auth is None else {"Authorization": basic(*auth)},
        )

    def userinfo(self, token: str) -> httpx.Response:
        return self.stand.http.get("/clerk/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    def users(self, path: str = "", key: str = SECRET_KEY, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return self.stand.http.get(f"/clerk/v1/users{path}", params=params, headers=headers)

    def ids(self, **params: Any) -> list[str]:
        """The ids of the users found, in alphabetical order."""
        return sorted(user["id"] for user in self.users(**params).json())


def basic(name: str, secret: str) -> str:
    """client_secret_basic with both halves form-encoded, as RFC 6749 says."""
    return "Basic " + base64.b64encode(f"{quote_plus(name)}:{quote_plus(secret)}".encode()).decode()


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and error code of a refusal in OAuth's words."""
    body: Mapping[str, Any] = response.json()
    return response.status_code, body["error"]
