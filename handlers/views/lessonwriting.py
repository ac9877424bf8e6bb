"""A lesson being written: its form, and how it will look."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.views.kit import (
    actions,
    asked,
    button,
    context,
    divider,
    field,
    moment,
    one_of,
    say,
    section,
    shorten,
    telling,
)
from handlers.views.lessons import content
from handlers.views.markdown import pages as rendered
from handlers.views.screens import Block, Screen
from handlers.views.slackfiles import carrying
from handlers.views.writing import PageFile
from models.coursefiles import LONGEST_TITLE
from models.courses import minutes_of
from models.drafts import Open
from models.manuscripts import WrittenLesson
from models.outlines import Reading

MOST_PAGES = 20
KINDS = (("Text to read", "text"), ("A video", "video"), ("A quiz", "quiz"))
HEADING_HINT = "A line all in bold becomes a heading."


class Page(NamedTuple):
    """A page of a lesson in the form: ``rich`` to go on writing, or else its Markdown as it is; and the files at its
    end."""

    markdown: str
    rich: Block | None
    files: tuple[PageFile, ...] = ()


class Form(NamedTuple):
    """A lesson's form. ``saves`` is how often it had been saved when it was opened.

    Slack keeps what stands in a field as long as its block has the same id; another ``round`` gives all of them others.
    """

    draft_id: int
    ref: int
    saves: int
    title: str
    type: str
    url: str
    minutes: str
    pages: tuple[Page, ...]
    round: int = 0

    def block(self, name: str) -> str:
        """The id of the block of this field."""
        return f"{name}.{self.round}" if self.round else name


def lesson_form(form: Form, notice: Sequence[Block] = ()) -> Screen:
    """A lesson to write, a field a page. What is typed is kept as it is typed."""
    at = f"{form.draft_id} {form.ref}"
    blocks: list[Block] = [
        *notice,
        field(form.block("title"), "draft.typed", "Title", form.title, max_length=LONGEST_TITLE, tells=True),
        asked(form.block("type"), "What is it?", one_of("radio_buttons", "draft.kind", KINDS, form.type)),
    ]
    for number, page in enumerate(form.pages, start=1):
        label = "What it says" if len(form.pages) == 1 else f"Page {number}"
        blocks.append(_page_field(form.block(f"page{number}"), label, page))
        blocks += [_file(f"{at} {number} {place}", file) for place, file in enumerate(page.files, start=1)]
    blocks.append(context(HEADING_HINT))
    more = [button("Add a page", "draft.add_page", at)] if len(form.pages) < MOST_PAGES else []
    blocks.append(
        actions(
            button("Add a picture or PDF", "draft.ask_file", at),
            *more,
            button("Back to the course", "draft.open", str(form.draft_id)),
        )
    )
    blocks += [
        telling(asked(form.block("url"), "Address of the video, quiz or page", _url(form.url), optional=True)),
        telling(
            asked(
                form.block("minutes"),
                "Minutes it takes",
                _minutes(form.minutes),
                optional=True,
                hint="Left empty, its length says.",
            )
        ),
    ]
    return Screen(
        "Lesson",
        tuple(blocks),
        submit="Save",
        callback_id="draft.save_lesson",
        metadata=f"{at} {form.saves} {len(form.pages)} {form.round}",
    )


def _page_field(name: str, label: str, page: Page) -> Block:
    if page.rich is None and page.markdown:
        return field(
            name, "draft.typed", f"{label} (Markdown)", page.markdown, multiline=True, optional=True, tells=True
        )
    element: Block = {"type": "rich_text_input", "action_id": "draft.typed"}
    if page.rich is not None:
        element["initial_value"] = page.rich
    return telling(asked(name, label, element, optional=True))


def _file(at: str, file: PageFile) -> Block:
    mark = "🖼" if file.is_picture else "📎"
    remove = button("Remove", "draft.remove_file", at, label=f"Remove {file.words}")
    return section(say("{mark} {words}", mark=mark, words=shorten(file.words, 150)), remove)


def _url(url: str) -> Block:
    element: Block = {"type": "url_text_input", "action_id": "draft.typed"}
    return element | {"initial_value": url} if url else element


def _minutes(minutes: str) -> Block:
    element: Block = {
        "type": "number_input",
        "action_id": "draft.typed",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": "600",
    }
    return element | {"initial_value": minutes} if minutes else element


def typed_notice(at: str, typed_at: datetime) -> list[Block]:
    """What stands in the form was typed before, and not saved."""
    return [
        context(say("These are your words from {when}, not saved yet.", when=moment(typed_at))),
        actions(button("Start from the saved lesson", "draft.theirs", at)),
    ]


def saved_meanwhile(at: str, name: str, saved_at: datetime) -> Screen:
    """Somebody else saved the lesson while it was open."""
    return Screen(
        "Saved meanwhile",
        (
            section(say("*{name}* saved this lesson {when}. Your words are kept.", name=name, when=moment(saved_at))),
            actions(
                button("Keep mine", "draft.mine", at, style="primary", label="Go on with my words"),
                button("See the saved one", "draft.theirs", at),
            ),
        ),
    )


def preview(draft: Open, lesson: WrittenLesson, page: int, video_domains: Collection[str]) -> Screen:
    """A page of a lesson as learners will see it; nothing is recorded."""
    pages = rendered(lesson.body or "")
    page = min(max(page, 1), len(pages))
    at = f"{draft.draft_id} {lesson.ref}"
    all_refs = [one.ref for one in draft.manuscript.lessons]
    place = all_refs.index(lesson.ref)
    shown = content(_reading(draft, lesson, place + 1, len(all_refs)), pages, page, video_domains, watch="draft.watch")
    blocks: list[Block] = [context("You are trying it out: nothing is recorded.")]
    blocks += carrying(shown, "draft.send_file", f"{at} {page}")
    buttons = []
    if page < len(pages):
        buttons.append(button("Next page", "draft.preview", f"{at} {page + 1}", style="primary"))
    elif place + 1 < len(all_refs):
        following = f"{draft.draft_id} {all_refs[place + 1]} 1"
        buttons.append(button("Next lesson", "draft.preview", following, style="primary"))
    if page > 1:
        buttons.append(button("Previous page", "draft.preview", f"{at} {page - 1}"))
    if page == len(pages) and place + 1 == len(all_refs):
        blocks.append(context("That was the last lesson: here learners finish the course."))
    buttons.append(button("Back to the course", "draft.open", str(draft.draft_id)))
    return Screen(f"Lesson {place + 1} of {len(all_refs)}", (*blocks, divider(), actions(*buttons)))


def _reading(draft: Open, lesson: WrittenLesson, position: int, count: int) -> Reading:
    """The lesson as somebody would read it who began the course just now."""
    return Reading(
        lesson_id=lesson.lesson_id or 0,
        title=lesson.title,
        content_type=lesson.type,
        content_url=lesson.url,
        body=lesson.body,
        minutes=minutes_of(lesson.minutes, lesson.body),
        course_id=draft.course_id or 0,
        course_title=draft.manuscript.title,
        module_title=draft.manuscript.module_of(lesson.ref).title,
        position=position,
        count=count,
        done=False,
        enrolled=True,
        previous_id=None,
        next_id=None,
    )
