"""Writing an announcement, looking at it, sending it."""

import json
from datetime import UTC, datetime

from sqlmodel import Session

from handlers import announced, draftrequests
from handlers.replies import NOTHING, AskOfChannel, Post, Reply
from handlers.requests import Context, Request, learner
from handlers.views import announcements as told_screens
from handlers.views import announcing as screens
from handlers.views import richwords
from handlers.views.announcing import BY_BOTH, BY_CHANNEL, BY_DM, Form
from handlers.views.kit import words as counted
from handlers.views.screens import Screen
from models import announcements, announcing, audiences, channels, coursechannels, outlines, search, teachers
from models.announcements import (
    AHEAD,
    AUDIENCES,
    ENROLLED,
    HELD,
    LONGEST,
    STUCK,
    WRITING,
    Announcement,
    Content,
)
from models.errors import DomainError
from models.members import Caller

MOST = 10
MOST_OFFERED = 90
"""Courses offered for a message: a select takes 100 options (docs: select menu)."""
LONGEST_CARRIED = 2900
"""Characters of a message to announce: a modal carries 3,000 (docs: private_metadata)."""


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The form for the course that was named; which one, where several may be meant."""
    with context.read() as session:
        if request.text:
            named = [card.course_id for card in search.find(session, request.text, user_id=caller.user_id)]
            mine = teachers.among(session, caller, named)
        else:
            mine = teachers.taught(session, caller, MOST)
    if len(mine) != 1:
        return Reply(screens.which(request.text, mine))
    return _begun(caller, context, mine[0].course_id)


def new(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, with what the caller began for this course before."""
    (course_id,) = request.numbers()
    return _begun(caller, context, course_id, is_in_modal=request.surface == "modal")


def of_message(request: Request, caller: Caller, context: Context) -> Reply:
    """Which course the message the caller points at should be announced in."""
    words = request.text[:LONGEST_CARRIED]
    if not words.strip():
        raise DomainError("There are no words in that message to announce. Point at one that has some.")
    with context.read() as session:
        mine = teachers.taught(session, caller, MOST_OFFERED)
    return Reply(screens.of_message(mine, words), where="modal")


def begin(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, with the words of a message."""
    assert request.view is not None
    chosen = draftrequests.given(request).get("course", "")
    if not chosen.isdecimal() or len(chosen) > 18:
        return Reply(errors={"course": "Choose a course."})
    words = json.dumps(richwords.of_words(request.view.private_metadata))
    with context.write() as session:
        teachers.require(session, caller, int(chosen))
        announcement_id = _begin(session, caller, context, int(chosen), words)
        return Reply(_form(session, caller, announcements.get(session, announcement_id)))


def typed(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody types; it is kept, should the modal be closed before it is sent."""
    announcement_id, _, _ = draftrequests.carried(request.view, 3)
    words = draftrequests.given(request).get("words", "")
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.state == WRITING:
            announcements.change(session, announcement_id, words=_kept(words))
    return NOTHING


def suggest_lessons(request: Request, caller: Caller, context: Context) -> Reply:
    """Lessons of the course whose title matches what is being typed."""
    _, course_id, _ = draftrequests.carried(request.view, 3)
    with context.read() as session:
        teachers.require(session, caller, course_id)
        return Reply(options=screens.lesson_options(outlines.lines(session, course_id), request.value))


def write(request: Request, caller: Caller, context: Context) -> Reply:
    """What was written is kept and shown as people will see it; a channel is looked at first."""
    announcement_id, _, turn = draftrequests.carried(request.view, 3)
    given = draftrequests.given(request)
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id, locks=True)
        content = _content(given, announcement)
        wrong = _wrong(session, announcement, content, given, context.now)
        if announcement.state == WRITING or not wrong:
            announcements.write(session, announcement_id, content)
        announcement = announcements.get(session, announcement_id)
        if wrong:
            return Reply(errors={f"{name}.{turn}" if turn else name: said for name, said in wrong.items()})
        if content.channel_id is not None and request.is_in_channel is None:
            refused = _form(session, caller, announcement, turn + 1, "I can't see that channel. Invite me there first.")
            return Reply(asks=AskOfChannel(content.channel_id, refused))
        trouble = _trouble_with_channel(session, request, announcement)
        if trouble:
            return Reply(_form(session, caller, announcement, turn + 1, trouble))
        if announcement.state in AHEAD:
            announcements.change(session, announcement_id, state=HELD)
            announcing.confirm(session, caller, announcement_id, context.now, context.real_now)
            return Reply(_settled(session, announcement_id, context))
        return Reply(_preview(session, caller, announcement, context))


