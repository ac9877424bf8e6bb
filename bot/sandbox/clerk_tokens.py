"""What the bot itself asks of the identity provider: where things are, keys, tokens, and who someone is."""

import base64
import binascii
import hmac
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.clerk import Clerk
from bot.sandbox.clerk_grants import TOKEN_SECONDS
from bot.sandbox.clerk_refusals import OAuthRefused
from bot.sandbox.clerk_requests import SCOPES


async def discovery(clerk: Clerk, request: Request) -> Response:
    """The metadata document (OpenID Connect Discovery 1.0, 3; RFC 8414, 2)."""
    oauth = f"{clerk.issuer}/oauth"
    return JSONResponse(
        {
            "issuer": clerk.issuer,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "jwks_uri": f"{clerk.issuer}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": list(SCOPES),
            "claims_supported": [
                "iss", "aud", "sub", "iat", "exp", "nonce", "at_hash", "email", "email_verified", "name", "given_name",
                "family_name", "picture",
            ],
        }
    )  # fmt: skip


async def jwks(clerk: Clerk, request: Request) -> Response:
    """The published keys."""
    return JSONResponse({"keys": clerk.keys.published()})


async def token(clerk: Clerk, request: Request) -> Response:
    """Exchange a code (RFC 6749, 4.1.3; OpenID Connect Core 1.0, 3.1.3). Raises OAuthRefused."""
    given = await _form(request)
    _authenticate(clerk, request.headers.get("authorization"), given)
    if given.get("grant_type") != "authorization_code":
        code = "unsupported_grant_type" if given.get("grant_type") else "invalid_request"
        raise OAuthRefused(code, 'grant_type is "authorization_code".')
    missing = [name for name in ("code", "redirect_uri", "code_verifier") if not given.get(name)]
    if missing:
        raise OAuthRefused("invalid_request", f"Required: {', '.join(missing)}.")
    grant = clerk.grants.exchange(given["code"], given["redirect_uri"], given["code_verifier"])
    user = clerk.who_may_sign_in(grant.user)
    if user is None:
        raise OAuthRefused("invalid_grant", "This person was banned or deleted in between.")
    answer = {
        "access_token": grant.token,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(scope for scope in SCOPES if scope in grant.request.scopes),
        "id_token": clerk.id_token(grant, user),
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


async def userinfo(clerk: Clerk, request: Request) -> Response:
    """Who the bearer of an access token is (OpenID Connect Core 1.0, 5.3). Raises OAuthRefused."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise OAuthRefused("invalid_request", "A bearer token is required.", 401, "Bearer")
    grant = clerk.grants.by_token(given)
    user = clerk.who_may_sign_in(grant.user) if grant is not None else None
    if grant is None or user is None:
        raise OAuthRefused("invalid_token", "This token is not good.", 401, 'Bearer error="invalid_token"')
    claims = {"sub": user.id, **user.claims(grant.request.scopes)}
    return JSONResponse(claims, headers={"Cache-Control": "no-store"})


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise OAuthRefused("invalid_request", "Send a form, as application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True)
    except UnicodeDecodeError as error:
        raise OAuthRefused("invalid_request", "The form is not UTF-8.") from error
    if len(dict(pairs)) != len(pairs):
        raise OAuthRefused("invalid_request", "A parameter was given twice.")
    return dict(pairs)


def _authenticate(clerk: Clerk, header: str | None, given: dict[str, str]) -> None:
    """Let the application in: by client_secret_basic, or by its name where it has no secret."""
    setup = clerk.setup
    refused = OAuthRefused("invalid_client", "This application could not be authenticated.", 401, 'Basic realm="clerk"')
    if "client_secret" in given:
        raise refused
    if not setup.client_secret:
        if header is not None or given.get("client_id") != setup.client_id:
            raise refused
        return
    scheme, _, credentials = (header or "").partition(" ")
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise refused from error
    # Both halves are form-encoded before base64 (RFC 6749, 2.3.1).
    is_name = hmac.compare_digest(unquote_plus(name).encode(), setup.client_id.encode())
    is_secret = hmac.compare_digest(unquote_plus(secret).encode(), setup.client_secret.encode())
    if scheme.lower() != "basic" or not (is_name and is_secret):
        raise refused
    if given.get("client_id", setup.client_id) != setup.client_id:
        raise refused
