"""How somebody's reminders stand, and the settings."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from handlers.views.digests import DAY_NAMES, capital, noted, speaking_days_in_words
from handlers.views.kit import (
    Markup,
    a_date,
    actions,
    asked,
    button,
    context,
    date_button,
    header,
    named_day,
    one_of,
    options,
    say,
    section,
    shorten,
    some_of,
    words,
)
from handlers.views.screens import Block, Screen
from models.reminderfacts import Why
from models.rhythms import BEHIND, DAILY, DAYS, WEEKLY, WORKING_DAYS_BEHIND, Rhythm, local_day, zone

SLACK_ZONE = "slack"
"""The value that stands for whatever zone Slack knows."""


class Standing(NamedTuple):
    """How a learner's reminders stand: the rhythm, when the next one comes (UTC) and why, or why none does.

    ``is_running`` is False while reminders aren't turned on here at all, ``is_paused`` while an admin holds them.
    """

    rhythm: Rhythm
    own_tz: str | None
    slack_tz: str
    now: datetime
    next_at: datetime | None
    why: Why
    is_running: bool = True
    is_paused: bool = False
    snoozed_until: date | None = None
    back_on: date | None = None
    unreachable_why: str | None = None
    nudges: int = 0
    active_on: date | None = None
    nudged_on: date | None = None
    muted: tuple[tuple[int, str], ...] = ()

    @property
    def today(self) -> date:
        """The learner's local day."""
        return local_day(self.now, self.rhythm.tz)


# How they stand


def standing(told: Standing) -> Screen:
    """How reminders stand, and every way to change them."""
    return Screen("Reminders", (header("Your reminders"), *summary(told), *_muted_and_away(told), actions(*ways(told))))


def explained(told: Standing) -> Screen:
    """Why the next one comes when it does, or why none does: everything that decided it."""
    lines = [next_sentence(told)]
    if told.active_on is not None:
        day = _past_day(told.active_on, told.today)
        lines.append(f"Your last step in a course was {day}: a lesson done, or enrolling.")
    if told.nudged_on is not None:
        lines.append(f"My last reminder came {_past_day(told.nudged_on, told.today)}.")
    lines.append(f"Your rhythm: {rhythm_sentence(told)}")
    blocks = (header("Why you hear from me, or don't"), section("\n".join(lines)), *_muted_and_away(told))
    return Screen("Reminders", (*blocks, actions(*ways(told))))


def _past_day(day: date, today: date) -> str:
    ago = (today - day).days
    if ago < 2:
        return ("today", "yesterday")[max(0, ago)]
    return f"on {day:%A} {day.day} {day:%B}"


def summary(told: Standing) -> tuple[Block, ...]:
    """The rhythm and the next reminder, or why none comes."""
    return (section(say("{rhythm}\n{next}", rhythm=Markup(rhythm_sentence(told)), next=Markup(next_sentence(told)))),)


def ways(told: Standing) -> list[Block]:
    """The buttons that change them."""
    buttons = [button("Change", "reminder.change", label="Change your reminders")]
    if told.why in (Why.STOPPED, Why.UNANSWERED, Why.UNREACHABLE):
        return [button("Resume", "reminder.resume", style="primary", label="Resume reminders"), *buttons]
    if told.snoozed_until is not None:
        buttons.append(button("End the quiet", "reminder.unsnooze", label="End the snooze"))
    else:
        buttons.append(button("Snooze 1 week", "reminder.snooze", "7"))
    return [*buttons, button("Stop", "reminder.stop", label="Stop reminders")]


def rhythm_sentence(told: Standing) -> str:
    """The rhythm in a sentence."""
    rhythm = told.rhythm
    where = f"at {rhythm.hour:02d}:00 ({rhythm.tz.replace('_', ' ')})"
    if rhythm.kind == BEHIND:
        days = speaking_days_in_words(rhythm).removeprefix("every ")
        return f"*When you fall behind:* after {WORKING_DAYS_BEHIND} working days without a lesson, {days} {where}."
    return f"*{capital(speaking_days_in_words(rhythm))}* {where}."


