"""Users of the portal, keyed by Clerk ID, and what instructors say about themselves."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Field, Relationship, SQLModel

from models.instants import utc_now
from models.roles import Role, UserRole

if TYPE_CHECKING:
    from models.enrollments import Enrollment
    from models.progress import Progress

PLACEHOLDER_DOMAIN = "placeholder.invalid"
"""The domain of e-mails made up for users nobody has described yet (RFC 2606 keeps .invalid unroutable)."""


class User(SQLModel, table=True):
    """A person of the portal. ``id`` is the Clerk user ID."""

    id: str = Field(primary_key=True)
    first_name: str
    last_name: str
    email: str = Field(unique=True)
    image_url: str | None = None
    created_at: datetime = Field(default_factory=utc_now, nullable=False)
    updated_at: datetime = Field(default_factory=utc_now, nullable=False)

    roles: list["Role"] = Relationship(back_populates="users", link_model=UserRole)
    enrollments: list["Enrollment"] = Relationship(back_populates="user")
    progress: list["Progress"] = Relationship(back_populates="user")


class Instructor(SQLModel, table=True):
    """What an instructor says about themselves, shown on their courses' cards."""

    user_id: str = Field(foreign_key="user.id", primary_key=True)
    bio: str | None = None
