"""Announcements as they leave: what the sender asks for, and what authors and admins are told."""

import json
from collections.abc import Sequence

from sqlmodel import Session

from handlers.replies import NotYet, Suppressed, TakeBack
from handlers.requests import Context
from handlers.views import announcementnotes as notes
from handlers.views import announcements as screens
from handlers.views import deliveries as sending
from handlers.views import receipts as receiptscreens
from handlers.views import richwords
from handlers.views.announcements import Told
from handlers.views.screens import Screen
from models import (
    announcementnotes,
    announcements,
    audiences,
    channels,
    deliveries,
    links,
    members,
    outlines,
    receipts,
    sendoffs,
    teachers,
    users,
)
from models.announcements import ASKED, HELD, LATE, STOPPED, TAKEN_BACK, Announcement
from models.courses import hold
from models.errors import Gone
from models.leases import Leased
from models.reminderfacts import facts_of


def told(session: Session, announcement: Announcement) -> Told:
    """An announcement with the names it shows. Raises `Gone` when its course is."""
    return told_of_course(session, announcement.course_id, [announcement])[0]


def told_of_course(session: Session, course_id: int, found: Sequence[Announcement]) -> list[Told]:
    """Announcements of one course with the names they show. Raises `Gone` when it is."""
    title = hold(session, course_id).title
    lessons = {one.lesson_id: one.title for one in outlines.lines(session, course_id)}
    names = users.names(session, {one.author_id for one in found})
    teaching = {teachers.owner(session, course_id).id, *(one.id for one in teachers.team(session, course_id))}
    return [
        Told(
            announcement=one,
            course_title=title,
            lesson_title=lessons.get(one.lesson_id or 0),
            author=names.get(one.author_id, "Somebody"),
            role="instructor" if one.author_id in teaching else "admin",
            words=json.loads(one.words) if one.words else richwords.of_words(" "),
        )
        for one in found
    ]


def compose(leased: Leased, context: Context) -> Screen | Suppressed | NotYet:
    """The announcement as it should read now for this person, or why it should not leave."""
    assert leased.user_id is not None
    with context.read() as session:
        found = _going(session, leased)
        if isinstance(found, Suppressed):
            return found
        if links.of(session, leased.team_id, leased.slack_user_id) != leased.user_id:
            return Suppressed("unlinked")
        reason = audiences.why_not(session, found, leased.user_id, leased.delivery_id, context.now)
        if reason is not None:
            return Suppressed(reason)
        facts = facts_of(session, [leased.user_id])[leased.user_id]
        wait = sendoffs.wait_for(facts, context.now, context.holidays)
        return NotYet(wait) if wait else screens.message(told(session, found), by_dm=True)


def compose_post(leased: Leased, context: Context) -> Screen | Suppressed:
    """The announcement as it should read now in its channel, or why it should not leave."""
    with context.read() as session:
        found = _going(session, leased)
        if isinstance(found, Announcement) and context.now - leased.planned_at > sendoffs.TOO_LATE:
            return Suppressed(sendoffs.LATE_POST)
        return found if isinstance(found, Suppressed) else screens.message(told(session, found), by_dm=False)


def compose_edit(leased: Leased, context: Context) -> Screen | Suppressed | TakeBack:
    """What a message that was sent should say now; gone when it was taken back."""
    with context.read() as session:
        try:
            announcement = announcements.get(session, int(leased.facts["announcement"]))
            if announcement.state == TAKEN_BACK:
                return TakeBack()
            return screens.message(told(session, announcement), by_dm=not leased.facts["post"])
        except Gone:
            return Suppressed("gone")


def _going(session: Session, leased: Leased) -> Announcement | Suppressed:
    """The announcement, if it is still on its way and its author may still announce it."""
    try:
        announcement = announcements.get(session, int(leased.facts["announcement"]))
        is_archived = hold(session, announcement.course_id).is_archived
    except Gone:
        return Suppressed("gone")
    if announcement.state == TAKEN_BACK:
        return Suppressed("taken back")
    if announcement.state == STOPPED:
        return Suppressed("stopped by its author")
    if is_archived:
        return Suppressed("archived")
    return announcement if sendoffs.may_announce(session, announcement) else Suppressed("not theirs")


def note(leased: Leased, context: Context) -> Screen | Suppressed:
    """What an author or an admin is told of an announcement, while it is so."""
    what, by = str(leased.facts["what"]), str(leased.facts.get("by", ""))
    with context.read() as session:
        try:
            announcement = announcements.get(session, int(leased.facts["announcement"]))
            shown = told(session, announcement)
        except Gone:
            return Suppressed("gone")
        if what == announcementnotes.PROGRESS:
            return progress(session, shown)
        if what == announcementnotes.APPROVE:
            caller = members.identify(session, leased.team_id, leased.slack_user_id)
            if announcement.state != ASKED or caller is None or not caller.is_admin:
                return Suppressed("outdated")
            place = announcement.channel_id and channels.get(session, announcement.team_id, announcement.channel_id)
            return notes.asks_admin(shown, place.members if place else None)
        if what == announcementnotes.ASKS_LATE:
            return notes.late(shown) if announcement.state == LATE else Suppressed("outdated")
        if what == announcementnotes.ASKS_POST:
            if sendoffs.was_late(session, announcement):
                return notes.asks_late_post(shown)
            return notes.asks_post(shown) if _is_undecided(session, announcement) else Suppressed("outdated")
        if what == announcementnotes.APPROVED:
            return notes.approved(shown, by)
        if what == announcementnotes.DECLINED:
            return notes.declined(shown, by)
        if what == announcementnotes.WAITS:
            return notes.waits(shown) if announcement.state == ASKED else Suppressed("outdated")
        if announcement.state not in (HELD, STOPPED):
            return Suppressed("outdated")
    return notes.held(shown, is_yours=leased.slack_user_id == announcement.slack_user_id)


def progress(session: Session, shown: Told) -> Screen:
    """How an announcement gets on, and what became of it."""
    return receiptscreens.receipt(
        shown, receipts.receipt(session, shown.announcement), _post(session, shown.announcement)
    )


def _post(session: Session, announcement: Announcement) -> str | None:
    """What became of the post to the channel, in words."""
    posts = sendoffs.posts_of(session, announcement)
    if not posts:
        return None
    last = posts[-1]
    if last.state == deliveries.SENT and last.message_ts is None:
        return "posted; I can change it or take it back once somebody pressed its button"
    if last.state == deliveries.SENT:
        return "posted"
    if last.state in (deliveries.FAILED, deliveries.SUPPRESSED):
        return f"not posted, {sending.reason(last.reason or '')}"
    return "nobody knows yet whether it is there" if last.try_at is None else "on its way"


def _is_undecided(session: Session, announcement: Announcement) -> bool:
    posts = sendoffs.posts_of(session, announcement)
    return bool(posts) and posts[-1].state == deliveries.UNCERTAIN
