"""App Home: what is next, at a glance."""

from sqlmodel import Session

from handlers import deliveries, people, reminders
from handlers.replies import NOTHING, RefreshHome, Reply
from handlers.requests import Context, Request
from handlers.views import home as screens
from handlers.views.screens import Screen
from models import catalog, completions, members, outlines, places, progress
from models.catalog import Card
from models.errors import Gone
from models.members import Caller
from models.outlines import Reading


def opened(request: Request, caller: Caller, context: Context) -> Reply:
    """Home is on its way; that it was opened is remembered, so that it can follow what others change."""
    if request.event.get("tab") != "home":
        return NOTHING
    with context.write() as session:
        members.home_opened(session, caller.team_id, caller.slack_user_id, context.now)
    return Reply(then=(RefreshHome(caller.team_id, caller.slack_user_id),))


def nothing(request: Request, caller: Caller, context: Context) -> Reply:
    """A link was opened in the browser; Slack tells us, and there is nothing to do."""
    return NOTHING


def render(team_id: str, slack_user_id: str, context: Context) -> Screen | None:
    """This person's Home as it is now; None for somebody we do not know."""
    with context.read() as session:
        caller = members.identify(session, team_id, slack_user_id)
        if caller is None:
            return None
        if caller.is_guest:
            return screens.members_only()
        if caller.user_id is None:
            featured = catalog.catalog(session, user_id=None, size=3)
            return screens.unlinked(caller.first_name, featured.cards, context.portal)
        mine = catalog.my_cards(session, caller.user_id)
        finished = completions.finished(session, caller.user_id)
        reading = _where_they_left_off(session, caller.user_id, mine)
        featured_cards = () if mine or finished else catalog.catalog(session, user_id=caller.user_id, size=3).cards
        standing = reminders.stand(session, caller.user_id, context) if mine else None
        operations = deliveries.operations(session, caller, context.now) if caller.is_admin else None
        overview = people.overview(session, caller) if caller.is_admin else None
    return screens.home(
        caller.first_name,
        mine,
        finished,
        reading,
        featured_cards,
        context.portal,
        standing,
        operations,
        overview,
        teaches=caller.is_instructor,
    )


def _where_they_left_off(session: Session, user_id: str, mine: tuple[Card, ...]) -> Reading | None:
    """The lesson last open, or the one after it when that is done."""
    place = places.latest(session, user_id)
    if place is None:
        return None
    try:
        last = outlines.reading(session, place.lesson_id, user_id=user_id)
        if not last.done:
            return last
    except Gone:
        pass
    for course_id in (place.course_id, *(card.course_id for card in mine[:3] if card.done < card.lessons)):
        following = progress.next_lesson(session, user_id, course_id)
        if following is not None:
            return outlines.reading(session, following.lesson_id, user_id=user_id)
    return None
