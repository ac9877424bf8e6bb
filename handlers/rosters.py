"""The roster of a course: who learns in it, for those who teach it."""

from functools import partial

from sqlmodel import Session

from handlers import taught
from handlers.replies import Reply, SendFile
from handlers.requests import Context, Request
from handlers.views import rosters as screens
from handlers.views.screens import Screen
from models import links, rosters, teachers
from models.members import Caller

PAGE = 15


def by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The roster of the course that was named; which one, where several may be meant."""
    with context.read() as session:
        mine = taught.named(session, request, caller)
        if len(mine) == 1:
            return Reply(_roster(session, caller, context, mine[0].course_id), where="modal")
    return Reply(screens.which(request.text, mine))


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """The roster, filtered and sorted as the button or the menu says, a page of it."""
    shown, sort, course_id, cursor = screens.unpacked(request.value)
    with context.read() as session:
        screen = _roster(session, caller, context, course_id, shown=shown, sort=sort, cursor=cursor)
    return Reply(screen, where="here" if request.surface == "modal" else "modal")


def send(request: Request, caller: Caller, context: Context) -> Reply:
    """The whole roster is on its way to whoever asked, as a file, by DM."""
    (course_id,) = request.numbers()
    with context.read() as session:
        title = teachers.require(session, caller, course_id)
    file = SendFile(
        caller.slack_user_id,
        f"roster-{course_id}-{context.now:%Y-%m-%d}.csv",
        f"Roster of {title}",
        "Here is who learns in your course. Keep it to those who teach it.",
        partial(_written, course_id=course_id),
        screens.not_sent(),
    )
    return Reply(screens.on_its_way(title), where="modal", then=(file,))


def _written(session: Session, *, course_id: int) -> str:
    return rosters.as_csv(session, course_id)


def _roster(
    session: Session,
    caller: Caller,
    context: Context,
    course_id: int,
    *,
    shown: str = rosters.EVERYBODY,
    sort: str = rosters.NEWEST,
    cursor: str | None = None,
) -> Screen:
    title = teachers.require(session, caller, course_id)
    page = rosters.roster(session, course_id, context.now, shown=shown, sort=sort, most=PAGE, cursor=cursor)
    slack_ids = links.holders(session, caller.team_id, [one.user_id for one in page.learners])
    return screens.roster(course_id, title, page, slack_ids, shown=shown, sort=sort)
