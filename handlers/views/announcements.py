"""An announcement as people get it, and a course's announcements as those who teach it see them."""

from collections.abc import Sequence
from typing import NamedTuple

from handlers.views.kit import (
    Markup,
    actions,
    button,
    channel,
    context,
    divider,
    header,
    moment,
    say,
    section,
)
from handlers.views.screens import Block, Screen
from models.announcements import (
    ASKED,
    CANCELLED,
    ENROLLED,
    GOING,
    HELD,
    LATE,
    NOT_STARTED,
    SCHEDULED,
    SENT,
    STOPPED,
    STUCK,
    TAKEN_BACK,
    UNFINISHED,
    Announcement,
)

PAGE = 8
STATES = {
    ASKED: "Waits for an admin",
    SCHEDULED: "Scheduled",
    GOING: "On its way",
    SENT: "Sent",
    HELD: "Held",
    LATE: "Late: waits for you",
    STOPPED: "Stopped",
    CANCELLED: "Cancelled",
    TAKEN_BACK: "Taken back",
}
PEOPLE = {
    ENROLLED: "everyone enrolled",
    NOT_STARTED: "those who haven't started",
    STUCK: "those stuck before this lesson",
    UNFINISHED: "those who haven't finished",
}
WHY_HELD = {
    "author": "its author may no longer announce this",
    "archived": "the course is archived",
    "declined": "an admin declined it",
    "lesson": "the lesson it is about was removed",
}
"""Why an announcement does not go."""


class Told(NamedTuple):
    """An announcement with the names it shows. ``role`` is what its author is to the course."""

    announcement: Announcement
    course_title: str
    lesson_title: str | None
    author: str
    role: str
    words: Block


def message(told: Told, *, by_dm: bool, is_preview: bool = False) -> Screen:
    """What people get: who says it, what, and one button that opens the lesson for whoever presses it."""
    one = told.announcement
    carried = f"{one.id} {one.course_id} {one.lesson_id or 0}"
    action = "announcement.previewed" if is_preview else "announcement.open"
    label = f"Open {told.lesson_title or told.course_title}"
    blocks: list[Block] = [
        context(say("From {author}, {role} · *{title}*", author=told.author, role=told.role, title=told.course_title)),
        told.words,
        actions(button("Open lesson", action, carried, style="primary", label=label)),
    ]
    if by_dm:
        blocks.append(context("You get this because you're enrolled. `/learn reminders` mutes a course."))
    return Screen("Announcement", tuple(blocks))


def taken_away() -> Screen:
    """What stands where an announcement was, when it can't be opened any more."""
    return Screen("Announcement", (section("That announcement was taken back. Your courses are at `/learn`."),))


def addressed(one: Announcement) -> Markup:
    """To whom it goes, in words."""
    parts: list[str] = []
    if one.channel_id:
        parts.append(channel(one.channel_id))
    if one.audience:
        parts.append(Markup(f"{PEOPLE[one.audience]} by DM"))
    return Markup(" and ".join(parts))


def all_of(title: str, course_id: int, page: Sequence[Told], *, skip: int, has_more: bool) -> Screen:
    """A course's announcements, the newest first."""
    blocks: list[Block] = [header(f"Announcements of {title}")]
    for told in page:
        blocks += [*_line(told), divider()]
    if not page:
        blocks.append(section("Nothing was announced yet."))
    turning = []
    if skip:
        turning.append(button("Back", "announcement.list", f"{course_id} {max(skip - PAGE, 0)}"))
    if has_more:
        turning.append(button("More", "announcement.list", f"{course_id} {skip + PAGE}"))
    blocks.append(actions(button("Announce", "announcement.new", str(course_id), style="primary"), *turning))
    return Screen("Announcements", tuple(blocks), metadata=str(course_id))


def _line(told: Told) -> list[Block]:
    one = told.announcement
    at = one.finished_at or one.began_at or one.leaves_at
    said = say(
        "*{state}*{when}\nTo {whom} · from {author}",
        state=STATES[one.state],
        when=Markup(f" · {moment(at)}") if at else "",
        whom=addressed(one),
        author=told.author,
    )
    blocks: list[Block] = [section(said), told.words]
    if one.because:
        blocks.append(context(say("Because {why}", why=WHY_HELD.get(one.because, one.because))))
    buttons = ways_on(one)
    return [*blocks, actions(*buttons)] if buttons else blocks


def ways_on(one: Announcement) -> list[Block]:
    """What can be done with an announcement where it stands."""
    at = str(one.id)
    if one.state in (SCHEDULED, HELD, LATE, ASKED):
        now = [button("Send now", "announcement.send_now", at)] if one.state != ASKED else []
        return [*now, button("Edit", "announcement.change", at), button("Cancel it", "announcement.cancel", at)]
    if one.state in (GOING, SENT, STOPPED):
        stop = [button("Stop", "announcement.stop", at, style="danger")] if one.state == GOING else []
        return [
            *stop,
            button("Receipt", "announcement.receipt", at),
            button("Correct", "announcement.ask_correct", at),
            button("Take back", "announcement.ask_take_back", at),
        ]
    return [button("Receipt", "announcement.receipt", at)] if one.state == TAKEN_BACK else []


def correction(told: Told) -> Screen:
    """The words of something sent, to be put right."""
    element: Block = {"type": "rich_text_input", "action_id": "announcement.words", "initial_value": told.words}
    question: Block = {
        "type": "input",
        "block_id": "words",
        "label": {"type": "plain_text", "text": "What it should say"},
        "element": element,
    }
    return Screen(
        "Correct",
        (question, context("Messages already sent change in place. Nobody is notified again.")),
        submit="Correct",
        callback_id="announcement.correct",
        metadata=str(told.announcement.id),
    )


def ask_take_back(told: Told) -> Screen:
    """Whether to delete what was sent."""
    said = "Delete it wherever it was sent, and tell nobody else? Whoever read it has read it."
    at = str(told.announcement.id)
    return Screen(
        "Take back",
        (
            section(said),
            told.words,
            actions(
                button("Take it back", "announcement.take_back", at, style="danger"),
                button("Keep it", "announcement.receipt", at),
            ),
        ),
    )


def done(sentence: str, one: Announcement) -> Screen:
    """What was done, and the way to the others."""
    others = button("All announcements", "announcement.list", f"{one.course_id} 0")
    return Screen("Announcements", (section(sentence), actions(others)))