def change(request: Request, caller: Caller, context: Context) -> Reply:
    """The form of an announcement that was not sent yet."""
    (announcement_id,) = request.numbers()
    with context.read() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.state not in (WRITING, *AHEAD):
            raise announcements.NotThere(announcement.state)
        screen = _form(session, caller, announcement)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def discard(request: Request, caller: Caller, context: Context) -> Reply:
    """What was begun is thrown away."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcement = _mine(session, caller, announcement_id)
        if announcement.state != WRITING:
            return Reply(_form(session, caller, announcement, 1, "This one was confirmed before. Cancel it instead."))
        announcements.forget(session, announcement_id)
    return Reply(screens.thrown_away())


def send_to_me(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller gets it, and nobody else."""
    (announcement_id,) = request.numbers()
    with context.read() as session:
        announcement = _mine(session, caller, announcement_id)
        told = announced.told(session, announcement)
        shown = _preview(session, caller, announcement, context, screens.sent_to_you())
    copy = told_screens.message(told, by_dm=announcement.audience is not None)
    return Reply(shown, then=(Post(caller.slack_user_id, copy),))


def confirm(request: Request, caller: Caller, context: Context) -> Reply:
    """It goes: at once, at its time, or when an admin says so."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcing.confirm(session, caller, announcement_id, context.now, context.real_now)
        return Reply(_settled(session, announcement_id, context))


def _begun(caller: Caller, context: Context, course_id: int, *, is_in_modal: bool = False) -> Reply:
    with context.write() as session:
        teachers.require(session, caller, course_id)
        before = announcements.begun(session, course_id, learner(caller))
        announcement_id = before.id if before else _begin(session, caller, context, course_id, "")
        assert announcement_id is not None
        notice = "You began this before." if before is not None and before.words else ""
        screen = _form(session, caller, announcements.get(session, announcement_id), notice=notice)
    return Reply(screen, where="here" if is_in_modal else "modal")


def _begin(session: Session, caller: Caller, context: Context, course_id: int, words: str) -> int:
    author = learner(caller)
    return announcements.begin(session, course_id, author, caller.team_id, caller.slack_user_id, words, context.now)


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


def _trouble_with_channel(session: Session, request: Request, announcement: Announcement) -> str:
    """Why this channel can't be posted to by this person, or nothing."""
    if announcement.channel_id is None:
        return ""
    if not request.is_in_channel:
        return "You aren't in that channel yourself. Join it, or choose another."
    channel = channels.get(session, announcement.team_id, announcement.channel_id)
    if channel is None or not channel.has_us:
        return "I'm not in that channel. Invite me there with /invite @homeroom, then preview again."
    return ""


def _preview(session: Session, caller: Caller, one: Announcement, context: Context, notice: str = "") -> Screen:
    reached = audiences.count(session, one, context.now)
    waits = announcing.needs_approval(session, one, caller, reached.told)
    return screens.preview(announced.told(session, one), reached, context.now, waits=waits, notice=notice)


def _settled(session: Session, announcement_id: int, context: Context) -> Screen:
    announcement = announcements.get(session, announcement_id)
    reached = audiences.count(session, announcement, context.now)
    return screens.settled(announcement, reached, context.now)


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
            words=json.loads(one.words) if one.words else None,
            lesson=(lesson.title, lesson.lesson_id) if lesson else None,
            way=way,
            audience=one.audience or ENROLLED,
            channel_id=channel_id,
            leaves_at=one.leaves_at if one.leaves_at and one.state in (WRITING, *AHEAD) else None,
            zone=caller.tz or "UTC",
            round=turn,
        ),
        notice,
    )


def _kept(words: str) -> str:
    """The words as they are kept: safe to post; empty for none."""
    block = richwords.safe(words)
    return json.dumps(block, ensure_ascii=False) if block is not None else ""
