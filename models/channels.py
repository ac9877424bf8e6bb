"""Channels as Slack last described them: what they are called and how many people they reach."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlmodel import Field, Session

from models.statements import insert_or_update, table_of
from models.tablemodels import TableModel


class Channel(TableModel, table=True):
    """A public channel, or a private one we are in. ``members`` is as of ``learned_at``."""

    __tablename__ = "homeroom_channel"
    __table_args__ = ({"sqlite_with_rowid": False},)

    team_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    name: str
    members: int
    has_us: bool
    learned_at: datetime


_CHANNEL = table_of(Channel)
_ONE = select(Channel).where(_CHANNEL.c.team_id == bindparam("team"), _CHANNEL.c.channel_id == bindparam("channel"))
_NOT_LEARNED = delete(_CHANNEL).where(
    _CHANNEL.c.team_id == bindparam("team"), _CHANNEL.c.learned_at < bindparam("since")
)


def learn(session: Session, told: Sequence[Channel]) -> None:
    """Keep what Slack says about channels, in place of what it said before."""
    insert_or_update(session, Channel, [one.model_dump() for one in told])


def forget_others(session: Session, team_id: str, since: datetime) -> None:
    """Let go of the channels of a workspace that were not learned at ``since`` or later: they are gone, or closed to
    us."""
    session.connection().execute(_NOT_LEARNED, {"team": team_id, "since": since})


def get(session: Session, team_id: str, channel_id: str) -> Channel | None:
    """The channel, or None for one we know nothing of: a private one we aren't in, a DM, one made just now."""
    return session.execute(_ONE, {"team": team_id, "channel": channel_id}).scalar_one_or_none()
