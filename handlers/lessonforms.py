"""A lesson's form: filled from the draft or from what somebody typed, and read again."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from handlers import draftrequests
from handlers.replies import Reply
from handlers.requests import Context, Request
from handlers.views import lessonwriting as screens
from handlers.views import writing
from handlers.views.lessonwriting import Form, Page
from handlers.views.screens import Block, Screen
from models import drafts, unsaved, users
from models.drafts import Open, SavedMeanwhile
from models.manuscripts import WrittenLesson
from models.members import Caller

Given = dict[str, str]
FIELDS = 5
"""Numbers a form carries: the draft, the lesson's ref, how often it was saved, its pages, its round."""
_ABOUT = ("title", "type", "url", "minutes")


def of(draft: Open, lesson: WrittenLesson) -> Form:
    """The form of a lesson as it was saved last."""
    return Form(
        draft.draft_id,
        lesson.ref,
        lesson.saves,
        lesson.title,
        lesson.type,
        lesson.url or "",
        str(lesson.minutes or ""),
        tuple(_page(page) for page in writing.fields_of(lesson.body or "")),
    )


def filled(draft: Open, lesson: WrittenLesson, given: Given, count: int) -> Form:
    """The form as somebody filled it in; with no pages of theirs (``count`` 0) the pages are the saved ones."""
    form = of(draft, lesson)
    files = [page.files for page in form.pages]
    pages = tuple(
        _page_given(given.get(f"page{number}", ""))._replace(files=files[number - 1] if number <= len(files) else ())
        for number in range(1, count + 1)
    )
    return form._replace(
        title=given.get("title", ""),
        type=given.get("type") or lesson.type,
        url=given.get("url", ""),
        minutes=given.get("minutes", ""),
        pages=pages or form.pages,
    )


def screen(session: Session, caller: Caller, draft: Open, lesson: WrittenLesson, *, tells: bool = True) -> Screen:
    """The form, with what the caller typed last time and did not save; unless it ``tells`` that, silently."""
    kept = unsaved.typed(session, caller, draft.draft_id, lesson.ref)
    if kept is None:
        return screens.lesson_form(of(draft, lesson))
    words, typed_at = kept
    given = json.loads(words)
    form = filled(draft, lesson, given, int(given["pages"]))
    notice: Sequence[Block] = screens.typed_notice(f"{draft.draft_id} {lesson.ref}", typed_at) if tells else ()
    return screens.lesson_form(form, notice)


def typed(given: Given, count: int) -> str:
    """What stands in a form of so many pages, as it is kept."""
    return json.dumps({**given, "pages": str(count)}, ensure_ascii=False)


def body(lesson: WrittenLesson, given: Given, count: int, without: tuple[int, int] | None = None) -> str:
    """The text of the lesson as it was written now; a page that wasn't touched keeps its very Markdown.

    A file is left out where ``without`` gives its page and its place there, both from 1.
    """
    before = writing.fields_of(lesson.body or "")
    pages = []
    for number in range(1, count + 1):
        words = given.get(f"page{number}", "")
        rich = _as_rich(words)
        was = before[number - 1] if number <= len(before) else ""
        was_words, files = writing.parts_of(was)
        if without is not None and without[0] == number:
            files = tuple(file for at, file in enumerate(files, start=1) if at != without[1])
            was = writing.page_of(was_words, files)
        if rich is not None and rich == writing.to_rich_text(was_words):
            pages.append(was)
        else:
            pages.append(writing.page_of(writing.to_markdown(words) if rich is not None else words, files))
    return lesson.body or "" if pages == before else writing.body_of(pages)


def settled(
    request: Request,
    caller: Caller,
    context: Context,
    session: Session,
    without: tuple[int, int] | None = None,
) -> tuple[Open, WrittenLesson]:
    """The draft and the lesson with the text that stands in the form, less one file as in `body`; what else stands
    there is kept as typed.

    Raises `SavedMeanwhile`, with all of it kept as typed.
    """
    draft_id, ref, saves, count, _ = draftrequests.carried(request.view, FIELDS)
    given = draftrequests.given(request)
    draft = drafts.read(session, caller, draft_id, locks=True)
    written = body(draft.manuscript.lesson(ref), given, count, without)
    draft = drafts.save_body(session, caller, draft, ref, saves, written, context.now)
    about = {name: given.get(name, "") for name in _ABOUT}
    unsaved.keep(session, caller, draft_id, ref, typed(about, 0), context.now)
    return draft, draft.manuscript.lesson(ref)


def saved_meanwhile(request: Request, caller: Caller, context: Context, meanwhile: SavedMeanwhile) -> Reply:
    """Somebody else saved the lesson; the caller's words are kept, and they choose."""
    draft_id, ref, _, count, _ = draftrequests.carried(request.view, FIELDS)
    with context.write() as session:
        kept = typed(draftrequests.given(request), count)
        unsaved.keep(session, caller, draft_id, ref, kept, context.now)
        by = users.get(session, meanwhile.lesson.saved_by)
    saved_at = datetime.fromisoformat(meanwhile.lesson.saved_at)
    return Reply(screens.saved_meanwhile(f"{draft_id} {ref}", users.name(by) if by else "Somebody", saved_at))


def _page(page: str) -> Page:
    words, files = writing.parts_of(page)
    return Page(words, writing.to_rich_text(words), files)


def _page_given(words: str) -> Page:
    rich = _as_rich(words)
    return Page(writing.to_markdown(words), rich) if rich is not None else Page(words, None)


def _as_rich(words: str) -> Block | None:
    """The rich text in a field's words; None for a field of Markdown."""
    try:
        told = json.loads(words)
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("type") == "rich_text" else None
