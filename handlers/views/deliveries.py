"""An admin's hand on what is sent unasked, and why anybody got it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.views.kit import (
    Markup,
    actions,
    asked,
    button,
    context,
    divider,
    external_select,
    header,
    moment,
    one_of,
    person,
    say,
    section,
    words,
)
from handlers.views.kit import field as line_to_type
from handlers.views.screens import Block, Screen
from models.deliveries import Delivery
from models.destinations import RECEIVER, Standing
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE, Held
from models.switches import (
    ACCOUNT,
    ALERT,
    ALWAYS,
    ANNOUNCEMENT,
    EDIT,
    NUDGE,
    OPT_OUT,
    POST,
    REMINDER,
    REPORT,
    WEBHOOK,
    XAPI,
)

NAMES = {
    REMINDER: "reminder",
    REPORT: "report",
    ALERT: "alert",
    ACCOUNT: "account note",
    ANNOUNCEMENT: "announcement",
    POST: "channel post",
    EDIT: "correction",
    NUDGE: "nudge",
    WEBHOOK: "webhook",
    XAPI: "learning record",
}
"""What people call a kind; ``words`` makes more of them."""
REASONS = {
    "late": "it would have come too late in the day",
    "late post": "it would have come more than an hour late",
    "unlinked": "the person is no longer linked",
    "deactivated": "the person left the workspace",
    "elsewhere": "the person is active in another workspace now",
    "stopped": "the person stopped them",
    "snoozed": "the person asked for quiet",
    "away": "the person is away",
    "no course": "the person has no course in hand",
    "muted": "the person muted the course",
    "progress": "the person did a lesson meanwhile",
    "course paused": "an admin holds the only course there was to speak of",
    "announced": "the course's instructor wrote to the person that day",
    "not in audience": "it was no longer meant for the person",
    "heard": "the person had another announcement of the course within a week",
    "nudged": "the person was reminded within a day",
    "not reached": "the person is no longer linked, or was away for more than a week",
    "stopped by its author": "its author stopped it",
    "taken back": "it was taken back",
    "not theirs": "its author may no longer announce this",
    "archived": "the course was archived",
    "gone": "what it was about is gone",
    "not there": "it is not in the channel",
    "turned off": "this kind was turned off",
    "discarded": "an admin discarded it",
    "not an admin": "the person is no longer an admin",
    "erased": "the person asked to be forgotten",
    "uninstalled": "the app was taken out of the workspace",
    "outdated": "it was no longer so",
    "our fault": "something went wrong on our side",
    "no answer": "Slack kept giving no answer",
    "user_disabled": "the person's Slack account is deactivated",
    "user_not_found": "Slack doesn't know the person",
    "channel_not_found": "Slack finds no such channel or direct message",
    "not_in_channel": "I am not in that channel",
    "is_archived": "the channel was archived",
    "messages_tab_disabled": "the app's messages tab is off",
    "ratelimited": "Slack kept refusing for its rate limit",
}
"""What a reason on file means. Slack's other words stand for themselves."""


@dataclass(frozen=True, slots=True)
class Operations:
    """How sending stands: what each pause holds by kind, which kinds are off, what waits, what failed in a day,
    and how events to other programs stand."""

    pauses: tuple[Held, ...] = ()
    held: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    backlog: int = 0
    uncertain: int = 0
    course_titles: Mapping[int, str] = field(default_factory=dict)
    failed: tuple[tuple[str, int], ...] = ()
    events: tuple[Standing, ...] = ()


def reason(code: str) -> str:
    """A reason in words."""
    return REASONS.get(code, f"Slack said {code}")


def on_home(told: Operations) -> list[Block]:
    """What an admin's Home says about sending."""
    blocks: list[Block] = [divider(), section("*Sending*")]
    for pause in told.pauses:
        blocks.append(section(_paused(pause, told)))
        carried = f"{pause.scope} {pause.value}".strip()
        blocks.append(
            actions(
                button("Resume what's still timely", "sending.resume", carried, style="primary"),
                button("Discard", "sending.discard", carried, label="Discard what is held"),
            )
        )
    for kind in told.off:
        blocks.append(section(say("{kind} are off.", kind=f"{NAMES[kind].capitalize()}s")))
        blocks.append(actions(button("Turn on", "sending.turn_on", kind, label=f"Turn on {NAMES[kind]}s")))
    if told.failed:
        lines = "\n".join(f"• {count:,}: {reason(code)}" for code, count in told.failed)
        blocks.append(section(say("*Did not get through in the last day*\n{lines}", lines=lines)))
    blocks += [section(_events(one)) for one in told.events if one.failing_since is not None or one.failed]
    if all(pause.scope != EVERYTHING for pause in told.pauses):
        waiting = f"{words(told.backlog, 'message')} on the way." if told.backlog else "Nothing is waiting."
        if told.uncertain:
            waiting += f" {words(told.uncertain, 'message')} uncertain: Slack can't be asked whether they arrived."
        blocks += [context(waiting), actions(button("Pause sending", "sending.ask_pause"))]
    return blocks


