"""What the validators of Slack's own SDK refuse, the rehearsal refuses too, and for the same reason."""

from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import blocks as sdk
from slack_sdk.models.views import View

from bot.sandbox.blockkit import check_blocks, check_view
from tests.sandbox.samples import plain, web


def pressing(**more: Any) -> sdk.Block:
    return sdk.ActionsBlock(elements=[sdk.ButtonElement(**{"text": "x"} | more)])


def choosing(*options: sdk.Option) -> sdk.Block:
    return sdk.ActionsBlock(elements=[sdk.StaticSelectElement(options=options or None)])


# A model its own validators refuse, and what we say.
SDK_BLOCKS: list[tuple[sdk.Block, str]] = [
    (sdk.SectionBlock(), "must define either"),
    (sdk.SectionBlock(text="x" * 3001), "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (sdk.SectionBlock(fields=["x"] * 11), "no more than 10 items"),
    (sdk.SectionBlock(text="x", block_id="b" * 256), "less than 256 characters"),
    (sdk.HeaderBlock(text="x" * 151), "less than 151 characters"),
    (sdk.ImageBlock(image_url=web(3001), alt_text="x"), "less than 3001 characters"),
    (sdk.ImageBlock(image_url=web(30), alt_text="x" * 2001), "less than 2001 characters"),
    (sdk.ActionsBlock(elements=[sdk.ButtonElement(text="x")] * 26), "no more than 25 items"),
    (pressing(text="x" * 76), "less than 76 characters"),
    (pressing(value="v" * 2001), "less than 2001 characters"),
    (pressing(style="loud"), "must be one of: primary, danger"),
    (pressing(action_id="a" * 256), "less than 256 characters"),
    (
        sdk.ActionsBlock(
            elements=[sdk.OverflowMenuElement(options=[sdk.Option(value=str(n), text="x") for n in range(6)])]
        ),
        "no more than 5 items",
    ),
    (choosing(sdk.Option(value="v" * 151, text="x")), "less than 151 characters"),
    (choosing(sdk.Option(value="v", text="x" * 76)), "less than 76 characters"),
    (choosing(), "must define either `options` or `option_groups`"),
    (sdk.ActionsBlock(elements=[sdk.DatePickerElement(initial_date="soon")]), "YYYY-MM-DD"),
    (sdk.ActionsBlock(elements=[sdk.TimePickerElement(initial_time="noon")]), "HH:mm"),
    (sdk.ContextBlock(elements=[sdk.PlainTextObject(text="x")] * 11), "no more than 10 items"),
    (sdk.MarkdownBlock(text="x" * 12_001), "less than 12001 characters"),
    (sdk.TableBlock(rows=[]), "at least 1 items"),
    (sdk.AlertBlock(text="x", level="loud"), "must be one of: default, info"),
    (sdk.CardBlock(subtitle="x"), "must define either"),
    (sdk.CardBlock(title="x" * 151), "less than 151 characters"),
    (sdk.CarouselBlock(elements=[]), "at least 1 items"),
    (sdk.ContainerBlock(title="x", child_blocks=[]), "at least 1 items"),
    (
        sdk.VideoBlock(alt_text="x", video_url=web(30), thumbnail_url=web(30), title="x" * 200),
        "less than 200 characters",
    ),
]


@pytest.mark.parametrize(
    ("block", "reason"), SDK_BLOCKS, ids=[f"{n}-{row[0].type}" for n, row in enumerate(SDK_BLOCKS)]
)
def test_blocks_slacks_own_sdk_refuses_are_refused_here_too(block: sdk.Block, reason: str) -> None:
    with pytest.raises(SlackObjectFormationError):
        block.to_dict()

    (problem,) = check_blocks([_as_it_is(block)], "modal" if block.type == "alert" else "message")

    assert reason in problem


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (View(type="modal", title="x" * 25, blocks=[sdk.DividerBlock()]), "/view/title/text"),
        (View(type="modal", title="x", blocks=[]), "/view/blocks"),
        (View(type="modal", title="x", blocks=[sdk.DividerBlock()] * 101), "/view/blocks"),
        (View(type="modal", title="x", submit="x" * 25, blocks=[sdk.DividerBlock()]), "/view/submit/text"),
        (
            View(type="modal", title="x", blocks=[sdk.DividerBlock()], private_metadata="x" * 3001),
            "/view/private_metadata",
        ),
        (View(type="home", submit="x", blocks=[sdk.DividerBlock()]), "invalid additional property: submit"),
        (View(type="dialog", title="x", blocks=[sdk.DividerBlock()]), "unsupported type: dialog"),
    ],
)
def test_views_slacks_own_sdk_refuses_are_refused_here_too(view: View, reason: str) -> None:
    with pytest.raises(SlackObjectFormationError):
        view.to_dict()

    (problem,) = check_view(_as_it_is(view))

    assert reason in problem


def _as_it_is(made: Any) -> Any:
    """The JSON of a model, without the model's own checks."""
    if isinstance(made, list | tuple):
        return [_as_it_is(inner) for inner in made]
    if not hasattr(made, "get_non_null_attributes"):
        return made
    if isinstance(made, sdk.Option):
        return {"text": plain(str(made.text)), "value": made.value}
    found = {name: getattr(made, name, None) for name in made.attributes}
    given = {name: value for name, value in found.items() if value is not None and (name, value) != ("fields", [])}
    return {name: _as_it_is(value) for name, value in given.items()}
