"""Announcing: what its author, an admin or another teacher does with an announcement."""

from datetime import datetime

from sqlmodel import Session

from models import announcements, audiences, audit, channels, members, recipients, teachers
from models.announcementnotes import APPROVE, APPROVED, DECLINED, tell
from models.announcements import (
    AHEAD,
    ASKED,
    CANCELLED,
    GOING,
    HELD,
    LATE,
    SCHEDULED,
    SENT,
    STOPPED,
    TAKEN_BACK,
    WRITING,
    Announcement,
)
from models.courses import Archived, hold
from models.errors import DomainError
from models.members import Caller

MOST_PEOPLE, MOST_MEMBERS = 200, 500
"""More people by DM, or a channel of more members, wait for an admin."""


class NobodyToTell(DomainError):
    """The announcement has neither a channel nor anybody to go to."""

    def __init__(self) -> None:
        super().__init__("Nobody would get this now. Choose a channel or other people, and preview it again.")


def needs_approval(session: Session, announcement: Announcement, caller: Caller, told: int) -> bool:
    """Whether an admin has to approve it before it goes. A channel we know nothing about counts as a large one."""
    if caller.is_admin:
        return False
    if told > MOST_PEOPLE:
        return True
    if announcement.channel_id is None:
        return False
    channel = channels.get(session, announcement.team_id, announcement.channel_id)
    return channel is None or channel.members > MOST_MEMBERS


def confirm(session: Session, caller: Caller, announcement_id: int, now: datetime, real_now: datetime) -> Announcement:
    """Its author means it: it goes at its time, or waits for an admin. Asked twice, it is one announcement.

    Raises `NobodyToTell`, `Archived`, `NotTaught` and `NotThere`.
    """
    announcement = announcements.get(session, announcement_id, locks=True)
    teachers.require(session, caller, announcement.course_id)
    if announcement.state in (ASKED, SCHEDULED, GOING, SENT):
        return announcement
    if hold(session, announcement.course_id).is_archived:
        raise Archived
    told = audiences.count(session, announcement, now).told
    if not told and announcement.channel_id is None:
        raise NobodyToTell
    waits = needs_approval(session, announcement, caller, told)
    announcements.require_move(session, announcement_id, (WRITING, *AHEAD), ASKED if waits else SCHEDULED)
    leaves_at = max(announcement.leaves_at or now, now)
    announcements.change(session, announcement_id, leaves_at=leaves_at, recipients=told, because=None, **_as(caller))
    _note(session, "announcement.confirmed", caller, announcement, now, after=f"{told} people")
    if waits:
        for slack_user_id in members.admins(session, announcement.team_id):
            tell(session, announcement, APPROVE, now, real_now, to=slack_user_id)
    return announcements.get(session, announcement_id)


def approve(session: Session, caller: Caller, announcement_id: int, now: datetime, real_now: datetime) -> Announcement:
    """An admin lets it go, at its time or at once. Raises `NotThere` when it waits for nobody any more."""
    announcement = announcements.get(session, announcement_id, locks=True)
    announcements.require_move(session, announcement_id, [ASKED], SCHEDULED)
    leaves_at = max(announcement.leaves_at or now, now)
    announcements.change(session, announcement_id, approved_by=caller.user_id, leaves_at=leaves_at)
    _note(session, "announcement.approved", caller, announcement, now)
    tell(session, announcement, APPROVED, now, real_now, by=caller.slack_user_id)
    return announcements.get(session, announcement_id)


def decline(session: Session, caller: Caller, announcement_id: int, now: datetime, real_now: datetime) -> Announcement:
    """An admin doesn't let it go; its author may change it and ask again."""
    announcement = announcements.get(session, announcement_id, locks=True)
    announcements.require_move(session, announcement_id, [ASKED], HELD)
    announcements.change(session, announcement_id, because="declined")
    _note(session, "announcement.declined", caller, announcement, now)
    tell(session, announcement, DECLINED, now, real_now, by=caller.slack_user_id)
    return announcements.get(session, announcement_id)


def cancel(session: Session, caller: Caller, announcement_id: int, now: datetime) -> Announcement:
    """It will not go."""
    announcement = _taught(session, caller, announcement_id)
    announcements.require_move(session, announcement_id, AHEAD, CANCELLED)
    _note(session, "announcement.cancelled", caller, announcement, now)
    return announcements.get(session, announcement_id)


def stop(session: Session, caller: Caller, announcement_id: int, now: datetime) -> Announcement:
    """Who was not told yet won't be; what was sent stays."""
    announcement = _taught(session, caller, announcement_id)
    announcements.require_move(session, announcement_id, [GOING], STOPPED)
    announcements.change(session, announcement_id, finished_at=now)
    recipients.let_go(session, announcement_id)
    _note(session, "announcement.stopped", caller, announcement, now)
    return announcements.get(session, announcement_id)


def send_now(session: Session, caller: Caller, announcement_id: int, now: datetime, real_now: datetime) -> Announcement:
    """What is scheduled, held or late goes now, in the caller's name."""
    announcement = _taught(session, caller, announcement_id)
    if announcement.state not in (SCHEDULED, HELD, LATE):
        raise announcements.NotThere(announcement.state)
    announcements.change(session, announcement_id, leaves_at=now, state=HELD)
    return confirm(session, caller, announcement_id, now, real_now)


def correct(session: Session, caller: Caller, announcement_id: int, words: str, now: datetime) -> Announcement:
    """What was sent says this from now on; messages follow at Slack's pace."""
    announcement = _taught(session, caller, announcement_id)
    if announcement.state not in (GOING, SENT, STOPPED):
        raise announcements.NotThere(announcement.state)
    announcements.change(session, announcement_id, words=words, revision=announcement.revision + 1, is_editing=True)
    _note(session, "announcement.corrected", caller, announcement, now)
    return announcements.get(session, announcement_id)


def take_back(session: Session, caller: Caller, announcement_id: int, now: datetime) -> Announcement:
    """What was sent is deleted, at Slack's pace, and nobody else is told."""
    announcement = _taught(session, caller, announcement_id)
    announcements.require_move(session, announcement_id, [GOING, SENT, STOPPED], TAKEN_BACK)
    recipients.let_go(session, announcement_id)
    announcements.change(
        session,
        announcement_id,
        revision=announcement.revision + 1,
        is_editing=True,
        finished_at=announcement.finished_at or now,
    )
    _note(session, "announcement.taken back", caller, announcement, now)
    return announcements.get(session, announcement_id)


def _taught(session: Session, caller: Caller, announcement_id: int) -> Announcement:
    announcement = announcements.get(session, announcement_id, locks=True)
    teachers.require(session, caller, announcement.course_id)
    return announcement


def _as(caller: Caller) -> dict[str, str | None]:
    """Whoever confirms it is its author."""
    return {"author_id": caller.user_id, "team_id": caller.team_id, "slack_user_id": caller.slack_user_id}


def _note(
    session: Session, action: str, caller: Caller, announcement: Announcement, now: datetime, after: str | None = None
) -> None:
    audit.note(
        session,
        action,
        actor=caller.user_id or audit.member(caller.team_id, caller.slack_user_id),
        course_id=announcement.course_id,
        what=str(announcement.id),
        after=after,
        now=now,
    )
