"""What requests about drafts carry, and the change most of them make."""

from collections.abc import Callable, Sequence

from handlers.replies import Reply
from handlers.requests import Context, Request, View
from handlers.views import authoring as screens
from models import drafts
from models.drafts import Open
from models.manuscripts import Manuscript, WrittenLesson
from models.members import Caller


def draft(request: Request, caller: Caller, context: Context) -> Open:
    """The draft the button or the modal carried, for somebody who may write it."""
    (draft_id,) = request.numbers()
    with context.read() as session:
        return drafts.read(session, caller, draft_id)


def changed(
    caller: Caller,
    context: Context,
    draft_id: int,
    change: Callable[[Manuscript], Manuscript],
    *,
    focus: int = 0,
    lesson: int = 0,
) -> Reply:
    """The draft is changed, and its outline shown; with the module of this ref, or of this lesson, open."""
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        draft = drafts.keep(session, caller, draft, change(draft.manuscript), context.now)
    if lesson:
        focus = draft.manuscript.module_of(lesson).ref
    return Reply(screens.outline(draft, focus=focus))


def menu(request: Request) -> tuple[str, int, int]:
    """What was picked in a menu beside a part of a draft: the verb, the draft and the ref."""
    verb, _, rest = request.value.partition(" ")
    draft_id, ref = request._replace(value=rest).numbers(2)
    return verb, draft_id, ref


def carried(view: View | None, count: int) -> list[int]:
    """The whole numbers a lesson's form carries. Raises `Gone` when they are not there."""
    metadata = view.private_metadata if view is not None else ""
    return Request("action", "", "", "", value=metadata or "-").numbers(count)


def given(request: Request) -> dict[str, str]:
    """What was typed, by field. A field of a lesson's form has its round behind a dot in its block's id."""
    values = request.view.values if request.view is not None else {}
    return {block.partition(".")[0]: next(iter(elements.values()), "") for block, elements in values.items()}


def published_ids(lessons: Sequence[WrittenLesson]) -> list[int]:
    """The ids of those lessons that were published before."""
    return [lesson.lesson_id for lesson in lessons if lesson.lesson_id is not None]
