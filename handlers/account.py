"""Who you are here: linking your Slack account to the portal."""

from handlers.replies import Reply
from handlers.requests import Context, Request
from handlers.views import account as screens
from models import members, users
from models.members import Caller


def link(request: Request, caller: Caller, context: Context) -> Reply:
    """Who the caller is linked to, or whom to ask for a link."""
    with context.read() as session:
        if caller.user_id is not None:
            user = users.get(session, caller.user_id)
            if user is not None:
                return Reply(screens.linked(context.portal.name, users.name(user), user.email))
        admins = members.admins(session, caller.team_id)
    return Reply(screens.whom_to_ask(context.portal.name, admins, caller.team_id, caller.slack_user_id))
