"""A lesson: read page by page in a modal, or kept as messages."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from handlers.views import markdown, slackfiles
from handlers.views.kit import (
    actions,
    button,
    context,
    divider,
    header,
    image,
    link,
    options,
    say,
    section,
    shorten,
    video,
)
from handlers.views.screens import Block, Screen
from models import instants
from models.outlines import Outline, Reading

WATCH = "lesson.watch"
SPACE = re.compile(r"[\s\x00-\x1f]")
LONGEST_LINK = 2900
"""A button's URL and a section's text, words and all, are at most 3,000 characters (docs: button, section)."""


def lesson(reading: Reading, page: int, video_domains: Collection[str], opened_at: datetime) -> Screen:
    """One page (from 1) of a lesson. Its last page is where it is marked complete; videos of the domains play in it.

    The buttons carry when it was opened: whoever reads a lesson reads it to its end as it was then.
    """
    pages = markdown.pages(reading.body or "")
    count = len(pages)
    page = min(max(page, 1), count)
    is_last = page == count
    opened = instants.micros(opened_at)
    blocks = slackfiles.carrying(
        content(reading, pages, page, video_domains), slackfiles.SEND, f"{reading.lesson_id} {page} {opened}"
    )
    blocks.append(divider())
    blocks += _turning(reading, page, count, opened)
    if reading.done and is_last:
        blocks.append(context("You completed this lesson."))
    submit, callback = "", ""
    if is_last and not reading.done:
        submit, callback = "Mark complete", "lesson.complete"
    return Screen(
        f"Lesson {reading.position} of {reading.count}",
        tuple(blocks),
        submit=submit,
        callback_id=callback,
        metadata=str(reading.lesson_id),
    )


def content(
    reading: Reading, pages: Sequence[list[Block]], page: int, video_domains: Collection[str], *, watch: str = WATCH
) -> list[Block]:
    """What there is to read on a page: title, whereabouts, and the lesson itself. ``watch`` is what its link does."""
    where = [_whereabouts(reading), f"{reading.minutes} min"]
    if len(pages) > 1:
        where.append(f"page {page} of {len(pages)}")
    links = _links(reading, page, video_domains, watch)
    blocks = [header(reading.title), context(" · ".join(where)), *links, *pages[page - 1]]
    if not pages[page - 1] and _address(reading) is None:
        blocks.append(section("There is nothing to read here yet. Your instructor can add it."))
    return blocks


def invitation(reading: Reading) -> Screen:
    """A lesson where no modal can be opened: one press away."""
    carried = str(reading.lesson_id)
    return Screen(
        "Lesson",
        (
            section(say("Next: *{title}*", title=reading.title)),
            context(_whereabouts(reading), f"{reading.minutes} min"),
            actions(button("Open lesson", "lesson.open", carried, style="primary", label=f"Open {reading.title}")),
        ),
    )


def messages(reading: Reading, video_domains: Collection[str]) -> list[Screen]:
    """The whole lesson as messages to keep, with a way to mark it complete under the last."""
    pages = markdown.pages(reading.body or "")
    screens = []
    for number, blocks in enumerate(pages, start=1):
        top: list[Block] = [header(reading.title), context(_whereabouts(reading))] if number == 1 else []
        bottom = _keepsake_buttons(reading) if number == len(pages) else []
        text = slackfiles.carrying(blocks, slackfiles.SEND, f"{reading.lesson_id} 0 0")
        screens.append(Screen("Lesson", (*top, *_links(reading, number, video_domains), *text, *bottom)))
    return screens


def sent_to_dm() -> list[Block]:
    """The lesson is on its way to the DM."""
    return [context("It's in our direct messages too now, to keep.")]


def file_on_its_way() -> list[Block]:
    """The file comes by DM."""
    return [context("It's on its way to our direct messages.")]


def no_file(title: str) -> Screen:
    """The file can't be had any more."""
    sentence = "I can't get the file of *{title}* from Slack just now. Try again later, or ask your instructor for it."
    return Screen("Lesson", (section(say(sentence, title=title)),))


def lesson_options(outline: Outline, typed: str) -> list[Block]:
    """Lessons whose title holds what is being typed, at most 100 (Slack's limit), in the course's order."""
    wanted = typed.casefold().strip()
    matching = [
        line for module in outline.modules for line in module.lessons if not wanted or wanted in line.title.casefold()
    ]
    return options((("✓ " if line.done else "") + line.title, str(line.lesson_id)) for line in matching)


def _turning(reading: Reading, page: int, count: int, opened: int) -> list[Block]:
    buttons = []
    if page < count:
        buttons.append(button("Next page", "lesson.turn", f"{reading.lesson_id} {page + 1} {opened}", style="primary"))
    if page > 1:
        buttons.append(button("Previous page", "lesson.turn", f"{reading.lesson_id} {page - 1} {opened}"))
    if reading.done and page == count:
        if reading.next_id is not None:
            buttons.append(button("Next lesson", "lesson.next", str(reading.next_id), style="primary"))
        buttons.append(button("Undo", "lesson.reopen", str(reading.lesson_id), label=f"Reopen {reading.title}"))
    if reading.body:
        buttons.append(button("Read in DM", "lesson.keep", f"{reading.lesson_id} {page} {opened}"))
    return [actions(*buttons)] if buttons else []


def _links(reading: Reading, page: int, video_domains: Collection[str], watch: str = WATCH) -> list[Block]:
    """The video, or its poster and link, or the link of anything else that lives at a URL."""
    url = _address(reading)
    if url is None or page != 1:
        return []
    verb = {"video": "Watch the video", "quiz": "Open the quiz"}.get(reading.content_type, "Open the lesson")
    blocks: list[Block] = []
    youtube = _youtube(url) if reading.content_type == "video" else None
    if youtube is not None:
        poster = f"https://i.ytimg.com/vi/{youtube}/hqdefault.jpg"
        alt_text = f"Poster of the video {shorten(reading.title, 150)}"
        if "youtube.com" in video_domains:
            there = f"https://www.youtube.com/watch?v={youtube}"
            blocks.append(video(reading.title, there, f"https://www.youtube.com/embed/{youtube}", poster, alt_text))
        else:
            blocks.append(image(poster, alt_text))
    blocks.append(section(link(url, verb)))
    blocks.append(actions(button(verb, watch, str(reading.lesson_id), url=url, style="primary")))
    return blocks


def _address(reading: Reading) -> str | None:
    """Where the lesson lives, if Slack can show a link to it: the portal may have written anything there."""
    url = (reading.content_url or "").strip()
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url if is_whole and not SPACE.search(url) and len(link(url, "")) <= LONGEST_LINK else None


def _youtube(url: str) -> str | None:
    """The id of a YouTube video, after which its poster and player are named; elsewhere neither is known unasked."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    found = ""
    if host == "youtu.be":
        found = parts.path.strip("/")
    elif host == "youtube.com":
        found = "".join(parse_qs(parts.query).get("v", []))
    return found if found.replace("-", "").replace("_", "").isalnum() else None


def _keepsake_buttons(reading: Reading) -> Sequence[Block]:
    if reading.done or not reading.enrolled:
        return []
    return [actions(button("Mark complete", "lesson.complete", str(reading.lesson_id), style="primary"))]


def _whereabouts(reading: Reading) -> str:
    return say("{course} · {module}", course=reading.course_title, module=reading.module_title)
