"""Composition objects: text, options, confirmation dialogs and the like.

Source: https://docs.slack.dev/reference/block-kit/composition-objects and slack_sdk 3.47's models.
"""

from bot.sandbox.blockkit_grammar import (
    Rule,
    any_of,
    array,
    at_least_one,
    boolean,
    exactly_one,
    one_of,
    record,
    string,
    typed,
    url,
)

TEXT_MOST = 3000
LINK_SCHEMES = ("http", "https", "mailto", "tel", "slack")


def plain(most: int = TEXT_MOST) -> Rule:
    """A plain_text object."""
    return any_of(_plain(most))


def words(most: int = TEXT_MOST) -> Rule:
    """A plain_text or mrkdwn object."""
    return any_of(text_kinds(most))


def text_kinds(most: int = TEXT_MOST) -> dict[str, Rule]:
    return _plain(most) | typed("mrkdwn", {"text": string(most)}, {"verbatim": boolean})


def _plain(most: int) -> dict[str, Rule]:
    return typed("plain_text", {"text": string(most)}, {"emoji": boolean})


STYLE = one_of("primary", "danger")
CONFIRM = record(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
# platform notes and slack_sdk disagree on an option's value (75 and 150); 150 is what slack_sdk enforces.
OPTION_VALUE_MOST = 150
OPTION = record({"text": plain(75), "value": string(OPTION_VALUE_MOST)}, {"description": plain(75)})
OVERFLOW_OPTION = record(
    {"text": plain(75), "value": string(OPTION_VALUE_MOST)},
    {"description": plain(75), "url": url(schemes=LINK_SCHEMES)},
)
BOX_OPTION = record({"text": words(75), "value": string(OPTION_VALUE_MOST)}, {"description": words(75)})
OPTION_GROUP = record({"label": plain(75), "options": array(OPTION, 1, 100)}, {})
DISPATCH = record({"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}, {})
SLACK_FILE = record({}, {"id": string(), "url": string()}, exactly_one("id", "url"))
FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
PICTURE = {"image_url": url(), "slack_file": SLACK_FILE}
ONE_PICTURE = exactly_one("image_url", "slack_file")
IMAGE_ELEMENT = typed("image", {"alt_text": string(2000)}, PICTURE, ONE_PICTURE)
