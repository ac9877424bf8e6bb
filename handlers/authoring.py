"""Writing a course: its title, and its modules and lessons in their order."""

from handlers import draftrequests, lessonwriting
from handlers.replies import Reply
from handlers.requests import Context, Request, learner
from handlers.views import authoring as screens
from models import drafts, publishing
from models.drafts import Unfit
from models.manuscripts import Manuscript
from models.members import Caller


def edit(request: Request, caller: Caller, context: Context) -> Reply:
    """The draft of a course, begun now when there is none."""
    (course_id,) = request.numbers()
    with context.write() as session:
        draft_id = drafts.open_for(session, caller, course_id, context.now)
        draft = drafts.read(session, caller, draft_id)
    return Reply(screens.outline(draft), where="here" if request.surface == "modal" else "modal")


def open_draft(request: Request, caller: Caller, context: Context) -> Reply:
    """The outline of a draft, or one of its modules opened."""
    numbers = [int(word) for word in request.value.split() if word.isdecimal()]
    (draft_id,) = request.numbers()
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
    focus = numbers[1] if len(numbers) > 1 else 0
    return Reply(screens.outline(draft, focus=focus), where="here" if request.surface == "modal" else "modal")


def new(request: Request, caller: Caller, context: Context) -> Reply:
    """A form for a new course."""
    return Reply(screens.course_form(None, "", ""), where="modal")


def begin(request: Request, caller: Caller, context: Context) -> Reply:
    """A new course is begun; nobody sees it before it is published."""
    given = draftrequests.given(request)
    try:
        with context.write() as session:
            draft_id = drafts.begin(
                session, learner(caller), given.get("title", ""), given.get("description", ""), context.now
            )
            draft = drafts.read(session, caller, draft_id)
    except Unfit as wrong:
        return Reply(errors=wrong.fields)
    return Reply(screens.outline(draft))


def ask_title(request: Request, caller: Caller, context: Context) -> Reply:
    """A form for the title and description."""
    draft = draftrequests.draft(request, caller, context)
    return Reply(screens.course_form(draft.draft_id, draft.manuscript.title, draft.manuscript.description))


def retitle(request: Request, caller: Caller, context: Context) -> Reply:
    """Another title and description are kept."""
    given, (draft_id,) = draftrequests.given(request), request.numbers()
    try:
        with context.write() as session:
            draft = drafts.read(session, caller, draft_id, locks=True)
            draft = drafts.retitle(
                session, caller, draft, given.get("title", ""), given.get("description", ""), context.now
            )
    except Unfit as wrong:
        return Reply(errors=wrong.fields)
    return Reply(screens.outline(draft))


def add_module(request: Request, caller: Caller, context: Context) -> Reply:
    """A form for a new module."""
    draft = draftrequests.draft(request, caller, context)
    return Reply(screens.module_form(draft.draft_id, 0, ""))


def save_module(request: Request, caller: Caller, context: Context) -> Reply:
    """A module is added, or renamed."""
    draft_id, ref = request.numbers(2)
    try:
        name = drafts.titled(draftrequests.given(request).get("title", ""))
    except Unfit as wrong:
        return Reply(errors=wrong.fields)

    def change(written: Manuscript) -> Manuscript:
        return written.with_module_titled(ref, name) if ref else written.with_new_module(name)

    return draftrequests.changed(caller, context, draft_id, change, focus=ref)


def use_module(request: Request, caller: Caller, context: Context) -> Reply:
    """The menu beside a module."""
    verb, draft_id, ref = draftrequests.menu(request)
    if verb in ("up", "down"):
        by = 1 if verb == "down" else -1
        return draftrequests.changed(
            caller, context, draft_id, lambda written: written.with_module_moved(ref, by), focus=ref
        )
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
        module = draft.manuscript.module(ref)
        if verb == "remove":
            people = publishing.touched(session, draftrequests.published_ids(module.lessons))
            return Reply(screens.ask_remove(f"{draft_id} {ref}", module.title, people, is_module=True))
    if verb == "rename":
        return Reply(screens.module_form(draft_id, ref, module.title))
    return lessonwriting.begin(caller, context, draft_id, ref)


def remove(request: Request, caller: Caller, context: Context) -> Reply:
    """A lesson or a module is taken out of the draft."""
    draft_id, ref = request.numbers(2)

    def change(written: Manuscript) -> Manuscript:
        is_module = any(module.ref == ref for module in written.modules)
        return written.without_module(ref) if is_module else written.without_lesson(ref)

    return draftrequests.changed(caller, context, draft_id, change)