def _events(one: Standing) -> Markup:
    name = f"{NAMES[one.name].capitalize()}s"
    sentences = []
    if one.failing_since is not None:
        sentence = "*{name}*: the last that got through was before {at} ({why}). Waiting to be tried again: {waiting}."
        at, waiting = moment(one.failing_since), f"{one.waiting:,}"
        sentences.append(say(sentence, name=name, at=at, why=one.trouble or "", waiting=waiting))
    if one.failed:
        count, why = f"{sum(one.failed.values()):,}", ", ".join(one.failed)
        sentence = "*{name}*: {count} given up ({why}). `homeroom events --resend` sends them again."
        sentences.append(say(sentence, name=name, count=count, why=why))
    return Markup("\n".join(sentences))


def _paused(pause: Held, told: Operations) -> Markup:
    who = person(pause.paused_by) if pause.paused_by.startswith(("U", "W")) else Markup("the console")
    if pause.paused_by == RECEIVER:
        who = Markup("me")
    why = f": {pause.because}" if pause.because else ""
    held = told.held.get((pause.scope, pause.value), {})
    counts = [words(count, NAMES.get(kind, kind)) for kind, count in held.items()]
    return say(
        "{what} paused by {who} ({at}){why}. Held: {held}.",
        what=_scope(pause, told),
        who=who,
        at=moment(pause.paused_at),
        why=why,
        held=", ".join(counts) or "nothing so far",
    )


def _scope(pause: Held, told: Operations) -> str:
    if pause.scope == KIND:
        return f"{NAMES.get(pause.value, pause.value).capitalize()}s"
    if pause.scope == COURSE:
        title = told.course_titles.get(int(pause.value)) if pause.value.isdecimal() else None
        return title or f"Course {pause.value}"
    return "Everything" if pause.scope == EVERYTHING else "This workspace"


def ask_pause(kinds: Sequence[str]) -> Screen:
    """What to hold, and why."""
    pairs = [("Everything", EVERYTHING), ("Everything in this workspace", WORKSPACE)]
    pairs += [(f"{NAMES[kind].capitalize()}s", f"{KIND} {kind}") for kind in kinds]
    pairs.append(("One course", COURSE))
    return Screen(
        "Pause sending",
        (
            section("Nothing that is held gets lost: you decide later what still goes out."),
            asked("what", "What shall I hold?", one_of("radio_buttons", "sending.what", pairs, EVERYTHING)),
            asked(
                "course",
                "Which course?",
                external_select("sending.course", "Type its name"),
                optional=True,
                hint="Only for one course: it is left out of reminders.",
            ),
            line_to_type(
                "because", "sending.because", "Why?", placeholder="double posts", optional=True, max_length=200
            ),
        ),
        submit="Pause",
        close="Cancel",
        callback_id="sending.pause",
    )


def turned_off(kind: str) -> Screen:
    """A kind is off."""
    name = f"{NAMES[kind].capitalize()}s"
    return Screen("Sending", (section(f"{name} are off, for every admin. Turn them on again on Home."),))


def paused(pause: Held, told: Operations) -> Screen:
    """It is held."""
    return Screen("Pause sending", (section(_paused(pause, told)), context("Resume it on Home.")))


# Why somebody got a message


def not_unasked() -> Screen:
    """A message that answers something somebody did."""
    return Screen(
        "Why this came",
        (section("That message isn't one I sent unasked: it answered something somebody did, or isn't mine at all."),),
    )


def why(delivery: Delivery, facts: Mapping[str, Any], came_because: str, *, is_mine: bool, is_admin: bool) -> Screen:
    """What a message was, why it came, who caused it and how to get fewer. Admins also see its way."""
    blocks: list[Block] = [header(f"A{'n' if NAMES[delivery.kind][0] in 'aeiou' else ''} {NAMES[delivery.kind]}")]
    blocks.append(section(came_because))
    if is_mine:
        blocks += _fewer(delivery.kind)
    if is_admin:
        lines = delivery.history.strip()
        blocks += [divider(), context(say("Delivery {number}\n{lines}", number=str(delivery.id), lines=lines))]
    return Screen("Why this came", tuple(blocks))


def _fewer(kind: str) -> list[Block]:
    if OPT_OUT[kind] == "nudges":
        return [
            section("Want fewer? Change when they come, or stop them."),
            actions(
                button("Change", "reminder.change", label="Change your reminders"),
                button("Stop", "reminder.stop", label="Stop reminders"),
            ),
        ]
    if OPT_OUT[kind] == "announcements":
        return [section("Want none from a course? Mute it with `/learn reminders`, or withdraw from it.")]
    if kind in ALWAYS:
        return [
            section("I write these only when something about your account here changes, so they can't be turned off.")
        ]
    name = f"{NAMES[kind]}s"
    return [
        section(f"Want none? Turn {name} off, for every admin."),
        actions(button(f"Turn off {name}", "sending.turn_off", kind)),
    ]
