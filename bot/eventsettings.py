"""Settings of events: where a portal and a learning record store are told what happens."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

SECRET_BYTES = (24, 64)
"""How long a symmetric secret is (spec: Standard Webhooks, signature scheme)."""
MOST_SECRETS = 2


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where a portal is told what happens, and the secrets that sign it: the newest first, an older one beside it
    while the portal changes over."""

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LrsSettings:
    """A learning record store's xAPI address, which ends in a slash, and its credentials. ``home`` is the address that
    makes a Clerk ID somebody's account there."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    home: str


def webhook(env: Mapping[str, str]) -> WebhookSettings | None:
    """Where events go as webhooks; None where they don't. Raises ValueError with every mistake, a sentence each."""
    url, told = env.get("WEBHOOK_URL"), env.get("WEBHOOK_SECRET", "").split()
    if url is None and not told:
        return None
    wrong = []
    if url is None or not _is_safe(url):
        wrong.append("WEBHOOK_URL should be an https:// address of the portal, or http:// on this machine.")
    if not 1 <= len(told) <= MOST_SECRETS or not all(_is_secret(one) for one in told):
        wrong.append(
            "WEBHOOK_SECRET should be whsec_ and 24 to 64 bytes in base64, or two of them with a space between. "
            "Make one with: echo whsec_$(openssl rand -base64 32)"
        )
    if wrong:
        raise ValueError("\n".join(wrong))
    return WebhookSettings(url or "", tuple(told))


def lrs(env: Mapping[str, str]) -> LrsSettings | None:
    """The learning record store that is told; None where there is none. Raises ValueError with every mistake."""
    url, key, secret = env.get("LRS_URL"), env.get("LRS_KEY"), env.get("LRS_SECRET")
    if url is None and key is None and secret is None:
        return None
    home, wrong = env.get("PORTAL_URL") or env.get("CLERK_ISSUER"), []
    if url is None or not _is_safe(url):
        wrong.append("LRS_URL should be the https:// xAPI address of your learning record store.")
    if key is None or secret is None or ":" in key:
        wrong.append("LRS_KEY and LRS_SECRET go together: the user name and password of an xAPI client there.")
    if home is None:
        wrong.append("PORTAL_URL or CLERK_ISSUER is missing. The record store needs an address to name people by.")
    if wrong:
        raise ValueError("\n".join(wrong))
    return LrsSettings((url or "").rstrip("/") + "/", key or "", secret or "", (home or "").rstrip("/"))


def _is_safe(url: str) -> bool:
    """Whether what is sent there can't be read on the way, and the address holds no credentials."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    return bool(host) and "@" not in parts.netloc and is_private


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_secret(told: str) -> bool:
    try:
        size = len(b64decode(told.removeprefix("whsec_"), validate=True))
    except ValueError:
        return False
    return told.startswith("whsec_") and SECRET_BYTES[0] <= size <= SECRET_BYTES[1]
