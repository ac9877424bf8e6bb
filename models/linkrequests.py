"""Requests to be linked: what a Slack person asked for, who signed in for it, and that each step is taken once.

A link in the browser is a secret that works once and for ten minutes; only its SHA-256 is kept. It binds nobody: the
person who signs in says that both are them, and then the Slack person says so too.
"""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Index, bindparam, delete, select, update
from sqlmodel import Field, Session

from models.errors import DomainError
from models.identities import Identity
from models.statements import an_id, table_of
from models.tablemodels import TableModel

LIFETIME = timedelta(minutes=10)
"""For each side: the browser's from when the link was made, then the Slack person's from when they were asked."""
KEPT = timedelta(days=1)

OPEN, CONFIRMED, BOUND, REFUSED, REPLACED = "open", "confirmed", "bound", "refused", "replaced"


class LinkRequest(TableModel, table=True):
    """One Slack person's wish to be linked. ``wish`` is what they were doing, to be done once they are.

    The fields from ``clerk_id`` on are of whoever signed in and said that both are them.
    """

    __tablename__ = "homeroom_link_request"
    __table_args__ = (
        Index("ix_homeroom_link_request_team_id_slack_user_id", "team_id", "slack_user_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    token_digest: str = Field(unique=True)
    team_id: str
    slack_user_id: str
    wish: str = ""
    state: str = OPEN
    expires_at: datetime
    clerk_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    image_url: str | None = None


class SignIn(TableModel, table=True):
    """One browser on its way to the portal's sign-in and back, known by the state it carries and a cookie it keeps."""

    __tablename__ = "homeroom_sign_in"
    __table_args__ = (Index("ix_homeroom_sign_in_expires_at", "expires_at"),)

    state_digest: str = Field(primary_key=True)
    request_id: int = Field(foreign_key="homeroom_link_request.id", ondelete="CASCADE", index=True)
    browser_digest: str
    verifier: str
    nonce: str
    expires_at: datetime
    returned_at: datetime | None = None
    clerk_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    image_url: str | None = None


class Asked(NamedTuple):
    """A request as a step finds it."""

    request_id: int
    team_id: str
    slack_user_id: str
    wish: str


class Returned(NamedTuple):
    """A browser that came back from signing in, and what its sign-in must match."""

    asked: Asked
    verifier: str
    nonce: str


class LinkOver(DomainError):
    """The link was used, ran out, or was replaced by a newer one."""

    def __init__(self) -> None:
        super().__init__("This link is no longer good: it works once, for ten minutes. Type /learn link for a new one.")


_REQUEST, _SIGN_IN = table_of(LinkRequest), table_of(SignIn)
_REPLACE = (
    update(_REQUEST)
    .where(
        _REQUEST.c.team_id == bindparam("team"),
        _REQUEST.c.slack_user_id == bindparam("person"),
        _REQUEST.c.state.in_((OPEN, CONFIRMED)),
    )
    .values(state=REPLACED)
)
_IS_OPEN = (_REQUEST.c.state == OPEN) & (_REQUEST.c.expires_at > bindparam("now"))
_ASKED = select(_REQUEST.c.id, _REQUEST.c.team_id, _REQUEST.c.slack_user_id, _REQUEST.c.wish)
_BY_TOKEN = _ASKED.where(_REQUEST.c.token_digest == bindparam("digest"), _IS_OPEN)
_BY_ID = _ASKED.where(_REQUEST.c.id == an_id("request"), _IS_OPEN)
_THIS_BROWSER = (
    (_SIGN_IN.c.state_digest == bindparam("state"))
    & (_SIGN_IN.c.browser_digest == bindparam("browser"))
    & (_SIGN_IN.c.expires_at > bindparam("now"))
)
_RETURN = (
    update(_SIGN_IN)
    .where(_THIS_BROWSER, _SIGN_IN.c.returned_at.is_(None))
    .values(returned_at=bindparam("now"))
    .returning(_SIGN_IN.c.request_id, _SIGN_IN.c.verifier, _SIGN_IN.c.nonce)
)
_WHO = ("clerk_id", "first_name", "last_name", "email", "image_url")
_IDENTIFY = (
    update(_SIGN_IN)
    .where(_SIGN_IN.c.state_digest == bindparam("state"))
    .values({name: bindparam(f"new_{name}") for name in _WHO})
)
_SIGNED_IN = select(_SIGN_IN.c.request_id, *(_SIGN_IN.c[name] for name in _WHO)).where(
    _THIS_BROWSER, _SIGN_IN.c.clerk_id.is_not(None)
)
_CONFIRM = (
    update(_REQUEST)
    .where(_REQUEST.c.id == an_id("request"), _IS_OPEN)
    .values(
        state=CONFIRMED,
        expires_at=bindparam("until"),
        **{name: bindparam(f"new_{name}") for name in _WHO},
    )
)
_REFUSE = update(_REQUEST).where(_REQUEST.c.id == an_id("request"), _REQUEST.c.state == OPEN).values(state=REFUSED)
_THEIRS = (
    (_REQUEST.c.id == an_id("request"))
    & (_REQUEST.c.team_id == bindparam("team"))
    & (_REQUEST.c.slack_user_id == bindparam("person"))
    & (_REQUEST.c.state == CONFIRMED)
)
_BIND = (
    update(_REQUEST)
    .where(_THEIRS, _REQUEST.c.expires_at > bindparam("now"))
    .values(state=BOUND)
    .returning(_REQUEST.c.wish, *(_REQUEST.c[name] for name in _WHO))
)
_DECLINE = update(_REQUEST).where(_THEIRS).values(state=REFUSED)
_FORGET = delete(_REQUEST).where(_REQUEST.c.expires_at < bindparam("before"))


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ask(session: Session, team_id: str, slack_user_id: str, token: str, wish: str, now: datetime) -> None:
    """Keep a request under the digest of its token; what this person asked for before is replaced."""
    session.connection().execute(_REPLACE, {"team": team_id, "person": slack_user_id})
    session.add(
        LinkRequest(
            token_digest=digest(token),
            team_id=team_id,
            slack_user_id=slack_user_id,
            wish=wish,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()


def by_token(session: Session, token: str, now: datetime) -> Asked:
    """The request behind a link, which is not used by this. Raises `LinkOver`."""
    row = session.connection().execute(_BY_TOKEN, {"digest": digest(token), "now": now}).first()
    if row is None:
        raise LinkOver
    return Asked(*row)


def set_out(
    session: Session, request_id: int, *, state: str, browser: str, verifier: str, nonce: str, now: datetime
) -> None:
    """A browser leaves for the portal's sign-in."""
    session.add(
        SignIn(
            state_digest=digest(state),
            request_id=request_id,
            browser_digest=digest(browser),
            verifier=verifier,
            nonce=nonce,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()


def come_back(session: Session, state: str, browser: str, now: datetime) -> Returned:
    """The same browser is back, once. Raises `LinkOver` for a state unknown, used, or of another browser."""
    asked = {"state": digest(state), "browser": digest(browser), "now": now}
    row = session.connection().execute(_RETURN, asked).first()
    if row is None:
        raise LinkOver
    found = session.connection().execute(_BY_ID, {"request": row.request_id, "now": now}).first()
    if found is None:
        raise LinkOver
    return Returned(Asked(*found), row.verifier, row.nonce)


def signed_in(session: Session, state: str, identity: Identity) -> None:
    """Whose browser it is, by verified claims."""
    who = {f"new_{name}": getattr(identity, name) for name in _WHO}
    session.connection().execute(_IDENTIFY, {"state": digest(state), **who})


def who_is_there(session: Session, state: str, browser: str, now: datetime) -> tuple[Asked, Identity]:
    """The request and the identity behind a page that asks whether both are the same person. Raises `LinkOver`."""
    asked = {"state": digest(state), "browser": digest(browser), "now": now}
    row = session.connection().execute(_SIGNED_IN, asked).first()
    if row is None:
        raise LinkOver
    found = session.connection().execute(_BY_ID, {"request": row.request_id, "now": now}).first()
    if found is None:
        raise LinkOver
    return Asked(*found), Identity(*row[1:])


def confirm(session: Session, request_id: int, identity: Identity, now: datetime) -> None:
    """Whoever signed in says that both are them; of many who say so at once one is heard. Raises `LinkOver`."""
    who = {f"new_{name}": getattr(identity, name) for name in _WHO}
    asked = {"request": request_id, "now": now, "until": now + LIFETIME, **who}
    if session.connection().execute(_CONFIRM, asked).rowcount != 1:
        raise LinkOver


def refuse(session: Session, request_id: int) -> bool:
    """Whoever signed in says that somebody else sent them the link; whether it was still open."""
    return session.connection().execute(_REFUSE, {"request": request_id}).rowcount == 1


def bind(session: Session, request_id: int, team_id: str, slack_user_id: str, now: datetime) -> tuple[Identity, str]:
    """The Slack person says yes too, once: who they are to be, and what they were doing. Raises `LinkOver`."""
    asked = {"request": request_id, "team": team_id, "person": slack_user_id, "now": now}
    row = session.connection().execute(_BIND, asked).first()
    if row is None:
        raise LinkOver
    return Identity(*row[1:]), str(row.wish)


def decline(session: Session, request_id: int, team_id: str, slack_user_id: str) -> bool:
    """The Slack person says no; whether they were being asked."""
    asked = {"request": request_id, "team": team_id, "person": slack_user_id}
    return session.connection().execute(_DECLINE, asked).rowcount == 1


def forget(session: Session, now: datetime) -> int:
    """Let go of requests that are over for a day, with their sign-ins; how many there were."""
    return session.connection().execute(_FORGET, {"before": now - KEPT}).rowcount
