"""Grants: how roles are given and taken, for good or until an instant, to people linked already or still to be.

Who holds a role stands in the seed's table alone. A row here says what that table can't: that a role waits for somebody
to link, when it ends by itself, or that the portal's own list of roles gave it.
"""

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from sqlalchemy import Index, UniqueConstraint, and_, bindparam, or_, select
from sqlmodel import Field, Session

from models import audit, roles
from models.errors import DomainError
from models.roles import ADMIN, INSTRUCTOR
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel

GRANTABLE = (INSTRUCTOR, ADMIN)
"""What can be granted. Everybody who links is a Student."""
CLERK = "clerk"
"""Who grants what the portal's own list of roles says."""
MOST = 50
"""How many a screen lists."""


class Grant(TableModel, table=True):
    """A role that waits, ends or is mirrored.

    While it waits for somebody to link it names the Slack person; afterwards the user. ``granted_by`` is a Clerk ID,
    "console" or "clerk".
    """

    __tablename__ = "homeroom_grant"
    __table_args__ = (
        UniqueConstraint("team_id", "slack_user_id", "role", name="uq_homeroom_grant_team_id_slack_user_id_role"),
        UniqueConstraint("user_id", "role", name="uq_homeroom_grant_user_id_role"),
        Index("ix_homeroom_grant_ends_at", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    team_id: str | None = None
    slack_user_id: str | None = None
    user_id: str | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE")
    role: str
    granted_by: str
    granted_at: datetime
    ends_at: datetime | None = None


class Terms(NamedTuple):
    """On what terms a role is given or taken: by whom (a Clerk ID, "console", "clerk"), until when, why, and where."""

    by: str
    ends_at: datetime | None = None
    because: str = ""
    place: str | None = None


class Whom(NamedTuple):
    """Somebody of a workspace; ``user_id`` is None while they are not linked."""

    team_id: str
    slack_user_id: str
    user_id: str | None


class Given(Enum):
    """What became of giving a role."""

    GRANTED = "granted"
    WAITING = "waiting"
    CHANGED = "changed"
    ALREADY = "already"


class Taken(Enum):
    """What became of taking a role."""

    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    NOT_HELD = "not held"


class Ended(NamedTuple):
    """A grant whose time is over. ``user_id`` is None for one that still waited."""

    grant_id: int
    team_id: str | None
    slack_user_id: str | None
    user_id: str | None
    role: str
    granted_by: str
    ends_at: datetime


_GRANT = table_of(Grant)
_HELD = and_(_GRANT.c.user_id == bindparam("user"), _GRANT.c.role == bindparam("which"))
_WAITS = and_(
    _GRANT.c.team_id == bindparam("team"),
    _GRANT.c.slack_user_id == bindparam("person"),
    _GRANT.c.role == bindparam("which"),
)
_OF_USER = select(Grant).where(_HELD).with_for_update()
_OF_PERSON = select(Grant).where(_WAITS).with_for_update()
_WAITING_FOR = (
    select(Grant)
    .where(_GRANT.c.team_id == bindparam("team"), _GRANT.c.slack_user_id == bindparam("person"))
    .order_by(_GRANT.c.id)
    .with_for_update()
)
_DUE = _GRANT.c.ends_at <= bindparam("now", type_=_GRANT.c.ends_at.type)
_ANY_DUE = select(_GRANT.c.id).where(_DUE).limit(1)
_ALL_DUE = select(Grant).where(_DUE).order_by(_GRANT.c.ends_at, _GRANT.c.id).limit(MOST).with_for_update()
_MIRRORED = select(_GRANT.c.role).where(_GRANT.c.user_id == bindparam("user"), _GRANT.c.granted_by == CLERK)
_NOTABLE = (
    select(Grant)
    .where(
        or_(_GRANT.c.user_id.is_not(None), _GRANT.c.team_id == bindparam("team")),
        or_(_GRANT.c.user_id.is_(None), _GRANT.c.ends_at.is_not(None)),
    )
    .order_by(_GRANT.c.ends_at.is_(None), _GRANT.c.ends_at, _GRANT.c.id)
    .limit(MOST)
)
_ENDS_OF = select(_GRANT.c.role, _GRANT.c.ends_at).where(
    _GRANT.c.user_id == bindparam("user"), _GRANT.c.ends_at.is_not(None)
)


def give(session: Session, whom: Whom, role: str, terms: Terms, now: datetime) -> Given:
    """Give a role to somebody of a workspace: at once when they are linked, else as soon as they are.

    Raises `DomainError` for a role that can't be granted.
    """
    if whom.user_id is not None:
        return give_user(session, whom.user_id, role, terms, now)
    _check(role)
    asked = {"team": whom.team_id, "person": whom.slack_user_id, "which": role}
    waiting = session.execute(_OF_PERSON, asked).scalar_one_or_none()
    if waiting is not None and waiting.ends_at == terms.ends_at:
        return Given.ALREADY
    told = {"granted_by": terms.by, "granted_at": now, "ends_at": terms.ends_at}
    if waiting is None:
        who = {"team_id": whom.team_id, "slack_user_id": whom.slack_user_id}
        insert_unless_there(session, Grant, **who, role=role, **told)
    else:
        waiting.sqlmodel_update(told)
        session.add(waiting)
        session.flush()
    _note(session, "role.promised", role, terms, now, whom=audit.member(whom.team_id, whom.slack_user_id))
    return Given.WAITING


def give_user(session: Session, user_id: str, role: str, terms: Terms, now: datetime) -> Given:
    """Give a user a role, until ``terms.ends_at`` or for good. One held for good keeps having no end.

    Raises `DomainError` for a role that can't be granted.
    """
    _check(role)
    is_new = roles.grant(session, user_id, role)
    row = session.execute(_OF_USER, {"user": user_id, "which": role}).scalar_one_or_none()
    before = row.ends_at if row is not None else None
    if not is_new and (row is None or CLERK in (row.granted_by, terms.by) or before == terms.ends_at):
        return Given.ALREADY
    if row is not None and terms.ends_at is None:
        session.delete(row)
    elif row is not None:
        row.sqlmodel_update({"granted_by": terms.by, "granted_at": now, "ends_at": terms.ends_at})
        session.add(row)
    elif terms.ends_at is not None or terms.by == CLERK:
        session.add(Grant(user_id=user_id, role=role, granted_by=terms.by, granted_at=now, ends_at=terms.ends_at))
    session.flush()
    action = "role.granted" if is_new else "role.changed"
    _note(session, action, role, terms, now, whom=user_id, before=None if is_new else _until(before))
    return Given.GRANTED if is_new else Given.CHANGED


def take(session: Session, whom: Whom, role: str, terms: Terms, now: datetime) -> Taken:
    """Take a role from somebody of a workspace, or the promise of it.

    Raises `DomainError` for a role that can't be granted, for the last admin, and for what the portal's list gives.
    """
    if whom.user_id is not None:
        return take_user(session, whom.user_id, role, terms, now)
    _check(role)
    asked = {"team": whom.team_id, "person": whom.slack_user_id, "which": role}
    waiting = session.execute(_OF_PERSON, asked).scalar_one_or_none()
    if waiting is None:
        return Taken.NOT_HELD
    session.delete(waiting)
    session.flush()
    _note(session, "role.withdrawn", role, terms, now, whom=audit.member(whom.team_id, whom.slack_user_id))
    return Taken.WITHDRAWN


def take_user(session: Session, user_id: str, role: str, terms: Terms, now: datetime) -> Taken:
    """Take a role from a user.

    Raises `DomainError` for a role that can't be granted, for the last admin, and for what the portal's list gives.
    """
    _check(role)
    row = session.execute(_OF_USER, {"user": user_id, "which": role}).scalar_one_or_none()
    if row is not None and row.granted_by == CLERK and terms.by != CLERK:
        raise DomainError("That role comes from the portal's own list. Take it away there, and it ends here too.")
    if not roles.revoke(session, user_id, role):
        return Taken.NOT_HELD
    if row is not None:
        session.delete(row)
        session.flush()
    _note(session, "role.revoked", role, terms, now, whom=user_id)
    return Taken.REVOKED


def fulfil(session: Session, whom: Whom, now: datetime) -> tuple[str, ...]:
    """Give somebody who has just been linked what waited for them; the roles they hold by it now.

    What has ended meanwhile is forgotten, and so is what was promised by somebody who is no longer an admin.
    """
    assert whom.user_id is not None
    asked = {"team": whom.team_id, "person": whom.slack_user_id}
    given = []
    for row in session.execute(_WAITING_FOR, asked).scalars().all():
        session.delete(row)
        session.flush()
        terms = Terms(row.granted_by, row.ends_at, "promised before linking")
        if row.ends_at is not None and row.ends_at <= now:
            continue
        if row.granted_by != audit.CONSOLE and ADMIN not in roles.of(session, row.granted_by):
            _note(session, "role.lapsed", row.role, terms, now, whom=whom.user_id)
            continue
        if give_user(session, whom.user_id, row.role, terms, now) is Given.GRANTED:
            given.append(row.role)
    return tuple(given)


def are_due(session: Session, now: datetime) -> bool:
    """Whether a grant's time is over."""
    return session.connection().execute(_ANY_DUE, {"now": now}).first() is not None


def end_due(session: Session, now: datetime) -> tuple[Ended, ...]:
    """End what is due, `MOST` at once; what ended. Of several processes each grant is ended by one.

    Should the last admin be among them, by a neighbour's hand, they stay, and the log says so.
    """
    ended = []
    for row in session.execute(_ALL_DUE, {"now": now}).scalars().all():
        assert row.id is not None
        one = Ended(row.id, row.team_id, row.slack_user_id, row.user_id, row.role, row.granted_by, row.ends_at)
        terms = Terms(row.granted_by, row.ends_at)
        session.delete(row)
        session.flush()
        if row.user_id is None:
            whom = audit.member(row.team_id or "", row.slack_user_id or "")
            _note(session, "role.ended", row.role, terms, now, whom=whom)
            ended.append(one)
            continue
        try:
            was_held = roles.revoke(session, row.user_id, row.role)
        except DomainError:
            _note(session, "role.kept", row.role, terms, now, whom=row.user_id)
            continue
        if was_held:
            _note(session, "role.ended", row.role, terms, now, whom=row.user_id)
            ended.append(one)
    return tuple(ended)


def mirror(session: Session, user_id: str, names: Collection[str], now: datetime) -> None:
    """Make the user's roles follow the portal's own list: what it names is given, what it gave and no longer names is
    taken. What was granted here stays; so does the last admin."""
    wanted = {role for role in GRANTABLE if role.lower() in {name.lower() for name in names}}
    mirrored = set(session.connection().execute(_MIRRORED, {"user": user_id}).scalars())
    for role in sorted(wanted - mirrored):
        give_user(session, user_id, role, Terms(CLERK), now)
    for role in sorted(mirrored - wanted):
        try:
            take_user(session, user_id, role, Terms(CLERK), now)
        except DomainError:
            _note(session, "role.kept", role, Terms(CLERK), now, whom=user_id)


def ends_of(session: Session, user_id: str) -> dict[str, datetime]:
    """When each of the user's roles ends, for those that do."""
    return {row.role: row.ends_at for row in session.connection().execute(_ENDS_OF, {"user": user_id})}


def waiting_or_ending(session: Session, team_id: str) -> tuple[Grant, ...]:
    """What waits for somebody of this workspace to link, and what ends by itself anywhere: soonest first."""
    return tuple(session.execute(_NOTABLE, {"team": team_id}).scalars())


def _check(role: str) -> None:
    if role not in GRANTABLE:
        raise DomainError("Choose instructor or admin: everybody who links is a learner already.")


def _until(ends_at: datetime | None) -> str:
    return f"until {ends_at:%Y-%m-%d %H:%M} UTC" if ends_at else "for good"


def _note(
    session: Session, action: str, role: str, terms: Terms, now: datetime, *, whom: str, before: str | None = None
) -> None:
    audit.note(
        session,
        action,
        actor=terms.by,
        whom=whom,
        what=role,
        place=terms.place,
        before=before,
        after=_until(terms.ends_at) if action in ("role.granted", "role.promised", "role.changed") else None,
        because=terms.because,
        now=now,
    )
