"""The interactive parts of blocks: finding them, and what they hold when a person has chosen or typed."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from bot.sandbox.ids import Ids
from bot.sandbox.refusals import NotThere

Block = dict[str, Any]
Element = dict[str, Any]

# Element type → where its value stands in an action or in state.values, and the key that presets it.
# (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and the element pages.)
_HOLDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
_PRESSED = {"button", "overflow", "feedback_buttons", "icon_button"}
_LISTS = {key for key, _ in _HOLDS.values() if key.endswith("s")}
TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}


def contained(block: Block) -> Iterator[Block]:
    """The block and the blocks inside it (a container's children, a carousel's cards)."""
    yield block
    for child in block.get("child_blocks") or []:
        yield from contained(child)
    if block.get("type") == "carousel":
        for card in block.get("elements") or []:
            yield from contained(card)


def elements(blocks: list[Block]) -> Iterator[tuple[Block, Element]]:
    """Every interactive element with the block it stands in."""
    for top in blocks:
        for block in contained(top):
            found = [block.get("accessory"), block.get("element"), *(block.get("actions") or [])]
            if block.get("type") != "carousel":
                found += block.get("elements") or []
            for element in found:
                if isinstance(element, dict) and (element.get("type") in _HOLDS or element.get("type") in _PRESSED):
                    yield block, element


def find(blocks: list[Block], block_id: str, action_id: str) -> tuple[Block, Element]:
    """The element with these ids. Raises NotThere when the screen does not show it."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element.get("action_id") == action_id:
            return block, element
    raise NotThere(f"Nothing on this screen has block_id {block_id!r} and action_id {action_id!r}.")


def images(value: Any, pointer: str = "") -> list[str]:
    """Where images stand in blocks or a view, as JSON pointers."""
    if isinstance(value, dict):
        found = [f"{pointer}/image_url"] if value.get("type") == "image" and value.get("image_url") else []
        return found + [where for key, inner in value.items() for where in images(inner, f"{pointer}/{key}")]
    if isinstance(value, list):
        return [where for n, inner in enumerate(value) for where in images(inner, f"{pointer}/{n}")]
    return []


