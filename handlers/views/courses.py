"""One course: its outline, and the answers to enrolling and withdrawing."""

from collections.abc import Sequence

from handlers.requests import Portal
from handlers.views.catalog import course_card, how_far, portal_button
from handlers.views.kit import (
    actions,
    button,
    context,
    divider,
    external_select,
    header,
    say,
    section,
    shorten,
    words,
)
from handlers.views.screens import Block, Screen
from models.catalog import Card
from models.outlines import LessonLine, ModuleOutline, Outline

WHO_SEES = "Your instructor and admins see which lessons you finish and your last active day. Classmates don't."
MOST_LINES = 400
"""Lessons listed on one screen; a longer course is read through the type-ahead."""


def course(outline: Outline, portal: Portal) -> Screen:
    """The course: what it is, how far the caller is, and every lesson with its mark."""
    card = outline.card
    facts: list[str] = [say("Taught by {name}", name=card.instructor)] if card.instructor else []
    facts += [words(card.lessons, "lesson"), f"{card.minutes} min"]
    blocks: list[Block] = [header(card.title)]
    if card.description:
        blocks.append(section(say("{description}", description=shorten(card.description, 2500))))
    blocks.append(context(" · ".join(facts), *how_far(card)))
    if outline.bio:
        blocks.append(context(say("{bio}", bio=shorten(outline.bio, 300))))
    blocks.append(actions(*_ways_on(outline), *portal_button(card, portal)))
    blocks.append(divider())
    blocks += _lessons(outline)
    return Screen("Course", tuple(blocks), metadata=str(card.course_id))


def enrolled_notice(outline: Outline, *, is_new: bool, is_first: bool) -> list[Block]:
    """What enrolling did, to stand above the course."""
    sentence = "You're enrolled in *{title}*." if is_new else "You're already enrolled in *{title}*."
    notice: list[Block] = [section(say(sentence, title=outline.card.title))]
    return [*notice, context(WHO_SEES)] if is_first else notice


def enrolled(outline: Outline, portal: Portal, *, is_new: bool, is_first: bool) -> Screen:
    """Enrolled, and the first lesson one press away."""
    card = outline.card
    blocks = enrolled_notice(outline, is_new=is_new, is_first=is_first)
    blocks.insert(1, context(f"{words(card.lessons, 'lesson')} · about {card.minutes} min"))
    blocks.append(actions(*_ways_on(outline, with_share=False), button("All courses", "catalog.open")))
    return Screen("Enrolled", tuple(blocks))


def withdrawn(card: Card, *, was_enrolled: bool) -> Screen:
    """Withdrawn; the way back stays open."""
    sentence = (
        "You've left *{title}*. What you completed is kept, should you come back."
        if was_enrolled
        else "You aren't enrolled in *{title}*, so there is nothing to leave."
    )
    carried = str(card.course_id)
    return Screen(
        "Course",
        (
            section(say(sentence, title=card.title)),
            actions(
                button("Enroll again" if was_enrolled else "Enroll", "course.enroll", carried),
                button("All courses", "catalog.open"),
            ),
        ),
    )


def which(verb: str, words_said: str, cards: Sequence[Card], portal: Portal) -> Screen:
    """Several courses, or none, go by that name: the ones it may have been, as buttons."""
    if not cards:
        sentence = (
            "You aren't enrolled in a course, so there is none to leave."
            if verb == "withdraw"
            else "There are no courses yet. Ask an instructor to publish the first one."
        )
        return Screen("Courses", (section(sentence), actions(button("All courses", "catalog.open"))))
    action, label = {
        "enroll": ("course.enroll", "Enroll in {}"),
        "continue": ("course.continue", "Continue {}"),
        "withdraw": ("course.withdraw", "Leave {}"),
    }[verb]
    question = "Which course do you mean?" if words_said else f"Which course would you like to {_PLAIN[verb]}?"
    buttons = [button(shorten(label.format(c.title), 75), action, str(c.course_id)) for c in cards[:10]]
    rows = [actions(*buttons[start : start + 5]) for start in range(0, len(buttons), 5)]
    return Screen("Which course?", (section(question), *rows))


def nothing_open(mine: Sequence[Card], others: Sequence[Card], portal: Portal) -> Screen:
    """Nothing to continue: everything is finished, or nothing was begun."""
    sentence = (
        "You've finished everything you enrolled in. Here is what else there is:"
        if mine
        else "You aren't enrolled in a course yet. Here is where many begin:"
    )
    blocks: list[Block] = [section(sentence)]
    for card in others:
        blocks += course_card(card, portal)
    blocks.append(actions(button("All courses", "catalog.open")))
    return Screen("Courses", tuple(blocks))


_PLAIN = {"enroll": "enroll in", "continue": "continue", "withdraw": "leave"}


def _ways_on(outline: Outline, *, with_share: bool = True) -> list[Block]:
    card = outline.card
    carried = str(card.course_id)
    buttons = []
    if not card.enrolled:
        buttons.append(button("Enroll", "course.enroll", carried, style="primary", label=f"Enroll in {card.title}"))
    elif outline.next_lesson is not None:
        start = (
            "Start lesson 1" if card.done == 0 and outline.place is None else f"Continue: {outline.next_lesson.title}"
        )
        buttons.append(button(shorten(start, 75), "course.continue", carried, style="primary"))
    if with_share:
        buttons.append(button("Share to a channel", "course.share", carried))
    if card.enrolled and with_share:
        buttons.append(button("Leave course", "course.withdraw", carried))
    return buttons


def _lessons(outline: Outline) -> list[Block]:
    if not outline.modules:
        return [section("No lessons yet. They will show here as soon as there are some.")]
    blocks: list[Block] = []
    if outline.card.enrolled:
        blocks.append(actions(external_select("lesson.pick", "Open a lesson", min_query_length=0)))
    left = MOST_LINES
    for module in outline.modules:
        if left <= 0 or len(blocks) > 70:
            blocks.append(context(f"There are {words(outline.card.lessons, 'lesson')} in all: find one above."))
            break
        blocks += _module(module, outline)
        left -= len(module.lessons)
    return blocks


def _module(module: ModuleOutline, outline: Outline) -> list[Block]:
    lines: list[str] = [say("*{title}*", title=shorten(module.title, 150))]
    lines += [_line(lesson, outline) for lesson in module.lessons]
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + len(line) < 2900:
            parts[-1] += "\n" + line
        else:
            parts.append(line)
    return [section(part) for part in parts]


def _line(lesson: LessonLine, outline: Outline) -> str:
    is_next = outline.next_lesson is not None and lesson.lesson_id == outline.next_lesson.lesson_id
    mark = "✓" if lesson.done else "▸" if is_next and outline.card.enrolled else "○"
    state = "done" if lesson.done else "next" if is_next and outline.card.enrolled else "new" if lesson.is_new else ""
    facts = " · ".join(fact for fact in (f"{lesson.minutes} min", _KINDS.get(lesson.content_type, ""), state) if fact)
    return say("{mark}  {title}  _{facts}_", mark=mark, title=shorten(lesson.title, 120), facts=facts)


_KINDS = {"video": "video", "quiz": "quiz"}
