"""How far somebody is, and what completing a lesson looks like."""

from collections.abc import Sequence
from datetime import datetime

from handlers.views.kit import Markup, actions, button, context, day, header, progress_bar, say, section, shorten, words
from handlers.views.screens import Block, Screen
from models.catalog import Card
from models.outlines import Reading
from models.progress import Completed, OpenLesson

Finished = tuple[int, str, datetime]


def overview(mine: Sequence[Card], finished: Sequence[Finished]) -> Screen:
    """Every course the caller is in, with its squares."""
    blocks: list[Block] = [header("Your progress")]
    in_hand = [card for card in mine if not card.completed]
    if not mine and not finished:
        blocks.append(section("You haven't started a course yet."))
        blocks.append(actions(button("Browse courses", "catalog.open", style="primary")))
        return Screen("Your progress", tuple(blocks))
    for card in in_hand[:20]:
        blocks += line(card)
    if len(in_hand) > 20:
        blocks.append(context(f"And {words(len(in_hand) - 20, 'more course')}."))
    if finished:
        blocks.append(section("*Finished*\n" + "\n".join(finished_lines(finished, mine))))
    blocks.append(actions(button("Browse courses", "catalog.open")))
    return Screen("Your progress", tuple(blocks))


def line(card: Card) -> list[Block]:
    """One course in hand: title, squares, Continue."""
    block = section(
        say("*{title}*\n{bar}", title=card.title, bar=progress_bar(card.done, card.lessons)),
        accessory=button("Continue", "course.continue", str(card.course_id), label=f"Continue {card.title}"),
    )
    return [block]


def finished_lines(finished: Sequence[Finished], mine: Sequence[Card]) -> list[Markup]:
    """The last ten finished courses, newest first, with the day and lessons added since."""
    new = {card.course_id: card.new_lessons for card in mine}
    lines: list[Markup] = []
    for course_id, title, completed_at in finished[:10]:
        fresh = new.get(course_id, 0)
        sentence = "✓  {title} · {day} · {fresh}" if fresh else "✓  {title} · {day}"
        added = words(fresh, "new lesson")
        lines.append(say(sentence, title=shorten(title, 100), day=day(completed_at), fresh=added))
    return lines


def completed(done: Completed, suggestions: Sequence[Card], *, in_view: bool) -> Screen:
    """The lesson is complete: what it was, how far that is, and the next one."""
    sentence = "Completed *{title}*." if done.changed else "*{title}* was complete already."
    blocks: list[Block] = []
    if done.finished_course:
        blocks.append(header("Course finished 🎉"))
        blocks.append(
            section(
                say(
                    "You finished *{course}*, all {count} of it. Well done.",
                    course=done.course_title,
                    count=words(done.lessons, "lesson"),
                )
            )
        )
    blocks.append(section(say(sentence, title=done.lesson_title)))
    blocks.append(context(say("{course}", course=done.course_title), progress_bar(done.done, done.lessons)))
    following = done.next_lesson
    buttons: list[Block] = []
    if following is not None:
        blocks.append(
            section(say("Next: *{title}*, {minutes} min", title=following.title, minutes=str(following.minutes)))
        )
        action = "lesson.next" if in_view else "lesson.open"
        buttons.append(button("Next lesson", action, str(following.lesson_id), style="primary"))
    buttons.extend(_next_course(card) for card in suggestions)
    if following is None:
        buttons.append(button("Browse courses", "catalog.open"))
    if done.changed:
        buttons.append(button("Undo", "lesson.reopen", str(done.lesson_id), label=f"Reopen {done.lesson_title}"))
    if buttons:
        blocks.append(actions(*buttons))
    title = "Course finished" if done.finished_course else "Lesson complete"
    return Screen(title, tuple(blocks))


def _next_course(card: Card) -> Block:
    carried = str(card.course_id)
    if card.enrolled:
        return button(shorten(f"Continue {card.title}", 75), "course.continue", carried)
    return button(shorten(f"Enroll in {card.title}", 75), "course.enroll", carried)


def reopened_notice(title: str) -> list[Block]:
    """The lesson is open again."""
    return [section(say("*{title}* is open again.", title=title))]


def reopened(reading: Reading) -> Screen:
    """The lesson is open again, with both ways on."""
    carried = str(reading.lesson_id)
    return Screen(
        "Lesson",
        (
            *reopened_notice(reading.title),
            actions(
                button("Open lesson", "lesson.open", carried, label=f"Open {reading.title}"),
                button("Mark complete", "lesson.complete", carried),
            ),
        ),
    )


def which_is_done(open_lessons: Sequence[OpenLesson]) -> Screen:
    """No lesson open, or several: asked rather than guessed."""
    if not open_lessons:
        return Screen(
            "Nothing open",
            (
                section("No lesson is open just now. Open your next one, and mark it complete when you've read it."),
                actions(
                    button("Continue", "course.continue", style="primary"), button("Browse courses", "catalog.open")
                ),
            ),
        )
    buttons = [
        button(
            shorten(f"{lesson.title} ({lesson.course_title})", 75),
            "lesson.complete",
            str(lesson.lesson_id),
            label=shorten(f"Mark {lesson.title} complete", 75),
        )
        for lesson in open_lessons[:5]
    ]
    return Screen("Which one?", (section("Which lesson did you finish?"), actions(*buttons)))
