"""Members of Slack workspaces as we know them, and the Caller made of one on each request."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from models.roles import ADMIN, INSTRUCTOR


class Member(SQLModel, table=True):
    """A person (or bot) of one workspace, as Slack last described them."""

    __tablename__ = "homeroom_member"

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    handle: str
    name: str
    email: str | None = None
    image_url: str | None = None
    tz: str | None = None
    locale: str | None = None
    is_bot: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    seen_at: datetime
    home_opened_at: datetime | None = None
    welcomed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, read afresh for one request: a value, never a row.

    ``user_id`` is the Clerk ID, or None while the person is not linked. ``tz`` is an IANA zone name.
    """

    team_id: str
    slack_user_id: str
    name: str
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    tz: str | None = None
    locale: str | None = None
    is_guest: bool = False
    is_stranger: bool = False

    @property
    def is_linked(self) -> bool:
        """Whether this person is bound to a user of the portal."""
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        """Whether this person holds the Admin role."""
        return ADMIN in self.roles

    @property
    def is_instructor(self) -> bool:
        """Whether this person may teach: an Instructor, or an Admin, which satisfies it."""
        return INSTRUCTOR in self.roles or self.is_admin
