"""Writing an announcement, looking at it, sending it."""

import json
from datetime import UTC, datetime

from sqlmodel import Session

from handlers import announced, channelchecks, draftrequests, taught
from handlers.replies import NOTHING, AskOfChannel, Post, Reply
from handlers.requests import Context, Request, learner
from handlers.views import announcements as told_screens
from handlers.views import announcing as screens
from handlers.views import richwords, spokenwords
from handlers.views.announcing import BY_BOTH, BY_CHANNEL, BY_DM, Form
from handlers.views.kit import words as counted
from handlers.views.screens import Screen
from models import (
    announcements,
    announcing,
    approvals,
    audiences,
    channels,
    coursechannels,
    outlines,
    teachers,
)
from models.announcements import (
    AHEAD,
    AUDIENCES,
    ENROLLED,
    LONGEST,
    STUCK,
    WRITING,
    Announcement,
    ChangedSince,
    Content,
)
from models.errors import DomainError
from models.members import Caller

MOST_OFFERED = 90
"""Courses offered for a message: a select takes 100 options (docs: select menu)."""
CHANGED = "This was changed in another window. Preview it again."


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The form for the course that was named; which one, where several may be meant."""
    with context.read() as session:
        mine = taught.named(session, request, caller)
    if len(mine) != 1:
        return Reply(screens.which(request.text, mine))
    return _begun(caller, context, mine[0].course_id)


def new(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, with what the caller began for this course before."""
    (course_id,) = request.numbers()
    return _begun(caller, context, course_id, is_in_modal=request.surface == "modal")


def of_message(request: Request, caller: Caller, context: Context) -> Reply:
    """Which course the message the caller points at should be announced in."""
    words = spokenwords.rich(request.text)
    if not richwords.plain(words).strip():
        raise DomainError("There are no words in that message to announce. Point at one that has some.")
    with context.read() as session:
        mine = teachers.taught(session, caller, MOST_OFFERED)
    return Reply(screens.of_message(mine, words), where="modal")


def begin(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, with the words of a message below what the caller began for this course before."""
    assert request.view is not None
    chosen = draftrequests.given(request).get("course", "")
    if not chosen.isdecimal() or len(chosen) > 18:
        return Reply(errors={"course": "Choose a course."})
    message = richwords.carried(request.view.private_metadata)
    with context.write() as session:
        teachers.require(session, caller, int(chosen))
        announcement = _opened(session, caller, context, int(chosen))
        assert announcement.id is not None
        before = announcement.typed or announcement.words
        words = richwords.joined(json.loads(before), message) if before else message
        announcements.keep_typed(session, announcement.id, json.dumps(words, ensure_ascii=False), announcement.revision)
        notice = "You began this before. The message stands below your words." if before else ""
        return Reply(_form(session, caller, announcements.get(session, announcement.id), notice=notice))


def typed(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody types; it is kept, should the modal be closed before it is sent."""
    announcement_id, _, _, revision = draftrequests.carried(request.view, 4)
    words = draftrequests.given(request).get("words", "")
    with context.write() as session:
        _mine(session, caller, announcement_id)
        announcements.keep_typed(session, announcement_id, _kept(words), revision)
    return NOTHING


def suggest_lessons(request: Request, caller: Caller, context: Context) -> Reply:
    """Lessons of the course whose title matches what is being typed."""
    _, course_id = draftrequests.carried(request.view, 2)
    with context.read() as session:
        teachers.require(session, caller, course_id)
        return Reply(options=screens.lesson_options(outlines.lines(session, course_id), request.value))


def write(request: Request, caller: Caller, context: Context) -> Reply:
    """What was written is kept and shown as people will see it; a channel is looked at first."""
    announcement_id, _, turn, _ = draftrequests.carried(request.view, 4)
    given = draftrequests.given(request)
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id, locks=True)
        if announcement.state != WRITING:
            raise announcements.NotThere(announcement.state)
        content = _content(given, announcement)
        wrong = _wrong(session, announcement, content, given, context.now)
        announcements.write(session, announcement_id, content)
        announcement = announcements.get(session, announcement_id)
        if wrong:
            return Reply(errors={f"{name}.{turn}" if turn else name: said for name, said in wrong.items()})
        if content.channel_id is not None:
            trouble = channelchecks.UNSEEN
            if request.is_in_channel is not None:
                trouble = channelchecks.trouble(session, request, content.channel_id)
            refused = _form(session, caller, announcement, turn + 1, trouble)
            if request.is_in_channel is None:
                return Reply(asks=AskOfChannel(content.channel_id, refused))
            if trouble:
                return Reply(refused)
        return Reply(_preview(session, caller, announcement, context))


