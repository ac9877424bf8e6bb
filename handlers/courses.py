"""One course: looking at it, enrolling, withdrawing."""

from handlers import catalog as catalog_handlers
from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request, learner
from handlers.views import courses as screens
from handlers.views.screens import Screen
from models import catalog, completions, enrollments, outlines, search
from models.catalog import Card
from models.members import Caller


def open_course(request: Request, caller: Caller, context: Context) -> Reply:
    """The course's own screen."""
    (course_id,) = request.numbers()
    return Reply(_course(course_id, caller, context), where="modal" if request.can_open else "here")


def enroll(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller is enrolled; asked twice, nothing more happens."""
    (course_id,) = request.numbers()
    return _enroll(request, caller, context, course_id)


def enroll_by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """Enrolled in the course that was named, or asked which was meant."""
    found = _named(request, caller, context)
    if isinstance(found, Card):
        return _enroll(request, caller, context, found.course_id)
    return _which("enroll", found, request, caller, context)


def withdraw(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller is no longer enrolled; what they completed is kept."""
    (course_id,) = request.numbers()
    return _withdraw(request, caller, context, course_id)


def withdraw_by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """Withdrawn from the course that was named, or asked which was meant."""
    if not request.text:
        with context.read() as session:
            mine = catalog.my_cards(session, learner(caller))
        return Reply(screens.which("withdraw", "", mine, context.portal))
    found = _named(request, caller, context)
    if isinstance(found, Card):
        return _withdraw(request, caller, context, found.course_id)
    return _which("withdraw", found, request, caller, context)


def _named(request: Request, caller: Caller, context: Context) -> Card | tuple[Card, ...]:
    with context.read() as session:
        if not request.text:
            return catalog.catalog(session, user_id=caller.user_id).cards
        found = search.find(session, request.text, user_id=caller.user_id)
    return found[0] if len(found) == 1 else found


def _which(verb: str, found: tuple[Card, ...], request: Request, caller: Caller, context: Context) -> Reply:
    """Several go by that name: buttons. None does: what a search for the words finds."""
    if not found and request.text:
        return catalog_handlers.search_words(request, caller, context)
    return Reply(screens.which(verb, request.text, found, context.portal))


def _enroll(request: Request, caller: Caller, context: Context, course_id: int) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        is_new = enrollments.enroll(session, user_id, course_id, context.now)
        outline = outlines.outline(session, course_id, user_id=user_id)
        is_first = is_new and enrollments.count(session, user_id) == 1 and not completions.finished(session, user_id)
    then = (RefreshHome(caller.team_id, caller.slack_user_id),)
    if request.surface == "modal":
        notice = screens.enrolled_notice(outline, is_new=is_new, is_first=is_first)
        return Reply(screens.course(outline, context.portal).with_notice(notice), then=then)
    return Reply(screens.enrolled(outline, context.portal, is_new=is_new, is_first=is_first), then=then)


def _withdraw(request: Request, caller: Caller, context: Context, course_id: int) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        card = catalog.card(session, course_id, user_id=user_id)
        was_enrolled = enrollments.withdraw(session, user_id, course_id)
    then = (RefreshHome(caller.team_id, caller.slack_user_id),)
    return Reply(screens.withdrawn(card, was_enrolled=was_enrolled), then=then)


def _course(course_id: int, caller: Caller, context: Context) -> Screen:
    with context.read() as session:
        outline = outlines.outline(session, course_id, user_id=caller.user_id)
    return screens.course(outline, context.portal)
