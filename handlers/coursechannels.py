"""The channel a course goes with: choosing it, and what joining it means."""

from sqlmodel import Session

from handlers import channelchecks, draftrequests, taught
from handlers.replies import NOTHING, AskOfChannel, RefreshHome, Reply, Suppressed
from handlers.requests import Context, Request
from handlers.views import coursechannels as screens
from handlers.views.screens import Screen
from models import audit, catalog, coursechannels, enrollments, members, teachers
from models.coursechannels import ENROLL, OFFER, OFFERED, ON_JOIN, WAS_ENROLLED
from models.errors import DomainError, Gone
from models.leases import Leased
from models.members import Caller


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The channel of the course that was named; which one, where several may be meant."""
    with context.read() as session:
        mine = taught.named(session, request, caller)
        if len(mine) == 1:
            return Reply(_form(session, caller, mine[0].course_id), where="modal")
    return Reply(screens.which(request.text, mine))


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """The course's channel, to choose or to change."""
    (course_id,) = request.numbers()
    with context.read() as session:
        return Reply(_form(session, caller, course_id), where="here" if request.surface == "modal" else "modal")


def tie(request: Request, caller: Caller, context: Context) -> Reply:
    """The course goes with this channel, once Slack says that the caller is in it and we are too."""
    (course_id,) = request.numbers()
    given = draftrequests.given(request)
    channel_id, on_join = given.get("channel", ""), given.get("joining", OFFER)
    if not channel_id:
        return Reply(errors={"channel": "Choose a channel."})
    if on_join not in ON_JOIN:
        return Reply(errors={"joining": "Choose what joining it means."})
    with context.write() as session:
        title = teachers.require(session, caller, course_id)
        if request.is_in_channel is None:
            return Reply(asks=AskOfChannel(channel_id, _form(session, caller, course_id, channelchecks.UNSEEN)))
        trouble = channelchecks.trouble(session, request, channel_id)
        if trouble:
            return Reply(_form(session, caller, course_id, trouble))
        coursechannels.tie(session, course_id, caller.team_id, channel_id, on_join)
        actor = caller.user_id or ""
        audit.note(session, "course.tied", actor=actor, course_id=course_id, what=channel_id, now=context.now)
    return Reply(screens.tied(title, channel_id, on_join))


def untie(request: Request, caller: Caller, context: Context) -> Reply:
    """The course goes with no channel any more."""
    (course_id,) = request.numbers()
    with context.write() as session:
        title = teachers.require(session, caller, course_id)
        if coursechannels.untie(session, course_id):
            actor = caller.user_id or ""
            audit.note(session, "course.untied", actor=actor, course_id=course_id, now=context.now)
    return Reply(screens.untied(title))


def joined(request: Request, context: Context) -> Reply:
    """Somebody joined a channel that courses go with: they are offered, or the person is enrolled, and told by DM."""
    with context.read() as session:
        courses = coursechannels.courses_in(session, request.team_id, request.channel_id)
        caller = members.identify(session, request.team_id, request.slack_user_id) if courses else None
    if not courses or caller is None or caller.is_guest:
        return NOTHING
    enrolled = False
    with context.write() as session:
        for course_id, _, on_join in courses:
            what = OFFERED
            if coursechannels.was_told(session, WAS_ENROLLED, caller.team_id, caller.slack_user_id, course_id):
                # Whoever left the course since did so on purpose.
                continue
            if on_join == ENROLL and caller.user_id is not None:
                try:
                    if not enrollments.enroll(session, caller.user_id, course_id, context.now):
                        continue
                except DomainError:
                    continue
                what, enrolled = WAS_ENROLLED, True
            elif _is_enrolled(session, caller, course_id):
                continue
            coursechannels.tell(
                session,
                what,
                caller.team_id,
                caller.slack_user_id,
                course_id,
                request.channel_id,
                context.now,
                context.real_now,
            )
    return Reply(then=(RefreshHome(caller.team_id, caller.slack_user_id),)) if enrolled else NOTHING


def note(leased: Leased, context: Context) -> Screen | Suppressed:
    """A course offered to somebody who joined its channel, or what they were enrolled in."""
    course_id, channel_id = int(leased.facts["course"]), str(leased.facts["channel"])
    with context.read() as session:
        caller = members.identify(session, leased.team_id, leased.slack_user_id)
        try:
            card = catalog.card(session, course_id, user_id=caller.user_id if caller else None)
        except Gone:
            return Suppressed("gone")
    if card.is_archived:
        return Suppressed("archived")
    if leased.facts["what"] == WAS_ENROLLED:
        return screens.enrolled(card, channel_id) if card.enrolled else Suppressed("outdated")
    return Suppressed("outdated") if card.enrolled else screens.offer(card, channel_id)


def _is_enrolled(session: Session, caller: Caller, course_id: int) -> bool:
    return caller.user_id is not None and catalog.card(session, course_id, user_id=caller.user_id).enrolled


def _form(session: Session, caller: Caller, course_id: int, notice: str = "") -> Screen:
    title = teachers.require(session, caller, course_id)
    return screens.form(title, course_id, coursechannels.of(session, course_id), notice)