def change(request: Request, caller: Caller, context: Context) -> Reply:
    """The form of an announcement that was not sent yet; one that was confirmed stays as it is meanwhile."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.state not in (WRITING, *AHEAD):
            raise announcements.NotThere(announcement.state)
        notice = ""
        if announcement.state != WRITING:
            written = announcements.begin_anew(session, announcement, learner(caller), context.now)
            announcement = announcements.get(session, written)
            notice = "It stays as it is until you confirm what you change."
        screen = _form(session, caller, announcement, notice=notice)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def discard(request: Request, caller: Caller, context: Context) -> Reply:
    """What was begun is thrown away."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.state != WRITING:
            return Reply(_form(session, caller, announcement, 1, "This one was confirmed before. Cancel it instead."))
        announcements.forget(session, announcement_id)
    return Reply(screens.thrown_away(is_change=announcement.replaces is not None))


def send_to_me(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller gets it, and nobody else."""
    announcement_id, revision = request.numbers(2)
    with context.read() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.revision != revision:
            return Reply(_form(session, caller, announcement, revision, CHANGED))
        told = announced.told(session, announcement)
        shown = _preview(session, caller, announcement, context, screens.sent_to_you())
    copy = told_screens.message(told, by_dm=announcement.audience is not None, is_preview=True)
    return Reply(shown, then=(Post(caller.slack_user_id, copy),))


def try_button(request: Request, caller: Caller, context: Context) -> Reply:
    """The button of a preview says what it will do."""
    return Reply(screens.what_the_button_does(), where="modal")


def confirm(request: Request, caller: Caller, context: Context) -> Reply:
    """It goes: at once, at its time, or when an admin says so."""
    announcement_id, revision = request.numbers(2)
    try:
        with context.write() as session:
            one = announcing.confirm(session, caller, announcement_id, context.now, context.real_now, revision=revision)
            return Reply(screens.settled(one, audiences.count(session, one, context.now), context.now))
    except ChangedSince:
        # Its channel may be another by now, which nobody looked at.
        with context.read() as session:
            announcement = _mine(session, caller, announcement_id)
            return Reply(_form(session, caller, announcement, revision, CHANGED))


def _begun(caller: Caller, context: Context, course_id: int, *, is_in_modal: bool = False) -> Reply:
    with context.write() as session:
        teachers.require(session, caller, course_id)
        announcement = _opened(session, caller, context, course_id)
        notice = "You began this before." if announcement.typed or announcement.words else ""
        screen = _form(session, caller, announcement, notice=notice)
    return Reply(screen, where="here" if is_in_modal else "modal")


def _opened(session: Session, caller: Caller, context: Context, course_id: int) -> Announcement:
    """What the caller began for this course, or a fresh one."""
    author = learner(caller)
    before = announcements.begun(session, course_id, author)
    if before is not None:
        return before
    made = announcements.begin(session, course_id, author, caller.team_id, caller.slack_user_id, context.now)
    return announcements.get(session, made)


def _mine(session: Session, caller: Caller, announcement_id: int, *, locks: bool = False) -> Announcement:
    """An announcement of a course the caller teaches; one still being written is its author's alone."""
    announcement = announcements.get(session, announcement_id, locks=locks)
    teachers.require(session, caller, announcement.course_id)
    if announcement.state == WRITING and announcement.author_id != caller.user_id:
        raise announcements.AnnouncementGone
    return announcement


def _content(given: dict[str, str], announcement: Announcement) -> Content:
    way, lesson, when = given.get("to", ""), given.get("lesson", ""), given.get("when", "")
    audience = given.get("people", "")
    return Content(
        words=_kept(given.get("words", "")),
        lesson_id=int(lesson) if lesson.isdecimal() and len(lesson) < 19 else None,
        audience=audience if way in (BY_DM, BY_BOTH) and audience in AUDIENCES else None,
        channel_id=given.get("channel") or None if way in (BY_CHANNEL, BY_BOTH) else None,
        leaves_at=datetime.fromtimestamp(int(when), UTC) if when.isdecimal() and len(when) < 12 else None,
    )


def _wrong(
    session: Session, announcement: Announcement, content: Content, given: dict[str, str], now: datetime
) -> dict[str, str]:
    """What is wrong with what was written, a sentence a field."""
    wrong = {}
    words = json.loads(content.words) if content.words else None
    if words is None:
        wrong["words"] = "Write what you want to say."
    elif len(richwords.plain(words)) > LONGEST:
        over = len(richwords.plain(words)) - LONGEST
        wrong["words"] = f"That is {counted(over, 'character')} too long. A lesson has room for more."
    lessons = {one.lesson_id for one in outlines.lines(session, announcement.course_id)}
    if content.lesson_id is not None and content.lesson_id not in lessons:
        wrong["lesson"] = "That lesson isn't in the course any more. Choose another, or none."
    if given.get("to") in (BY_CHANNEL, BY_BOTH) and content.channel_id is None:
        wrong["channel"] = "Choose the channel to post to."
    if content.audience == STUCK and content.lesson_id is None:
        wrong["lesson"] = "Choose the lesson they are stuck before."
    if content.leaves_at is not None and content.leaves_at <= now:
        wrong["when"] = "That moment has passed. Choose a later one, or leave it empty to send at once."
    return wrong


def _preview(session: Session, caller: Caller, one: Announcement, context: Context, notice: str = "") -> Screen:
    reached = audiences.count(session, one, context.now)
    waits = approvals.needed(session, one, caller, reached.told)
    channel = channels.get(session, one.team_id, one.channel_id) if one.channel_id else None
    return screens.preview(
        announced.told(session, one),
        reached,
        context.now,
        members=channel.members if channel is not None else None,
        waits=waits,
        notice=notice,
    )


def _form(session: Session, caller: Caller, one: Announcement, turn: int = 0, notice: str = "") -> Screen:
    assert one.id is not None
    lesson = next((line for line in outlines.lines(session, one.course_id) if line.lesson_id == one.lesson_id), None)
    tie = coursechannels.of(session, one.course_id)
    channel_id = one.channel_id or (tie.channel_id if tie is not None and tie.team_id == one.team_id else None)
    way = BY_BOTH if one.channel_id and one.audience else BY_DM if one.audience else BY_CHANNEL
    if not one.channel_id and not one.audience and channel_id is None:
        way = BY_DM
    return screens.form(
        Form(
            announcement_id=one.id,
            course_id=one.course_id,
            course_title=teachers.require(session, caller, one.course_id),
            words=json.loads(one.typed or one.words) if one.typed or one.words else None,
            lesson=(lesson.title, lesson.lesson_id) if lesson else None,
            way=way,
            audience=one.audience or ENROLLED,
            channel_id=channel_id,
            leaves_at=one.leaves_at if one.leaves_at and one.state in (WRITING, *AHEAD) else None,
            zone=caller.tz or "UTC",
            revision=one.revision,
            round=turn,
        ),
        notice,
    )


def _kept(words: str) -> str:
    """The words as they are kept: safe to post; empty for none."""
    block = richwords.safe(words)
    return json.dumps(block, ensure_ascii=False) if block is not None else ""
