"""What a course's numbers say, in words and as a table."""

from collections.abc import Sequence

from handlers.views import taught
from handlers.views.kit import actions, button, context, header, progress_bar, say, section, shorten, words
from handlers.views.screens import Block, Screen
from models.stats import Funnel, InAll, Step, Week
from models.teachers import Taught

MOST_LINES = 60
WIDEST = 34


def finding(title: str, funnel: Funnel) -> str:
    """What the numbers say, in a sentence or two: also the words for those who can't see the picture."""
    if not funnel.learners:
        return f"Nobody is enrolled in {title} yet."
    told = f"{words(funnel.learners, 'learner')} in {title}: {funnel.started:,} started, {funnel.finished:,} finished."
    if funnel.dropoff is None:
        return told
    step, lost = funnel.dropoff
    stop = "person stops" if lost == 1 else "people stop"
    return f"{told} Most stop before {step.title}: {lost:,} {stop} there."


def course(course_id: int, title: str, funnel: Funnel, weeks: Sequence[Week], stuck: int) -> Screen:
    """A course's numbers. ``stuck`` people are to be reminded of the lesson most stop before."""
    at = str(course_id)
    blocks: list[Block] = [header(title), section(say("{finding}", finding=finding(title, funnel)))]
    if funnel.learners:
        blocks.append(context(f"Finished  {progress_bar(funnel.finished, funnel.learners)}"))
        blocks += [_table(_steps(funnel)), _table(_weeks(weeks))]
    ways = [button("Send me the picture", "stats.picture", at)]
    if funnel.dropoff and stuck:
        step, _ = funnel.dropoff
        label = f"Remind these {stuck:,}" if stuck > 1 else "Remind this one"
        ways.append(button(label, "nudge.ask", f"{at} {step.lesson_id}", label=f"Remind who stops before {step.title}"))
    blocks.append(actions(*ways, button("Roster", "roster.show", f"everybody newest {at}")))
    return Screen("Numbers", tuple(blocks), metadata=at)


def all_finding(courses: Sequence[InAll], weeks: Sequence[Week]) -> str:
    """What the numbers of all courses say, in a sentence."""
    enrolled, finished = sum(week.enrolled for week in weeks), sum(week.finished for week in weeks)
    told = f"In twelve weeks {enrolled:,} enrolled and {finished:,} finished."
    return f"{told} The largest course is {courses[0].title}." if courses else told


def all_courses(courses: Sequence[InAll], weeks: Sequence[Week]) -> Screen:
    """The numbers of all courses."""
    rows = [(shorten(one.title, WIDEST), f"{one.learners:,}", f"{one.finished:,}") for one in courses]
    blocks: list[Block] = [
        header("All courses"),
        section(say("{finding}", finding=all_finding(courses, weeks))),
        _table([("Course", "Learners", "Finished"), *rows]),
        _table(_weeks(weeks)),
        actions(button("Send me the picture", "stats.picture", "0")),
    ]
    return Screen("Numbers", tuple(blocks))


def _steps(funnel: Funnel) -> list[tuple[str, ...]]:
    rows = [("Lesson", "Completed", "Share")]
    for step in funnel.steps[:MOST_LINES]:
        share = round(100 * step.done / funnel.learners) if funnel.learners else 0
        rows.append((shorten(step.title, WIDEST), f"{step.done:,}", f"{share} %"))
    return list(rows)


def _weeks(weeks: Sequence[Week]) -> list[tuple[str, ...]]:
    rows = [("Week from", "Enrolled", "Finished")]
    rows += [
        (f"{week.begins_at.day} {week.begins_at:%b}", f"{week.enrolled:,}", f"{week.finished:,}") for week in weeks
    ]
    return list(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> Block:
    """Rows in columns of a fixed font: a modal takes no table block."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    inside = [{"type": "text", "text": "\n".join(lines)}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": inside}]}


def on_its_way(title: str) -> Screen:
    """The picture comes by DM."""
    return Screen("Numbers", (section(say("A picture of *{title}* is on its way to our messages.", title=title)),))


def not_sent() -> Screen:
    """The picture could not be sent."""
    return Screen("Numbers", (section("Slack didn't take the picture just now. Ask again with `/teach stats`."),))


def which(typed: str, mine: Sequence[Taught]) -> Screen:
    """Several courses may be meant, or none is."""
    return taught.which("Numbers", "Whose numbers?", typed, mine, "stats", ("Numbers", "stats.show", str))


# Reminding those who stopped


def ask_nudge(course_id: int, step: Step, people: int, left_out: int, sample: Screen) -> Screen:
    """Exactly what they will get, and how many they are."""
    who = "1 person" if people == 1 else f"{people:,} people"
    blocks: list[Block] = [
        section(say("{who} did everything before *{lesson}* and stopped. They get this:", who=who, lesson=step.title)),
        *sample.blocks,
    ]
    if left_out:
        count = "1 more was" if left_out == 1 else f"{left_out:,} more were"
        blocks.append(context(f"{count} reminded within a day, or muted the course, and won't get it."))
    blocks.append(context("Each gets it within their working hours, from you, once a day at most."))
    return Screen(
        "Remind them",
        tuple(blocks),
        submit=f"Remind {who}" if people else "",
        callback_id="nudge.send",
        metadata=f"{course_id} {step.lesson_id}",
    )


def nudge(author: str, course_title: str, lesson_title: str, lesson_id: int, *, is_preview: bool = False) -> Screen:
    """What somebody who stopped gets: who thinks of them, and the lesson they are at."""
    said = say(
        "{author} noticed you're at *{lesson}* in {title}.", author=author, lesson=lesson_title, title=course_title
    )
    action = "announcement.previewed" if is_preview else "lesson.open"
    return Screen(
        "Reminder",
        (
            section(said),
            actions(button("Open lesson", action, str(lesson_id), style="primary", label=f"Open {lesson_title}")),
            context("They can send this once a day at most. `/learn reminders` mutes a course."),
        ),
    )


def nudged(people: int) -> Screen:
    """They are on their way."""
    who = "1 reminder is" if people == 1 else f"{people:,} reminders are"
    return Screen("Remind them", (section(f"{who} on the way, each within their working hours."),))
