"""Slack workspaces Homeroom is installed in."""

from datetime import datetime

from sqlalchemy import Index, bindparam
from sqlmodel import Field, Session, col, select

from models.statements import insert_or_update
from models.tablemodels import TableModel


class Workspace(TableModel, table=True):
    """One workspace, and who we are in it.

    ``token_digest`` is the SHA-256 of the bot token these facts were learned with: a start with the same token needs no
    network, a start with another one asks Slack again. The token itself is never stored here. ``uninstalled_at`` is
    when Slack refused the token because the app had been taken out; None while it is in.
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
    uninstalled_at: datetime | None = None


_BY_TOKEN = (
    select(Workspace)
    .where(Workspace.token_digest == bindparam("digest"))
    .order_by(col(Workspace.learned_at).desc(), Workspace.team_id)
    .limit(1)
)


def learn(session: Session, workspace: Workspace) -> None:
    """Keep these facts about a workspace, in place of what was known."""
    insert_or_update(session, Workspace, [workspace.model_dump()])


def by_token(session: Session, digest: str) -> Workspace | None:
    """The workspace whose facts were learned with the token of this SHA-256, or None."""
    return session.execute(_BY_TOKEN, {"digest": digest}).scalar()


def by_team(session: Session, team_id: str) -> Workspace | None:
    """The workspace with this Slack team id, or None."""
    return session.get(Workspace, team_id, populate_existing=True)
