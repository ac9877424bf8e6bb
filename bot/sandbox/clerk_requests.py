"""What someone asks for at the authorization endpoint, and everything that may be wrong with it."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.clerk_refusals import DeadEnd, SentBack

SCOPES = ("openid", "profile", "email")
_PROMPTS = {"none", "login", "consent"}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class AuthorizationRequest:
    """An authorization request that was found in order."""

    redirect_uri: str
    state: str
    scopes: frozenset[str]
    challenge: str
    nonce: str | None
    prompt: frozenset[str]


def read_request(
    asked: Sequence[tuple[str, str]], client_id: str, redirect_uris: Sequence[str]
) -> AuthorizationRequest:
    """The request these parameters make (RFC 6749, 4.1.1; RFC 7636, 4.3).

    Raises DeadEnd while it is not certain who asks and where they may be sent, SentBack afterwards.
    """
    given = dict(asked)
    repeated = {name for name, times in Counter(name for name, _ in asked).items() if times > 1}
    if repeated & {"client_id", "redirect_uri"}:
        raise DeadEnd("The application's name or the address to go back to was given twice.")
    if given.get("client_id") != client_id:
        raise DeadEnd("This portal does not know the application that sent you here.")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in redirect_uris:
        raise DeadEnd("The address to go back to is not one that this application registered.")
    for is_wrong, error, description in _faults(given, repeated):
        if is_wrong:
            state = None if "state" in repeated else given.get("state")
            raise SentBack(redirect_uri, error, description, state)
    return AuthorizationRequest(
        redirect_uri,
        given["state"],
        _words(given, "scope"),
        given["code_challenge"],
        given.get("nonce") or None,
        _words(given, "prompt"),
    )


def _words(given: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(given.get(name, "").split())


def _faults(given: Mapping[str, str], repeated: Collection[str]) -> Iterator[tuple[bool, str, str]]:
    """Whether something is wrong, the error code for it, and what it is; the first that is wrong counts."""
    response_type, scopes, prompt = given.get("response_type"), _words(given, "scope"), _words(given, "prompt")
    yield bool(repeated), "invalid_request", f"Given more than once: {', '.join(sorted(repeated))}."
    yield "request" in given, "request_not_supported", "request is not supported."
    yield "request_uri" in given, "request_uri_not_supported", "request_uri is not supported."
    yield not response_type, "invalid_request", "response_type is required."
    yield response_type != "code", "unsupported_response_type", 'response_type is "code".'
    yield given.get("response_mode", "query") != "query", "invalid_request", 'response_mode is "query".'
    yield "openid" not in scopes, "invalid_scope", "scope has openid."
    yield not scopes <= set(SCOPES), "invalid_scope", f"scope is among {', '.join(SCOPES)}."
    yield not given.get("state"), "invalid_request", "state is required."
    is_s256 = given.get("code_challenge_method") == "S256"
    yield not is_s256, "invalid_request", 'PKCE is required: code_challenge_method is "S256".'
    is_challenge = _CHALLENGE.fullmatch(given.get("code_challenge", "")) is not None
    yield not is_challenge, "invalid_request", "PKCE is required: code_challenge is 43 characters of base64url."
    is_prompt = prompt <= _PROMPTS and ("none" not in prompt or len(prompt) == 1)
    yield not is_prompt, "invalid_request", 'prompt is "none", "login" or "consent".'
