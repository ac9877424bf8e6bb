"""Links: which Slack person is which user of the portal."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, bindparam, delete, select
from sqlmodel import Field, Session

from models import changes, grants, roles
from models.errors import DomainError
from models.grants import Whom
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel
from models.users import User


class Link(TableModel, table=True):
    """One Slack identity bound to one user; unique both ways within a workspace."""

    __tablename__ = "homeroom_link"
    __table_args__ = (
        UniqueConstraint("team_id", "user_id", name="uq_homeroom_link_team_id_user_id"),
        Index("ix_homeroom_link_user_id", "user_id"),
        {"sqlite_with_rowid": False},
    )

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    linked_at: datetime


_LINK, _USER = table_of(Link), table_of(User)
_THIS_PERSON = (_LINK.c.team_id == bindparam("team")) & (_LINK.c.slack_user_id == bindparam("person"))
_OF = select(_LINK.c.user_id).join_from(_LINK, _USER, _USER.c.id == _LINK.c.user_id).where(_THIS_PERSON)
_HOLDER = select(_LINK.c.slack_user_id).where(
    _LINK.c.team_id == bindparam("team"), _LINK.c.user_id == bindparam("user")
)
_EVERYWHERE = (
    select(_LINK.c.team_id, _LINK.c.slack_user_id)
    .where(_LINK.c.user_id == bindparam("user"))
    .order_by(_LINK.c.team_id, _LINK.c.slack_user_id)
)
_OF_MANY = select(_LINK.c.slack_user_id, _LINK.c.user_id).where(
    _LINK.c.team_id == bindparam("team"), _LINK.c.slack_user_id.in_(bindparam("people", expanding=True))
)
_HOLDERS = select(_LINK.c.user_id, _LINK.c.slack_user_id).where(
    _LINK.c.team_id == bindparam("team"), _LINK.c.user_id.in_(bindparam("users", expanding=True))
)
_UNLINK = delete(_LINK).where(_THIS_PERSON)


def link(session: Session, team_id: str, slack_user_id: str, user_id: str, now: datetime) -> None:
    """Bind this Slack person to this user, make them a Student, and give them the roles that waited for it.

    Linking the same two again changes nothing.

    Raises `DomainError` when there is no such user, and when either of the two is linked to somebody else.
    """
    if session.get(User, user_id) is None:
        raise DomainError("There is no such account in the portal. Check its ID, or sign in to the portal once first.")
    who = {"team_id": team_id, "slack_user_id": slack_user_id, "user_id": user_id}
    if insert_unless_there(session, Link, **who, linked_at=now):
        changes.note(session, "homeroom_link", [user_id])
    linked_to = of(session, team_id, slack_user_id)
    if linked_to is None:
        raise DomainError("That portal account is linked to somebody else in this workspace. Unlink them first.")
    if linked_to != user_id:
        raise DomainError("That Slack account is linked to another portal account. Unlink it first.")
    roles.grant(session, user_id, roles.STUDENT)
    grants.fulfil(session, Whom(team_id, slack_user_id, user_id), now)


def unlink(session: Session, team_id: str, slack_user_id: str) -> bool:
    """End this Slack person's link; whether there was one. What they did stays with their user."""
    user_id = of(session, team_id, slack_user_id)
    if user_id is not None:
        changes.note(session, "homeroom_link", [user_id])
    return session.connection().execute(_UNLINK, {"team": team_id, "person": slack_user_id}).rowcount > 0


def of(session: Session, team_id: str, slack_user_id: str) -> str | None:
    """The Clerk ID this Slack person is linked to, or None."""
    found: str | None = session.connection().execute(_OF, {"team": team_id, "person": slack_user_id}).scalar()
    return found


def of_many(session: Session, team_id: str, slack_user_ids: Collection[str]) -> dict[str, str]:
    """The Clerk ID of each of these Slack people of one workspace who is linked."""
    asked = {"team": team_id, "people": list(slack_user_ids)}
    return {row[0]: row[1] for row in session.connection().execute(_OF_MANY, asked)}


def holder(session: Session, team_id: str, user_id: str) -> str | None:
    """The Slack user id this user is linked to in a workspace, or None."""
    found: str | None = session.connection().execute(_HOLDER, {"team": team_id, "user": user_id}).scalar()
    return found


def holders(session: Session, team_id: str, user_ids: Collection[str]) -> dict[str, str]:
    """The Slack user id of each of these users who is linked in a workspace."""
    asked = {"team": team_id, "users": list(user_ids)}
    return {row[0]: row[1] for row in session.connection().execute(_HOLDERS, asked)}


def everywhere(session: Session, user_id: str) -> tuple[tuple[str, str], ...]:
    """Every Slack person this user is linked to: team id and Slack user id."""
    rows = session.connection().execute(_EVERYWHERE, {"user": user_id})
    return tuple((team_id, slack_user_id) for team_id, slack_user_id in rows)
