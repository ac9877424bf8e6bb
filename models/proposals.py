"""Proposals: the one account of the portal that a Slack person may be asked about. They bind nobody.

A proposal is made when the members are read, and holds for little more than a day; what it rests on is looked at again
whenever it is shown or taken.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, bindparam, delete, func, or_, select
from sqlmodel import Field, Session

from models import matches
from models.errors import DomainError
from models.identities import Identity
from models.links import Link
from models.matches import BY_ACCOUNT, BY_EMAIL, Outcome
from models.members import Member
from models.statements import insert_or_update, table_of
from models.tablemodels import TableModel

GOOD_FOR = timedelta(hours=26)
"""Members are read every twenty-four hours, and reading them takes a while."""


class Proposal(TableModel, table=True):
    """One account proposed to one Slack person; ``by`` is what it rests on."""

    __tablename__ = "homeroom_match"
    __table_args__ = (Index("ix_homeroom_match_clerk_id", "clerk_id"), {"sqlite_with_rowid": False})

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    clerk_id: str
    first_name: str
    last_name: str
    email: str | None = None
    image_url: str | None = None
    by: str
    found_at: datetime


class ProposalOver(DomainError):
    """What was proposed does not hold any more."""

    def __init__(self) -> None:
        super().__init__("Something changed since I asked, so I linked nobody. Type /learn link to sign in instead.")


_MATCH, _MEMBER, _LINK = table_of(Proposal), table_of(Member), table_of(Link)
_THIS_PERSON = (_MATCH.c.team_id == bindparam("team")) & (_MATCH.c.slack_user_id == bindparam("person"))
_IS_LINKED = (
    select(_LINK.c.user_id)
    .where(
        _LINK.c.team_id == _MATCH.c.team_id,
        or_(_LINK.c.slack_user_id == _MATCH.c.slack_user_id, _LINK.c.user_id == _MATCH.c.clerk_id),
    )
    .exists()
)
_OFFERED = (
    select(
        _MATCH.c.clerk_id,
        _MATCH.c.first_name,
        _MATCH.c.last_name,
        _MATCH.c.email,
        _MATCH.c.image_url,
        _MATCH.c.by,
        _MEMBER.c.email.label("address"),
        _MEMBER.c.is_email_confirmed,
    )
    .join_from(
        _MATCH,
        _MEMBER,
        (_MEMBER.c.team_id == _MATCH.c.team_id) & (_MEMBER.c.slack_user_id == _MATCH.c.slack_user_id),
    )
    .where(
        _THIS_PERSON,
        _MATCH.c.found_at > bindparam("since"),
        _MEMBER.c.is_bot.is_(False),
        _MEMBER.c.is_guest.is_(False),
        _MEMBER.c.is_deleted.is_(False),
        ~_IS_LINKED,
    )
)
_CLEAR = delete(_MATCH).where(
    _MATCH.c.team_id == bindparam("team"),
    or_(bindparam("person", type_=String()).is_(None), _MATCH.c.slack_user_id == bindparam("person", type_=String())),
)
_TAKE = delete(_MATCH).where(_THIS_PERSON, _MATCH.c.clerk_id == bindparam("clerk"))
_WITHDRAW = delete(_MATCH).where(
    _MATCH.c.clerk_id == bindparam("clerk"),
    or_(
        _MATCH.c.by == BY_ACCOUNT,
        bindparam("email", type_=String()).is_(None),
        func.coalesce(_MATCH.c.email, "") != bindparam("email", type_=String()),
    ),
)
_FORGET = delete(_MATCH).where(_MATCH.c.found_at < bindparam("before"))


def keep(
    session: Session, team_id: str, outcomes: Sequence[Outcome], now: datetime, slack_user_id: str | None = None
) -> int:
    """Keep the single matches among the outcomes in place of what was proposed to this workspace, or to the one person
    who was looked for; how many there are."""
    session.connection().execute(_CLEAR, {"team": team_id, "person": slack_user_id})
    rows = [
        {
            "team_id": team_id,
            "slack_user_id": one.person.slack_user_id,
            "clerk_id": one.account.identity.clerk_id,
            "first_name": one.account.identity.first_name,
            "last_name": one.account.identity.last_name,
            "email": one.account.identity.email,
            "image_url": one.account.identity.image_url,
            "by": one.by,
            "found_at": now,
        }
        for one in outcomes
        if one.account is not None
    ]
    insert_or_update(session, Proposal, rows)
    return len(rows)


def offered(
    session: Session, team_id: str, slack_user_id: str, domains: Collection[str], now: datetime
) -> tuple[Identity, str] | None:
    """The account this person may be asked about and what the proposal rests on, where it still holds: the person is
    a full member, neither side is linked, and an address is still the same, confirmed and of an allowed domain."""
    asked = {"team": team_id, "person": slack_user_id, "since": now - GOOD_FOR}
    row = session.connection().execute(_OFFERED, asked).first()
    if row is None or (row.by == BY_EMAIL and not _has_same_address(row, domains)):
        return None
    return Identity(row.clerk_id, row.first_name, row.last_name, row.email, row.image_url), str(row.by)


def take(
    session: Session, team_id: str, slack_user_id: str, clerk_id: str, domains: Collection[str], now: datetime
) -> tuple[Identity, str]:
    """Use up the proposal of this account, once: who the person is to be, and what it rests on. Raises `ProposalOver`
    when it does not hold any more, or another account is proposed now."""
    found = offered(session, team_id, slack_user_id, domains, now)
    asked = {"team": team_id, "person": slack_user_id, "clerk": clerk_id}
    if session.connection().execute(_TAKE, asked).rowcount != 1 or found is None or found[0].clerk_id != clerk_id:
        raise ProposalOver
    return found


def withdraw(session: Session, clerk_id: str, email: str | None = None) -> None:
    """Something changed about this account: what rests on anything but this verified address of theirs is over."""
    session.connection().execute(_WITHDRAW, {"clerk": clerk_id, "email": email})


def forget(session: Session, now: datetime) -> int:
    """Let go of proposals that hold no more; how many there were."""
    return session.connection().execute(_FORGET, {"before": now - GOOD_FOR}).rowcount


def _has_same_address(row: Any, domains: Collection[str]) -> bool:
    address = (row.address or "").lower()
    return (
        bool(row.is_email_confirmed) and address == (row.email or "").lower() and matches.is_allowed(address, domains)
    )
