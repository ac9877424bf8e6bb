"""App Home: what this is the first time, what is next every time."""

from collections.abc import Sequence
from datetime import datetime

from handlers.requests import Portal
from handlers.views import deliveries, people, teaching
from handlers.views.catalog import course_card
from handlers.views.deliveries import Operations
from handlers.views.kit import actions, button, context, divider, header, say, section, words
from handlers.views.people import Overview
from handlers.views.progress import finished_lines, line
from handlers.views.reminders import Standing, summary, ways
from handlers.views.screens import Block, Screen
from models.catalog import Card
from models.outlines import Reading

MOST_COURSES = 12
"""Courses listed on Home; the rest are behind See all."""


def home(
    name: str,
    mine: Sequence[Card],
    finished: Sequence[tuple[int, str, datetime]],
    reading: Reading | None,
    featured: Sequence[Card],
    portal: Portal,
    standing: Standing | None = None,
    operations: Operations | None = None,
    overview: Overview | None = None,
    *,
    teaches: bool = False,
) -> Screen:
    """A linked person's Home; ``operations`` and ``overview`` are an admin's."""
    blocks: list[Block] = []
    if not mine and not finished:
        blocks += _welcome(name, portal)
        for card in featured:
            blocks += course_card(card, portal)
        blocks.append(actions(button("Browse all courses", "catalog.open", style="primary")))
        blocks += teaching.on_home() if teaches else []
        blocks += _for_admins(operations, overview)
        return Screen("Home", tuple(blocks))
    blocks.append(header("Pick up where you left off" if mine else "Well done so far"))
    blocks += _where_you_left_off(reading)
    in_hand = [card for card in mine if not card.completed]
    if in_hand:
        blocks += [divider(), section("*Your courses*")]
        for card in in_hand[:MOST_COURSES]:
            blocks += line(card)
        if len(in_hand) > MOST_COURSES:
            rest = words(len(in_hand) - MOST_COURSES, "more course")
            blocks.append(actions(button(f"See {rest}", "progress.show")))
    if finished:
        blocks += [divider(), section("*Finished*\n" + "\n".join(finished_lines(finished, mine)))]
    if standing is not None:
        blocks += [divider(), section("*Reminders*"), *summary(standing), actions(*ways(standing))]
    blocks += teaching.on_home() if teaches else []
    blocks += _for_admins(operations, overview)
    blocks += _footer(portal)
    return Screen("Home", tuple(blocks))


def _for_admins(operations: Operations | None, overview: Overview | None) -> list[Block]:
    sending = deliveries.on_home(operations) if operations else []
    return sending + (people.on_home(overview) if overview else [])


def unlinked(name: str, featured: Sequence[Card], portal: Portal) -> Screen:
    """Home for somebody not linked: they may browse, and there is one clear way in."""
    blocks = _welcome(name, portal)
    blocks.append(section(say("Link your {portal} account to enroll and keep your progress.", portal=portal.name)))
    blocks.append(
        actions(button("Link my account", "account.link", style="primary"), button("Browse courses", "catalog.open"))
    )
    if featured:
        blocks.append(divider())
    for card in featured:
        blocks.append(section(say("*{title}*\n{text}", title=card.title, text=card.description[:200])))
    return Screen("Home", tuple(blocks))


def members_only() -> Screen:
    """Home for a guest."""
    return Screen("Home", (section("Homeroom is for full members of this workspace. Ask whoever invited you."),))


def _welcome(name: str, portal: Portal) -> list[Block]:
    return [
        header(f"Welcome, {name}"),
        section(
            say(
                "Take whole courses from {portal} without leaving Slack.\n"
                "Short lessons open right here, and your place is kept on every device.\n"
                "What you finish is yours: only your instructor and admins see it.",
                portal=portal.name,
            )
        ),
    ]


def _where_you_left_off(reading: Reading | None) -> list[Block]:
    if reading is None or reading.done or not reading.enrolled:
        return [actions(button("Continue", "course.continue", style="primary"))]
    lesson = str(reading.lesson_id)
    facts = context(say("{course} · {module}", course=reading.course_title, module=reading.module_title))
    if reading.content_type == "video":
        return [
            section(say("Watched *{title}*?", title=reading.title)),
            facts,
            actions(
                button("Mark complete", "lesson.complete", lesson, style="primary"),
                button("Open lesson", "lesson.open", lesson, label=f"Open {reading.title}"),
            ),
        ]
    return [
        section(say("Next: *{title}*, {minutes} min", title=reading.title, minutes=str(reading.minutes))),
        facts,
        actions(button("Continue", "lesson.open", lesson, style="primary", label=f"Continue with {reading.title}")),
    ]


def _footer(portal: Portal) -> list[Block]:
    buttons = [
        button("Browse courses", "catalog.open"),
        button("Your progress", "progress.show"),
        button("Help", "help.show"),
    ]
    if portal.url:
        buttons.append(button(f"Open {portal.name}", "portal.open", "home", url=portal.url))
    buttons.append(button("Account", "account.link"))
    return [divider(), actions(*buttons)]
