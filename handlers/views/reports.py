"""What admins are told unasked: how a week of sending went, and what needs a look."""

from datetime import datetime

from handlers.views.deliveries import NAMES, reason
from handlers.views.kit import Markup, context, header, moment, person, say, section, words
from handlers.views.screens import Block, Screen
from models.reports import Report


def report(told: Report) -> Screen:
    """A week of deliveries, in words."""
    count = sum(told.sent.values())
    opening = f"Last week I sent {words(count, 'message')} unasked"
    if told.sent:
        opening += ": " + _list([words(n, NAMES.get(kind, kind)) for kind, n in told.sent.items()])
    opening += "."
    blocks: list[Block] = [header("Your weekly delivery report"), section(opening)]
    if told.suppressed:
        lines = "\n".join(f"• {n:,}: {reason(code)}" for code, n in told.suppressed)
        blocks.append(section(say("*Held back for a reason*\n{lines}", lines=lines)))
    if told.failed:
        lines = "\n".join(f"• {n:,}: {reason(code)}" for code, n in told.failed)
        blocks.append(section(say("*Did not get through*\n{lines}", lines=lines)))
    if told.uncertain:
        blocks.append(section(f"{words(told.uncertain, 'message')} may or may not have arrived; I didn't repeat them."))
    if told.unreachable:
        people = Markup(
            "\n".join(
                say("• {who}: {why}", who=person(one.slack_user_id), why=reason(one.why)) for one in told.unreachable
            )
        )
        rest = told.unreachable_count - len(told.unreachable)
        blocks.append(section(say("*People I can't reach*\n{people}", people=people)))
        if rest:
            blocks.append(context(f"And {words(rest, 'more person') if rest == 1 else f'{rest:,} more people'}."))
    if not (told.suppressed or told.failed or told.unreachable):
        blocks.append(context("Everything got through, and everybody could be reached."))
    return Screen("Report", tuple(blocks))


def asleep(since: datetime, until: datetime) -> Screen:
    """Nothing ticked for a while."""
    sentence = "I was asleep from {since} to {until}. Reminders that would have come late were held back."
    return Screen(
        "Alert",
        (
            section(say(sentence, since=moment(since), until=moment(until))),
            context(
                "If nobody stopped me on purpose, look at the machine. `homeroom check` says how things stand now."
            ),
        ),
    )


def failures(failed: int, tried: int) -> Screen:
    """Too much did not get through."""
    return Screen(
        "Alert",
        (
            section(f"{failed:,} of {tried:,} messages did not get through in the last hour."),
            context("`homeroom check` says whether Slack still takes our token. The weekly report lists the reasons."),
        ),
    )


def no_events(kind: str, since: datetime, why: str) -> Screen:
    """A destination took no event for a day."""
    name = f"{NAMES[kind].capitalize()}s"
    sentence = "{name} don't get through any more. The first that didn't: {since} ({why})."
    return Screen(
        "Alert",
        (
            section(say(sentence, name=name, since=moment(since), why=why)),
            context(
                "Each is tried for three days and kept after that. `homeroom check` tries the receiver, and "
                "`homeroom events --resend` sends again what was given up."
            ),
        ),
    )


def events_paused(kind: str, since: datetime, why: str) -> Screen:
    """A receiver wants no more events."""
    name = f"{NAMES[kind].capitalize()}s"
    return Screen(
        "Alert",
        (
            section(say("{name} are paused ({since}): {why}.", name=name, since=moment(since), why=why)),
            context("They are held until you resume or discard them on Home, or their address is another."),
        ),
    )


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
