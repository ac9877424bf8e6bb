"""Showing a course to a channel."""

from handlers.views.kit import actions, button, channel, context, person, say, section, shorten, words
from handlers.views.screens import Block, Screen
from models.catalog import Card


def where_to(card: Card) -> Screen:
    """Which channel."""
    picker: Block = {
        "type": "input",
        "block_id": "channel",
        "label": {"type": "plain_text", "text": "Channel"},
        "hint": {"type": "plain_text", "text": "I need to be in it: invite me with /invite @homeroom first."},
        "element": {
            "type": "conversations_select",
            "action_id": "share.channel",
            "placeholder": {"type": "plain_text", "text": "Choose a channel"},
            "default_to_current_conversation": True,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        },
    }
    said = section(say("Share *{title}* so that others can enroll from the message.", title=card.title))
    return Screen(
        "Share a course",
        (said, picker),
        submit="Share",
        callback_id="course.share",
        metadata=str(card.course_id),
    )


def shared(card: Card, slack_user_id: str, share_id: int) -> Screen:
    """The message in the channel: whose idea it was, what it is, and Enroll for anyone."""
    carried = str(card.course_id)
    description = shorten(card.description, 300)
    return Screen(
        "Course",
        (
            section(say("{person} suggests a course:", person=person(slack_user_id))),
            section(say("*{title}*\n{description}", title=card.title, description=description)),
            context(f"{words(card.lessons, 'lesson')} · {card.minutes} min"),
            actions(
                button("Enroll", "course.enroll", carried, style="primary", label=f"Enroll in {card.title}"),
                button("Details", "course.open", carried, label=f"Details of {card.title}"),
                button("Remove", "course.unshare", str(share_id), label="Remove this message"),
            ),
        ),
    )


def unfurled(card: Card) -> Screen:
    """A course under a link to it: what it is, and one button that enrolls or continues, for whoever presses it."""
    carried = str(card.course_id)
    return Screen(
        "Course",
        (
            section(say("*{title}*\n{description}", title=card.title, description=shorten(card.description, 300))),
            context(f"{words(card.lessons, 'lesson')} · {card.minutes} min"),
            actions(
                button("Enroll or continue", "course.start", carried, style="primary", label=f"Start {card.title}"),
                button("Details", "course.open", carried, label=f"Details of {card.title}"),
            ),
        ),
    )


def was_shared(card: Card, channel_id: str) -> Screen:
    """It is there, and how to take it back."""
    sentence = "*{title}* is in {channel} now. Press Remove under it to take it back."
    return Screen("Share a course", (section(say(sentence, title=card.title, channel=channel(channel_id))),))


def perhaps_shared(channel_id: str) -> Screen:
    """Slack did not say in time whether it posted it."""
    sentence = "Slack didn't say in time whether it posted. Look in {channel} before you share it again tomorrow."
    return Screen("Share a course", (section(say(sentence, channel=channel(channel_id))),))
