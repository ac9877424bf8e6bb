"""What instructors say about themselves."""

from handlers.replies import Reply
from handlers.requests import Context, Request, learner
from handlers.views import teaching as screens
from models import users
from models.members import Caller


def ask(request: Request, caller: Caller, context: Context) -> Reply:
    """A form for what the caller says about themselves."""
    with context.read() as session:
        return Reply(screens.bio_form(users.bio(session, learner(caller))), where="modal")


def save(request: Request, caller: Caller, context: Context) -> Reply:
    """What the caller says about themselves stands on their courses."""
    assert request.view is not None
    said = next(iter(request.view.values.get("bio", {}).values()), "").strip()
    with context.write() as session:
        users.say_about(session, learner(caller), said or None)
    return Reply(screens.bio_saved())
