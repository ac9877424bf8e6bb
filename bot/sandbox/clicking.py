"""What a person does with buttons, menus and shortcuts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import elements, requests
from bot.sandbox.blockkit import check_blocks
from bot.sandbox.deliveries import Answer
from bot.sandbox.elements import Block, Element
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere, Refused
from bot.sandbox.response_urls import ResponseUrl
from bot.sandbox.saying import answer_body, reasons
from bot.sandbox.stage import Stage, Surface
from bot.sandbox.workspace import Channel, Message, View, Workspace

_WARNINGS = {
    "operation_timeout": "This app took longer than three seconds to answer. Try again.",
    "dispatch_failed": "This app could not be reached. Try again in a moment.",
    "dispatch_unknown_error": "This app ran into a problem. Try again.",
}
_NOT_INTERACTIVE = "This app is not set up to handle what you click."


@dataclass(frozen=True)
class OnMessage:
    """A message on someone's screen."""

    workspace: Workspace
    channel: Channel
    message: Message


@dataclass(frozen=True)
class OnView:
    """A modal or App Home on someone's screen."""

    workspace: Workspace
    view: View


Place = OnMessage | OnView


def place_of(stage: Stage, person: Person, message: Mapping[str, Any] | None, view_id: str | None) -> Place:
    """Where someone clicks. Raises NotThere when it is not on their screen: a message they cannot see, a view
    that is not theirs, or a modal under another one."""
    if message is not None:
        workspace, channel = stage.channel_for(person, str(message.get("channel")))
        found = channel.messages.get(str(message.get("ts")))
        if found is None or not found.seen_by(person.id):
            raise NotThere(f"{person.name} sees no such message.")
        return OnMessage(workspace, channel, found)
    for workspace in stage.workspaces.values():
        view = workspace.views.get(view_id or "")
        if view is None or view.user != person.id or stage.member(workspace, person.id) is not person:
            continue
        stack = workspace.stack(person.id)
        if view.body["type"] == "modal" and stack[-1] is not view:
            raise NotThere(f"{person.name} has another modal in front of this one.")
        return OnView(workspace, view)
    raise NotThere(f"{person.name} sees no such view.")


def surface_of(person: Person, place: Place) -> Surface:
    if isinstance(place, OnMessage):
        return person.key, place.channel.id, place.message.ts
    return person.key, place.view.id


def blocks_of(place: Place) -> list[Block]:
    return place.message.all_blocks if isinstance(place, OnMessage) else place.view.blocks


