"""Who teaches a course: its instructor, those beside them, and handing it over."""

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request, learner
from handlers.views import teams as screens
from handlers.views.screens import Screen
from models import accountnotes, audit, courses, handovers, links, members, search, teachers, users
from models.errors import DomainError
from models.members import Caller
from models.users import User

MOST = 10


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """Who teaches the course."""
    (course_id,) = request.numbers()
    with context.read() as session:
        screen = _team(session, caller, course_id)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """Who teaches the course that was named; which one, where several may be meant."""
    with context.read() as session:
        mine = teachers.taught(session, caller, MOST) if not request.text else ()
        if request.text:
            named = [card.course_id for card in search.find(session, request.text, user_id=caller.user_id)]
            mine = teachers.among(session, caller, named)
        if len(mine) == 1:
            return Reply(_team(session, caller, mine[0].course_id), where="modal")
    return Reply(screens.which(request.text, mine))


def ask_add(request: Request, caller: Caller, context: Context) -> Reply:
    """Who should teach the course too."""
    return Reply(screens.form(_title(request, caller, context), request.numbers()[0], is_handover=False))


def ask_hand_over(request: Request, caller: Caller, context: Context) -> Reply:
    """Whose the course should be."""
    (course_id,) = request.numbers()
    with context.read() as session:
        title = teachers.require(session, caller, course_id, owner=True)
    return Reply(screens.form(title, course_id, is_handover=True))


def add(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody teaches the course too, and is told."""
    (course_id,) = request.numbers()
    with context.write() as session:
        title = teachers.require(session, caller, course_id)
        try:
            whom = _chosen(session, request, caller)
            if not handovers.can_teach(session, whom.id):
                raise handovers.CanNotTeach(users.name(whom))
        except DomainError as wrong:
            return Reply(errors={"who": str(wrong)})
        courses.hold(session, course_id)
        if teachers.join(session, course_id, whom.id, learner(caller), context.now):
            audit.note(
                session,
                "team.joined",
                actor=learner(caller),
                whom=whom.id,
                course_id=course_id,
                now=context.now,
            )
            _tell(session, context, whom.id, handovers.TEAM_JOINED, title, caller)
        screen = _team(session, caller, course_id)
    return Reply(screen, then=(RefreshHome(caller.team_id, caller.slack_user_id),))


def remove(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody teaches the course no more, and is told. Whoever teaches it beside others may leave it themselves."""
    at, _, whom = request.value.partition(" ")
    course_id = int(at) if at.isdecimal() and len(at) < 19 else 0
    with context.write() as session:
        title = teachers.require(session, caller, course_id)
        if teachers.leave(session, course_id, whom):
            audit.note(session, "team.left", actor=learner(caller), whom=whom, course_id=course_id, now=context.now)
            if whom == caller.user_id:
                return Reply(screens.left(title))
            _tell(session, context, whom, handovers.TEAM_LEFT, title, caller)
        screen = _team(session, caller, course_id)
    return Reply(screen)


def hand_over(request: Request, caller: Caller, context: Context) -> Reply:
    """The course is somebody else's, who is told."""
    (course_id,) = request.numbers()
    with context.write() as session:
        title = teachers.require(session, caller, course_id, owner=True)
        try:
            whom = _chosen(session, request, caller)
            handovers.hand_over(session, course_id, whom.id, users.name(whom), learner(caller), context.now)
        except DomainError as wrong:
            return Reply(errors={"who": str(wrong)})
        if whom.id != caller.user_id:
            _tell(session, context, whom.id, handovers.COURSE_RECEIVED, title, caller)
    return Reply(screens.handed_over(title, users.name(whom)))


def _title(request: Request, caller: Caller, context: Context) -> str:
    with context.read() as session:
        return teachers.require(session, caller, request.numbers()[0])


def _chosen(session: Session, request: Request, caller: Caller) -> User:
    """The user behind the Slack person that was chosen. Raises `DomainError` with what to do."""
    values = request.view.values if request.view is not None else {}
    slack_user_id = next(iter(values.get("who", {}).values()), "")
    if not slack_user_id:
        raise DomainError("Choose a person.")
    user_id = links.of(session, caller.team_id, slack_user_id)
    user = users.get(session, user_id) if user_id else None
    if user is None:
        known = members.many(session, caller.team_id, [slack_user_id]).get(slack_user_id)
        name = known.name if known else "This person"
        raise DomainError(f"{name} hasn't linked an account yet: ask them to type /learn link.")
    return user


def _tell(session: Session, context: Context, user_id: str, what: str, title: str, caller: Caller) -> None:
    facts = {"who": title, "by": caller.slack_user_id}
    accountnotes.tell_everywhere(session, user_id, what, facts, context.now, context.real_now)


def _team(session: Session, caller: Caller, course_id: int) -> Screen:
    title = teachers.require(session, caller, course_id)
    owner = teachers.owner(session, course_id)
    beside = teachers.team(session, course_id)
    slack_ids = links.holders(session, caller.team_id, [owner.id, *(user.id for user in beside)])
    owns = caller.is_admin or owner.id == caller.user_id
    return screens.team(
        course_id,
        title,
        screens.Teacher(owner.id, users.name(owner), slack_ids.get(owner.id)),
        [screens.Teacher(user.id, users.name(user), slack_ids.get(user.id)) for user in beside],
        is_owner=owns,
        me=learner(caller),
    )