def slack_files(value: Any, pointer: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The files Slack holds that blocks or a view show, and where they stand, as JSON pointers."""
    if isinstance(value, dict):
        found = [(f"{pointer}/slack_file", value["slack_file"])] if isinstance(value.get("slack_file"), dict) else []
        return found + [one for key, inner in value.items() for one in slack_files(inner, f"{pointer}/{key}")]
    if isinstance(value, list):
        return [one for n, inner in enumerate(value) for one in slack_files(inner, f"{pointer}/{n}")]
    return []


def as_slack_keeps(blocks: list[Block], ids: Ids) -> list[Block]:
    """A copy with what Slack fills in: missing block and action ids, and the defaults of text objects."""
    kept = copy.deepcopy(blocks)
    every = [block for top in kept for block in contained(top)]
    for position, block in enumerate(every):
        # The same block in the same place keeps its id, so a press that crosses an identical update still lands.
        said = hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()
        block.setdefault("block_id", f"b{position}{said[:8]}")
    for _, element in elements(kept):
        element.setdefault("action_id", ids.next("a"))
    _fill_text_objects(kept)
    return kept


def _fill_text_objects(value: Any) -> None:
    if isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for inner in value.values():
            _fill_text_objects(inner)
    elif isinstance(value, list):
        for inner in value:
            _fill_text_objects(inner)


def holds_state(element: Element) -> bool:
    return element.get("type") in _HOLDS


def value_key(element: Element) -> str:
    """Where this element's value stands, e.g. "selected_option"."""
    return _HOLDS[str(element["type"])][0]


def untouched(element: Element) -> dict[str, Any]:
    """The element's entry in state.values before anybody touched it."""
    key, initial = _HOLDS[str(element["type"])]
    return {"type": element["type"], key: element.get(initial, [] if key in _LISTS else None)}


def state_of(blocks: list[Block], touched: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """state.values of these blocks. What was `touched` is kept where both ids and the type are the same."""
    values: dict[str, dict[str, Any]] = {}
    for block, element in elements(blocks):
        if not holds_state(element):
            continue
        block_id, action_id = str(block["block_id"]), str(element["action_id"])
        entry = touched.get(block_id, {}).get(action_id)
        if entry is None or entry.get("type") != element["type"]:
            entry = untouched(element)
        values.setdefault(block_id, {})[action_id] = entry
    return values


def options_of(element: Element) -> list[dict[str, Any]]:
    """The options written in an element, groups opened."""
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group.get("options") or []
    return options


def chosen(element: Element, selected: Any, offered: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The element's entry in state.values after a person chose or typed `selected`.

    `offered` holds the options the app gave for this element's menu, by value. Raises NotThere for what
    cannot be chosen there.
    """
    kind = str(element["type"])
    key = value_key(element)
    if selected is None or selected == "":
        return {"type": kind, key: [] if key in _LISTS else None}
    if key == "value":
        return {"type": kind, key: str(selected)}
    if key == "selected_option":
        return {"type": kind, key: _option(element, selected, offered)}
    if key == "selected_options":
        return {"type": kind, key: [_option(element, one, offered) for one in _many(selected)]}
    if key == "files":
        return {"type": kind, key: _files(element, _many(selected), offered)}
    if key in _LISTS:
        return {"type": kind, key: [str(one) for one in _many(selected)]}
    try:
        if kind == "datepicker":
            date.fromisoformat(str(selected))
        elif kind == "timepicker":
            time.fromisoformat(str(selected))
        elif kind == "datetimepicker":
            return {"type": kind, key: int(selected)}
    except ValueError as error:
        raise NotThere(f"{selected!r} cannot be picked in a {kind}.") from error
    return {"type": kind, key: selected if kind == "rich_text_input" else str(selected)}


def _many(selected: Any) -> list[Any]:
    if not isinstance(selected, list):
        raise NotThere("Several can be chosen here: give a list.")
    return selected


def _files(element: Element, ids: list[Any], offered: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    most, kinds = element.get("max_files", 10), element.get("filetypes")
    if len(ids) > most:
        raise NotThere(f"This field takes {most} files at most.")
    found = [offered[str(one)] for one in ids if str(one) in offered]
    if len(found) != len(ids):
        raise NotThere("Upload the file first.")
    for file in found:
        if kinds and file["filetype"] not in kinds:
            raise NotThere(f"This field takes {', '.join(kinds)}, not {file['name']}.")
    return found


def _option(element: Element, value: Any, offered: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    presets = element.get("initial_options") or [element.get("initial_option") or {}]
    for option in [*options_of(element), *presets]:
        if option.get("value") == value:
            return dict(option)
    if isinstance(value, str) and value in offered:
        return dict(offered[value])
    raise NotThere(f"There is no option {value!r} in this {element['type']}.")


def pressed(block: Block, element: Element, selected: Any, entry: Mapping[str, Any] | None, ts: str) -> dict[str, Any]:
    """The entry for `actions` in block_actions; `entry` is the new state of an element that holds one."""
    action: dict[str, Any] = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if entry is not None:
        action |= {key: value for key, value in entry.items() if key != "type"}
        for key in ("placeholder", "initial_option", "initial_options"):
            if key in element and element["type"] != "plain_text_input":
                action[key] = element[key]
        return action
    if element["type"] == "overflow":
        return action | {"selected_option": _option(element, selected, {})}
    if element["type"] == "feedback_buttons":
        sides = [element.get("positive_button") or {}, element.get("negative_button") or {}]
        values = [str(side.get("value")) for side in sides]
        if selected not in values:
            raise NotThere(f"There is no feedback button {selected!r} here.")
        side = sides[values.index(selected)]
        return action | {"value": selected, "text": side.get("text")}
    return action | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
