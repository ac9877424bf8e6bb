"""A course's numbers, the picture of them, and reminding those who stopped."""

from functools import partial

from sqlmodel import Session

from handlers import taught
from handlers.replies import NotYet, Reply, SendFile, Suppressed
from handlers.requests import Context, Request
from handlers.views import charts
from handlers.views import stats as screens
from handlers.views.screens import Screen
from models import links, members, nudges, sendoffs, stats, teachers
from models.courses import LessonGone, hold
from models.errors import DomainError, Gone
from models.leases import Leased
from models.members import Caller
from models.outlines import lines
from models.reminderfacts import facts_of
from models.reminderrows import BY_YOU
from models.stats import Step


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The numbers of the course that was named, and their picture by DM; an admin without a name gets those of all."""
    with context.read() as session:
        if not request.text and caller.is_admin:
            screen = screens.all_courses(stats.largest(session), stats.weeks(session, None, context.now))
            return Reply(screen, where="modal", then=(_picture(caller, context, 0, "All courses"),))
        mine = taught.named(session, request, caller)
        if len(mine) != 1:
            return Reply(screens.which(request.text, mine))
        screen = _course(session, caller, context, mine[0].course_id)
    return Reply(screen, where="modal", then=(_picture(caller, context, mine[0].course_id, mine[0].title),))


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """The course's numbers."""
    (course_id,) = request.numbers()
    with context.read() as session:
        screen = _course(session, caller, context, course_id)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def picture(request: Request, caller: Caller, context: Context) -> Reply:
    """The picture of the numbers is on its way, by DM."""
    (course_id,) = request.numbers()
    title = "all courses"
    if course_id:
        with context.read() as session:
            title = teachers.require(session, caller, course_id)
    elif not caller.is_admin:
        raise DomainError("The numbers of all courses are for admins. Ask for one of yours: /teach stats COURSE.")
    return Reply(screens.on_its_way(title), where="modal", then=(_picture(caller, context, course_id, title),))


def ask_nudge(request: Request, caller: Caller, context: Context) -> Reply:
    """Whom it would reach, and exactly what they get."""
    course_id, lesson_id = request.numbers(2)
    with context.read() as session:
        title = teachers.require(session, caller, course_id)
        step = _step(session, course_id, lesson_id)
        found = nudges.stuck(session, caller, course_id, lesson_id, context.now)
    sample = screens.nudge(caller.name, title, step.title, lesson_id, is_preview=True)
    screen = screens.ask_nudge(course_id, step, len(found.user_ids), found.left_out, sample)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def send_nudge(request: Request, caller: Caller, context: Context) -> Reply:
    """They are reminded, each within their working hours."""
    course_id, lesson_id = request.numbers(2)
    with context.write() as session:
        teachers.require(session, caller, course_id)
        _step(session, course_id, lesson_id)
        count = nudges.send(session, caller, course_id, lesson_id, context.now, context.real_now)
    return Reply(screens.nudged(count))


def compose_nudge(leased: Leased, context: Context) -> Screen | Suppressed | NotYet:
    """What somebody who stopped should read now, or why it should not leave."""
    assert leased.user_id is not None
    assert leased.course_id is not None
    lesson_id, by = int(leased.facts["lesson"]), str(leased.facts["by"])
    with context.read() as session:
        author = members.identify(session, leased.team_id, by)
        if links.of(session, leased.team_id, leased.slack_user_id) != leased.user_id:
            return Suppressed("unlinked")
        try:
            course = hold(session, leased.course_id)
            step = _step(session, leased.course_id, lesson_id)
            if author is None:
                return Suppressed("not theirs")
            teachers.require(session, author, leased.course_id)
        except Gone:
            return Suppressed("gone")
        except DomainError:
            return Suppressed("not theirs")
        if course.is_archived:
            return Suppressed("archived")
        if not nudges.is_stuck(session, author, leased.course_id, lesson_id, leased.user_id, context.now):
            return Suppressed("progress")
        if nudges.was_nudged(session, leased.user_id, leased.delivery_id, context.now):
            return Suppressed("nudged")
        facts = facts_of(session, [leased.user_id])[leased.user_id]
        if facts.stopped_because == BY_YOU:
            return Suppressed("stopped")
        wait = sendoffs.wait_for(facts, context.now, context.holidays)
    return NotYet(wait) if wait else screens.nudge(author.name, course.title, step.title, lesson_id)


def _course(session: Session, caller: Caller, context: Context, course_id: int) -> Screen:
    title = teachers.require(session, caller, course_id)
    funnel = stats.funnel(session, course_id)
    stuck = 0
    if funnel.dropoff:
        try:
            lesson_id = funnel.dropoff[0].lesson_id
            stuck = len(nudges.stuck(session, caller, course_id, lesson_id, context.now).user_ids)
        except nudges.TooMany:
            stuck = 0
    return screens.course(course_id, title, funnel, stats.weeks(session, course_id, context.now), stuck)


def _step(session: Session, course_id: int, lesson_id: int) -> Step:
    found = next((line for line in lines(session, course_id) if line.lesson_id == lesson_id), None)
    if found is None:
        raise LessonGone
    return Step(lesson_id, found.title, 0)


def _picture(caller: Caller, context: Context, course_id: int, title: str) -> SendFile:
    return SendFile(
        caller.slack_user_id,
        f"numbers-{course_id or 'all'}-{context.now:%Y-%m-%d}.png",
        f"Numbers of {title}",
        "Here are the numbers. Keep them to those who teach.",
        partial(_drawn, course_id=course_id, context=context),
        screens.not_sent(),
        alt_text=partial(_in_words, course_id=course_id, context=context),
    )


def _drawn(session: Session, *, course_id: int, context: Context) -> bytes:
    weeks = stats.weeks(session, course_id or None, context.now)
    if not course_id:
        return charts.all_courses(weeks, stats.largest(session))
    return charts.course(hold(session, course_id).title, weeks, stats.funnel(session, course_id))


def _in_words(session: Session, *, course_id: int, context: Context) -> str:
    if not course_id:
        return screens.all_finding(stats.largest(session), stats.weeks(session, None, context.now))
    return screens.finding(hold(session, course_id).title, stats.funnel(session, course_id))
