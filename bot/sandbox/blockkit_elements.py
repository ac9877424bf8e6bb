"""Block elements: everything that can be pressed, chosen from or typed into, and which block takes it where.

Source: https://docs.slack.dev/reference/block-kit/block-elements and slack_sdk 3.47's models.
"""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from bot.sandbox.blockkit_grammar import (
    Fields,
    Place,
    Rule,
    any_of,
    array,
    boolean,
    exactly_one,
    integer,
    one_of,
    only_on,
    record,
    string,
    typed,
    url,
)
from bot.sandbox.blockkit_objects import (
    BOX_OPTION,
    CONFIRM,
    DISPATCH,
    FILTER,
    IMAGE_ELEMENT,
    LINK_SCHEMES,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    STYLE,
    plain,
)
from bot.sandbox.blockkit_rich_text import RICH_TEXT

_ACTION_ID: Fields = {"action_id": string(255)}
_PRESSED: Fields = {**_ACTION_ID, "confirm": CONFIRM}
_CHOSEN: Fields = {**_PRESSED, "focus_on_load": boolean}
_PICKED: Fields = {**_CHOSEN, "placeholder": plain(150)}
_TYPED: Fields = {
    **_ACTION_ID,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH,
}
_LABEL: Fields = {"accessibility_label": string(75)}
_MANY: Fields = {"max_selected_items": integer(1)}
_IDS = array(string(), 0)


def _is_date(value: Any, place: Place) -> Iterator[str]:
    try:
        valid = isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        valid = False
    if not valid:
        yield place.says("must be a valid date formatted as YYYY-MM-DD")


def _is_time(value: Any, place: Place) -> Iterator[str]:
    try:
        valid = isinstance(value, str) and len(value) == 5 and time.fromisoformat(value) is not None
    except ValueError:
        valid = False
    if not valid:
        yield place.says("must be a valid time formatted as HH:mm")


def _offered(value: Any, place: Place) -> Iterator[str]:
    """What is chosen at the start must be an option, down to the last character."""
    options = list(value.get("options", [])) + [
        option for group in value.get("option_groups", []) for option in group["options"]
    ]
    if "initial_option" in value and value["initial_option"] not in options:
        yield (place / "initial_option").says("must exactly match one of the options")
    for number, chosen in enumerate(value.get("initial_options", [])):
        if chosen not in options:
            yield (place / "initial_options" / number).says("must exactly match one of the options")


def _in_order(least: str, most: str) -> Rule:
    def check(value: Any, place: Place) -> Iterator[str]:
        if least in value and most in value and float(value[least]) > float(value[most]):
            yield place.says(f"{least} must be less than or equal to {most}")

    return check


def _number(value: Any, place: Place) -> Iterator[str]:
    try:
        valid = isinstance(value, str) and float(value) == float(value)
    except ValueError:
        valid = False
    if not valid:
        yield place.says("must provide a number as a string")


def _only_in_modals(value: Any, place: Place) -> Iterator[str]:
    if place.surface != "modal":
        yield place.says("response_url_enabled is only available in modals")


