"""Who in the portal a Slack person may be: rules that propose, and bind nobody.

A pair is proposed only when exactly one account can be meant and both sides are proved: the person confirmed their
address in Slack, the account's main address is the same and verified, its domain is allowed, and nobody else on either
side has it; or the account is connected to this very Slack user in this very workspace.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import String, bindparam, func, or_, select
from sqlmodel import Session

from models.identities import Identity
from models.links import Link
from models.members import Member
from models.statements import table_of
from models.users import User

ONE, NONE, SEVERAL, REFUSED = "one match", "none", "several", "refused"
BY_EMAIL, BY_ACCOUNT = "matched by e-mail", "connected account"
SHARED = "Other members of the workspace have the same address."
SLACKBOT = "USLACKBOT"
"""Slack's own bot, which users.list does not call one."""
_AT_ONCE = 500


class Person(NamedTuple):
    """A full member of a workspace who is not linked. ``holders`` is how many members have their address."""

    team_id: str
    slack_user_id: str
    handle: str
    name: str
    email: str | None = None
    is_email_confirmed: bool = False
    holders: int = 0

    @property
    def address(self) -> str:
        """Their address as addresses are compared; empty where Slack shows none."""
        return (self.email or "").lower()


class Connected(NamedTuple):
    """A Slack account connected to an account of the portal; ``team_id`` is None where nobody says which workspace."""

    slack_user_id: str
    team_id: str | None
    is_verified: bool


class Account(NamedTuple):
    """An account of the portal. ``addresses`` are all of them in lower case, verified or not.

    ``is_shut`` says that nobody can sign in to it: it is banned, locked or deprovisioned.
    """

    identity: Identity
    addresses: frozenset[str] = frozenset()
    connected: tuple[Connected, ...] = ()
    is_shut: bool = False


class Standing(NamedTuple):
    """What we know of accounts: linked in this workspace, deleted, and whose main address is another user's here."""

    linked: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    contested: frozenset[str] = frozenset()


class Outcome(NamedTuple):
    """What was found for a person. ``account`` is there for one match only; ``by`` says what it rests on."""

    person: Person
    kind: str
    why: str
    account: Account | None = None
    by: str = ""


_MEMBER, _LINK, _USER = table_of(Member), table_of(Link), table_of(User)
_IN_TEAM = _MEMBER.c.team_id == bindparam("team")
_HOLDERS = (
    select(func.lower(_MEMBER.c.email).label("address"), func.count().label("count"))
    .where(_IN_TEAM, _MEMBER.c.email.is_not(None))
    .group_by(func.lower(_MEMBER.c.email))
    .subquery("holders")
)
_PEOPLE = (
    select(
        _MEMBER.c.team_id,
        _MEMBER.c.slack_user_id,
        _MEMBER.c.handle,
        _MEMBER.c.name,
        _MEMBER.c.email,
        _MEMBER.c.is_email_confirmed,
        func.coalesce(_HOLDERS.c.count, 0),
    )
    .select_from(
        _MEMBER.outerjoin(_HOLDERS, _HOLDERS.c.address == func.lower(_MEMBER.c.email)).outerjoin(
            _LINK, (_LINK.c.team_id == _MEMBER.c.team_id) & (_LINK.c.slack_user_id == _MEMBER.c.slack_user_id)
        )
    )
    .where(
        _IN_TEAM,
        _MEMBER.c.is_bot.is_(False),
        _MEMBER.c.is_guest.is_(False),
        _MEMBER.c.is_deleted.is_(False),
        _MEMBER.c.slack_user_id != SLACKBOT,
        _LINK.c.user_id.is_(None),
        or_(
            bindparam("person", type_=String()).is_(None),
            _MEMBER.c.slack_user_id == bindparam("person", type_=String()),
        ),
    )
    .order_by(_MEMBER.c.slack_user_id)
)
_TEAMS = select(_MEMBER.c.team_id).distinct().order_by(_MEMBER.c.team_id)
_LINKED = select(_LINK.c.user_id).where(
    _LINK.c.team_id == bindparam("team"), _LINK.c.user_id.in_(bindparam("users", expanding=True))
)
_OWNERS = select(_USER.c.email, _USER.c.id).where(_USER.c.email.in_(bindparam("emails", expanding=True)))


def people(session: Session, team_id: str, slack_user_id: str | None = None) -> tuple[Person, ...]:
    """The full members of a workspace who are not linked, or the one asked for if they are such.

    Never bots, guests, people of other organizations, or the deactivated.
    """
    rows = session.connection().execute(_PEOPLE, {"team": team_id, "person": slack_user_id})
    return tuple(Person(*row) for row in rows)


def team_ids(session: Session) -> tuple[str, ...]:
    """The workspaces whose members we know, in order."""
    return tuple(session.connection().execute(_TEAMS).scalars())


