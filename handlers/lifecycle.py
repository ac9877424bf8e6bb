"""People who join, change or leave the workspace, as Slack's events tell it."""

from handlers.profiles import profile
from handlers.replies import NOTHING, Reply
from handlers.requests import Context, Request
from models import members


def remember(request: Request, context: Context) -> Reply:
    """What Slack says of this person is remembered."""
    user = request.event.get("user")
    if not isinstance(user, dict):
        return NOTHING
    with context.write() as session:
        members.remember(session, profile(request.team_id, user), context.now)
    return NOTHING