_STATIC: Fields = {"options": array(OPTION, 1, 100), "option_groups": array(OPTION_GROUP, 1, 100)}
_EITHER = exactly_one("options", "option_groups")
_RESPOND: Fields = {"response_url_enabled": _only_in_modals}
_CURRENT: Fields = {"default_to_current_conversation": boolean, "filter": FILTER}
_SELECTS = {
    **typed("static_select", {}, {**_PICKED, **_STATIC, "initial_option": OPTION}, _EITHER, _offered),
    **typed("external_select", {}, {**_PICKED, "initial_option": OPTION, "min_query_length": integer(0)}),
    **typed("users_select", {}, {**_PICKED, "initial_user": string()}),
    **typed("conversations_select", {}, {**_PICKED, **_RESPOND, **_CURRENT, "initial_conversation": string()}),
    **typed("channels_select", {}, {**_PICKED, **_RESPOND, "initial_channel": string()}),
}
_MULTI_SELECTS = {
    **typed(
        "multi_static_select",
        {},
        {**_PICKED, **_STATIC, **_MANY, "initial_options": array(OPTION, 1, 100)},
        _EITHER,
        _offered,
    ),
    **typed(
        "multi_external_select",
        {},
        {**_PICKED, **_MANY, "initial_options": array(OPTION, 1, 100), "min_query_length": integer(0)},
    ),
    **typed("multi_users_select", {}, {**_PICKED, **_MANY, "initial_users": _IDS}),
    **typed("multi_conversations_select", {}, {**_PICKED, **_MANY, **_CURRENT, "initial_conversations": _IDS}),
    **typed("multi_channels_select", {}, {**_PICKED, **_MANY, "initial_channels": _IDS}),
}
_BOXES = {
    **typed(
        "checkboxes",
        {"options": array(BOX_OPTION, 1, 10)},
        {**_CHOSEN, "initial_options": array(BOX_OPTION, 1, 10)},
        _offered,
    ),
    **typed(
        "radio_buttons", {"options": array(BOX_OPTION, 1, 10)}, {**_CHOSEN, "initial_option": BOX_OPTION}, _offered
    ),
}
_DATES = {
    **typed("datepicker", {}, {**_PICKED, "initial_date": _is_date}),
    **typed("timepicker", {}, {**_PICKED, "initial_time": _is_time, "timezone": string()}),
}
_DATETIME = only_on(
    ("message", "modal"),
    typed("datetimepicker", {}, {**_CHOSEN, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
)
BUTTON = typed(
    "button",
    {"text": plain(75)},
    {
        **_PRESSED,
        **_LABEL,
        "url": url(schemes=LINK_SCHEMES),
        "value": string(2000),
        "style": STYLE,
        "agent_prompt": string(4000),
        "agent_prompt_display": string(),
        "visible_to_user_ids": _IDS,
    },
)
_OVERFLOW = typed("overflow", {"options": array(OVERFLOW_OPTION, 1, 5)}, _PRESSED)
_TEXT_INPUTS = {
    **typed(
        "plain_text_input",
        {},
        {
            **_TYPED,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _in_order("min_length", "max_length"),
    ),
    **only_on(
        ("modal", "home"),
        typed(
            "rich_text_input",
            {},
            {**_TYPED, "initial_value": any_of(RICH_TEXT), "min_lines": integer(1), "max_lines": integer(1)},
        ),
    ),
    **only_on(
        ("modal",),
        {
            **typed(
                "number_input",
                {"is_decimal_allowed": boolean},
                {**_TYPED, "initial_value": _number, "min_value": _number, "max_value": _number},
                _in_order("min_value", "max_value"),
            ),
            **typed("email_text_input", {}, {**_TYPED, "initial_value": string()}),
            **typed("url_text_input", {}, {**_TYPED, "initial_value": string()}),
            **typed("file_input", {}, {**_ACTION_ID, "filetypes": array(string()), "max_files": integer(1, 10)}),
        },
    ),
}
_FEEDBACK = record({"text": plain(75), "value": string(2000)}, _LABEL)

ACCESSORIES = {**BUTTON, **_OVERFLOW, **_SELECTS, **_MULTI_SELECTS, **_BOXES, **_DATES, **IMAGE_ELEMENT}
"""What stands at the side of a section."""
ACTIONS = {**BUTTON, **_OVERFLOW, **_SELECTS, **_MULTI_SELECTS, **_BOXES, **_DATES, **_DATETIME}
"""What stands in an actions block."""
INPUTS = {**_TEXT_INPUTS, **_SELECTS, **_MULTI_SELECTS, **_BOXES, **_DATES, **_DATETIME}
"""What an input block takes."""
CONTEXT_ACTIONS = {
    **typed("feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION_ID),
    **typed(
        "icon_button",
        {"icon": one_of("trash"), "text": plain(75)},
        {**_PRESSED, **_LABEL, "value": string(2000), "visible_to_user_ids": _IDS},
    ),
}
"""What stands in a context_actions block."""
