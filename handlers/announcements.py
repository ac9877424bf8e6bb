"""Announcements once they are confirmed: what teachers and admins do with them, and opening what one offers."""

import json

from sqlmodel import Session

from handlers import announced, channelchecks, draftrequests, lessons
from handlers.replies import AskOfChannel, Reply, Where
from handlers.requests import Context, Request, learner
from handlers.views import announcements as screens
from handlers.views import richwords
from handlers.views.screens import Screen
from models import announcements, announcing, approvals, deliveries, enrollments, recipients, sendoffs, teachers
from models.announcements import LONGEST, TAKEN_BACK, Announcement
from models.errors import DomainError
from models.members import Caller
from models.outlines import lines


def show_all(request: Request, caller: Caller, context: Context) -> Reply:
    """A course's announcements, a page of them."""
    course_id, skip = request.numbers(2)
    with context.read() as session:
        title = teachers.require(session, caller, course_id)
        found = announcements.of_course(session, course_id, screens.PAGE + 1, skip)
        page = announced.told_of_course(session, course_id, found[: screens.PAGE])
    screen = screens.all_of(title, course_id, page, skip=skip, has_more=len(found) > screens.PAGE)
    return Reply(screen, where=_where(request))


def receipt(request: Request, caller: Caller, context: Context) -> Reply:
    """What became of it, as it is now."""
    (announcement_id,) = request.numbers()
    with context.read() as session:
        screen = _receipt(session, caller, announcement_id)
    return Reply(screen)


def stop(request: Request, caller: Caller, context: Context) -> Reply:
    """Nobody else is told."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcing.stop(session, caller, announcement_id, context.now)
        return Reply(_receipt(session, caller, announcement_id))


def cancel(request: Request, caller: Caller, context: Context) -> Reply:
    """It will not go."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        one = announcing.cancel(session, caller, announcement_id, context.now)
    return Reply(screens.done("Cancelled. Nobody gets it.", one))


def send_now(request: Request, caller: Caller, context: Context) -> Reply:
    """It goes now, in the caller's name; who wasn't its author may not be in its channel."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        one = _mine(session, caller, announcement_id, locks=True)
        if one.channel_id is not None:
            if request.is_in_channel is None:
                return Reply(asks=AskOfChannel(one.channel_id, screens.done(channelchecks.UNSEEN, one)))
            trouble = channelchecks.trouble(session, request, one.channel_id)
            if trouble:
                return Reply(screens.done(trouble, one))
        one = announcing.send_now(session, caller, announcement_id, context.now, context.real_now)
    sentence = "I've asked the admins." if one.state == announcements.ASKED else "It's on its way."
    return Reply(screens.done(sentence, one))


def ask_correct(request: Request, caller: Caller, context: Context) -> Reply:
    """Its words, to be put right."""
    (announcement_id,) = request.numbers()
    with context.read() as session:
        return Reply(screens.correction(_told(session, caller, announcement_id)), where=_where(request))


def correct(request: Request, caller: Caller, context: Context) -> Reply:
    """It says something else from now on, wherever it was sent."""
    (announcement_id,) = request.numbers()
    words = richwords.safe(draftrequests.given(request).get("words", ""))
    if words is None:
        return Reply(errors={"words": "Write what it should say, or take it back."})
    if len(richwords.plain(words)) > LONGEST:
        return Reply(errors={"words": f"At most {LONGEST:,} characters. A lesson has room for more."})
    with context.write() as session:
        announcing.correct(session, caller, announcement_id, json.dumps(words, ensure_ascii=False), context.now)
        return Reply(_receipt(session, caller, announcement_id))


def ask_take_back(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether it should be deleted wherever it was sent."""
    (announcement_id,) = request.numbers()
    with context.read() as session:
        return Reply(screens.ask_take_back(_told(session, caller, announcement_id)), where=_where(request))


def take_back(request: Request, caller: Caller, context: Context) -> Reply:
    """It is deleted wherever it was sent."""
    (announcement_id,) = request.numbers()
    with context.write() as session:
        announcing.take_back(session, caller, announcement_id, context.now)
        return Reply(_receipt(session, caller, announcement_id))


def approve(request: Request, caller: Caller, context: Context) -> Reply:
    """An admin lets go what they looked at."""
    announcement_id, revision = request.numbers(2)
    with context.write() as session:
        one = approvals.approve(session, caller, announcement_id, revision, context.now, context.real_now)
    return Reply(screens.done("Approved. Its author has been told.", one))


def decline(request: Request, caller: Caller, context: Context) -> Reply:
    """An admin doesn't."""
    announcement_id, revision = request.numbers(2)
    with context.write() as session:
        one = approvals.decline(session, caller, announcement_id, revision, context.now, context.real_now)
    return Reply(screens.done("Declined. Its author has been told.", one))


def is_there(request: Request, caller: Caller, context: Context) -> Reply:
    """Its author saw it in the channel."""
    announcement_id, number = request.numbers(2)
    with context.write() as session:
        one = _mine(session, caller, announcement_id)
        deliveries.decide(session, sendoffs.post_key(announcement_id, number), is_there=True, now=context.now)
    return Reply(screens.done("Good, then it stays as it is.", one))


def post_again(request: Request, caller: Caller, context: Context) -> Reply:
    """It is not in the channel, and is posted once more."""
    announcement_id, number = request.numbers(2)
    with context.write() as session:
        one = _mine(session, caller, announcement_id, locks=True)
        key = sendoffs.post_key(announcement_id, number)
        was_late = number == one.posts and sendoffs.was_late(session, one)
        if not was_late and not deliveries.decide(session, key, is_there=False, now=context.now):
            raise DomainError("That was decided before. See how it stands with /teach announce.")
        sendoffs.post(session, one, context.now, context.real_now)
    return Reply(screens.done("I'm posting it again.", one))


def open_lesson(request: Request, caller: Caller, context: Context) -> Reply:
    """The lesson it offers, or the next one of the course: whoever presses is enrolled for it."""
    announcement_id, course_id, lesson_id = request.numbers(3)
    user_id = learner(caller)
    with context.write() as session:
        one = announcements.get(session, announcement_id)
        sendoffs.saw_post(session, one, request.channel_id, request.message_ts, context.now)
        if one.state == TAKEN_BACK:
            return Reply(screens.taken_away(), where="modal")
        enrollments.enroll(session, user_id, course_id, context.now)
        if user_id != one.author_id:
            recipients.opened(session, announcement_id, user_id, context.now)
        is_there = any(line.lesson_id == lesson_id for line in lines(session, course_id))
    if is_there:
        return lessons.open_lesson(request._replace(value=str(lesson_id)), caller, context)
    return lessons.resume(request._replace(value=str(course_id)), caller, context)


def _mine(session: Session, caller: Caller, announcement_id: int, *, locks: bool = False) -> Announcement:
    one = announcements.get(session, announcement_id, locks=locks)
    teachers.require(session, caller, one.course_id)
    return one


def _told(session: Session, caller: Caller, announcement_id: int) -> screens.Told:
    return announced.told(session, _mine(session, caller, announcement_id))


def _receipt(session: Session, caller: Caller, announcement_id: int) -> Screen:
    return announced.progress(session, _told(session, caller, announcement_id))


def _where(request: Request) -> Where:
    return "here" if request.surface == "modal" else "modal"
