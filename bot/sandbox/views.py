"""Modals and App Homes: opening, stacking, changing and closing them."""

import json
from typing import Any

from bot.sandbox.blockkit import check_view
from bot.sandbox.elements import as_slack_keeps, state_of
from bot.sandbox.installed_app import APP_ID
from bot.sandbox.messages import refuse_blocks, refuse_images, refuse_videos
from bot.sandbox.people import Person
from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import View, Workspace

_LARGEST = 250_000
_DEEPEST = 3
_TEXTS = ("title", "submit", "close")
_KEPT = (
    "type",
    "blocks",
    "callback_id",
    "private_metadata",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)


def checked(stage: Stage, workspace: Workspace, view: Any, kind: str, what: str) -> dict[str, Any]:
    """The view an app gave; `what` is where, for faults.

    Raises Refused: invalid_arguments, view_too_large, invalid_blocks.
    """
    if not isinstance(view, dict):
        raise invalid("invalid_arguments", ["view must be an object"])
    if view.get("type") != kind:
        raise invalid("invalid_arguments", [f"view.type must be {kind!r} here, not {view.get('type')!r}"])
    if len(json.dumps(view, separators=(",", ":")).encode()) > _LARGEST:
        raise Refused("view_too_large")
    refuse_blocks(check_view(view))
    refuse_videos(stage, view["blocks"])
    refuse_images(stage, workspace, what, {"view": view})
    if "files:read" not in stage.app.scopes and any(one["type"] == "file_input" for one in _inputs(view["blocks"])):
        raise invalid("invalid_arguments", ["file_input needs files:read"])
    return view


def _inputs(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [block["element"] for block in blocks if block.get("type") == "input"]


def _body(stage: Stage, workspace: Workspace, given: dict[str, Any], view_id: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": view_id,
        "team_id": workspace.id,
        "type": given["type"],
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "title": None,
        "submit": None,
        "close": None,
        "previous_view_id": None,
        "root_view_id": view_id,
        "app_id": APP_ID,
        "app_installed_team_id": workspace.id,
        "bot_id": workspace.bot_id,
        "hash": stage.ids.hash(stage.clock.now()),
    }
    body |= {key: given[key] for key in _KEPT if given.get(key) is not None}
    body |= {key: {"emoji": True, **given[key]} for key in _TEXTS if given.get(key)}
    body["blocks"] = as_slack_keeps(given.get("blocks") or [], stage.ids)
    body["state"] = {"values": state_of(body["blocks"], {})}
    return body


def _refuse_taken_external_id(workspace: Workspace, given: dict[str, Any], own: View | None = None) -> None:
    external_id = given.get("external_id")
    if external_id and any(v.body["external_id"] == external_id and v is not own for v in workspace.views.values()):
        raise Refused("duplicate_external_id")


def open_modal(stage: Stage, workspace: Workspace, user: str, given: dict[str, Any]) -> View:
    """Show a modal. Modals this person has open make way for it."""
    _refuse_taken_external_id(workspace, given)
    drop_all(workspace, user)
    view = View(user, _body(stage, workspace, given, stage.ids.next("V")))
    workspace.views[view.id] = view
    workspace.stacks[user] = [view.id]
    tell(stage, workspace, user)
    return view


def push_modal(stage: Stage, workspace: Workspace, user: str, given: dict[str, Any]) -> View:
    """Show a modal on top of those that are open. Raises Refused: not_found, push_limit_reached."""
    stack = workspace.stack(user)
    if not stack:
        raise Refused("not_found")
    if len(stack) >= _DEEPEST:
        raise Refused("push_limit_reached")
    _refuse_taken_external_id(workspace, given)
    view = View(user, _body(stage, workspace, given, stage.ids.next("V")))
    view.body |= {"previous_view_id": stack[-1].id, "root_view_id": stack[0].id}
    workspace.views[view.id] = view
    workspace.stacks[user].append(view.id)
    tell(stage, workspace, user)
    return view


def change(stage: Stage, workspace: Workspace, view: View, given: dict[str, Any]) -> View:
    """Put other content in a view. What was typed stays where block id and action id stay."""
    _refuse_taken_external_id(workspace, given, own=view)
    was = view.body
    view.body = _body(stage, workspace, given, view.id)
    view.body |= {key: was[key] for key in ("previous_view_id", "root_view_id")}
    view.body["state"] = {"values": state_of(view.blocks, was["state"]["values"])}
    if view.body["type"] == "home":
        stage.news.tell("home", only=stage.keys_of(workspace, [view.user]))
    else:
        tell(stage, workspace, view.user)
    return view


def publish_home(stage: Stage, workspace: Workspace, person: Person, given: dict[str, Any]) -> View:
    """Set someone's App Home; its id stays the same from the first time on."""
    view = workspace.home(person.id)
    if view is not None:
        return change(stage, workspace, view, given)
    _refuse_taken_external_id(workspace, given)
    view = View(person.id, _body(stage, workspace, given, stage.ids.next("V")))
    workspace.views[view.id] = view
    workspace.homes[person.id] = view.id
    stage.news.tell("home", only={person.key})
    return view


def drop(stage: Stage, workspace: Workspace, view: View) -> None:
    """Take one modal away; what lay beneath is seen again."""
    workspace.stacks[view.user].remove(view.id)
    del workspace.views[view.id]
    tell(stage, workspace, view.user)


def drop_all(workspace: Workspace, user: str) -> None:
    """Take all modals of someone away."""
    for view_id in workspace.stacks.pop(user, []):
        del workspace.views[view_id]


def tell(stage: Stage, workspace: Workspace, user: str) -> None:
    """Say that someone's modals changed."""
    stage.news.tell("modals", only=stage.keys_of(workspace, [user]))
