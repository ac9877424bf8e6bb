"""Letting announcements go: what a tick does with those whose time has come.

The rows are the schedule. People are let into the ledger only as fast as the workspace takes messages, so that
whatever else is sent meanwhile waits for seconds and not behind thousands of announcements.
"""

import math
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from models import (
    announcementqueues,
    announcements,
    approvals,
    audiences,
    audit,
    deliveries,
    links,
    members,
    outlines,
    paces,
    recipients,
    rhythms,
    teachers,
)
from models.announcementnotes import ASKS_LATE, HELD_BACK, PROGRESS, WAITS, tell
from models.announcements import (
    ASKED,
    GOING,
    HELD,
    LATE,
    SCHEDULED,
    SENT,
    STOPPED,
    STUCK,
    Announcement,
)
from models.courses import hold
from models.deliveries import OPEN, Delivery, Planned
from models.errors import DomainError
from models.members import Caller
from models.reminderfacts import Facts, facts_of
from models.statements import table_of
from models.switches import ANNOUNCEMENT, EDIT, POST

TOO_LATE = timedelta(hours=1)
"""Later than this after its time an announcement asks its author before it goes."""
LATE_POST = "late post"
"""Why a post that was held up for so long was not made."""
PATIENCE = timedelta(days=7)
"""Whoever isn't at work within so long after an announcement went out is not told of it."""
SECONDS_AHEAD = 15
"""A tick comes every ten seconds; so many seconds' worth of announcements may wait in the ledger."""
EDITS_AT_ONCE = 8
"""Corrections each tick: chat.update and chat.delete allow fifty a minute (docs: tier 3)."""

_DELIVERY = table_of(Delivery)
_OPEN_OF_TEAM = select(func.count()).where(
    OPEN, _DELIVERY.c.team_id == bindparam("team"), _DELIVERY.c.kind.in_((ANNOUNCEMENT, EDIT))
)


def hold_of(session: Session, user_ids: Collection[str], now: datetime, real_now: datetime) -> None:
    """Hold whatever these people have ahead of them and may not announce any more."""
    for announcement in announcementqueues.ahead_of(session, user_ids):
        if not may_announce(session, announcement):
            _hold(session, announcement, "author", now, real_now)


def may_announce(session: Session, announcement: Announcement) -> bool:
    """Whether its author is still linked here and may teach the course: read again each time something goes."""
    return _author(session, announcement) is not None


def _author(session: Session, announcement: Announcement) -> Caller | None:
    caller = members.identify(session, announcement.team_id, announcement.slack_user_id)
    if caller is None or caller.user_id != announcement.author_id or caller.is_guest:
        return None
    try:
        teachers.require(session, caller, announcement.course_id)
    except DomainError:
        return None
    return caller


def let_go(session: Session, team_id: str, now: datetime, real_now: datetime) -> None:
    """Begin what is due: check again that it should go, post it to its channel, and have its people looked for."""
    for announcement in announcementqueues.due(session, team_id, now):
        assert announcement.id is not None
        assert announcement.leaves_at is not None
        author = _author(session, announcement)
        if author is None:
            _hold(session, announcement, "author", now, real_now)
        elif hold(session, announcement.course_id).is_archived:
            _hold(session, announcement, "archived", now, real_now)
        elif announcement.audience == STUCK and not _has_its_lesson(session, announcement):
            _hold(session, announcement, "lesson", now, real_now)
        elif now - announcement.leaves_at > TOO_LATE:
            announcements.move(session, announcement.id, [SCHEDULED], LATE)
            tell(session, announcement, ASKS_LATE, now, real_now)
        elif approvals.needed(session, announcement, author, told := audiences.count(session, announcement, now).told):
            announcements.change(session, announcement.id, state=ASKED, recipients=told, approved_by=None)
            approvals.ask(session, announcement, now, real_now)
            tell(session, announcement, WAITS, now, real_now)
        else:
            announcements.move(session, announcement.id, [SCHEDULED], GOING)
            has_people = announcement.audience is not None
            announcements.change(session, announcement.id, began_at=now, added_past="" if has_people else None)
            if announcement.channel_id is not None:
                post(session, announcement, now, real_now)
            if has_people:
                tell(session, announcement, PROGRESS, now, real_now)


