"""Users of the portal, keyed by Clerk ID, and what instructors say about themselves."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.errors import DomainError
from models.identities import Identity
from models.instants import utc_now
from models.roles import Role, UserRole
from models.statements import insert_or_update, insert_unless_there

if TYPE_CHECKING:
    from models.enrollments import Enrollment
    from models.progressrows import Progress

PLACEHOLDER_DOMAIN = "placeholder.invalid"
"""The domain of e-mails made up for users nobody has described yet (RFC 2606 keeps .invalid unroutable)."""


class EmailTaken(DomainError):
    """Another user has this e-mail address."""

    def __init__(self) -> None:
        super().__init__(
            "That e-mail address belongs to another account of the portal. Sign in with that account, or ask an admin."
        )


class User(SQLModel, table=True):
    """A person of the portal. ``id`` is the Clerk user ID."""

    id: str = Field(primary_key=True, description="The Clerk user ID.")
    first_name: str = Field(description="Empty where it isn't known.")
    last_name: str = Field(description="Empty where it isn't known.")
    email: str = Field(unique=True, description="ID@placeholder.invalid until the real one is known.")
    image_url: str | None = Field(default=None, description="The address of a picture.")
    created_at: datetime = Field(default_factory=utc_now, nullable=False, description="When the row was made.")
    updated_at: datetime = Field(
        default_factory=utc_now, nullable=False, description="When anything in the row was last changed."
    )

    roles: list["Role"] = Relationship(back_populates="users", link_model=UserRole)
    enrollments: list["Enrollment"] = Relationship(back_populates="user")
    progress: list["Progress"] = Relationship(back_populates="user")


class Instructor(SQLModel, table=True):
    """What an instructor says about themselves, shown on their courses' cards."""

    user_id: str = Field(foreign_key="user.id", primary_key=True, description="Whose words these are.")
    bio: str | None = Field(default=None, description="A few sentences, as plain text.")


def full_name(first_name: str | None, last_name: str | None) -> str:
    """Both names as one, or the one that is there; empty when neither is."""
    return " ".join(part.strip() for part in (first_name, last_name) if part and part.strip())


def name(user: User) -> str:
    """The user's name as people read it: their e-mail where no name is known."""
    return full_name(user.first_name, user.last_name) or user.email


def names(session: Session, clerk_ids: Collection[str]) -> dict[str, str]:
    """The names of these users as people read them, by Clerk ID; unknown ones are missing."""
    found = session.exec(select(User).where(col(User.id).in_(clerk_ids)))
    return {user.id: name(user) for user in found}


def get(session: Session, clerk_id: str) -> User | None:
    """The user with this Clerk ID, or None."""
    return session.get(User, clerk_id)


def ensure(
    session: Session,
    clerk_id: str,
    *,
    first_name: str = "",
    last_name: str = "",
    email: str | None = None,
    now: datetime,
) -> User:
    """The user with this Clerk ID, made when unknown; without an e-mail a placeholder stands in until `complete`.

    Somebody already described is left as they are. Raises `DomainError` when the e-mail belongs to another user.
    """
    is_new = insert_unless_there(
        session,
        User,
        id=clerk_id,
        first_name=first_name,
        last_name=last_name,
        email=email or f"{clerk_id}@{PLACEHOLDER_DOMAIN}",
        created_at=now,
        updated_at=now,
    )
    user = session.get(User, clerk_id)
    if user is None:
        raise EmailTaken
    if not is_new and email:
        complete(session, clerk_id, name=full_name(first_name, last_name), email=email, now=now)
    return user


def holder_of(session: Session, email: str) -> str | None:
    """The Clerk ID of the user who has this e-mail, or None."""
    return session.exec(select(User.id).where(User.email == email)).first()


def refresh(session: Session, identity: Identity, now: datetime) -> User:
    """The user of this verified identity, made or brought up to date; what the identity leaves out stays as it is.

    Raises `DomainError` when the e-mail belongs to another user.
    """
    if identity.email is not None and holder_of(session, identity.email) not in (None, identity.clerk_id):
        raise EmailTaken
    user = ensure(
        session,
        identity.clerk_id,
        first_name=identity.first_name,
        last_name=identity.last_name,
        email=identity.email,
        now=now,
    )
    told = {
        "first_name": identity.first_name or user.first_name,
        "last_name": identity.last_name or user.last_name,
        "email": identity.email or user.email,
        "image_url": identity.image_url or user.image_url,
    }
    if any(getattr(user, name) != value for name, value in told.items()):
        for name, value in told.items():
            setattr(user, name, value)
        user.updated_at = now
        session.add(user)
        session.flush()
    return user


def complete(session: Session, clerk_id: str, *, name: str, email: str | None, now: datetime) -> bool:
    """Describe a user who is only a placeholder, from what Slack knows; whether anything was written.

    The last word of ``name`` becomes the last name. An e-mail that belongs to another user is not taken.
    """
    user = session.get(User, clerk_id, with_for_update=True)
    if user is None or not user.email.endswith(f"@{PLACEHOLDER_DOMAIN}"):
        return False
    before = (user.first_name, user.last_name, user.email)
    if name.strip() and not full_name(user.first_name, user.last_name):
        first, _, last = name.strip().rpartition(" ")
        user.first_name, user.last_name = (first.strip(), last) if first else (last, "")
    if email and holder_of(session, email) is None:
        user.email = email
    if before == (user.first_name, user.last_name, user.email):
        return False
    user.updated_at = now
    session.add(user)
    session.flush()
    return True


def bio(session: Session, user_id: str) -> str:
    """What an instructor says about themselves; empty for nothing."""
    found = session.get(Instructor, user_id)
    return found.bio or "" if found is not None else ""


def say_about(session: Session, user_id: str, bio: str | None) -> None:
    """Keep what an instructor says about themselves; None for nothing."""
    insert_or_update(session, Instructor, [{"user_id": user_id, "bio": bio}])
