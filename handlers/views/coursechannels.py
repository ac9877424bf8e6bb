"""The channel a course goes with."""

from collections.abc import Sequence

from handlers.views import taught
from handlers.views.kit import actions, asked, button, channel, context, one_of, say, section, words
from handlers.views.screens import Block, Screen
from models.catalog import Card
from models.coursechannels import ENROLL, NOTHING, OFFER, CourseChannel
from models.teachers import Taught

JOINING = (
    ("I offer them the course, once", OFFER),
    ("They are enrolled, and told so", ENROLL),
    ("Nothing", NOTHING),
)


def form(title: str, course_id: int, tie: CourseChannel | None, notice: str = "") -> Screen:
    """Which channel a course goes with, and what joining it means."""
    where: Block = {
        "type": "conversations_select",
        "action_id": "channel.pick",
        "placeholder": {"type": "plain_text", "text": "Choose a channel"},
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if tie is not None:
        where["initial_conversation"] = tie.channel_id
    chosen = tie.on_join if tie is not None else OFFER
    blocks: list[Block] = [section(notice)] if notice else []
    blocks += [
        section(say("Which channel goes with *{title}*?", title=title)),
        asked("channel", "Channel", where, hint="You and I both need to be in it."),
        asked("joining", "When somebody joins it", one_of("radio_buttons", "channel.joining", JOINING, chosen)),
        context("Announcements go there unless you choose otherwise."),
    ]
    if tie is not None:
        blocks.append(actions(button("No channel", "channel.untie", str(course_id))))
    return Screen("Channel", tuple(blocks), submit="Save", callback_id="channel.tie", metadata=str(course_id))


def tied(title: str, channel_id: str, on_join: str) -> Screen:
    """They go together."""
    joining = {
        OFFER: "Whoever joins it is offered the course.",
        ENROLL: "Whoever joins it is enrolled.",
        NOTHING: "Joining it means nothing for the course.",
    }[on_join]
    said = say("*{title}* goes with {channel}. {joining}", title=title, channel=channel(channel_id), joining=joining)
    return Screen("Channel", (section(said), actions(button("Your desk", "desk.open", "0"))))


def untied(title: str) -> Screen:
    """They don't."""
    said = say("*{title}* goes with no channel now.", title=title)
    return Screen("Channel", (section(said), actions(button("Your desk", "desk.open", "0"))))


def which(typed: str, mine: Sequence[Taught]) -> Screen:
    """Several courses may be meant, or none is."""
    return taught.which("Channel", "Which course?", typed, mine, "channel", ("Channel", "channel.show", str))


def offer(card: Card, channel_id: str) -> Screen:
    """A course that goes with the channel somebody joined."""
    carried = str(card.course_id)
    said = say("{channel} goes with the course *{title}*.", channel=channel(channel_id), title=card.title)
    return Screen(
        "Course",
        (
            section(said),
            context(f"{words(card.lessons, 'lesson')} · {card.minutes} min"),
            actions(
                button("Enroll", "course.enroll", carried, style="primary", label=f"Enroll in {card.title}"),
                button("Details", "course.open", carried, label=f"Details of {card.title}"),
            ),
        ),
    )


def enrolled(card: Card, channel_id: str) -> Screen:
    """Enrolled by joining a channel, and the way out."""
    carried = str(card.course_id)
    sentence = "You're in *{title}* now: {channel} goes with it, and its instructor enrolls who joins."
    return Screen(
        "Course",
        (
            section(say(sentence, title=card.title, channel=channel(channel_id))),
            actions(
                button("Start", "course.continue", carried, style="primary", label=f"Start {card.title}"),
                button("Leave the course", "course.withdraw", carried, label=f"Leave {card.title}"),
            ),
        ),
    )
