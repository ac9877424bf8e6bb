"""The people of the portal, as Clerk describes them."""

from dataclasses import dataclass, field
from typing import Any

_LONG_AGO = 1_700_000_000_000


@dataclass(frozen=True)
class ExternalAccount:
    """An account elsewhere that a user connected, e.g. `provider` "oauth_slack" and their Slack user id.

    `public_metadata` is whatever the provider told beside the id; `status` is that of the verification.
    """

    provider: str
    provider_user_id: str
    public_metadata: dict[str, Any] = field(default_factory=dict)
    status: str = "verified"


@dataclass
class ClerkUser:
    """A user of the portal, who signs in without a password.

    `email` is the primary address; `other_emails` are (address, verified). Times are milliseconds since 1970 (UTC).
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    email_verified: bool = True
    other_emails: tuple[tuple[str, bool], ...] = ()
    image_url: str = ""
    public_metadata: dict[str, Any] = field(default_factory=dict)
    unsafe_metadata: dict[str, Any] = field(default_factory=dict)
    external_accounts: tuple[ExternalAccount, ...] = ()
    banned: bool = False
    locked: bool = False
    deprovisioned: bool = False
    deleted: bool = False
    created_at: int = _LONG_AGO
    updated_at: int = _LONG_AGO

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def may_sign_in(self) -> bool:
        """Neither banned, locked, deprovisioned nor deleted."""
        return not (self.banned or self.locked or self.deprovisioned or self.deleted)

    @property
    def connected(self) -> set[tuple[str, str]]:
        """Provider and id of every connected account, verified or not."""
        return {(account.provider, account.provider_user_id) for account in self.external_accounts}

    @property
    def emails(self) -> tuple[tuple[str, bool], ...]:
        """Every address and whether it is verified, the primary one first."""
        primary = ((self.email, self.email_verified),) if self.email else ()
        return primary + self.other_emails

    def claims(self, scopes: frozenset[str]) -> dict[str, Any]:
        """What these scopes tell about the person, beside the id."""
        told: dict[str, Any] = {}
        if "email" in scopes and self.email:
            told |= {"email": self.email, "email_verified": self.email_verified}
        if "profile" in scopes:
            names = {"name": self.name, "given_name": self.first_name, "family_name": self.last_name}
            told |= {key: value for key, value in {**names, "picture": self.image_url}.items() if value}
        return told


def user_object(user: ClerkUser) -> dict[str, Any]:
    """The user as Clerk's Backend API and webhooks show them
    (https://clerk.com/docs/reference/backend/types/backend-user)."""
    return {
        "id": user.id,
        "object": "user",
        "username": None,
        "first_name": user.first_name or None,
        "last_name": user.last_name or None,
        "image_url": user.image_url,
        "has_image": bool(user.image_url),
        "primary_email_address_id": _email_id(user, 0) if user.email else None,
        "email_addresses": [
            {
                "id": _email_id(user, n),
                "object": "email_address",
                "email_address": address,
                "verification": {
                    "object": "verification_otp",
                    "status": "verified" if is_verified else "unverified",
                    "strategy": "email_code",
                },
                "linked_to": [],
            }
            for n, (address, is_verified) in enumerate(user.emails)
        ],
        "phone_numbers": [],
        "external_accounts": [
            {
                "id": f"eac_{user.id.removeprefix('user_')}{n}",
                "object": "external_account",
                "provider": account.provider,
                "provider_user_id": account.provider_user_id,
                "email_address": user.email,
                "public_metadata": account.public_metadata,
                "verification": {
                    "object": "verification_oauth",
                    "status": account.status,
                    "strategy": account.provider,
                },
            }
            for n, account in enumerate(user.external_accounts)
        ],
        "external_id": None,
        "public_metadata": user.public_metadata,
        "private_metadata": {},
        "unsafe_metadata": user.unsafe_metadata,
        "password_enabled": False,
        "banned": user.banned,
        "locked": user.locked,
        "deprovisioned": user.deprovisioned,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }


def _email_id(user: ClerkUser, n: int) -> str:
    return f"idn_{user.id.removeprefix('user_')}{n}"


def default_users() -> tuple[ClerkUser, ...]:
    """Those of the workspace's cast who are in the portal, and Alan, who is in the portal only."""
    return (
        ClerkUser("user_ada", "Ada", "Lovelace", "ada@academy.example"),
        ClerkUser("user_mary", "Mary", "Jackson", "mary@academy.example"),
        ClerkUser("user_grace", "Grace", "Hopper", "grace@academy.example"),
        ClerkUser("user_radia", "Radia", "Perlman", "radia@academy.example"),
        ClerkUser("user_alan", "Alan", "Turing", "alan@academy.example"),
        ClerkUser("user_linus", "Linus", "Pauling", "linus@academy.example"),
        ClerkUser("user_eve", "Eve", "Moneypenny", "eve@academy.example"),
    )
