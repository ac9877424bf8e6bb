"""Links: which Slack person is which user of the portal."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Link(SQLModel, table=True):
    """One Slack identity bound to one user; unique both ways within a workspace."""

    __tablename__ = "homeroom_link"
    __table_args__ = (
        UniqueConstraint("team_id", "user_id", name="uq_homeroom_link_team_id_user_id"),
        Index("ix_homeroom_link_user_id", "user_id"),
    )

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    linked_at: datetime
