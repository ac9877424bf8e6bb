"""What a learner has done: seeing it, marking a lesson complete, taking that back."""

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request, learner
from handlers.views import lessons as lesson_screens
from handlers.views import progress as screens
from handlers.views.screens import Screen
from models import catalog, completions, outlines, progress
from models.catalog import Card
from models.members import Caller
from models.progress import Completed


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """Every course the caller is in, and those they finished."""
    user_id = learner(caller)
    with context.read() as session:
        mine = catalog.my_cards(session, user_id)
        finished = completions.finished(session, user_id)
    return Reply(screens.overview(mine, finished))


def done(request: Request, caller: Caller, context: Context) -> Reply:
    """The one open lesson is complete; with several open the caller is asked which."""
    user_id = learner(caller)
    with context.write() as session:
        open_lessons = progress.open_lessons(session, user_id)
        if len(open_lessons) != 1:
            return Reply(screens.which_is_done(open_lessons))
        completed = progress.complete(session, user_id, open_lessons[0].lesson_id, context.now)
        suggestions = _what_next(session, completed, user_id)
    return Reply(screens.completed(completed, suggestions, in_view=False), then=_refresh(caller))


def complete(request: Request, caller: Caller, context: Context) -> Reply:
    """The lesson is complete. On Home nothing else is shown: Home itself changes."""
    (lesson_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        completed = progress.complete(session, user_id, lesson_id, context.now)
        suggestions = _what_next(session, completed, user_id)
    screen = screens.completed(completed, suggestions, in_view=request.is_in_view)
    if request.surface == "home" and not completed.finished_course:
        return Reply(then=_refresh(caller))
    return Reply(screen, then=_refresh(caller))


def reopen(request: Request, caller: Caller, context: Context) -> Reply:
    """The lesson is open again."""
    (lesson_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        progress.reopen(session, user_id, lesson_id)
        reading = outlines.reading(session, lesson_id, user_id=user_id)
    screen: Screen
    if request.surface == "modal":
        screen = lesson_screens.lesson(reading, 1, context.video_domains, context.now).with_notice(
            screens.reopened_notice(reading.title)
        )
    else:
        screen = screens.reopened(reading)
    return Reply(screen, then=_refresh(caller))


def _what_next(session: Session, completed: Completed, user_id: str) -> tuple[Card, ...]:
    """After the last lesson: other courses in hand, else some not begun yet."""
    if completed.next_lesson is not None:
        return ()
    mine = catalog.my_cards(session, user_id)
    in_hand = [card for card in mine if card.course_id != completed.course_id and card.done < card.lessons]
    if in_hand:
        return tuple(in_hand[:2])
    others = catalog.catalog(session, user_id=user_id, size=6).cards
    return tuple(card for card in others if not card.enrolled and not card.completed)[:2]


def _refresh(caller: Caller) -> tuple[RefreshHome, ...]:
    return (RefreshHome(caller.team_id, caller.slack_user_id),)
