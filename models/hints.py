"""Hints given to people who mentioned us in passing: one for each person and thread."""

from sqlmodel import Field, Session

from models.tablemodels import TableModel


class Hint(TableModel, table=True):
    """One hint given. ``thread_ts`` is Slack's id of the thread."""

    __tablename__ = "homeroom_hint"

    team_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    thread_ts: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)


def first_time(session: Session, team_id: str, channel_id: str, thread_ts: str, slack_user_id: str) -> bool:
    """Note the hint; whether it is this person's first in the thread."""
    key = (team_id, channel_id, thread_ts, slack_user_id)
    if session.get(Hint, key) is not None:
        return False
    session.add(Hint(team_id=team_id, channel_id=channel_id, thread_ts=thread_ts, slack_user_id=slack_user_id))
    session.flush()
    return True
