"""A strict local Clerk: the portal's people, their sign-ins, the keys, and what the bot is told."""

import base64
import copy
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.certificates import trusted
from bot.sandbox.activity import Activity
from bot.sandbox.clerk_browsers import Browsers
from bot.sandbox.clerk_grants import TOKEN_SECONDS, Grant, Grants
from bot.sandbox.clerk_keys import Keys
from bot.sandbox.clerk_people import ClerkUser, ExternalAccount, default_users
from bot.sandbox.clerk_webhooks import ClerkWebhooks, Delivered
from bot.sandbox.clock import Clock
from bot.sandbox.traffic import Traffic

PATH = "/clerk"
SESSION_TOKEN_SECONDS = 60


@dataclass(frozen=True)
class ClerkSetup:
    """What a local Clerk starts with.

    `redirect_uris` are compared letter by letter. An empty `client_secret` makes the application a public
    client, which PKCE alone protects. `webhook_secret` is "whsec_" and base64.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    secret_key: str
    webhook_secret: str
    portal_name: str = "Homeroom Academy"
    client_name: str = "Homeroom"
    users: Sequence[ClerkUser] = field(default_factory=default_users)


class Clerk:
    """The state of the local Clerk. Raises ValueError when the webhook secret is not Svix's.

    Times in what it signs follow the clock that signs Slack's requests, because those who verify look at
    their machine's clock; codes, access tokens and sign-ins follow the workspace's.
    """

    def __init__(self, setup: ClerkSetup, clock: Clock, activity: Activity, traffic: Traffic) -> None:
        self.setup = setup
        self.clock = clock
        self.issuer = f"http://127.0.0.1{PATH}"
        self.redirect_uris = setup.redirect_uris
        self.keys = Keys()
        self.grants = Grants(clock)
        self.browsers = Browsers(clock)
        self.webhooks = ClerkWebhooks(clock, activity, traffic, setup.webhook_secret)
        self.forge_id_token: Callable[[dict[str, Any]], str] | None = None
        """What the token endpoint gives instead of the true id_token, made from the true claims."""
        self.users: dict[str, ClerkUser] = {}
        self.back_to_start()

    def back_to_start(self) -> None:
        """Forget every change of people, every sign-in, code and token. Keys stay: clients remember them."""
        self.users = {user.id: copy.deepcopy(user) for user in self.setup.users}
        self.webhooks.give_up()
        self.grants.clear()
        self.browsers.clear()
        self.forge_id_token = None

    def who_may_sign_in(self, user_id: str | None) -> ClerkUser | None:
        """The user with this id, unless they are banned, deleted or nobody."""
        user = self.users.get(user_id) if user_id else None
        return user if user is not None and user.may_sign_in else None

    def rotate_keys(self, *, retire: bool = False) -> str:
        """Sign with a new key; the earlier ones stay published unless `retire`. Returns the new key's id."""
        return self.keys.rotate(retire=retire)

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        """A JWT with exactly these claims, signed with the key in use."""
        return self.keys.sign(claims, headers)

    def id_token(self, grant: Grant, user: ClerkUser) -> str:
        """The id_token of a grant whose code was exchanged."""
        now = self.clock.signing_time()
        half = hashlib.sha256((grant.token or "").encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.setup.client_id,
            "sub": user.id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **({"nonce": grant.request.nonce} if grant.request.nonce else {}),
            **user.claims(grant.request.scopes),
        }
        return self.sign(claims) if self.forge_id_token is None else self.forge_id_token(claims)

    def session_token(self, user_id: str, azp: str | None = None, **overrides: Any) -> str:
        """A session token as a portal page has it (https://clerk.com/docs/guides/sessions/session-tokens).

        `overrides` replace claims, and None takes one away.
        """
        now = self.clock.signing_time()
        claims: dict[str, Any] = {
            "azp": azp,
            "exp": now + SESSION_TOKEN_SECONDS,
            "fva": [0, -1],
            "iat": now,
            "iss": self.issuer,
            "jti": secrets.token_hex(10),
            "nbf": now - 10,
            "sid": f"sess_{secrets.token_hex(12)}",
            "sts": "active",
            "sub": user_id,
            "v": 2,
            **overrides,
        }
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def send_webhook(
        self,
        type: str,
        data: dict[str, Any],
        *,
        id: str | None = None,
        age: float = 0.0,
        happened_at: int | None = None,
        signature: str | None = None,
    ) -> Delivered:
        """Send a webhook while the rehearsal runs in another thread, and wait for the bot's answer.

        The knobs are those of `ClerkWebhooks.webhook`. Raises httpx.HTTPError when the rehearsal is not running,
        or ends meanwhile.
        """
        import httpx

        knobs = {"id": id, "age": age, "happened_at": happened_at, "signature": signature}
        asked = {"type": type, "data": data, **{name: value for name, value in knobs.items() if value is not None}}
        # Through its own door, because everything on the way to the bot belongs to the server's loop.
        address = f"{self.issuer.removesuffix(PATH)}/rehearsal/clerk/webhook"
        told = httpx.post(address, json=asked, trust_env=False, timeout=30, verify=trusted()).json()
        return Delivered(told["id"], told["status"], told["body"])

    def kept(self) -> dict[str, Any]:
        """Users and keys, as a state file keeps them."""
        return {"users": list(self.users.values()), "keys": self.keys.kept()}

    def take_back(self, kept: Mapping[str, Any]) -> None:
        """Use kept users and keys. Raises ValueError, KeyError or TypeError when they are not such."""
        users = [changed(ClerkUser(entry["id"]), entry) for entry in kept["users"]]
        self.keys.take_back(kept["keys"])
        self.users = {user.id: user for user in users}


def changed(user: ClerkUser, fields: Mapping[str, Any]) -> ClerkUser:
    """A copy of a user with fields as JSON gives them. Raises ValueError naming a field that is not one of a
    user's, or whose value is not of its kind."""
    known = vars(user)
    fresh = copy.deepcopy(known)
    for name, value in fields.items():
        if name not in known:
            raise ValueError(f"A user of the portal has no {name!r}.")
        if name == "other_emails":
            fresh[name] = _addresses(value)
        elif name == "external_accounts":
            fresh[name] = _accounts(value)
        elif type(value) is not type(known[name]):
            raise ValueError(f"{name!r} is a {type(known[name]).__name__}.")
        else:
            fresh[name] = value
    return ClerkUser(**fresh)


def _addresses(value: Any) -> tuple[tuple[str, bool], ...]:
    try:
        pairs = tuple((address, is_verified) for address, is_verified in value)
    except (TypeError, ValueError) as error:
        raise ValueError("'other_emails' is a list of pairs.") from error
    if not all(isinstance(address, str) and isinstance(is_verified, bool) for address, is_verified in pairs):
        raise ValueError("'other_emails' is a list of pairs of a str and a bool.")
    return pairs


def _accounts(value: Any) -> tuple[ExternalAccount, ...]:
    try:
        return tuple(ExternalAccount(**entry) for entry in value)
    except TypeError as error:
        known = ", ".join(vars(ExternalAccount("", "")))
        raise ValueError(f"'external_accounts' is a list of objects of {known}.") from error
