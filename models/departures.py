"""Departures: people who left a workspace, and workspaces that took the app out. Links end; what was learned stays."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Session

from models import audit, changes, deliveries
from models.channels import Channel
from models.erasures import Erasure
from models.grants import Grant
from models.hints import Hint
from models.linkrequests import LinkRequest
from models.links import Link
from models.members import Member
from models.proposals import Proposal
from models.shares import Share
from models.statements import table_of
from models.workspaces import Workspace

SLACK = "slack"
"""The actor of what follows from Slack's own word."""
LEFT, UNINSTALLED = "left Slack", "uninstalled"
KEPT = timedelta(days=10)
"""What Slack told us of a workspace's people goes after this. Slack asks for it within 14 business days of an
uninstallation (docs: developer policy), and an app taken out by mistake is put back before."""
_TOLD_BY_SLACK = (LinkRequest, Proposal, Hint, Share, Erasure, Channel, Member)

_LINK, _MEMBER, _WORKSPACE, _GRANT = table_of(Link), table_of(Member), table_of(Workspace), table_of(Grant)
_IN_TEAM = _LINK.c.team_id == bindparam("team")
_IS_GONE = (
    select(_MEMBER.c.team_id)
    .where(
        _MEMBER.c.team_id == _LINK.c.team_id,
        _MEMBER.c.slack_user_id == _LINK.c.slack_user_id,
        _MEMBER.c.is_deleted.is_(True),
    )
    .exists()
)
_WHO = (_LINK.c.slack_user_id, _LINK.c.user_id)
_END_OF_MEMBERS = (
    delete(_LINK)
    .where(_IN_TEAM, _LINK.c.slack_user_id.in_(bindparam("people", expanding=True)), _IS_GONE)
    .returning(*_WHO)
)
_END_OF_ALL = delete(_LINK).where(_IN_TEAM).returning(*_WHO)
_MARK = (
    update(_WORKSPACE)
    .where(_WORKSPACE.c.team_id == bindparam("team"), _WORKSPACE.c.uninstalled_at.is_(None))
    .values(uninstalled_at=bindparam("now"))
)
_END_PROMISES = delete(_GRANT).where(_GRANT.c.team_id == bindparam("team"), _GRANT.c.user_id.is_(None))
_LONG_GONE = select(_WORKSPACE.c.team_id).where(_WORKSPACE.c.uninstalled_at < bindparam("before"))


def of_members(session: Session, team_id: str, slack_user_ids: Collection[str], now: datetime) -> int:
    """End the links of those of these people whom Slack says are deactivated; how many ended."""
    asked = {"team": team_id, "people": list(slack_user_ids)}
    return _ended(session, team_id, session.connection().execute(_END_OF_MEMBERS, asked), LEFT, now)


def of_workspace(session: Session, team_id: str, because: str, now: datetime) -> bool:
    """The app is out of this workspace: links and roles promised there end, and nothing more is sent to it.

    Whether it was in until now. What people learned stays, and whoever links again is who they were.
    """
    if session.connection().execute(_MARK, {"team": team_id, "now": now}).rowcount != 1:
        return False
    count = _ended(session, team_id, session.connection().execute(_END_OF_ALL, {"team": team_id}), UNINSTALLED, now)
    session.connection().execute(_END_PROMISES, {"team": team_id})
    deliveries.end_of_workspace(session, team_id, UNINSTALLED, now)
    audit.note(
        session, "workspace.uninstalled", actor=SLACK, what=team_id, before=f"{count} linked", because=because, now=now
    )
    return True


def forget(session: Session, now: datetime) -> int:
    """Let go of what Slack told of the people of workspaces the app is long out of; how many workspaces."""
    gone = session.connection().execute(_LONG_GONE, {"before": now - KEPT}).scalars().all()
    for team_id in gone:
        for model in _TOLD_BY_SLACK:
            table = table_of(model)
            session.connection().execute(delete(table).where(table.c.team_id == team_id))
        session.connection().execute(delete(_WORKSPACE).where(_WORKSPACE.c.team_id == team_id))
    return len(gone)


def _ended(session: Session, team_id: str, rows: Iterable[Any], because: str, now: datetime) -> int:
    ended = [(slack_user_id, user_id) for slack_user_id, user_id in rows]
    for slack_user_id, user_id in ended:
        who = audit.member(team_id, slack_user_id)
        audit.note(session, "link.ended", actor=SLACK, whom=user_id, what=who, because=because, now=now)
    changes.note(session, table_of(Link).name, [user_id for _, user_id in ended])
    return len(ended)
