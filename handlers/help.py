"""What Homeroom can do, in one screen."""

from handlers.replies import Reply
from handlers.requests import Context, Request
from handlers.views import help as screens
from models.members import Caller


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """Every verb with what it does."""
    return Reply(screens.help(context.portal.name, is_linked=caller.is_linked))