def standing(session: Session, team_id: str, accounts: Collection[Account], gone: Collection[str] = ()) -> Standing:
    """What we know of these accounts; ``gone`` are those that were deleted."""
    ids = sorted({account.identity.clerk_id for account in accounts})
    emails = sorted({account.identity.email for account in accounts if account.identity.email})
    linked: set[str] = set()
    owners: dict[str, str] = {}
    for at in range(0, len(ids), _AT_ONCE):
        asked = {"team": team_id, "users": ids[at : at + _AT_ONCE]}
        linked |= set(session.connection().execute(_LINKED, asked).scalars())
    for at in range(0, len(emails), _AT_ONCE):
        rows = session.connection().execute(_OWNERS, {"emails": emails[at : at + _AT_ONCE]})
        owners |= {row.email: row.id for row in rows}
    contested = {
        account.identity.clerk_id
        for account in accounts
        if owners.get(account.identity.email or "", account.identity.clerk_id) != account.identity.clerk_id
    }
    return Standing(frozenset(linked), frozenset(gone), frozenset(contested))


def is_allowed(email: str, domains: Collection[str]) -> bool:
    """Whether the address is of one of these domains; a domain's subdomains are other domains."""
    name, _, domain = email.lower().rpartition("@")
    return bool(name) and domain in domains


def addresses(people: Iterable[Person], domains: Collection[str]) -> list[str]:
    """The addresses that are worth asking the portal for: nobody else's is told to anybody."""
    return sorted({person.address for person in people if not _trouble(person, domains)})


def propose(
    people: Sequence[Person], accounts: Iterable[Account], *, domains: Collection[str], standing: Standing
) -> tuple[Outcome, ...]:
    """What was found for each person among these accounts, in the people's order. Binds nobody."""
    known = _Known({account.identity.clerk_id: account for account in accounts})
    found = tuple(_outcome(person, known, domains, standing) for person in people)
    wanted = Counter(one.account.identity.clerk_id for one in found if one.account)
    return tuple(
        one._replace(kind=SEVERAL, why="Somebody else in Slack matches that account too.", account=None, by="")
        if one.account and wanted[one.account.identity.clerk_id] > 1
        else one
        for one in found
    )


class _Known:
    """Accounts, by what they may be recognized by."""

    def __init__(self, by_id: Mapping[str, Account]) -> None:
        self.by_address: defaultdict[str, list[Account]] = defaultdict(list)
        self.by_slack: defaultdict[str, list[Account]] = defaultdict(list)
        for account in by_id.values():
            for address in account.addresses:
                self.by_address[address].append(account)
            for slack_user_id in {connected.slack_user_id for connected in account.connected}:
                self.by_slack[slack_user_id].append(account)


def _outcome(person: Person, known: _Known, domains: Collection[str], standing: Standing) -> Outcome:
    trouble = _trouble(person, domains)
    claimed = known.by_slack.get(person.slack_user_id, [])
    connected = [account for account in claimed if person.slack_user_id in _proved(account, person.team_id)]
    alike = [] if trouble else known.by_address.get(person.address, [])
    meant = {account.identity.clerk_id: account for account in (*connected, *alike)}
    if len(meant) > 1:
        return Outcome(person, SEVERAL, f"Accounts: {', '.join(sorted(meant))}.")
    if not meant:
        if trouble == SHARED:
            return Outcome(person, SEVERAL, trouble)
        unproved = "Their connected Slack account isn't verified, or doesn't name this workspace." if claimed else ""
        return Outcome(person, NONE, unproved or trouble or "Nobody in the portal has this address.")
    (account,) = meant.values()
    by = BY_ACCOUNT if connected else BY_EMAIL
    refusal = _refusal(person, account, by, standing)
    if refusal:
        return Outcome(person, REFUSED, f"{account.identity.clerk_id}: {refusal}")
    return Outcome(person, ONE, by, account, by)


def _proved(account: Account, team_id: str) -> set[str]:
    """The Slack users of this workspace whom the account is connected to, as verified."""
    return {one.slack_user_id for one in account.connected if one.is_verified and one.team_id == team_id}


def _refusal(person: Person, account: Account, by: str, standing: Standing) -> str:
    """Why this account can't be proposed to this person; empty when it can."""
    clerk_id = account.identity.clerk_id
    if clerk_id in standing.gone:
        return "it was deleted."
    if account.is_shut:
        return "nobody can sign in to it now."
    if clerk_id in standing.linked:
        return "it is linked to somebody else in this workspace."
    if clerk_id in standing.contested:
        return "its address belongs to another user here."
    if by == BY_EMAIL and (account.identity.email or "").lower() != person.address:
        return "the address isn't verified there, or isn't its main one."
    if by == BY_EMAIL and _proved(account, person.team_id):
        return "it is connected to another Slack person of this workspace."
    return ""


def _trouble(person: Person, domains: Collection[str]) -> str:
    """Why this person's address proves nothing; empty when it may."""
    if not person.address:
        return "Slack shows no e-mail address of theirs."
    if not is_allowed(person.address, domains):
        return "Their address is not of an allowed domain."
    if not person.is_email_confirmed:
        return "Slack doesn't say that they confirmed their address."
    return SHARED if person.holders != 1 else ""
