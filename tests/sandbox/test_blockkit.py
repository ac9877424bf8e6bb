"""Blocks are refused exactly where Slack refuses them."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.blockkit import Surface, check_blocks
from tests.sandbox.samples import (
    Json,
    actions,
    asked,
    button,
    card,
    confirm,
    container,
    feedback,
    image,
    listed,
    mrkdwn,
    numbered,
    option,
    part,
    plain,
    rich,
    run,
    section,
    select,
    table,
    typed,
    video,
    web,
)

# What may be n and not n + 1: a name, n, how to make one of size n, and where it stands.
LIMITS: list[tuple[str, int, Callable[[int], Json], Surface, str]] = [
    ("block_id", 255, lambda n: section(block_id="b" * n), "message", "/block_id"),
    ("section text", 3000, lambda n: {"type": "section", "text": mrkdwn("x" * n)}, "message", "/text/text"),
    ("section fields", 10, lambda n: {"type": "section", "fields": [plain()] * n}, "message", "/fields"),
    ("field", 2000, lambda n: {"type": "section", "fields": [plain("x" * n)]}, "message", "/fields/0/text"),
    ("header", 150, lambda n: {"type": "header", "text": plain("x" * n)}, "message", "/text/text"),
    ("context", 10, lambda n: {"type": "context", "elements": [mrkdwn()] * n}, "message", "/elements"),
    ("actions", 25, lambda n: actions(*[button()] * n), "message", "/elements"),
    ("action_id", 255, lambda n: actions(button(action_id="a" * n)), "message", "/elements/0/action_id"),
    ("button text", 75, lambda n: actions(button(text=plain("x" * n))), "message", "/elements/0/text/text"),
    ("button value", 2000, lambda n: actions(button(value="x" * n)), "message", "/elements/0/value"),
    ("button url", 3000, lambda n: actions(button(url=web(n))), "message", "/elements/0/url"),
    ("label", 75, lambda n: actions(button(accessibility_label="x" * n)), "message", "/elements/0/accessibility_label"),
    ("image_url", 3000, lambda n: image(image_url=web(n)), "message", "/image_url"),
    ("alt_text", 2000, lambda n: image(alt_text="x" * n), "message", "/alt_text"),
    ("image title", 2000, lambda n: image(title=plain("x" * n)), "message", "/title/text"),
    ("input label", 2000, lambda n: asked(typed(), label=plain("x" * n)), "modal", "/label/text"),
    ("input hint", 2000, lambda n: asked(typed(), hint=plain("x" * n)), "modal", "/hint/text"),
    ("placeholder", 150, lambda n: asked(typed(placeholder=plain("x" * n))), "modal", "/element/placeholder/text"),
    ("max_length", 3000, lambda n: asked(typed(max_length=n)), "modal", "/element/max_length"),
    ("min_length", 3000, lambda n: asked(typed(min_length=n)), "modal", "/element/min_length"),
    ("initial_value", 3000, lambda n: asked(typed(initial_value="x" * n)), "modal", "/element/initial_value"),
    ("options", 100, lambda n: actions(select(options=numbered(n))), "message", "/elements/0/options"),
    (
        "option groups",
        100,
        lambda n: actions(
            {"type": "static_select", "option_groups": [{"label": plain(), "options": [option()]}] * n}
        ),
        "message",
        "/elements/0/option_groups",
    ),
    (
        "options of a group",
        100,
        lambda n: actions({"type": "static_select", "option_groups": [{"label": plain(), "options": numbered(n)}]}),
        "message",
        "/elements/0/option_groups/0/options",
    ),
    (
        "option text",
        75,
        lambda n: actions(select(options=[option(text=plain("x" * n))])),
        "message",
        "/elements/0/options/0/text/text",
    ),
    (
        "option description",
        75,
        lambda n: actions(select(options=[option(description=plain("x" * n))])),
        "message",
        "/elements/0/options/0/description/text",
    ),
    (
        "option value",
        150,
        lambda n: actions(select(options=[option("x" * n)])),
        "message",
        "/elements/0/options/0/value",
    ),
    ("overflow", 5, lambda n: actions({"type": "overflow", "options": numbered(n)}), "message", "/elements/0/options"),
    (
        "option url",
        3000,
        lambda n: actions({"type": "overflow", "options": [option(url=web(n))]}),
        "message",
        "/elements/0/options/0/url",
    ),
    ("boxes", 10, lambda n: actions({"type": "checkboxes", "options": numbered(n)}), "home", "/elements/0/options"),
    ("radios", 10, lambda n: actions({"type": "radio_buttons", "options": numbered(n)}), "home", "/elements/0/options"),
    ("max_files", 10, lambda n: asked({"type": "file_input", "max_files": n}), "modal", "/element/max_files"),
    (
        "confirm title",
        100,
        lambda n: actions(button(confirm=confirm(title=plain("x" * n)))),
        "message",
        "/elements/0/confirm/title/text",
    ),
    (
        "confirm text",
        300,
        lambda n: actions(button(confirm=confirm(text=plain("x" * n)))),
        "message",
        "/elements/0/confirm/text/text",
    ),
    (
        "confirm yes",
        30,
        lambda n: actions(button(confirm=confirm(confirm=plain("x" * n)))),
        "message",
        "/elements/0/confirm/confirm/text",
    ),
    (
        "confirm no",
        30,
        lambda n: actions(button(confirm=confirm(deny=plain("x" * n)))),
        "message",
        "/elements/0/confirm/deny/text",
    ),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "x" * n}, "message", "/text"),
    ("table rows", 100, lambda n: table(rows=n), "message", "/rows"),
    ("table columns", 20, lambda n: table(columns=n), "message", "/rows/0"),
    ("column settings", 20, lambda n: table(column_settings=[{"align": "right"}] * n), "message", "/column_settings"),
    ("indent", 8, lambda n: rich(listed(indent=n)), "modal", "/elements/0/indent"),
    ("border", 1, lambda n: rich(listed(border=n)), "modal", "/elements/0/border"),
    ("card title", 150, lambda n: card(title=plain("x" * n)), "message", "/title/text"),
    ("card subtitle", 150, lambda n: card(subtitle=plain("x" * n)), "message", "/subtitle/text"),
    ("card body", 200, lambda n: card(body=plain("x" * n)), "message", "/body/text"),
    ("carousel", 10, lambda n: {"type": "carousel", "elements": [card()] * n}, "message", "/elements"),
    ("container", 10, lambda n: container(child_blocks=[section()] * n), "message", "/child_blocks"),
    ("container title", 150, lambda n: container(title=plain("x" * n)), "message", "/title/text"),
    ("video title", 199, lambda n: video(title=plain("x" * n)), "message", "/title/text"),
    ("video author", 49, lambda n: video(author_name="x" * n), "message", "/author_name"),
    ("context_actions", 5, lambda n: {"type": "context_actions", "elements": [feedback()] * n}, "message", "/elements"),
    (
        "feedback value",
        2000,
        lambda n: {"type": "context_actions", "elements": [feedback(value="x" * n)]},
        "message",
        "/elements/0/positive_button/value",
    ),
    ("alert", 200, lambda n: {"type": "alert", "text": plain("x" * n)}, "modal", "/text/text"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("most", "make", "surface", "where"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_exactly_the_limit_passes_and_one_more_does_not(
    most: int, make: Callable[[int], Json], surface: Surface, where: str
) -> None:
    assert check_blocks([make(most)], surface) == []

    problems = check_blocks([make(most + 1)], surface)

    assert problems
    assert f"[json-pointer:/blocks/0{where}]" in problems[0]
    assert str(most) in problems[0] or str(most + 1) in problems[0]


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_so_many_blocks_and_no_more(surface: Surface, most: int) -> None:
    assert check_blocks([section()] * most, surface) == []
    assert check_blocks([section()] * (most + 1), surface) == [
        f"no more than {most} items allowed [json-pointer:/blocks]"
    ]


EVERYTHING: list[tuple[Surface, Json]] = [
    ("message", section(accessory=image(), fields=[plain()], expand=True)),
    ("message", {"type": "divider", "block_id": "line"}),
    ("home", {"type": "context", "elements": [plain(), mrkdwn() | {"verbatim": True}, image()]}),
    ("message", image(title=plain("Title") | {"emoji": False})),
    ("message", {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A picture"}),
    ("message", actions(button(style="danger", confirm=confirm(style="primary"), value="1", url="https://example.org"))),
    ("message", actions(select(initial_option=option()))),
    ("message", actions({"type": "external_select", "min_query_length": 0, "placeholder": plain()})),
    ("home", actions({"type": "users_select", "initial_user": "U1"})),
    ("modal", asked({"type": "conversations_select", "response_url_enabled": True, "filter": {"include": ["im"]}})),
    ("modal", asked({"type": "multi_conversations_select", "default_to_current_conversation": True})),
    ("modal", asked({"type": "channels_select", "initial_channel": "C1"})),
    ("modal", asked({"type": "multi_static_select", "options": [option()], "max_selected_items": 1})),
    ("modal", asked({"type": "multi_external_select", "min_query_length": 1})),
    ("modal", asked({"type": "multi_users_select", "initial_users": ["U1"]})),
    ("modal", asked({"type": "multi_channels_select"})),
    ("home", section(accessory={"type": "datepicker", "initial_date": "2026-02-28"})),
    ("home", section(accessory={"type": "timepicker", "initial_time": "07:30", "timezone": "Europe/London"})),
    ("modal", asked({"type": "datetimepicker", "initial_date_time": 1_700_000_000})),
    ("home", actions({"type": "radio_buttons", "options": [option(text=mrkdwn())]})),
    ("home", actions({"type": "radio_buttons", "options": [option()], "initial_option": option()})),
    ("modal", asked({"type": "checkboxes", "options": [option()], "initial_options": [option()]}, optional=True)),
    ("modal", asked(typed(multiline=True, min_length=2, max_length=9, focus_on_load=True), dispatch_action=True)),
    ("modal", asked(typed(dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"]}))),
    ("home", asked({"type": "rich_text_input", "initial_value": rich(run())})),
    ("modal", asked({"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "5"})),
    ("modal", asked({"type": "email_text_input", "initial_value": "ada@example.org"})),
    ("modal", asked({"type": "url_text_input"})),
    ("modal", asked({"type": "file_input", "filetypes": ["csv"]})),
    ("message", rich(run(part(style={"bold": True, "code": True}), {"type": "link", "url": "https://example.org"}))),
    ("message", rich(run({"type": "emoji", "name": "wave", "skin_tone": 2}, {"type": "user", "user_id": "U1"}))),
    ("message", rich(run({"type": "channel", "channel_id": "C1"}, {"type": "usergroup", "usergroup_id": "S1"}))),
    ("message", rich(run({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"}))),
    ("message", rich(run({"type": "broadcast", "range": "here"}, {"type": "color", "value": "#ff0000"}))),
    ("modal", rich(listed(style="ordered", indent=1, offset=4, border=1), listed())),
    ("modal", rich({"type": "rich_text_quote", "elements": [part()], "border": 1})),
    ("modal", rich({"type": "rich_text_preformatted", "elements": [part("x = 1")]})),
    ("message", {"type": "markdown", "text": "# Hello"}),
    ("message", video(title_url="https://example.org", description=plain(), provider_name="Us", author_name="Ada")),
    ("message", {"type": "table", "rows": [[rich(run()), {"type": "raw_number", "value": 1.5, "text": "1.5"}]]}),
    ("home", card(hero_image=image(), icon=image(), subtitle=plain(), body=mrkdwn(), actions=[button()])),
    ("home", {"type": "carousel", "elements": [card()]}),
    ("modal", {"type": "alert", "text": plain(), "level": "warning"}),
    ("message", container(is_collapsible=True, default_collapsed=True, width="wide", subtitle=plain(), icon=image())),
    ("message", container(has_header_divider=True)),
    ("message", {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]}),
]  # fmt: skip


@pytest.mark.parametrize(("surface", "block"), EVERYTHING, ids=[str(row[1]["type"]) for row in EVERYTHING])
def test_every_kind_in_its_full_dress_passes(surface: Surface, block: Json) -> None:
    assert check_blocks([block], surface) == []


REFUSED: list[tuple[Surface, Json, str]] = [
    ("message", {"type": "banner"}, "unsupported type: banner [json-pointer:/blocks/0/type]"),
    ("message", {"text": plain()}, "missing required field: type [json-pointer:/blocks/0]"),
    ("message", {"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"),
    ("message", {"type": "header", "text": mrkdwn()}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ("message", {"type": "header", "text": plain("")}, "more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("message", {"type": "header", "text": "Hello"}, "must provide an object [json-pointer:/blocks/0/text]"),
    ("message", {"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0/type]"),
    ("message", section(color="red"), "invalid additional property: color [json-pointer:/blocks/0]"),
    ("message", {"type": "section", "text": mrkdwn() | {"emoji": True}}, "invalid additional property: emoji"),
    ("message", {"type": "section", "text": {"type": "mrkdwn", "text": 7}}, "must provide a string"),
    ("message", {"type": "section", "fields": []}, "must provide at least 1 items"),
    ("message", section(accessory=typed()), "type: plain_text_input [json-pointer:/blocks/0/accessory/type]"),
    ("message", actions(image()), "unsupported type: image"),
    ("message", {"type": "actions", "elements": []}, "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
    ("message", actions(button(action_id="a"), button(action_id="a")), "action_id must be unique: 'a' is used twice"),
    ("message", actions(button(style="default")), "must be one of: primary, danger"),
    ("message", actions(button(url="example.org")), "must be a valid url"),
    ("message", actions(button(url="javascript:alert(1)")), "must be a valid url"),
    ("message", actions(button(confirm={"title": plain()})), "missing required field: text"),
    ("message", actions({"type": "overflow", "options": []}), "must provide at least 1 items"),
    ("message", actions({"type": "static_select"}), "must define either `options` or `option_groups`"),
    ("message", actions(select(option_groups=[{"label": plain(), "options": [option()]}])), "must define only one of"),
    ("message", actions(select(options=[option(text=mrkdwn())])), "unsupported type: mrkdwn"),
    ("message", actions(select(options=[option(url="https://example.org")])), "invalid additional property: url"),
    ("message", actions(select(initial_option=option("two"))), "must exactly match one of the options"),
    ("message", {"type": "context", "elements": [button()]}, "unsupported type: button"),
    ("message", image(image_url="ftp://example.org/a.png"), "must be a valid url [json-pointer:/blocks/0/image_url]"),
    ("message", {"type": "image", "image_url": "https://example.org/a.png"}, "missing required field: alt_text"),
    ("message", {"type": "image", "alt_text": "x"}, "must define either `image_url` or `slack_file`"),
    ("message", asked(button()), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ("message", asked({"type": "number_input", "is_decimal_allowed": True}), "unsupported type: number_input"),
    ("home", asked({"type": "email_text_input"}), "unsupported type: email_text_input"),
    ("home", asked({"type": "file_input"}), "unsupported type: file_input"),
    ("message", asked({"type": "rich_text_input"}), "unsupported type: rich_text_input"),
    ("home", actions({"type": "datetimepicker"}), "unsupported type: datetimepicker"),
    ("modal", asked({"type": "number_input"}), "missing required field: is_decimal_allowed"),
    ("modal", asked(typed(min_length=5, max_length=4)), "min_length must be less than or equal to max_length"),
    ("modal", asked({"type": "datepicker", "initial_date": "2026-02-30"}), "YYYY-MM-DD"),
    ("modal", asked({"type": "timepicker", "initial_time": "25:00"}), "HH:mm"),
    ("modal", {"type": "input", "label": plain()}, "missing required field: element"),
    ("home", asked({"type": "conversations_select", "response_url_enabled": True}), "only available in modals"),
    ("modal", asked({"type": "conversations_select", "filter": {"include": []}}), "must provide at least 1 items"),
    ("modal", asked({"type": "conversations_select", "filter": {}}), "must define either"),
    ("modal", rich(), "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
    ("modal", rich(part()), "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"),
    ("modal", rich(run(part(""))), "more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"),
    ("modal", rich(run(run())), "type: rich_text_section [json-pointer:/blocks/0/elements/0/elements/0/type]"),
    ("modal", rich(listed(elements=[listed()])), "unsupported type: rich_text_list"),
    ("modal", rich(listed(style="dots")), "must be one of: bullet, ordered"),
    ("modal", rich({"type": "rich_text_preformatted", "elements": [{"type": "emoji"}]}), "unsupported type: emoji"),
    ("modal", rich(run(part(style={"underlined": True}))), "invalid additional property: underlined"),
    ("modal", rich(run({"type": "link", "url": "javascript:alert(1)", "text": "x"})), "must be a valid url"),
    ("modal", table(), "unsupported type: table [json-pointer:/blocks/0/type]"),
    ("home", {"type": "markdown", "text": "x"}, "unsupported type: markdown"),
    ("modal", card(), "unsupported type: card"),
    ("message", {"type": "alert", "text": plain()}, "unsupported type: alert"),
    ("home", container(), "unsupported type: container"),
    ("home", {"type": "context_actions", "elements": [feedback()]}, "unsupported type: context_actions"),
    ("message", table(text=""), "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"),
    ("message", table(rows=100, text="x" * 101), "less than 10001 characters"),
    ("message", {"type": "card"}, "must define either"),
    ("message", {"type": "carousel", "elements": [section()]}, "unsupported type: section"),
    ("message", container(is_collapsible=True, has_header_divider=True), "has_header_divider cannot be set"),
    ("message", container(child_blocks=[container()]), "unsupported type: container"),
    ("message", video(video_url="http://example.org/v"), "must be a valid url [json-pointer:/blocks/0/video_url]"),
]  # fmt: skip


@pytest.mark.parametrize(("surface", "block", "reason"), REFUSED, ids=[row[2][:60] for row in REFUSED])
def test_what_slack_would_refuse_is_refused_with_the_reason(surface: Surface, block: Json, reason: str) -> None:
    problems = check_blocks([block], surface)

    assert any(reason in problem for problem in problems), problems


@pytest.mark.parametrize("blocks", [None, "text", {"type": "divider"}, [None], ["text"], [[]]])
def test_what_is_no_list_of_blocks_is_refused(blocks: Any) -> None:
    assert check_blocks(blocks, "message") != []


def test_a_block_id_stands_once_in_a_payload() -> None:
    twice = [section(block_id="a"), container(child_blocks=[section(block_id="a")])]

    assert check_blocks(twice, "message") == [
        "block_id must be unique: 'a' is used twice [json-pointer:/blocks/1/child_blocks/0/block_id]"
    ]
    assert check_blocks([section(block_id="a"), section(block_id="b"), section(), section()], "message") == []


def test_the_same_action_may_stand_in_two_blocks() -> None:
    assert check_blocks([actions(button(action_id="a")), actions(button(action_id="a"))], "message") == []


def test_a_message_has_one_table() -> None:
    assert check_blocks([table(), table()], "message") == ["only_one_table_allowed [json-pointer:/blocks]"]


def test_markdown_blocks_share_their_limit() -> None:
    halves = [{"type": "markdown", "text": "x" * 6000}] * 2

    assert check_blocks(halves, "message") == []
    assert check_blocks([*halves, {"type": "markdown", "text": "x"}], "message") != []
