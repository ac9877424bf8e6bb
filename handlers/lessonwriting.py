"""Writing a lesson: its form, what is typed into it, and how it will look."""

from dataclasses import replace

from handlers import draftrequests, lessonforms
from handlers.replies import NOTHING, Reply
from handlers.requests import Context, Request
from handlers.views import authoring as outlines
from handlers.views import lessonwriting as screens
from handlers.views import teaching as desk
from handlers.views import writing
from handlers.views.lessonwriting import Page
from models import drafts, publishing, teachers, unsaved
from models.coursefiles import LONGEST_TITLE
from models.drafts import SavedMeanwhile, Unfit
from models.errors import DomainError
from models.members import Caller

Given = dict[str, str]
MOST_OFFERED = 90
"""Courses offered for a message: a select takes 100 options (docs: select menu)."""
LONGEST_CARRIED = 2900
"""Characters of a message that become a lesson: a modal carries 3,000 (docs: private_metadata)."""


def begin(caller: Caller, context: Context, draft_id: int, module_ref: int) -> Reply:
    """A lesson is in the draft from the moment it is begun, so that what is typed into it has a place."""
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        written = draft.manuscript.with_new_lesson(module_ref, title="New lesson")
        draft = drafts.keep(session, caller, draft, written, context.now)
        lesson = written.lesson(draft.manuscript.next_ref - 1)
    return Reply(screens.lesson_form(lessonforms.of(draft, replace(lesson, title=""))))


def from_message(request: Request, caller: Caller, context: Context) -> Reply:
    """Which course the message the caller points at should be a lesson of."""
    words = request.text[:LONGEST_CARRIED]
    if not words.strip():
        raise DomainError("There are no words in that message to make a lesson of.")
    with context.read() as session:
        courses = teachers.taught(session, caller, MOST_OFFERED)
        begun = drafts.begun(session, caller, [course.course_id for course in courses])
    title = " ".join(words.split("\n", 1)[0].split())[:LONGEST_TITLE]
    return Reply(desk.lesson_from(begun, courses, title, words, is_cut=len(request.text) > len(words)), where="modal")


def add_from_message(request: Request, caller: Caller, context: Context) -> Reply:
    """The message is the last lesson of a draft."""
    assert request.view is not None
    given = draftrequests.given(request)
    which, _, number = given.get("course", "").partition(" ")
    if which not in ("draft", "course") or not number.isdecimal() or len(number) > 18:
        return Reply(errors={"course": "Choose a course."})
    told = {"title": given.get("title", ""), "type": "text", "body": writing.literal(request.view.private_metadata)}
    try:
        with context.write() as session:
            at = int(number)
            draft_id = at if which == "draft" else drafts.open_for(session, caller, at, context.now)
            draft = drafts.read(session, caller, draft_id, locks=True)
            written = draft.manuscript if draft.manuscript.modules else draft.manuscript.with_new_module("Lessons")
            module = written.modules[-1]
            written = written.with_new_lesson(module.ref, **drafts.check_lesson(told))
            draft = drafts.keep(session, caller, draft, written, context.now)
    except Unfit as wrong:
        return Reply(errors=wrong.fields)
    return Reply(outlines.outline(draft, focus=module.ref))


def use_lesson(request: Request, caller: Caller, context: Context) -> Reply:
    """The menu beside a lesson."""
    verb, draft_id, ref = draftrequests.menu(request)
    if verb in ("up", "down"):
        by = 1 if verb == "down" else -1
        return draftrequests.changed(
            caller, context, draft_id, lambda written: written.with_lesson_moved(ref, by), lesson=ref
        )
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
        lesson = draft.manuscript.lesson(ref)
        if verb == "remove":
            people = publishing.touched(session, draftrequests.published_ids([lesson]))
            return Reply(outlines.ask_remove(f"{draft_id} {ref}", lesson.title, people, is_module=False))
        if verb == "preview":
            return Reply(screens.preview(draft, lesson, 1, context.video_domains))
        return Reply(lessonforms.screen(session, caller, draft, lesson))


