"""What Slack accepts as blocks and views, as strictly as its documentation has it.

Sources: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/views, slack_sdk 3.47's
models; the wording of the refusals is Slack's own. A type this module does not know is refused, as are fields that
are not documented.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.sandbox.blockkit_elements import ACCESSORIES, ACTIONS, BUTTON, CONTEXT_ACTIONS, INPUTS
from bot.sandbox.blockkit_grammar import (
    Fields,
    Place,
    Rule,
    any_of,
    array,
    at_least_one,
    boolean,
    distinct,
    number,
    one_of,
    only_on,
    record,
    string,
    typed,
    url,
)
from bot.sandbox.blockkit_objects import IMAGE_ELEMENT, ONE_PICTURE, PICTURE, plain, text_kinds, words
from bot.sandbox.blockkit_rich_text import RICH_TEXT

Surface = Literal["message", "modal", "home"]

MOST_BLOCKS: Mapping[str, int] = {"message": 50, "modal": 100, "home": 100}
VIEW_MOST_BYTES = 250_000
MARKDOWN_MOST = 12_000
TABLE_CHARACTERS_MOST = 10_000


def _with_distinct_actions(elements: Rule) -> Rule:
    unique = distinct("action_id")

    def check(value: Any, place: Place) -> Iterator[str]:
        yield from elements(value, place)
        if isinstance(value, list):
            yield from unique(value, place)

    return check


def _collapsing(value: Any, place: Place) -> Iterator[str]:
    if value.get("is_collapsible") and value.get("has_header_divider"):
        yield place.says("has_header_divider cannot be set when is_collapsible is true")
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield place.says("default_collapsed requires is_collapsible")


_ID: Fields = {"block_id": string(255)}
_HTTPS = url(schemes=("https",))
_EVERYWHERE = {
    **typed(
        "section",
        {},
        {
            **_ID,
            "text": words(3000),
            "fields": array(words(2000), 1, 10),
            "accessory": any_of(ACCESSORIES),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    **typed("header", {"text": plain(150)}, _ID),
    **typed("divider", {}, _ID),
    **typed("context", {"elements": array(any_of({**text_kinds(), **IMAGE_ELEMENT}), 1, 10)}, _ID),
    **typed("actions", {"elements": _with_distinct_actions(array(any_of(ACTIONS), 1, 25))}, _ID),
    **typed("image", {"alt_text": string(2000)}, {**_ID, **PICTURE, "title": plain(2000)}, ONE_PICTURE),
    **typed(
        "input",
        {"label": plain(2000), "element": any_of(INPUTS)},
        {**_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    **RICH_TEXT,
    **typed(
        "video",
        {"alt_text": string(2000), "title": plain(199), "video_url": _HTTPS, "thumbnail_url": url()},
        {
            **_ID,
            "title_url": _HTTPS,
            "description": plain(200),
            "provider_name": string(),
            "provider_icon_url": url(),
            "author_name": string(49),
        },
    ),
}
_CELL = any_of(
    {
        **typed("raw_text", {"text": string()}, {}),
        **typed("raw_number", {"value": number}, {"text": string()}),
        **RICH_TEXT,
    }
)
_CARD = typed(
    "card",
    {},
    {
        **_ID,
        "hero_image": any_of(IMAGE_ELEMENT),
        "icon": any_of(IMAGE_ELEMENT),
        "title": words(150),
        "subtitle": words(150),
        "body": words(200),
        "actions": _with_distinct_actions(array(any_of(BUTTON), 1, 25)),
    },
    at_least_one("hero_image", "title", "actions", "body"),
)
_MESSAGES_ONLY = only_on(
    ("message",),
    {
        **typed("markdown", {"text": string(MARKDOWN_MOST)}, _ID),
        **typed(
            "table",
            {"rows": array(array(_CELL, 1, 20), 1, 100)},
            {
                **_ID,
                "column_settings": array(
                    record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}), 0, 20
                ),
            },
        ),
        **typed("context_actions", {"elements": _with_distinct_actions(array(any_of(CONTEXT_ACTIONS), 1, 5))}, _ID),
    },
)
_CARDS = only_on(("message", "home"), {**_CARD, **typed("carousel", {"elements": array(any_of(_CARD), 1, 10)}, _ID)})
_ALERT = only_on(
    ("modal",),
    typed(
        "alert",
        {"text": words(200)},
        {**_ID, "level": one_of("default", "info", "warning", "error", "success")},
    ),
)
_FLAT = {**_EVERYWHERE, **_MESSAGES_ONLY, **_CARDS, **_ALERT}
_CONTAINER = only_on(
    ("message",),
    typed(
        "container",
        {"child_blocks": array(any_of({kind: rule for kind, rule in _FLAT.items() if kind != "input"}), 1, 10)},
        {
            **_ID,
            "title": plain(150),
            "rich_text_title": any_of(RICH_TEXT),
            "subtitle": words(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": any_of(IMAGE_ELEMENT),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        at_least_one("title", "rich_text_title"),
        _collapsing,
    ),
)
_BLOCK = any_of({**_FLAT, **_CONTAINER})

_KEPT: Fields = {"callback_id": string(255, 0), "private_metadata": string(3000, 0), "external_id": string(255, 0)}
_VIEWS: Mapping[str, tuple[Fields, Fields]] = {
    "modal": (
        {"title": plain(24)},
        {**_KEPT, "submit": plain(24), "close": plain(24), "clear_on_close": boolean, "notify_on_close": boolean},
    ),
    "home": ({}, _KEPT),
}


def check_blocks(blocks: Any, surface: Surface) -> list[str]:
    """Every reason Slack would refuse these blocks on this surface, each with its JSON pointer; [] when fine."""
    return list(_blocks(blocks, Place("/blocks", surface)))


def check_view(view: Any) -> list[str]:
    """Every reason Slack would refuse this modal or Home view, each with its JSON pointer; [] when fine."""
    place = Place("/view", "modal")
    if not isinstance(view, dict):
        return [place.says("must provide an object")]
    kind = view.get("type")
    if not isinstance(kind, str) or kind not in _VIEWS:
        return [(place / "type").says(f"unsupported type: {kind}")]
    place = Place("/view", kind)
    required, optional = _VIEWS[kind]
    shape = record({"type": one_of(kind), "blocks": _view_blocks, **required}, optional)
    problems = list(shape(view, place))
    given = view.get("blocks")
    blocks = (
        [(at, block) for at, block in enumerate(given) if isinstance(block, dict)] if isinstance(given, list) else []
    )
    if kind == "modal" and "submit" not in view:
        problems += [
            (place / "blocks" / at / "input").says("must define `submit` to use an `input` block in modals")
            for at, block in blocks
            if block.get("type") == "input"
        ]
    if _focused([block for _, block in blocks]) > 1:
        problems.append((place / "blocks").says("only one element can have focus_on_load"))
    if len(json.dumps(view, separators=(",", ":")).encode()) > VIEW_MOST_BYTES:
        problems.append(place.says(f"must be less than {VIEW_MOST_BYTES + 1} bytes"))
    return problems


def _view_blocks(value: Any, place: Place) -> Iterator[str]:
    if value == []:
        yield place.says("must provide at least 1 items")
    yield from _blocks(value, place)


def _blocks(blocks: Any, place: Place) -> Iterator[str]:
    if place.surface not in MOST_BLOCKS:
        raise ValueError(f"Blocks show in a message, a modal or on Home, not on {place.surface!r}.")
    yield from array(_BLOCK, 0, MOST_BLOCKS[place.surface])(blocks, place)
    if not isinstance(blocks, list):
        return
    found = list(_nested(blocks, place))
    seen: set[str] = set()
    for block, where in found:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield (where / "block_id").says(f"block_id must be unique: {block_id!r} is used twice")
        elif isinstance(block_id, str):
            seen.add(block_id)
    yield from _together([block for block, _ in found], place)


def _nested(blocks: list[Any], place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
    """Every block with its place, those inside containers and carousels too."""
    for at, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        yield block, place / at
        for key, holder in (("child_blocks", "container"), ("elements", "carousel")):
            if block.get("type") == holder and isinstance(block.get(key), list):
                yield from _nested(block[key], place / at / key)


def _together(blocks: list[dict[str, Any]], place: Place) -> Iterator[str]:
    """Limits that hold for all blocks of a payload at once."""
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        yield place.says("only_one_table_allowed")
    if sum(_characters(table.get("rows")) for table in tables) > TABLE_CHARACTERS_MOST:
        yield place.says(f"the cells of a table must be less than {TABLE_CHARACTERS_MOST + 1} characters in all")
    markdown = [block.get("text") for block in blocks if block.get("type") == "markdown"]
    if len(markdown) > 1 and sum(len(text) for text in markdown if isinstance(text, str)) > MARKDOWN_MOST:
        yield place.says(f"all markdown blocks together must be less than {MARKDOWN_MOST + 1} characters")


def _characters(value: Any) -> int:
    if isinstance(value, list):
        return sum(_characters(inner) for inner in value)
    if isinstance(value, dict):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + _characters(value.get("elements"))
    return 0


def _focused(blocks: list[dict[str, Any]]) -> int:
    found = 0
    for block in blocks:
        inner = [block.get("element"), block.get("accessory")]
        inner += block["elements"] if isinstance(block.get("elements"), list) else []
        found += sum(isinstance(one, dict) and one.get("focus_on_load") is True for one in inner)
    return found
