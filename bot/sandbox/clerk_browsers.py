"""The browsers at the sign-in page: who is signed in where, and what each was asked to allow."""

import secrets
from dataclasses import dataclass, field

from bot.sandbox.clerk_refusals import DeadEnd
from bot.sandbox.clerk_requests import AuthorizationRequest
from bot.sandbox.clock import Clock

_PENDING_SECONDS = 600


@dataclass
class Pending:
    """A sign-in under way in one browser."""

    id: str
    browser: str
    request: AuthorizationRequest
    began_at: float


@dataclass
class Browsers:
    """Browsers are known by a random cookie. It changes when someone signs in, so that a cookie planted
    before is worth nothing after."""

    clock: Clock
    _signed_in: dict[str, str] = field(default_factory=dict)
    _pending: dict[str, Pending] = field(default_factory=dict)

    def user_in(self, browser: str | None) -> str | None:
        """Who is signed in in this browser."""
        return self._signed_in.get(browser) if browser else None

    def begin(self, browser: str | None, request: AuthorizationRequest) -> Pending:
        """Remember what was asked; a browser seen for the first time gets its cookie's value here."""
        now = self.clock.now()
        pending = Pending(secrets.token_urlsafe(24), browser or secrets.token_urlsafe(24), request, now)
        fresh = {p.id: p for p in self._pending.values() if now - p.began_at < _PENDING_SECONDS}
        self._pending = {**fresh, pending.id: pending}
        return pending

    def pending(self, id: str, browser: str | None) -> Pending:
        """The sign-in under way with this id, in the browser it began in. Raises DeadEnd."""
        found = self._pending.get(id)
        if found is None or found.browser != browser or self.clock.now() - found.began_at >= _PENDING_SECONDS:
            raise DeadEnd("This sign-in is over, or was begun in another browser.")
        return found

    def sign_in(self, pending: Pending, user: str) -> None:
        """Sign someone in, under a new cookie, which is `pending.browser` from now on."""
        self._signed_in.pop(pending.browser, None)
        pending.browser = secrets.token_urlsafe(24)
        self._signed_in[pending.browser] = user

    def sign_out(self, pending: Pending) -> None:
        self._signed_in.pop(pending.browser, None)

    def finish(self, pending: Pending) -> None:
        """The person has answered; the same page cannot be answered again."""
        del self._pending[pending.id]

    def clear(self) -> None:
        self._signed_in, self._pending = {}, {}
