"""Roles: the seed's Student, Instructor and Admin, and who has which."""

from typing import TYPE_CHECKING

from sqlalchemy import Index, bindparam, column, delete, exists, select, table
from sqlmodel import Field, Relationship, Session, SQLModel

from models.errors import DomainError
from models.statements import an_id, insert_unless_there, table_of

if TYPE_CHECKING:
    from models.users import User

STUDENT = "Student"
INSTRUCTOR = "Instructor"
ADMIN = "Admin"
ROLES = {
    STUDENT: "Takes courses.",
    INSTRUCTOR: "Writes and teaches courses.",
    ADMIN: "Grants roles and looks after the portal.",
}
"""The seed's role names and what each may do, in words."""


class UserRole(SQLModel, table=True):
    """One role held by one user."""

    __table_args__ = (Index("ix_userrole_role_id", "role_id"),)

    user_id: str = Field(foreign_key="user.id", primary_key=True, description="Who holds it.")
    role_id: int = Field(foreign_key="role.id", primary_key=True, description="What they hold.")


class Role(SQLModel, table=True):
    """A role by name; screens call a Student a learner."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database.")
    name: str = Field(unique=True, description="Student, Instructor or Admin; other names give no rights in Slack.")
    description: str | None = Field(default=None, description="What whoever holds it may do, in words.")

    users: list["User"] = Relationship(back_populates="roles", link_model=UserRole)


_ROLE, _HELD, _USER = table_of(Role), table_of(UserRole), table("user", column("id"))
_GRANT = table("homeroom_grant", column("user_id"), column("role"), column("ends_at"))
_OF = (
    select(_ROLE.c.name)
    .join_from(_HELD, _ROLE, _ROLE.c.id == _HELD.c.role_id)
    .where(_HELD.c.user_id == bindparam("user"))
)
_NAMED = select(_ROLE.c.id).where(_ROLE.c.name == bindparam("name"))
_NAMED_AND_LOCKED = _NAMED.with_for_update()
_ENDS = (_GRANT.c.user_id == _HELD.c.user_id) & (_GRANT.c.role == bindparam("name")) & _GRANT.c.ends_at.is_not(None)
_HOLDERS_FOR_GOOD = (
    select(_HELD.c.user_id)
    .join_from(_HELD, _USER, _USER.c.id == _HELD.c.user_id)
    .where(_HELD.c.role_id == an_id("role"), ~exists().where(_ENDS))
)
_ANY_HOLDER = (
    select(_HELD.c.user_id)
    .join_from(_HELD, _ROLE, _ROLE.c.id == _HELD.c.role_id)
    .join(_USER, _USER.c.id == _HELD.c.user_id)
    .where(_ROLE.c.name == bindparam("name"))
    .limit(1)
)
_REVOKE = delete(_HELD).where(_HELD.c.user_id == bindparam("user"), _HELD.c.role_id == an_id("role"))


def ensure_roles(session: Session) -> None:
    """Make the seed's three roles where they are missing."""
    for name, description in ROLES.items():
        insert_unless_there(session, Role, name=name, description=description)


def of(session: Session, user_id: str) -> frozenset[str]:
    """The names of the roles this user holds."""
    return frozenset(session.connection().execute(_OF, {"user": user_id}).scalars())


def grant(session: Session, user_id: str, role_name: str) -> bool:
    """Give the user a role; whether they did not hold it yet. The user must exist.

    Raises `DomainError` for a role there is not.
    """
    _check(role_name)
    role_id = session.connection().execute(_NAMED, {"name": role_name}).scalar()
    if role_id is None:
        insert_unless_there(session, Role, name=role_name, description=ROLES[role_name])
        role_id = session.connection().execute(_NAMED, {"name": role_name}).scalar_one()
    return insert_unless_there(session, UserRole, user_id=user_id, role_id=role_id)


def revoke(session: Session, user_id: str, role_name: str) -> bool:
    """Take a role from the user; whether they held it.

    Raises `DomainError` for a role there is not, and when nobody would be left who is an Admin for good.
    """
    _check(role_name)
    # Of two who revoke at the same moment the second waits here, and then counts what the first one left.
    role_id = session.connection().execute(_NAMED_AND_LOCKED, {"name": role_name}).scalar()
    if role_id is None:
        return False
    if role_name == ADMIN and role_name in of(session, user_id):
        for_good = session.connection().execute(_HOLDERS_FOR_GOOD, {"role": role_id, "name": role_name}).scalars()
        if set(for_good) <= {user_id}:
            raise DomainError("Somebody has to be an admin, and this is the last one. Make another person admin first.")
    return session.connection().execute(_REVOKE, {"user": user_id, "role": role_id}).rowcount > 0


def has_admin(session: Session) -> bool:
    """Whether anybody is an Admin."""
    return session.connection().execute(_ANY_HOLDER, {"name": ADMIN}).first() is not None


def _check(role_name: str) -> None:
    if role_name not in ROLES:
        raise DomainError(f"There is no such role. Choose one of {', '.join(ROLES)}.")
