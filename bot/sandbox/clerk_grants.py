"""What people allowed: codes that work once and briefly, and the access tokens they became."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from bot.sandbox.clerk_refusals import OAuthRefused
from bot.sandbox.clerk_requests import AuthorizationRequest
from bot.sandbox.clock import Clock

CODE_SECONDS = 600
TOKEN_SECONDS = 86_400
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass
class Grant:
    """One "Allow". `issued_at` is the workspace's time; `token` is there once the code was exchanged."""

    user: str
    request: AuthorizationRequest
    issued_at: float
    is_used: bool = False
    token: str | None = None
    token_issued_at: float = 0.0


@dataclass
class Grants:
    """Every grant of the last day. Codes live ten minutes, access tokens a day, on the workspace's clock
    (https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth)."""

    clock: Clock
    _by_code: dict[str, Grant] = field(default_factory=dict)

    def allow(self, user: str, request: AuthorizationRequest) -> str:
        """A new code for what this person allowed."""
        now = self.clock.now()
        fresh = {c: g for c, g in self._by_code.items() if now - g.issued_at < TOKEN_SECONDS + CODE_SECONDS}
        code = secrets.token_urlsafe(32)
        self._by_code = {**fresh, code: Grant(user, request, now)}
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Use a code up and give its grant an access token.

        A code is used up by the first attempt, right or wrong; a second one takes the access token back
        (RFC 6749, 4.1.2). Raises OAuthRefused with invalid_grant.
        """
        grant = self._by_code.get(code)
        if grant is None:
            raise OAuthRefused("invalid_grant", "There is no such code.")
        if grant.is_used:
            grant.token = None
            raise OAuthRefused("invalid_grant", "This code was used before. What it gave is taken back.")
        grant.is_used = True
        if self.clock.now() - grant.issued_at >= CODE_SECONDS:
            raise OAuthRefused("invalid_grant", "This code is too old.")
        if redirect_uri != grant.request.redirect_uri:
            raise OAuthRefused("invalid_grant", "redirect_uri is not the one the code was asked for with.")
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_challenge(verifier), grant.request.challenge):
            raise OAuthRefused("invalid_grant", "code_verifier does not fit the challenge.")
        grant.token = f"oat_{secrets.token_urlsafe(32)}"
        grant.token_issued_at = self.clock.now()
        return grant

    def by_token(self, token: str) -> Grant | None:
        """The grant of an access token that is still good."""
        for grant in self._by_code.values():
            if grant.token is not None and hmac.compare_digest(grant.token.encode(), token.encode()):
                return grant if self.clock.now() - grant.token_issued_at < TOKEN_SECONDS else None
        return None

    def clear(self) -> None:
        self._by_code = {}


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
