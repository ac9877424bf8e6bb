"""Approvals: an announcement that reaches many people goes only once an admin has seen it."""

from datetime import datetime

from sqlmodel import Session

from models import announcements, audit, channels, members
from models.announcementnotes import APPROVE, APPROVED, DECLINED, tell
from models.announcements import ASKED, HELD, SCHEDULED, Announcement, ChangedSince
from models.members import Caller

MOST_PEOPLE, MOST_MEMBERS = 200, 500
"""More people by DM, or a channel of more members, wait for an admin."""


def needed(session: Session, announcement: Announcement, author: Caller, told: int) -> bool:
    """Whether an admin has to see it before it goes to so many people by DM.

    An approval holds for the channel, and for as many people as it was given for and 200 more. A channel we know
    nothing about counts as a large one.
    """
    if author.is_admin:
        return False
    seen = announcement.recipients if announcement.approved_by is not None else 0
    if told > seen + MOST_PEOPLE:
        return True
    if announcement.channel_id is None or announcement.approved_by is not None:
        return False
    channel = channels.get(session, announcement.team_id, announcement.channel_id)
    return channel is None or channel.members > MOST_MEMBERS


def ask(session: Session, announcement: Announcement, now: datetime, real_now: datetime) -> None:
    """Ask every admin of its workspace."""
    for slack_user_id in members.admins(session, announcement.team_id):
        tell(session, announcement, APPROVE, now, real_now, to=slack_user_id)


def approve(
    session: Session, caller: Caller, announcement_id: int, revision: int, now: datetime, real_now: datetime
) -> Announcement:
    """An admin lets go what they looked at, at its time or at once.

    Raises `ChangedSince` when it says something else by now, `NotThere` when it waits for nobody any more.
    """
    announcement = _asked(session, announcement_id, revision, SCHEDULED)
    leaves_at = max(announcement.leaves_at or now, now)
    announcements.change(session, announcement_id, approved_by=caller.user_id, leaves_at=leaves_at)
    _note(session, "announcement.approved", caller, announcement, now)
    tell(session, announcement, APPROVED, now, real_now, by=caller.slack_user_id)
    return announcements.get(session, announcement_id)


def decline(
    session: Session, caller: Caller, announcement_id: int, revision: int, now: datetime, real_now: datetime
) -> Announcement:
    """An admin doesn't let it go; its author may change it and ask again. Raises as `approve` does."""
    announcement = _asked(session, announcement_id, revision, HELD)
    announcements.change(session, announcement_id, because="declined")
    _note(session, "announcement.declined", caller, announcement, now)
    tell(session, announcement, DECLINED, now, real_now, by=caller.slack_user_id)
    return announcements.get(session, announcement_id)


def _asked(session: Session, announcement_id: int, revision: int, to: str) -> Announcement:
    announcement = announcements.get(session, announcement_id, locks=True)
    if announcement.state == ASKED and announcement.revision != revision:
        raise ChangedSince
    announcements.require_move(session, announcement_id, [ASKED], to)
    return announcement


def _note(session: Session, action: str, caller: Caller, announcement: Announcement, now: datetime) -> None:
    actor = caller.user_id or audit.member(caller.team_id, caller.slack_user_id)
    what = str(announcement.id)
    audit.note(session, action, actor=actor, course_id=announcement.course_id, what=what, now=now)
