"""Teaching: the desk, and what an instructor asks for by name."""

from handlers import coursechannels, stats, teams
from handlers.replies import Reply
from handlers.requests import Context, Request
from handlers.views import teaching as screens
from models import drafts, teachers
from models.errors import Gone
from models.members import Caller

PAGE = 10


def understand(request: Request) -> Request:
    """The request named by what followed ``/teach``, its ``text`` what came after."""
    verb, _, rest = " ".join(request.text.split()).partition(" ")
    if not verb:
        return request._replace(name="teach.desk", text="")
    if verb.lower() in screens.VERBS:
        return request._replace(name=f"teach.{verb.lower()}", text=rest)
    return request._replace(name="teach.(unknown)")


def desk(request: Request, caller: Caller, context: Context) -> Reply:
    """The courses the caller teaches, a page of them."""
    skip = request.numbers()[0] if request.value.isdecimal() else 0
    with context.read() as session:
        courses = teachers.taught(session, caller, PAGE + 1, skip)
        begun = drafts.begun(session, caller, [course.course_id for course in courses[:PAGE]])
    screen = screens.desk(courses[:PAGE], begun, skip=skip, has_more=len(courses) > PAGE, is_admin=caller.is_admin)
    return Reply(screen, where="modal" if request.surface == "home" else "here")


def use_menu(request: Request, caller: Caller, context: Context) -> Reply:
    """What was chosen in a course's ⋯ menu."""
    way, _, course_id = request.value.partition(" ")
    ways = {"stats": stats.show, "team": teams.show, "channel": coursechannels.show}
    if way not in ways:
        raise Gone("That menu is from an older screen. Type /teach for a fresh one.")
    return ways[way](request._replace(value=course_id), caller, context)


def unknown(request: Request, caller: Caller, context: Context) -> Reply:
    """What was said is nothing /teach knows."""
    return Reply(screens.unknown_verb(request.text))
