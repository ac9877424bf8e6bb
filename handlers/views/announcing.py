"""Writing an announcement: the form, the preview, and what confirming it did."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.views import taught
from handlers.views.announcements import PEOPLE, Told, addressed, message
from handlers.views.kit import (
    Markup,
    actions,
    asked,
    button,
    context,
    divider,
    moment,
    one_of,
    options,
    say,
    section,
    shorten,
    telling,
)
from handlers.views.richwords import carry
from handlers.views.screens import Block, Screen
from models.announcements import ASKED, Announcement
from models.audiences import Reached
from models.outlines import LessonLine
from models.teachers import Taught

BY_CHANNEL, BY_DM, BY_BOTH = "channel", "dm", "both"
WAYS = (("Post to a channel", BY_CHANNEL), ("Send to people by DM", BY_DM), ("Both", BY_BOTH))


class Form(NamedTuple):
    """What stands in the form. Slack keeps what a field holds while its block id stays; another ``round`` resets it."""

    announcement_id: int
    course_id: int
    course_title: str
    words: Block | None
    lesson: tuple[str, int] | None
    way: str
    audience: str
    channel_id: str | None
    leaves_at: datetime | None
    zone: str
    revision: int = 0
    round: int = 0

    def block(self, name: str) -> str:
        """The id of the block of this field."""
        return f"{name}.{self.round}" if self.round else name


def form(told: Form, notice: str = "") -> Screen:
    """An announcement to write. What is typed is kept as it is typed."""
    says: Block = {"type": "rich_text_input", "action_id": "announcement.typed"}
    if told.words is not None:
        says["initial_value"] = told.words
    lesson: Block = {"type": "external_select", "action_id": "announcement.lesson", "min_query_length": 0}
    lesson["placeholder"] = {"type": "plain_text", "text": "The next one for each learner"}
    if told.lesson is not None:
        lesson["initial_option"] = options([(told.lesson[0], str(told.lesson[1]))])[0]
    where: Block = {
        "type": "conversations_select",
        "action_id": "announcement.channel",
        "placeholder": {"type": "plain_text", "text": "Choose a channel"},
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if told.channel_id is not None:
        where["initial_conversation"] = told.channel_id
    when: Block = {"type": "datetimepicker", "action_id": "announcement.when"}
    if told.leaves_at is not None:
        when["initial_date_time"] = int(told.leaves_at.timestamp())
    people = [(f"{text[0].upper()}{text[1:]}", name) for name, text in PEOPLE.items()]
    blocks: list[Block] = [section(notice)] if notice else []
    blocks += [
        context(say("*{title}*", title=told.course_title)),
        telling(asked(told.block("words"), "What do you want to say?", says)),
        asked(told.block("lesson"), "Lesson it opens", lesson, optional=True),
        asked(told.block("to"), "Where", one_of("radio_buttons", "announcement.to", WAYS, told.way)),
        asked(
            told.block("channel"),
            "Channel",
            where,
            optional=True,
            hint="You and I both need to be in it.",
        ),
        asked(
            told.block("people"),
            "People by DM",
            one_of("static_select", "announcement.people", people, told.audience),
            hint="Each within their own working hours, one announcement a week at most.",
        ),
        asked(
            told.block("when"),
            "When",
            when,
            optional=True,
            hint=f"In your time zone, {told.zone}. Left empty, it leaves at once.",
        ),
        actions(
            button("Earlier announcements", "announcement.list", f"{told.course_id} 0"),
            button("Throw away", "announcement.discard", str(told.announcement_id)),
        ),
    ]
    return Screen(
        "Announce",
        tuple(blocks),
        submit="Preview",
        callback_id="announcement.write",
        metadata=f"{told.announcement_id} {told.course_id} {told.round} {told.revision}",
    )


def lesson_options(lessons: Sequence[LessonLine], typed: str) -> list[Block]:
    """Lessons whose title holds what was typed, for the type-ahead."""
    found = [one for one in lessons if typed.strip().lower() in one.title.lower()]
    return options([(shorten(one.title, 75), str(one.lesson_id)) for one in found])


def preview(
    told: Told, reached: Reached, now: datetime, *, members: int | None, waits: bool, notice: str = ""
) -> Screen:
    """Exactly what people will see, whom it goes to and when; the way to send it, or to go on writing.

    ``members`` are in its channel, None where it has none.
    """
    one = told.announcement
    at, seen = str(one.id), f"{one.id} {one.revision}"
    is_later = one.leaves_at is not None and one.leaves_at > now
    submit = "Ask an admin" if waits else "Schedule" if is_later else _send(reached)
    when = moment(one.leaves_at) if is_later and one.leaves_at is not None else Markup("at once")
    blocks: list[Block] = [section(notice), divider()] if notice else []
    blocks += [
        *message(told, by_dm=one.audience is not None, is_preview=True).blocks,
        divider(),
        section(say("Goes to {whom}, {when}.", whom=addressed(one), when=when)),
    ]
    if members is not None:
        blocks.append(context(f"{_many(members)} in the channel."))
    if one.audience is not None:
        blocks.append(context(*_people(reached)))
    if waits:
        blocks.append(context("That many people wait for an admin's approval. I ask them for you."))
    blocks.append(
        actions(button("Send only to me", "announcement.to_me", seen), button("Change", "announcement.change", at))
    )
    return Screen("Preview", tuple(blocks), submit=submit, callback_id="announcement.confirm", metadata=seen)


def _send(reached: Reached) -> str:
    return f"Send to {_many(reached.told)}" if reached.told else "Post it"


def _many(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _people(reached: Reached) -> list[str]:
    lines = [f"{_many(reached.told)} by DM."]
    if reached.muted:
        lines.append(f"{_many(reached.muted)} muted the course and won't get it.")
    if reached.heard:
        lines.append(f"{_many(reached.heard)} heard from this course within a week and won't get it.")
    return lines


def settled(one: Announcement, reached: Reached, now: datetime) -> Screen:
    """It is confirmed: on its way, at its time, or asked of an admin."""
    if one.state == ASKED:
        sentence = "I've asked the admins. You hear from me when one of them decides."
    elif one.leaves_at is not None and one.leaves_at > now:
        sentence = say("Scheduled: it leaves {when}.", when=moment(one.leaves_at))
    else:
        sentence = "It's on its way."
    blocks = [section(sentence)]
    if one.audience is not None and one.state != ASKED:
        blocks.append(context(f"{_many(reached.told)} by DM, each within working hours. I tell you how it goes."))
    blocks.append(actions(button("All announcements", "announcement.list", f"{one.course_id} 0")))
    return Screen("Announce", tuple(blocks))


def which(typed: str, mine: Sequence[Taught]) -> Screen:
    """Several courses may be meant, or none is."""
    return taught.which(
        "Announce", "Announce in which course?", typed, mine, "announce", ("Announce", "announcement.new", str)
    )


def of_message(mine: Sequence[Taught], words: Block) -> Screen:
    """Which course a message should be announced in; the modal carries its words."""
    if not mine:
        return which("", ())
    offered = [(shorten(one.title, 75), str(one.course_id)) for one in mine]
    carried, is_whole = carry(words)
    blocks = [asked("course", "Course", one_of("static_select", "announcement.course", offered, offered[0][1])), words]
    if not is_whole:
        blocks.append(context("It is long: its beginning comes along without styles. Add the rest on the next page."))
    return Screen(
        "Announce this",
        tuple(blocks),
        submit="Go on",
        callback_id="announcement.begin",
        metadata=carried,
    )


def sent_to_you() -> str:
    """A copy is on its way to the author alone."""
    return "I sent it to you alone: look at our direct messages."


def what_the_button_does() -> Screen:
    """The button of a preview opens nothing, for nobody should be enrolled by looking."""
    said = "Here it opens nothing. Whoever gets it is linked, enrolled, or taken to the lesson, as they need."
    return Screen("Preview", (section(said),))


def thrown_away(*, is_change: bool) -> Screen:
    """What was written is gone."""
    said = "Thrown away. The announcement stays as it was." if is_change else "Thrown away. Nothing was sent."
    return Screen("Announce", (section(said), actions(button("Your desk", "desk.open", "0"))))
