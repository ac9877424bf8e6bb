"""Writing a course: its title, and its modules and lessons in their order."""

import json

from sqlmodel import Session

from handlers import draftrequests, lessonwriting
from handlers.replies import NOTHING, Reply
from handlers.requests import Context, Request, learner
from handlers.views import authoring as screens
from handlers.views.screens import Screen
from models import drafts, publishing, unsaved
from models.drafts import Open, Unfit
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
    """A form for a new course, with what was typed before and never begun."""
    with context.write() as session:
        draft_id = drafts.begin(session, learner(caller), context.now)
        draft = drafts.read(session, caller, draft_id)
        return Reply(_course_form(session, caller, draft), where="modal")


def ask_title(request: Request, caller: Caller, context: Context) -> Reply:
    """A form for the title and description."""
    (draft_id,) = request.numbers()
    with context.read() as session:
        return Reply(_course_form(session, caller, drafts.read(session, caller, draft_id)))


def _course_form(session: Session, caller: Caller, draft: Open) -> Screen:
    kept = unsaved.typed(session, caller, draft.draft_id, unsaved.ABOUT)
    title, description, typed_at = draft.manuscript.title, draft.manuscript.description, None
    if kept is not None:
        given, typed_at = json.loads(kept[0]), kept[1]
        title, description = given.get("title", ""), given.get("description", "")
    return screens.course_form(draft.draft_id, title, description, typed_at, is_new=not draft.manuscript.title)


def typed(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody types a title; it is kept, should the modal be closed before it is saved."""
    draft_id, ref = draftrequests.carried(request.view, 2)
    with context.write() as session:
        drafts.read(session, caller, draft_id)
        words = json.dumps(draftrequests.given(request), ensure_ascii=False)
        unsaved.keep(session, caller, draft_id, ref, words, context.now)
    return NOTHING


def retitle(request: Request, caller: Caller, context: Context) -> Reply:
    """A title and description are kept; nobody sees a new course before it is published."""
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
    """A module is in the draft from the moment it is begun, so that what is typed of its title has a place."""
    (draft_id,) = request.numbers()
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        draft = drafts.keep(session, caller, draft, draft.manuscript.with_new_module("New module"), context.now)
    return Reply(screens.module_form(draft_id, draft.manuscript.next_ref - 1, ""))


def save_module(request: Request, caller: Caller, context: Context) -> Reply:
    """A module has another title."""
    draft_id, ref = request.numbers(2)
    try:
        name = drafts.titled(draftrequests.given(request).get("title", ""))
    except Unfit as wrong:
        return Reply(errors=wrong.fields)

    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        unsaved.forget(session, caller, draft_id, ref)
        draft = drafts.keep(session, caller, draft, draft.manuscript.with_module_titled(ref, name), context.now)
    return Reply(screens.outline(draft, focus=ref))


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
            kept = unsaved.typed(session, caller, draft_id, ref)
            title, typed_at = (json.loads(kept[0]).get("title", ""), kept[1]) if kept else (module.title, None)
            return Reply(screens.module_form(draft_id, ref, title, typed_at))
    return lessonwriting.begin(caller, context, draft_id, ref)


def remove(request: Request, caller: Caller, context: Context) -> Reply:
    """A lesson or a module is taken out of the draft."""
    draft_id, ref = request.numbers(2)

    def change(written: Manuscript) -> Manuscript:
        is_module = any(module.ref == ref for module in written.modules)
        return written.without_module(ref) if is_module else written.without_lesson(ref)

    return draftrequests.changed(caller, context, draft_id, change)