def _has_its_lesson(session: Session, announcement: Announcement) -> bool:
    return any(one.lesson_id == announcement.lesson_id for one in outlines.lines(session, announcement.course_id))


def post(session: Session, announcement: Announcement, now: datetime, real_now: datetime) -> None:
    """Put the post to its channel into the ledger."""
    assert announcement.id is not None
    number = announcement.posts + 1
    announcements.change(session, announcement.id, posts=number)
    planned = Planned(
        key=post_key(announcement.id, number),
        kind=POST,
        team_id=announcement.team_id,
        slack_user_id=announcement.slack_user_id,
        course_id=announcement.course_id,
        channel_id=announcement.channel_id,
        facts={"announcement": announcement.id},
    )
    deliveries.plan(session, [planned], now, real_now)


def post_key(announcement_id: int, number: int) -> str:
    """The key in the ledger of the post of this announcement, the first being 1."""
    return f"{POST}:{announcement_id}:{number}"


def look_for_people(session: Session, announcement_id: int, now: datetime, holidays: frozenset[date]) -> bool:
    """Put the next of its people down, each for their own working hours; whether there may be more."""
    announcement = announcements.get(session, announcement_id, locks=True)
    if announcement.state != GOING or announcement.added_past is None:
        return False
    found = audiences.next_of(session, announcement, announcement.added_past, now)
    facts = facts_of(session, found) if found else {}
    recipients.add(
        session,
        announcement_id,
        [(user_id, _moment(facts[user_id], now, holidays)) for user_id in found if user_id in facts],
    )
    is_more = len(found) == audiences.AT_ONCE
    announcements.change(session, announcement_id, added_past=found[-1] if is_more else None)
    return is_more


def wait_for(facts: Facts, now: datetime, holidays: frozenset[date]) -> timedelta:
    """How long until this person is at work; nothing while they are, or when they never are."""
    moment = _moment(facts, now, holidays)
    return timedelta(0) if moment is None else moment - now


def _moment(facts: Facts, now: datetime, holidays: frozenset[date]) -> datetime | None:
    """The first moment of this person's working hours; None when it comes too late to be told at all."""
    quiet_until = facts.row.snoozed_until or date.min
    moment = rhythms.next_working_moment(facts.rhythm, facts.off(holidays), since=now, from_day=quiet_until)
    return moment if moment is not None and moment - now <= PATIENCE else None


def let_people_in(session: Session, team_id: str, now: datetime, real_now: datetime) -> int:
    """Put those whose turn it is into the ledger, as many as the workspace takes soon; how many."""
    pace = paces.of(session, team_id)
    rate = pace.rate if pace else paces.FIRST_RATE
    waiting = session.connection().execute(_OPEN_OF_TEAM, {"team": team_id}).scalar_one()
    room = math.ceil(rate * SECONDS_AHEAD) - waiting
    if room <= 0:
        return 0
    people = recipients.due(session, team_id, now, room)
    planned = [
        Planned(
            key=recipients.key(one.announcement_id, one.user_id),
            kind=ANNOUNCEMENT,
            team_id=team_id,
            slack_user_id=one.slack_user_id,
            user_id=one.user_id,
            course_id=one.course_id,
            channel_id=one.dm_channel_id,
            facts={"announcement": one.announcement_id},
        )
        for one in people
        if one.slack_user_id is not None
    ]
    deliveries.plan(session, planned, now, real_now)
    recipients.planned(session, people)
    return len(people)


def finish(session: Session, team_id: str, now: datetime, real_now: datetime) -> tuple[Announcement, ...]:
    """Those on their way as they are now; the ones with nobody left to tell are over, and their authors are told."""
    left = []
    for announcement in announcementqueues.going(session, team_id):
        assert announcement.id is not None
        if announcement.added_past is not None or recipients.any_open(session, announcement.id):
            left.append(announcement)
            continue
        posts = [one for one in posts_of(session, announcement) if one.state not in deliveries.SETTLED]
        if posts:
            left.append(announcement)
            continue
        announcements.move(session, announcement.id, [GOING], SENT)
        announcements.change(session, announcement.id, finished_at=now)
        tell(session, announcement, PROGRESS, now, real_now)
    return tuple(left)


