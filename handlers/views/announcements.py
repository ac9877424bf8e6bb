"""An announcement as people get it, and what its author and admins see of it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.views.deliveries import reason
from handlers.views.kit import (
    Markup,
    actions,
    button,
    channel,
    context,
    divider,
    header,
    moment,
    person,
    say,
    section,
    words,
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
from models.receipts import Receipt

FEWEST = 5
"""Fewer people than this are not counted, so that nobody can be picked out."""
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
}


@dataclass(frozen=True, slots=True)
class Told:
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


def receipt(told: Told, numbers: Receipt, post: str | None) -> Screen:
    """How it gets on, and what became of it: in numbers, never by name. ``post`` is what became of its channel post."""
    one = told.announcement
    blocks: list[Block] = [
        section(
            say("*{state}*\n{title}, to {whom}", state=STATES[one.state], title=told.course_title, whom=addressed(one))
        ),
        told.words,
    ]
    if post is not None and one.channel_id is not None:
        blocks.append(section(say("{channel}: {post}", channel=channel(one.channel_id), post=post)))
    if one.audience is not None:
        blocks.append(section(_numbers(one, numbers)))
    if one.is_editing:
        blocks.append(context("Messages already sent are following what was changed, about fifty a minute."))
    buttons = ways_on(one)
    if one.state != GOING:
        blocks.append(context(f"Fewer than {FEWEST} people are never counted, and nobody is named."))
    blocks.append(actions(*(way for way in buttons if way["action_id"] != "announcement.receipt"), _again(one)))
    return Screen("Receipt", tuple(blocks), metadata=str(one.id))


def _again(one: Announcement) -> Block:
    return button("Look again", "announcement.receipt", str(one.id))


def _numbers(one: Announcement, numbers: Receipt) -> Markup:
    if one.recipients < FEWEST and numbers.settled + numbers.waiting < FEWEST:
        return Markup(f"By DM: fewer than {FEWEST} people")
    lines = [say("Delivered: {count}", count=_count(numbers.delivered))]
    if numbers.waiting:
        when = f", the next from {moment(numbers.next_at)}" if numbers.next_at else ""
        lines.append(say("Still to be told: {count}{when}", count=_count(numbers.waiting), when=Markup(when)))
    lines += [say("Failed: {count}, {why}", count=_count(count), why=reason(why)) for why, count in numbers.failed]
    lines += [say("Left out: {count}, {why}", count=_count(count), why=reason(why)) for why, count in numbers.left_out]
    lines.append(say("Opened the lesson: {count}", count=_count(numbers.opened)))
    did = "Completed the course since" if one.lesson_id is None else "Completed it since"
    lines.append(say("{did}: {count}", did=did, count=_count(numbers.completed)))
    return Markup("\n".join(lines))


def _count(count: int) -> str:
    return f"{count:,}" if count >= FEWEST else f"fewer than {FEWEST}"


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


# What authors and admins are told


def asks_admin(told: Told, numbers: int) -> Screen:
    """An admin is asked to let it go."""
    one = told.announcement
    at = str(one.id)
    how_many = f", {words(numbers, 'person') if numbers == 1 else f'{numbers:,} people'}" if one.audience else ""
    said = say(
        "{author} wants to announce this in {title}, to {whom}{many}{when}.",
        author=person(one.slack_user_id),
        title=told.course_title,
        whom=addressed(one),
        many=how_many,
        when=Markup(f", {moment(one.leaves_at)}") if one.leaves_at else "",
    )
    return Screen(
        "Approve",
        (
            section(said),
            told.words,
            actions(
                button("Approve", "announcement.approve", at, style="primary"),
                button("Decline", "announcement.decline", at),
            ),
            context("More than 200 people, or a channel of more than 500, wait for an admin."),
        ),
    )


def approved(told: Told, by: str) -> Screen:
    """An admin let it go."""
    one = told.announcement
    said = say("{by} approved your announcement in *{title}*.", by=person(by), title=told.course_title)
    when = say("It leaves {when}.", when=moment(one.leaves_at)) if one.leaves_at else ""
    return Screen("Approved", (section(said), context(when or "It is on its way."), actions(_again(one))))


def declined(told: Told, by: str) -> Screen:
    """An admin did not."""
    said = say(
        "{by} didn't approve your announcement in *{title}*. Ask them why; nothing was sent.",
        by=person(by),
        title=told.course_title,
    )
    return Screen("Declined", (section(said), told.words, actions(*ways_on(told.announcement))))


def late(told: Told) -> Screen:
    """It would go more than an hour late."""
    one = told.announcement
    said = say(
        "Your announcement in *{title}* should have left {when}, and I was asleep. Send it all the same?",
        title=told.course_title,
        when=moment(one.leaves_at) if one.leaves_at else "",
    )
    return Screen("Late", (section(said), told.words, actions(*ways_on(one))))


def asks_post(told: Told) -> Screen:
    """Nobody knows whether the post is in its channel."""
    one = told.announcement
    at = f"{one.id} {one.posts}"
    said = say(
        "Slack didn't say whether your announcement reached {channel}. Look there, and tell me.",
        channel=channel(one.channel_id or ""),
    )
    return Screen(
        "Is it there?",
        (
            section(said),
            told.words,
            actions(
                button("It's there", "announcement.is_there", at, style="primary"),
                button("Post again", "announcement.post_again", at),
            ),
        ),
    )


def held(told: Told) -> Screen:
    """It does not go, and why."""
    one = told.announcement
    why = WHY_HELD.get(one.because or "", "something changed")
    said = say("Your announcement in *{title}* is held: {why}.", title=told.course_title, why=why)
    return Screen("Held", (section(said), told.words))