def next_sentence(told: Standing) -> str:
    """When the next one comes and why, or why none does and what brings it back."""
    if not told.is_running:
        return "Reminders aren't turned on here yet, so none will come. An admin can start them."
    if told.next_at is not None:
        there = told.next_at.astimezone(zone(told.rhythm.tz))
        sentence = f"*Next:* {named_day(there.date(), told.today)} at {there:%H:%M}"
        if told.rhythm.kind == BEHIND:
            sentence += ", unless you do a lesson before"
        if told.snoozed_until is not None:
            sentence += f". You asked for quiet until {named_day(told.snoozed_until, told.today)}"
        return sentence + (". An admin is holding reminders back for now." if told.is_paused else ".")
    return {
        Why.NO_COURSE: "*None is coming:* you have no course in hand. Enroll in one, and I'll keep you company.",
        Why.MUTED: "*None is coming:* every course you have in hand is muted.",
        Why.NOT_LINKED: "*None is coming:* your Slack account isn't linked.",
        Why.DEACTIVATED: "*None is coming:* I can't reach you in Slack.",
        Why.STOPPED: "*None is coming:* you stopped them.",
        Why.UNANSWERED: "*None is coming:* several went unanswered, so I stopped. A lesson or Resume brings them back.",
        Why.UNREACHABLE: f"*None is coming:* Slack says I can't reach you ({told.unreachable_why}).",
        Why.NO_DAY: "*None is coming:* there is no day left to send one on.",
        Why.BEHIND: "*None is coming.*",
        Why.RHYTHM: "*None is coming.*",
    }[told.why]


def _muted_and_away(told: Standing) -> list[Block]:
    lines = []
    if told.back_on is not None:
        lines.append(f"Away until {named_day(told.back_on, told.today)}: those days don't count.")
    if told.nudges:
        lines.append(f"{words(told.nudges, 'reminder')} unanswered; after 3 and a last word I stop by myself.")
    if told.muted:
        titles = ", ".join(shorten(title, 60) for _, title in told.muted[:10])
        lines.append(say("Muted: {titles}", titles=titles))
    return [context("\n".join(lines))] if lines else []


# The settings


def change(told: Standing) -> Screen:
    """Every setting in one form."""
    first = f"From Slack ({told.slack_tz})"
    mine = told.own_tz or SLACK_ZONE
    place: Block = {
        "type": "external_select",
        "action_id": "reminder.zone",
        "min_query_length": 0,
        "initial_option": options([(told.own_tz or first, mine)])[0],
    }
    blocks = [
        asked(
            "rhythm", "When should I write?", one_of("radio_buttons", "reminder.rhythm", _rhythms(), told.rhythm.kind)
        ),
        asked(
            "weekdays",
            "On which days?",
            some_of("checkboxes", "reminder.weekdays", _weekdays(), told.rhythm.weekdays),
            optional=True,
            hint="Also the days that count as working days. Once a week takes the first of them.",
        ),
        asked("hour", "At what time?", one_of("static_select", "reminder.hour", _hours(), str(told.rhythm.hour))),
        asked("zone", "Whose clock?", place, hint="Type a city, such as Lisbon."),
        asked(
            "away",
            "Away until",
            a_date("reminder.away", told.back_on),
            optional=True,
            hint="Your first day back. Days away never count as falling behind.",
        ),
    ]
    if told.muted:
        pairs = [(shorten(title, 75), str(course_id)) for course_id, title in told.muted[:100]]
        element = some_of("multi_static_select", "reminder.muted", pairs, [value for _, value in pairs])
        blocks.append(asked("muted", "Muted courses", element, optional=True, hint="Take one out to hear of it again."))
    return Screen("Reminders", tuple(blocks), submit="Save", close="Cancel", callback_id="reminder.change")


def zones(names: Sequence[str], slack_tz: str) -> list[Block]:
    """Zones to choose from, Slack's own first."""
    return options([(f"From Slack ({slack_tz})", SLACK_ZONE), *((name.replace("_", " "), name) for name in names[:99])])


def saved(told: Standing) -> Screen:
    """The settings as they are now."""
    return Screen("Reminders", (section("Saved."), *summary(told), *_muted_and_away(told)))


def away_until() -> Screen:
    """Somebody says they are away: until when?"""
    return Screen(
        "Reminders",
        (
            section("Enjoy it. Your place is kept. Until when shall I be quiet?"),
            actions(date_button("reminder.away_until", "First day back"), button("Stop reminders", "reminder.stop")),
        ),
    )


def away(back_on: date, today: date) -> Screen:
    """Noted."""
    sentence = f"I'll be quiet until {named_day(back_on, today)}, and those days don't count."
    return Screen("Reminders", noted(sentence, button("Undo", "reminder.here")))


def here_again() -> Screen:
    """Back early."""
    return Screen("Reminders", (section("Good to have you here. Days count again."),))


def nothing_unasked() -> Screen:
    """For somebody not linked, who gets nothing."""
    return Screen("Reminders", (section("I send you no reminders, so there is nothing to stop. I'll be here."),))


def _rhythms() -> list[tuple[str, str]]:
    return [
        (f"When I fall behind: {WORKING_DAYS_BEHIND} working days without a lesson", BEHIND),
        ("Every day", DAILY),
        ("Once a week", WEEKLY),
        ("On the days I tick", DAYS),
    ]


def _weekdays() -> list[tuple[str, str]]:
    return [(name, str(number)) for number, name in enumerate(DAY_NAMES, start=1)]


def _hours() -> list[tuple[str, str]]:
    return [(f"{hour:02d}:00", str(hour)) for hour in range(24)]