def posts_of(session: Session, announcement: Announcement) -> list[Delivery]:
    """The ledger's rows of an announcement's posts, the first one first."""
    assert announcement.id is not None
    keys = [post_key(announcement.id, number) for number in range(1, announcement.posts + 1)]
    return deliveries.of_keys(session, keys)


def saw_post(session: Session, announcement: Announcement, channel_id: str, message_ts: str, now: datetime) -> None:
    """Somebody pressed a button of its post: one of unknown outcome is there, and follows what was changed since."""
    assert announcement.id is not None
    if announcement.channel_id == channel_id and announcement.posts:
        key = post_key(announcement.id, announcement.posts)
        if deliveries.seen(session, key, channel_id, message_ts, now):
            announcements.change(session, announcement.id, is_editing=True)


def was_late(session: Session, announcement: Announcement) -> bool:
    """Whether its last post was not made because it would have come more than an hour late."""
    posts = posts_of(session, announcement)
    return bool(posts) and (posts[-1].state, posts[-1].reason) == (deliveries.SUPPRESSED, LATE_POST)


def follow_edits(session: Session, team_id: str, now: datetime, real_now: datetime) -> None:
    """Put a few of the messages that must follow a correction into the ledger."""
    room = EDITS_AT_ONCE
    for announcement in announcementqueues.editing(session, team_id):
        assert announcement.id is not None
        posts = posts_of(session, announcement)
        planned = [
            _edit(announcement, one.key, one.slack_user_id, None, one.channel_id, one.message_ts)
            for one in posts
            if one.state == deliveries.SENT and one.message_ts is not None and one.channel_id is not None
        ]
        people = recipients.behind(session, announcement, room) if room else ()
        planned += [
            _edit(announcement, recipients.key(announcement.id, user_id), slack_user_id, user_id, channel_id, ts)
            for user_id, channel_id, ts, slack_user_id in people
        ]
        deliveries.plan(session, planned, now, real_now)
        recipients.caught_up(session, announcement, [one[0] for one in people])
        is_over = len(people) < room and announcement.state != GOING
        room -= len(people)
        # What is in somebody's hands just now may still arrive as it was.
        if is_over and not any(one.try_at for one in posts) and not recipients.any_open(session, announcement.id):
            announcements.change(session, announcement.id, is_editing=False)


def _edit(
    announcement: Announcement, key: str, slack_user_id: str, user_id: str | None, channel_id: str, ts: str
) -> Planned:
    return Planned(
        key=f"{EDIT}:{announcement.revision}:{key}",
        kind=EDIT,
        team_id=announcement.team_id,
        slack_user_id=slack_user_id,
        user_id=user_id,
        course_id=announcement.course_id,
        channel_id=channel_id,
        facts={"announcement": announcement.id, "ts": ts, "post": user_id is None},
    )


def _hold(session: Session, announcement: Announcement, because: str, now: datetime, real_now: datetime) -> None:
    """It does not go; its author is told, and when they can't do anything about it so is the course's instructor."""
    assert announcement.id is not None
    is_going = announcement.state == GOING
    announcements.change(session, announcement.id, state=STOPPED if is_going else HELD, because=because)
    if is_going:
        recipients.let_go(session, announcement.id)
    course_id = announcement.course_id
    audit.note(session, "announcement.held", actor=audit.HOMEROOM, course_id=course_id, because=because, now=now)
    tell(session, announcement, HELD_BACK, now, real_now)
    owner = teachers.owner(session, course_id).id
    if because == "author" and owner != announcement.author_id:
        for team_id, slack_user_id in links.everywhere(session, owner):
            if team_id == announcement.team_id:
                tell(session, announcement, HELD_BACK, now, real_now, to=slack_user_id)
