"""App Home: what is next, at a glance."""

from handlers.replies import NOTHING, RefreshHome, Reply
from handlers.requests import Context, Request
from handlers.views import home as screens
from handlers.views.screens import Screen
from models import catalog, completions, members, outlines, places
from models.errors import Gone
from models.members import Caller


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
        place = places.latest(session, caller.user_id)
        reading = None
        if place is not None:
            try:
                reading = outlines.reading(session, place.lesson_id, user_id=caller.user_id)
            except Gone:
                reading = None
        featured_cards = () if mine or finished else catalog.catalog(session, user_id=caller.user_id, size=3).cards
    return screens.home(caller.first_name, mine, finished, reading, featured_cards, context.portal)
