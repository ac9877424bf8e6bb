"""The reminder itself: the digest of a learner's courses, and what a press on it says."""

from datetime import date, datetime

from handlers.views.kit import (
    actions,
    button,
    context,
    date_button,
    divider,
    named_day,
    overflow,
    say,
    section,
    shorten,
    words,
)
from handlers.views.screens import Block, Screen
from models.digests import Digest, Line
from models.rhythms import BEHIND, DAILY, WORKING_DAYS_BEHIND, Rhythm, local_day, zone

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def digest(told: Digest, step: int, now: datetime, notice: tuple[Block, ...] = ()) -> Screen:
    """The reminder; with a notice, how it looks after a press."""
    today = local_day(now, told.rhythm.tz)
    blocks: list[Block] = list(notice)
    if not notice:
        first = told.lines[0]
        blocks.append(
            section(
                say("Next: *{lesson}*, {minutes} min", lesson=first.lesson_title, minutes=str(first.lesson_minutes))
            )
        )
    for number, line in enumerate(told.lines):
        blocks += _course(line, is_first=number == 0)
    if told.more_courses:
        blocks.append(context(f"And {words(told.more_courses, 'more course')} in hand: type /learn progress."))
    if notice and (told.is_stopped or told.snoozed_until):
        return Screen("Reminder", tuple(blocks))
    blocks.append(divider())
    if step >= 4:
        blocks += _goodbye()
    else:
        blocks.append(context(why_it_came(told.rhythm) + " " + _next(told, today)))
        blocks.append(
            actions(
                button("Snooze 1 day", "reminder.snooze", "1"),
                button("Snooze 1 week", "reminder.snooze", "7"),
                date_button("reminder.snooze_until", "Snooze until…"),
                button("Stop", "reminder.stop", label="Stop reminders"),
            )
        )
    return Screen("Reminder", tuple(blocks))


def _goodbye() -> list[Block]:
    sentence = "I'll stop here, since three reminders didn't help. Your place is kept; resume any time."
    return [section(sentence), actions(button("Resume", "reminder.resume", label="Resume reminders"))]


def _course(line: Line, *, is_first: bool) -> list[Block]:
    sentence = say(
        "*{title}*\n{done} of {lessons}, next: {lesson}, {minutes} min",
        title=line.title,
        done=str(line.done),
        lessons=str(line.lessons),
        lesson=line.lesson_title,
        minutes=str(line.lesson_minutes),
    )
    return [
        section(sentence),
        actions(
            button(
                "Continue",
                "course.continue",
                str(line.course_id),
                style="primary" if is_first else None,
                label=f"Continue {shorten(line.title, 60)}",
            ),
            overflow(
                "reminder.menu",
                [
                    ("Already did this", f"done {line.lesson_id}"),
                    ("Mute this course", f"mute {line.course_id}"),
                ],
            ),
        ),
    ]


def why_it_came(rhythm: Rhythm) -> str:
    """One sentence: why this reminder came."""
    if rhythm.kind == BEHIND:
        return f"You get this after {WORKING_DAYS_BEHIND} working days without a lesson."
    return f"You get this {speaking_days_in_words(rhythm)} at {rhythm.hour:02d}:00, as you chose."


def _next(told: Digest, today: date) -> str:
    if told.next_at is None:
        return "Nothing more is planned."
    day = named_day(told.next_at.astimezone(zone(told.rhythm.tz)).date(), today)
    return f"Next: {capital(day)}, unless you do one." if told.rhythm.kind == BEHIND else f"Next: {capital(day)}."


def speaking_days_in_words(rhythm: Rhythm) -> str:
    """The days somebody chose, such as every Monday and Friday."""
    if rhythm.kind == DAILY:
        return "every day"
    names = [DAY_NAMES[int(day) - 1] for day in sorted(rhythm.speaking_days)]
    if rhythm.speaking_days == "12345":
        return "Monday to Friday"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"every {listed}"


def capital(words_: str) -> str:
    """The same beginning with a capital letter."""
    return words_[0].upper() + words_[1:]


# What a press says


def snoozed(until: date, today: date) -> tuple[Block, ...]:
    """Quiet until a day."""
    return noted(f"Quiet until {named_day(until, today)}.", button("Undo", "reminder.unsnooze"))


def unsnoozed() -> tuple[Block, ...]:
    """No longer quiet."""
    return (section("Done. Reminders come as before."),)


def stopped() -> tuple[Block, ...]:
    """No more reminders."""
    return noted("Stopped. I won't remind you any more.", button("Resume", "reminder.resume"))


def resumed() -> tuple[Block, ...]:
    """Reminders again."""
    return noted("Welcome back. Reminders are on again.", button("Stop", "reminder.stop", label="Stop reminders"))


def done(lesson: str, lesson_id: int, finished: str | None) -> tuple[Block, ...]:
    """A lesson said to be done is complete; perhaps its course with it."""
    sentence = say("*{lesson}* is complete.", lesson=lesson)
    if finished:
        sentence = say("{first} You finished *{course}*. 🎉", first=sentence, course=finished)
    return noted(sentence, button("Undo", "reminder.reopen", str(lesson_id), label="Mark it as not done"))


def reopened(lesson: str) -> tuple[Block, ...]:
    """A lesson is open again."""
    return (section(say("*{lesson}* is open again.", lesson=lesson)),)


def marks_itself(lesson: str, lesson_id: int) -> tuple[Block, ...]:
    """A quiz can't be said to be done."""
    sentence = say("*{lesson}* is marked complete when you finish it there.", lesson=lesson)
    return noted(sentence, button("Open it", "lesson.open", str(lesson_id), style="primary"))


def muted(course: str, course_id: int) -> tuple[Block, ...]:
    """A course is muted."""
    sentence = say("*{course}* is muted. You stay enrolled.", course=course)
    return noted(sentence, button("Undo", "reminder.unmute", str(course_id), label="Unmute it"))


def unmuted(course: str) -> tuple[Block, ...]:
    """A course is heard of again."""
    return (section(say("*{course}* is back in your reminders.", course=course)),)


def only(notice: tuple[Block, ...]) -> Screen:
    """The notice by itself, where no course is left to show."""
    return Screen("Reminders", notice)


def noted(sentence: str, *buttons: Block) -> tuple[Block, ...]:
    """What was done, in a sentence, with a way to undo it."""
    return (section(sentence), actions(*buttons))
