"""The receipt of an announcement: what became of it, in numbers that pick nobody out."""

from handlers.views.announcements import STATES, Told, addressed, ways_on
from handlers.views.deliveries import reason
from handlers.views.kit import Markup, actions, button, channel, context, moment, say, section
from handlers.views.screens import Block, Screen
from models.announcements import GOING, Announcement
from models.receipts import Receipt

FEWEST = 5
"""Fewer people than this are not counted, so that nobody can be picked out."""


def receipt(told: Told, numbers: Receipt, post: str | None) -> Screen:
    """How it gets on, and what became of it: in numbers, never by name. ``post`` is what became of its channel post."""
    one = told.announcement
    blocks: list[Block] = [
        section(
            say("*{state}*\n{title}, to {whom}", state=STATES[one.state], title=told.course_title, whom=addressed(one))
        ),
        told.words,
    ]
    lines: list[str] = []
    if post is not None and one.channel_id is not None:
        lines.append(say("{channel}: {post}", channel=channel(one.channel_id), post=post))
    if one.audience is not None:
        lines += _outcomes(numbers)
    lines += _answers(one, numbers)
    blocks.append(section("\n".join(lines)))
    if one.is_editing:
        blocks.append(context("Messages already sent are following what was changed, about fifty a minute."))
    if one.state != GOING:
        blocks.append(context(f"Fewer than {FEWEST} people are never counted, and nobody is named."))
    again = button("Look again", "announcement.receipt", str(one.id))
    blocks.append(actions(*(way for way in ways_on(one) if way["action_id"] != "announcement.receipt"), again))
    return Screen("Receipt", tuple(blocks), metadata=str(one.id))


def _outcomes(numbers: Receipt) -> list[str]:
    """Where each person it was for stands. How many they are together is known, so where one group is too few to be
    counted the largest isn't counted either: what was subtracted from the whole would be the few."""
    groups = [("Delivered", numbers.delivered, "")]
    if numbers.waiting:
        when = f"the next from {moment(numbers.next_at)}" if numbers.next_at else ""
        groups.append(("Still to be told", numbers.waiting, when))
    groups += [("Failed", count, reason(why)) for why, count in numbers.failed]
    groups += [("Left out", count, reason(why)) for why, count in numbers.left_out]
    counts = [count for _, count, _ in groups]
    if sum(counts) < FEWEST:
        return [f"By DM: fewer than {FEWEST} people"]
    is_blurred = any(0 < count < FEWEST for count in counts)
    largest = max(range(len(counts)), key=counts.__getitem__)
    lines: list[str] = []
    for place, (what, count, why) in enumerate(groups):
        shown = f"{count:,}" if count >= FEWEST else f"fewer than {FEWEST}"
        if is_blurred and place == largest:
            shown = "almost everybody" if count >= sum(counts) - FEWEST else "everybody else"
        lines.append(say("{what}: {shown}{why}", what=what, shown=shown, why=Markup(f", {why}") if why else ""))
    return lines


def _answers(one: Announcement, numbers: Receipt) -> list[str]:
    """What people did with it, in steps of five: between two looks at an exact number stands one person."""
    did = "Completed the course since" if one.lesson_id is None else "Completed it since"
    return [f"Opened the lesson: {_at_least(numbers.opened)}", f"{did}: {_at_least(numbers.completed)}"]


def _at_least(count: int) -> str:
    return f"{count - count % FEWEST:,} or more" if count >= FEWEST else f"fewer than {FEWEST}"
