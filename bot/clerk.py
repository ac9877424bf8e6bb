"""Clerk as OpenID Connect provider: where to send a browser, and who came back, by tokens checked to the letter."""

import base64
import hashlib
import logging
from collections.abc import Collection, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
from jwt import PyJWKClient

from bot.certificates import trusted
from models.identities import Identity

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("homeroom.clerk")

SECONDS = 5.0
LEEWAY = 10
"""Seconds two clocks may differ."""
SCOPES = "openid profile email"


class NotVerified(Exception):
    """A token or an answer that proves nothing; ``str`` is why, for the log."""


class Unreachable(Exception):
    """Clerk can't be asked just now."""


class Clerk:
    """One Clerk instance, by its issuer (the Frontend API's URL), and our OAuth application in it.

    Who only reads session tokens needs no application.
    """

    def __init__(self, issuer: str, client_id: str = "", client_secret: str | None = None) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id, self._client_secret = client_id, client_secret
        self._client: httpx.Client | None = None
        self._lock = RLock()
        self._known: Mapping[str, str] | None = None
        self._keys: PyJWKClient | None = None

    def __repr__(self) -> str:
        return f"Clerk({self.issuer})"

    def sign_in_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises `Unreachable`."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(asked)}"

    def identity(self, *, code: str, redirect_uri: str, verifier: str, nonce: str) -> Identity:
        """Who signed in, for a code that works once. Raises `NotVerified` and `Unreachable`."""
        import httpx

        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(self._client_id, self._client_secret) if self._client_secret else None
        if auth is None:
            asked["client_id"] = self._client_id
        try:
            answer = self._http().post(
                self._endpoint("token_endpoint"), data=asked, auth=auth or httpx.USE_CLIENT_DEFAULT
            )
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status_code >= 500:
            raise Unreachable(f"http {answer.status_code}")
        told = _json(answer)
        if answer.status_code != 200 or not isinstance(told.get("id_token"), str):
            raise NotVerified(f"no id_token: {told.get('error')}")
        return _identity(self.id_token(told["id_token"], nonce=nonce))

    def id_token(self, token: str, *, nonce: str) -> dict[str, Any]:
        """The claims of an id_token meant for us and for this sign-in. Raises `NotVerified` and `Unreachable`."""
        claims = self._claims(token, audience=self._client_id, require=("exp", "iat", "iss", "aud", "sub", "nonce"))
        if claims["nonce"] != nonce:
            raise NotVerified("another nonce")
        return claims

    def session(self, token: str, parties: Collection[str]) -> str:
        """The Clerk ID behind a session token of a page of ours. Raises `NotVerified` and `Unreachable`.

        ``azp`` must name a permitted party, since OAuth access tokens are signed with the same keys; a pending or an
        impersonated session proves nothing (docs: session tokens).
        """
        claims = self._claims(token, audience=None, require=("exp", "iat", "iss", "sub", "azp", "sid"))
        if claims["azp"] not in parties:
            raise NotVerified("another party")
        if claims.get("sts") == "pending" or claims.get("act") is not None:
            raise NotVerified("a pending or impersonated session")
        return str(claims["sub"])

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()

    def _http(self) -> "httpx.Client":
        # It and the certificates the world trusts take a fifth of a second to load, which a start can do without.
        import httpx

        with self._lock:
            if self._client is None:
                self._client = httpx.Client(timeout=SECONDS, follow_redirects=False, verify=trusted())
            return self._client

    def _claims(self, token: str, *, audience: str | None, require: Collection[str]) -> dict[str, Any]:
        try:
            key = self._key_client().get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": list(require), "verify_aud": audience is not None},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise Unreachable("jwks") from error
        except jwt.PyJWTError as error:
            raise NotVerified(type(error).__name__) from error
        return claims

    def _key_client(self) -> PyJWKClient:
        url = self._endpoint("jwks_uri")
        with self._lock:
            if self._keys is None:
                # An unknown key id is asked for again at most every thirty seconds, PyJWT's own cool-down.
                self._keys = PyJWKClient(url, timeout=SECONDS)
            return self._keys

    def _endpoint(self, name: str) -> str:
        with self._lock:
            if self._known is None:
                self._known = self._discover()
            known = self._known
        return known[name]

    def _discover(self) -> Mapping[str, str]:
        import httpx

        try:
            told = _json(self._http().get(f"{self.issuer}/.well-known/openid-configuration").raise_for_status())
        except (httpx.HTTPError, NotVerified) as error:
            raise Unreachable("discovery") from error
        if told.get("issuer") != self.issuer:
            log.error("CLERK_ISSUER is %s, and Clerk calls itself %s", self.issuer, told.get("issuer"))
            raise Unreachable("another issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if any(not isinstance(told.get(name), str) for name in names):
            raise Unreachable("discovery")
        return {name: str(told[name]) for name in names}


def _identity(claims: Mapping[str, Any]) -> Identity:
    email = claims.get("email") if claims.get("email_verified") is True else None
    return Identity(
        clerk_id=str(claims["sub"]),
        first_name=str(claims.get("given_name") or ""),
        last_name=str(claims.get("family_name") or ""),
        email=str(email) if email else None,
        image_url=str(claims["picture"]) if claims.get("picture") else None,
    )


def _json(answer: "httpx.Response") -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError as error:
        raise NotVerified("no JSON") from error
    if not isinstance(told, dict):
        raise NotVerified("no JSON object")
    return told
