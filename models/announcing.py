"""Announcing: what its author, or another who teaches the course, does with an announcement."""

from datetime import datetime

from sqlmodel import Session

from models import announcements, approvals, audiences, audit, recipients, teachers
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
    ChangedSince,
    Content,
)
from models.courses import Archived, hold
from models.errors import DomainError
from models.members import Caller


class NobodyToTell(DomainError):
    """The announcement has neither a channel nor anybody to go to."""

    def __init__(self) -> None:
        super().__init__("Nobody would get this now. Choose a channel or other people, and preview it again.")


def confirm(
    session: Session,
    caller: Caller,
    announcement_id: int,
    now: datetime,
    real_now: datetime,
    *,
    revision: int | None = None,
) -> Announcement:
    """Its author means it: it goes at its time, or waits for an admin. Asked twice, it is one announcement.

    What was written in place of a confirmed one is that one from now on. Raises `ChangedSince` when it says something
    else than at ``revision``; `NobodyToTell`, `Archived`, `NotTaught` and `NotThere`.
    """
    announcement = announcements.get(session, announcement_id, locks=True)
    teachers.require(session, caller, announcement.course_id)
    if announcement.state in (ASKED, SCHEDULED, GOING, SENT):
        return announcement
    if revision is not None and announcement.revision != revision:
        raise ChangedSince
    if announcement.replaces is not None:
        announcement = _put_in_place(session, announcement)
    assert announcement.id is not None
    if hold(session, announcement.course_id).is_archived:
        raise Archived
    told = audiences.count(session, announcement, now).told
    if not told and announcement.channel_id is None:
        raise NobodyToTell
    # What was approved before was something else.
    announcement.approved_by = caller.user_id if caller.is_admin else None
    waits = approvals.needed(session, announcement, caller, told)
    announcements.require_move(session, announcement.id, (WRITING, *AHEAD), ASKED if waits else SCHEDULED)
    announcements.change(
        session,
        announcement.id,
        leaves_at=max(announcement.leaves_at or now, now),
        recipients=told,
        because=None,
        approved_by=announcement.approved_by,
        **_as(caller),
    )
    _note(session, "announcement.confirmed", caller, announcement, now, after=f"{told} people")
    confirmed = announcements.get(session, announcement.id)
    if waits:
        approvals.ask(session, confirmed, now, real_now)
    return confirmed


def _put_in_place(session: Session, written: Announcement) -> Announcement:
    """What was written anew is what the confirmed one says; that one."""
    assert written.replaces is not None
    assert written.id is not None
    announcements.get(session, written.replaces, locks=True)
    announcements.require_move(session, written.replaces, AHEAD, HELD)
    content = Content(written.words, written.lesson_id, written.audience, written.channel_id, written.leaves_at)
    announcements.write(session, written.replaces, content)
    announcements.forget(session, written.id)
    return announcements.get(session, written.replaces)


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
