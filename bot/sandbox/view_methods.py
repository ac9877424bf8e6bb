"""views.*: what the bot shows (https://docs.slack.dev/reference/methods/views.open and others)."""

from typing import Any

from bot.sandbox import views
from bot.sandbox.calls import Call, Method
from bot.sandbox.refusals import Refused
from bot.sandbox.triggers import Trigger
from bot.sandbox.workspace import View


def _trigger(call: Call) -> Trigger:
    return call.stage.triggers.look_up(call.text("trigger_id"), call.workspace.id, call.stage.clock.now())


def open_modal(call: Call) -> dict[str, Any]:
    trigger = _trigger(call)
    given = views.checked(call.stage, call.workspace, call.json("view"), "modal", call.method)
    view = views.open_modal(call.stage, call.workspace, trigger.user, given)
    trigger.used = True
    return {"ok": True, "view": view.body}


def push(call: Call) -> dict[str, Any]:
    trigger = _trigger(call)
    given = views.checked(call.stage, call.workspace, call.json("view"), "modal", call.method)
    if trigger.view is None:
        raise Refused("not_found")
    view = views.push_modal(call.stage, call.workspace, trigger.user, given)
    trigger.used = True
    return {"ok": True, "view": view.body}


def _wanted(call: Call) -> View:
    view_id, external_id = call.optional("view_id"), call.optional("external_id")
    for view in call.workspace.views.values():
        if view.id == view_id or (view_id is None and external_id and view.body["external_id"] == external_id):
            return view
    raise Refused("not_found")


def _refuse_other_hash(call: Call, view: View | None) -> None:
    given = call.optional("hash")
    if given is not None and (view is None or view.body["hash"] != given):
        raise Refused("hash_conflict")


def update(call: Call) -> dict[str, Any]:
    view = _wanted(call)
    given = views.checked(call.stage, call.workspace, call.json("view"), view.body["type"], call.method)
    _refuse_other_hash(call, view)
    return {"ok": True, "view": views.change(call.stage, call.workspace, view, given).body}


def publish(call: Call) -> dict[str, Any]:
    person = call.stage.member(call.workspace, call.text("user_id"))
    if person is None or person.deleted or person.is_bot or person.team != call.workspace.id:
        raise Refused("user_not_found")
    if not call.stage.app.home_tab:
        raise Refused("not_enabled")
    given = views.checked(call.stage, call.workspace, call.json("view"), "home", call.method)
    _refuse_other_hash(call, call.workspace.home(person.id))
    return {"ok": True, "view": views.publish_home(call.stage, call.workspace, person, given).body}


METHODS = {
    "views.open": Method(open_modal, tier=4),
    "views.push": Method(push, tier=4),
    "views.update": Method(update, tier=4),
    "views.publish": Method(publish, tier=4),
}
