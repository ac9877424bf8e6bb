"""Slack workspaces Homeroom is installed in."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, Select, bindparam, select
from sqlmodel import Field, Session

from models.statements import insert_or_update, table_of
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


class Installation(NamedTuple):
    """Who we are in a workspace, as Slack said."""

    team_id: str
    name: str
    url: str
    bot_user_id: str
    bot_id: str
    uninstalled_at: datetime | None = None


# Columns and not the class: a start, which asks first of all, would wait until every class of a table is made ready.
_WORKSPACE = table_of(Workspace)
_INSTALLATION = select(*(_WORKSPACE.c[name] for name in Installation._fields))
_BY_TOKEN = (
    _INSTALLATION.where(_WORKSPACE.c.token_digest == bindparam("digest"))
    .order_by(_WORKSPACE.c.learned_at.desc(), _WORKSPACE.c.team_id)
    .limit(1)
)
_BY_TEAM = _INSTALLATION.where(_WORKSPACE.c.team_id == bindparam("team"))


def learn(session: Session, installation: Installation, digest: str, now: datetime) -> None:
    """Keep who we are in a workspace, in place of what was known: learned now, with the token of this SHA-256."""
    row = installation._asdict() | {"token_digest": digest, "learned_at": now}
    insert_or_update(session, Workspace, [row])


def by_token(session: Session, digest: str) -> Installation | None:
    """Who we are where it was learned with the token of this SHA-256 last, or None."""
    return _first(session, _BY_TOKEN, digest=digest)


def by_team(session: Session, team_id: str) -> Installation | None:
    """Who we are in the workspace with this Slack team id, or None."""
    return _first(session, _BY_TEAM, team=team_id)


def _first(session: Session, statement: Select[Any], **asked: str) -> Installation | None:
    row = session.connection().execute(statement, asked).first()
    return None if row is None else Installation._make(row)
