"""Slack workspaces Homeroom is installed in."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Workspace(SQLModel, table=True):
    """One workspace, and who we are in it.

    ``token_digest`` is the SHA-256 of the bot token these facts were learned with: a start with the same token needs no
    network, a start with another one asks Slack again. The token itself is never stored here.
    """

    __tablename__ = "homeroom_workspace"
    __table_args__ = (Index("ix_homeroom_workspace_token_digest", "token_digest"),)

    team_id: str = Field(primary_key=True)
    name: str
    url: str = ""
    bot_user_id: str
    bot_id: str = ""
    token_digest: str
    learned_at: datetime
