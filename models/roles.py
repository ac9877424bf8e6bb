"""Roles: the seed's Student, Instructor and Admin, and who has which."""

from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlmodel import Field, Relationship, SQLModel

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

    user_id: str = Field(foreign_key="user.id", primary_key=True)
    role_id: int = Field(foreign_key="role.id", primary_key=True)


class Role(SQLModel, table=True):
    """A role by name; screens call a Student a learner."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str | None = None

    users: list["User"] = Relationship(back_populates="roles", link_model=UserRole)