def fill_in(stage: Stage, person: Person, place: Place, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Someone types and chooses, without sending anything: block id → action id → value."""
    for block_id, actions in values.items():
        for action_id, selected in actions.items():
            _, element = elements.find(blocks_of(place), block_id, action_id)
            _choose(stage, person, place, block_id, element, selected)


def _choose(
    stage: Stage, person: Person, place: Place, block_id: str, element: Element, selected: Any
) -> dict[str, Any]:
    if not elements.holds_state(element):
        raise NotThere(f"A {element['type']} keeps no value; click it instead.")
    surface = surface_of(person, place)
    action_id = str(element["action_id"])
    offered = stage.screens.offered.get((*surface, block_id, action_id), {})
    if element["type"] == "file_input":
        offered = _own_files(stage, person)
    entry = elements.chosen(element, selected, offered)
    if isinstance(place, OnView):
        values = place.view.body["state"]["values"]
        values.setdefault(block_id, {})[action_id] = entry
    else:
        stage.screens.chosen.setdefault(surface, {}).setdefault(block_id, {})[action_id] = entry
    return entry


def _own_files(stage: Stage, person: Person) -> dict[str, dict[str, Any]]:
    """What someone has uploaded, by id."""
    workspace = stage.workspaces[person.team]
    mine = (file for file in workspace.files.values() if file.user == person.id)
    return {file.id: file.told(stage.address, workspace.id) for file in mine}


async def click(
    stage: Stage, person: Person, place: Place, block_id: str, action_id: str, selected: Any
) -> dict[str, Any]:
    """Someone clicks a button or chooses in a menu; answered when the bot has acknowledged it."""
    block, element = elements.find(blocks_of(place), block_id, action_id)
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise NotThere("This input only fills in a form: nothing is sent until it is submitted.")
    entry = None
    if elements.holds_state(element):
        entry = _choose(stage, person, place, block_id, element, selected)
    action = elements.pressed(block, element, selected, entry, stage.clock.ts())
    opened = _url_opened(element, selected)
    if not stage.app.interactive:
        return {"ok": False, "error": _NOT_INTERACTIVE} | opened
    answer = await stage.deliveries.deliver(
        "block_actions", "interactive", _click_payload(stage, person, place, action, block_id)
    )
    return _after_click(stage, person, place, answer) | opened


def _url_opened(element: Element, selected: Any) -> dict[str, str]:
    if element["type"] == "overflow":
        urls = [option.get("url") for option in elements.options_of(element) if option.get("value") == selected]
        return {"url": str(urls[0])} if urls and urls[0] else {}
    return {"url": str(element["url"])} if element.get("url") else {}


def _unfurled(message: Message, block_id: str) -> str | None:
    """The link a block stands under, or None for a block of the message's own."""
    return next(
        (url for url, blocks in message.unfurled.items() if any(block.get("block_id") == block_id for block in blocks)),
        None,
    )


def _click_payload(stage: Stage, person: Person, place: Place, action: dict[str, Any], block_id: str) -> dict[str, Any]:
    now = stage.clock.now()
    workspace = place.workspace
    if isinstance(place, OnView):
        modal = place.view.id if place.view.body["type"] == "modal" else None
        trigger_id = stage.triggers.issue(workspace.id, person.id, now, modal)
        return requests.view_actions(workspace, place.view, person, action, trigger_id=trigger_id)
    channel, message = place.channel, place.message
    chosen = stage.screens.chosen.get(surface_of(person, place), {})
    url = ResponseUrl(workspace.id, channel.id, person.id, now, message.ts, message.thread_ts)
    return requests.message_actions(
        stage.app,
        workspace,
        channel,
        message,
        person,
        action,
        elements.state_of(message.all_blocks, chosen),
        unfurled=_unfurled(message, block_id),
        trigger_id=stage.triggers.issue(workspace.id, person.id, now),
        response_url=stage.response_url(url),
    )


def _after_click(stage: Stage, person: Person, place: Place, answer: Answer) -> dict[str, Any]:
    surface = surface_of(person, place)
    had_notice = stage.screens.notices.pop(surface, None) is not None
    warning = _WARNINGS.get(answer.failure or "")
    if warning is not None and isinstance(place, OnMessage):
        stage.screens.notices[surface] = warning
    if isinstance(place, OnMessage) and (warning is not None or had_notice):
        stage.news.tell("messages", channel=place.channel.id, only={person.key})
    return {"ok": True} if warning is None else {"ok": False, "error": warning}


async def suggest(
    stage: Stage, person: Person, place: Place, block_id: str, action_id: str, query: str
) -> dict[str, Any]:
    """Someone types in a menu that asks the app for its options. Late or bad answers leave it empty."""
    _, element = elements.find(blocks_of(place), block_id, action_id)
    if element["type"] not in ("external_select", "multi_external_select"):
        raise NotThere(f"A {element['type']} asks the app for nothing.")
    nothing: dict[str, Any] = {"ok": True, "options": []}
    if len(query) < element.get("min_query_length", 3) or not stage.app.interactive:
        return nothing
    asked = {"block_id": block_id, "action_id": action_id, "value": query}
    if isinstance(place, OnView):
        payload = requests.suggestion_on_view(place.workspace, place.view, person, asked)
    else:
        payload = requests.suggestion_on_message(
            stage.app, place.workspace, place.channel, place.message, person, asked
        )
    answer = await stage.deliveries.deliver("block_suggestion", "interactive", payload)
    if answer.failure is not None:
        return nothing
    try:
        given = _options(answer)
    except Refused as refused:
        answer.entry.refused = reasons(refused)
        return nothing
    key = (*surface_of(person, place), block_id, action_id)
    offered = stage.screens.offered.setdefault(key, {})
    offered |= {option["value"]: option for option in elements.options_of(given)}
    return {"ok": True, **given}


def _options(answer: Answer) -> dict[str, Any]:
    body = answer_body(answer) or {}
    given: dict[str, Any] = {key: body[key] for key in ("options", "option_groups") if key in body}
    if len(given) != 1 or given.keys() != body.keys():
        raise Refused("invalid_options")
    if not next(iter(given.values())):
        return {"options": []}
    menu = {
        "type": "static_select",
        "action_id": "menu",
        "placeholder": {"type": "plain_text", "text": "Pick"},
    }
    problems = check_blocks([{"type": "actions", "block_id": "menu", "elements": [menu | given]}], "message")
    if problems:
        raise Refused("invalid_options", response_metadata={"messages": problems})
    return given


async def use_shortcut(
    stage: Stage, person: Person, callback_id: str, message: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Someone picks a shortcut from Slack's menu, or from a message's."""
    shortcut = stage.app.shortcuts.get(callback_id)
    wanted = "global" if message is None else "message"
    if shortcut is None or shortcut.type != wanted:
        raise NotThere(f"The app has no {wanted} shortcut {callback_id!r}.")
    now, action_ts = stage.clock.now(), stage.clock.ts()
    if message is None:
        workspace = stage.workspaces[person.team]
        payload = requests.global_shortcut(
            workspace,
            person,
            callback_id,
            trigger_id=stage.triggers.issue(workspace.id, person.id, now),
            action_ts=action_ts,
        )
    else:
        place = place_of(stage, person, message, None)
        assert isinstance(place, OnMessage)
        workspace = place.workspace
        if person.team != workspace.id:
            raise NotThere("People from another workspace have no shortcuts of this app.")
        url = ResponseUrl(workspace.id, place.channel.id, person.id, now, thread_ts=place.message.thread_ts)
        payload = requests.message_shortcut(
            stage.app,
            workspace,
            place.channel,
            place.message,
            person,
            callback_id,
            trigger_id=stage.triggers.issue(workspace.id, person.id, now),
            action_ts=action_ts,
            response_url=stage.response_url(url),
        )
    answer = await stage.deliveries.deliver(str(payload["type"]), "interactive", payload)
    warning = _WARNINGS.get(answer.failure or "")
    return {"ok": True} if warning is None else {"ok": False, "error": warning}