def mine(request: Request, caller: Caller, context: Context) -> Reply:
    """The form with the caller's own words, which were not saved."""
    return _reopened(request, caller, context, forgets=False)


def theirs(request: Request, caller: Caller, context: Context) -> Reply:
    """The form with the lesson as it was saved last; the caller's own words are let go."""
    return _reopened(request, caller, context, forgets=True)


def _reopened(request: Request, caller: Caller, context: Context, *, forgets: bool) -> Reply:
    draft_id, ref = request.numbers(2)
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id)
        lesson = draft.manuscript.lesson(ref)
        if not forgets:
            return Reply(lessonforms.screen(session, caller, draft, lesson))
        unsaved.forget(session, caller, draft_id, ref)
    return Reply(screens.lesson_form(lessonforms.of(draft, lesson)._replace(round=int(context.real_now.timestamp()))))


def typed(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody types; it is kept, should the modal be closed before it is saved."""
    draft_id, ref, _, count = draftrequests.carried(request.view, lessonforms.FIELDS)[:4]
    with context.write() as session:
        drafts.read(session, caller, draft_id).manuscript.lesson(ref)
        unsaved.keep(
            session, caller, draft_id, ref, lessonforms.typed(draftrequests.given(request), count), context.now
        )
    return NOTHING


def add_page(request: Request, caller: Caller, context: Context) -> Reply:
    """One more page to write on; what was typed is kept."""
    draft_id, ref, saves, count, turn = draftrequests.carried(request.view, lessonforms.FIELDS)
    given = draftrequests.given(request)
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id)
        lesson = draft.manuscript.lesson(ref)
        form = lessonforms.filled(draft, lesson, given, count)._replace(saves=saves, round=turn)
        form = form._replace(pages=(*form.pages, Page("", None))[: screens.MOST_PAGES])
        unsaved.keep(session, caller, draft_id, ref, lessonforms.typed(given, len(form.pages)), context.now)
    return Reply(screens.lesson_form(form))


def save_lesson(request: Request, caller: Caller, context: Context) -> Reply:
    """What was written of a lesson is kept in the draft."""
    draft_id, ref, saves, count, turn = draftrequests.carried(request.view, lessonforms.FIELDS)
    given = draftrequests.given(request)
    minutes = given.get("minutes", "")
    if minutes and not (minutes.isdecimal() and 1 <= int(minutes) <= 600):
        return Reply(errors=_at(turn, {"minutes": "Write whole minutes, from 1 to 600."}))
    told = {
        "title": given.get("title", ""),
        "type": given.get("type") or "text",
        "url": given.get("url", ""),
        "minutes": int(minutes) if minutes else None,
    }
    try:
        with context.write() as session:
            draft = drafts.read(session, caller, draft_id, locks=True)
            body = lessonforms.body(draft.manuscript.lesson(ref), given, count)
            draft = drafts.save_lesson(session, caller, draft, ref, saves, {**told, "body": body}, context.now)
    except Unfit as wrong:
        return Reply(errors=_at(turn, wrong.fields))
    except SavedMeanwhile as meanwhile:
        return lessonforms.saved_meanwhile(request, caller, context, meanwhile)
    return Reply(outlines.outline(draft, focus=draft.manuscript.module_of(ref).ref))


def _at(turn: int, wrong: Given) -> Given:
    """What is wrong with a lesson's fields, by the ids of their blocks."""
    return {f"{name}.{turn}" if turn else name: sentence for name, sentence in wrong.items()}


def preview(request: Request, caller: Caller, context: Context) -> Reply:
    """A page of a lesson as learners will see it. Nothing is recorded."""
    draft_id, ref, page = request.numbers(3)
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
    return Reply(screens.preview(draft, draft.manuscript.lesson(ref), page, context.video_domains))
