"""What Clerk tells of its users: told late, twice and out of order, and taken once, in order."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, select

from models import accountnotes, audit, links, proposals, users
from models.identities import Identity
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel
from models.users import PLACEHOLDER_DOMAIN, User

CLERK = "clerk"
"""The actor of what follows from Clerk's news."""


class ClerkUser(TableModel, table=True):
    """What was last heard of a user of Clerk. ``deleted_at`` is a tombstone: later news of them is refused."""

    __tablename__ = "homeroom_clerk_user"

    user_id: str = Field(primary_key=True)
    changed_at: datetime
    deleted_at: datetime | None = None


_CLERK_USER = table_of(ClerkUser)
_GONE = select_columns(_CLERK_USER.c.user_id).where(
    _CLERK_USER.c.user_id.in_(bindparam("users", expanding=True)), _CLERK_USER.c.deleted_at.is_not(None)
)
_AT_ONCE = 500


def changed(
    session: Session, identity: Identity, *, is_banned: bool, changed_at: datetime, now: datetime, real_now: datetime
) -> bool:
    """Somebody's name, e-mail or standing changed; whether the news was taken. Older news than we have is not.

    Only users we know are kept current. Who is banned is unlinked everywhere. Raises `EmailTaken`.
    """
    if not _is_news(session, identity.clerk_id, changed_at):
        return False
    proposals.withdraw(session, identity.clerk_id, None if is_banned else identity.email)
    if users.get(session, identity.clerk_id) is not None:
        users.refresh(session, identity, now)
        if is_banned:
            _unlink(session, identity.clerk_id, "banned", now, real_now)
    return True


def deleted(session: Session, clerk_id: str, now: datetime, real_now: datetime) -> bool:
    """Somebody is gone for good: name and e-mail are blanked, links end, and what they did stays countable."""
    insert_unless_there(session, ClerkUser, user_id=clerk_id, changed_at=now)
    row = _locked(session, clerk_id)
    if row.deleted_at is not None:
        return False
    row.deleted_at = now
    session.add(row)
    proposals.withdraw(session, clerk_id)
    user = session.get(User, clerk_id, with_for_update=True)
    if user is not None:
        user.first_name, user.last_name, user.image_url = "", "", None
        user.email = f"{clerk_id}@{PLACEHOLDER_DOMAIN}"
        user.updated_at = now
        session.add(user)
        session.flush()
        _unlink(session, clerk_id, "deleted", now, real_now)
    return True


def is_gone(session: Session, clerk_id: str) -> bool:
    """Whether Clerk said that this user was deleted."""
    row = session.get(ClerkUser, clerk_id)
    return row is not None and row.deleted_at is not None


def gone(session: Session, clerk_ids: Collection[str]) -> frozenset[str]:
    """Those of these users whom Clerk said were deleted."""
    wanted = sorted(set(clerk_ids))
    found: set[str] = set()
    for at in range(0, len(wanted), _AT_ONCE):
        found |= set(session.connection().execute(_GONE, {"users": wanted[at : at + _AT_ONCE]}).scalars())
    return frozenset(found)


def _is_news(session: Session, clerk_id: str, changed_at: datetime) -> bool:
    if insert_unless_there(session, ClerkUser, user_id=clerk_id, changed_at=changed_at):
        return True
    row = _locked(session, clerk_id)
    if row.deleted_at is not None or row.changed_at >= changed_at:
        return False
    row.changed_at = changed_at
    session.add(row)
    session.flush()
    return True


def _locked(session: Session, clerk_id: str) -> ClerkUser:
    wanted = select(ClerkUser).where(ClerkUser.user_id == clerk_id).with_for_update()
    return session.exec(wanted.execution_options(populate_existing=True)).one()


def _unlink(session: Session, clerk_id: str, because: str, now: datetime, real_now: datetime) -> None:
    accountnotes.tell_everywhere(session, clerk_id, accountnotes.LINK_ENDED, {"why": because}, now, real_now)
    for team_id, slack_user_id in links.everywhere(session, clerk_id):
        links.unlink(session, team_id, slack_user_id)
        who = audit.member(team_id, slack_user_id)
        audit.note(session, "link.ended", actor=CLERK, whom=clerk_id, what=who, because=because, now=now)
