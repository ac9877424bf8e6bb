"""A course being written: its outline, and the forms of its parts."""

from collections.abc import Sequence
from datetime import datetime

from handlers.views.kit import (
    actions,
    button,
    context,
    divider,
    field,
    header,
    moment,
    overflow,
    say,
    section,
    shorten,
    words,
)
from handlers.views.screens import Block, Screen
from models.coursefiles import LONGEST_DESCRIPTION, LONGEST_TITLE
from models.drafts import Open
from models.manuscripts import WrittenLesson, WrittenModule
from models.unsaved import ABOUT

MOST_LINES = 80
"""Modules and lessons on one screen: a modal takes 100 blocks (Slack's limit). A longer course is opened by module."""


def outline(draft: Open, *, focus: int = 0, notice: Sequence[Block] = ()) -> Screen:
    """The course being written. Of a long one the module ``focus`` (a ref) is shown open, the others closed."""
    written = draft.manuscript
    is_long = sum(1 + len(module.lessons) for module in written.modules) > MOST_LINES
    blocks: list[Block] = [*notice, header(written.title), context(_state(draft))]
    if written.description:
        blocks.append(section(say("{description}", description=shorten(written.description, 500))))
    blocks.append(divider())
    for number, module in enumerate(written.modules, start=1):
        is_open = not is_long or module.ref == focus
        blocks += _module(draft, module, number, is_open=is_open)
    if not written.modules:
        blocks.append(section("There is no module yet. Add one, and then a lesson to it."))
    blocks.append(divider())
    blocks.append(actions(*_course_buttons(draft)))
    return Screen("Edit course", tuple(blocks), metadata=str(draft.draft_id))


def _state(draft: Open) -> str:
    lessons = words(sum(1 for _ in draft.manuscript.lessons), "lesson")
    if draft.course_id is None:
        return f"{lessons} · a draft: learners don't see this course yet"
    if draft.is_archived:
        return f"{lessons} · archived: it takes nobody new, and reminds nobody"
    if draft.is_changed:
        return f"{lessons} · changed: learners see it as it was until you publish"
    return f"{lessons} · as learners see it"


def _course_buttons(draft: Open) -> list[Block]:
    at = str(draft.draft_id)
    first = next(draft.manuscript.lessons, None)
    row = [
        button("Publish", "draft.ask_publish", at, style="primary") if draft.is_changed else None,
        button("Try it as a learner", "draft.preview", f"{at} {first.ref} 1") if first is not None else None,
        button("Add a module", "draft.add_module", at),
        button("Title and description", "draft.title", at),
        button("Team", "team.show", str(draft.course_id)) if draft.course_id is not None else None,
        overflow("draft.menu", [(label, f"{way} {at}") for label, way in _ways(draft)]) if _ways(draft) else None,
    ]
    return [one for one in row if one is not None]


def _ways(draft: Open) -> list[tuple[str, str]]:
    """What is in the course's ⋯ menu."""
    throw = [("Throw away what isn't published", "throw")] if draft.is_changed else []
    if draft.course_id is None:
        return throw
    archive = ("Open again", "unarchive") if draft.is_archived else ("Archive", "archive")
    return [("Versions", "versions"), ("Export", "export"), archive, *throw, ("Delete", "delete")]


def _module(draft: Open, module: WrittenModule, number: int, *, is_open: bool) -> list[Block]:
    at = f"{draft.draft_id} {module.ref}"
    if not is_open:
        line = say("*{number}. {title}*\n{count}", number=str(number), title=module.title, count=_count(module))
        return [section(line, button("Open", "draft.open", at, label=f"Open {module.title}"))]
    menu = [
        ("Add a lesson", f"add {at}"),
        ("Rename", f"rename {at}"),
        ("Move up", f"up {at}"),
        ("Move down", f"down {at}"),
    ]
    title = say("*{number}. {title}*", number=str(number), title=module.title)
    blocks = [section(title, overflow("draft.module", [*menu, ("Remove", f"remove {at}")]))]
    blocks += [section(_line(one), overflow("draft.lesson", _lesson_menu(draft, one))) for one in module.lessons]
    if not module.lessons:
        blocks.append(context("No lesson yet: add one with ⋯"))
    return blocks


def _count(module: WrittenModule) -> str:
    return words(len(module.lessons), "lesson")


def _line(lesson: WrittenLesson) -> str:
    kind = {"video": " · video", "quiz": " · quiz"}.get(lesson.type, "")
    empty = "" if lesson.body or lesson.url else " · nothing in it yet"
    return say("• {title}{kind}{empty}", title=lesson.title, kind=kind, empty=empty)


def _lesson_menu(draft: Open, lesson: WrittenLesson) -> list[tuple[str, str]]:
    at = f"{draft.draft_id} {lesson.ref}"
    verbs = (("Edit", "edit"), ("Preview", "preview"), ("Move up", "up"), ("Move down", "down"), ("Remove", "remove"))
    return [(label, f"{verb} {at}") for label, verb in verbs]


def course_form(draft_id: int, title: str, description: str, typed_at: datetime | None, *, is_new: bool) -> Screen:
    """A course's title and description, kept as they are typed; ``typed_at`` says that they were not saved then."""
    return Screen(
        "New course" if is_new else "Edit course",
        (
            *_typed_notice(typed_at),
            field("title", "draft.typed_title", "Title", title, max_length=LONGEST_TITLE, tells=True),
            field(
                "description",
                "draft.typed_title",
                "What it is about",
                description,
                multiline=True,
                optional=True,
                tells=True,
                max_length=LONGEST_DESCRIPTION,
            ),
            context("Learners see nothing of it until you publish." if is_new else "Learners see it when you publish."),
        ),
        submit="Begin" if is_new else "Save",
        callback_id="draft.retitle",
        metadata=f"{draft_id} {ABOUT}",
    )


def _typed_notice(typed_at: datetime | None) -> list[Block]:
    if typed_at is None:
        return []
    return [context(say("These are your words from {when}, not saved yet.", when=moment(typed_at)))]


def module_form(draft_id: int, ref: int, title: str, typed_at: datetime | None = None) -> Screen:
    """A module's title, kept as it is typed; ``typed_at`` says that it was not saved then."""
    return Screen(
        "Module",
        (
            *_typed_notice(typed_at),
            field("title", "draft.typed_title", "Title of the module", title, max_length=LONGEST_TITLE, tells=True),
        ),
        submit="Save",
        callback_id="draft.save_module",
        metadata=f"{draft_id} {ref}",
    )


def ask_remove(at: str, title: str, people: int, *, is_module: bool) -> Screen:
    """Whether a lesson or a module should go, and whom it touches."""
    what = "module and its lessons" if is_module else "lesson"
    touched = f"{words(people, 'learner')} opened or completed it." if people else "Nobody has opened it yet."
    return Screen(
        "Remove",
        (
            section(say("Remove *{title}*?", title=title)),
            section(
                f"{touched} Learners see the {what} until you publish; then it goes, and what they did in it is kept "
                "but no longer counts."
            ),
            actions(
                button("Remove", "draft.remove", at, style="danger"),
                button("Keep it", "draft.open", at.split(maxsplit=1)[0]),
            ),
        ),
    )
