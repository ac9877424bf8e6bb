"""Slack's payloads as plain requests: the one place that knows their shapes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.requests import Kind, Request, Surface, Upload, View

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Means:
    """How this very request can be answered beyond its ack. Both grant a right to act for a while: never logged."""

    trigger_id: str = ""
    response_url: str = ""

    def __repr__(self) -> str:
        return "Means(…)"


_KINDS: Mapping[str, Kind] = {
    "block_actions": "action",
    "block_suggestion": "options",
    "view_submission": "submission",
    "view_closed": "closed",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}


def kind_of(body: Body) -> Kind | None:
    """What kind of payload this is; None for one that an app like ours is not sent."""
    return "command" if "command" in body else _KINDS.get(str(body.get("type")))


def read(kind: Kind, body: Body) -> tuple[Request, Means]:
    """The request in a payload of this kind, and the means of answering it."""
    # A modal brings one when a channel was chosen in a menu that asks for it (docs: response_url_enabled).
    url = body.get("response_url") or next((one["response_url"] for one in body.get("response_urls") or ()), "")
    means = Means(str(body.get("trigger_id") or ""), str(url))
    return _READERS[kind](body), means


def _command(body: Body) -> Request:
    return Request(
        kind="command",
        name=str(body["command"]),
        team_id=str(body["team_id"]),
        slack_user_id=str(body["user_id"]),
        surface="command",
        text=str(body.get("text") or ""),
        channel_id=str(body.get("channel_id") or ""),
        can_open=bool(body.get("trigger_id")),
    )


def _action(body: Body) -> Request:
    action = body["actions"][0]
    container = body.get("container") or {}
    message = body.get("message") or {}
    return Request(
        kind="action",
        # What follows a colon only tells buttons of one row apart (views.kit.actions).
        name=str(action["action_id"]).partition(":")[0],
        team_id=_team(body),
        slack_user_id=str(body["user"]["id"]),
        surface=_surface(body),
        value=_value(action),
        channel_id=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        message_ts=str(container.get("message_ts") or message.get("ts") or ""),
        thread_ts=str(container.get("thread_ts") or message.get("thread_ts") or ""),
        can_open=bool(body.get("trigger_id")),
        is_stranger=_is_stranger(body),
        view=_view(body.get("view")),
    )


def _options(body: Body) -> Request:
    return Request(
        kind="options",
        name=str(body["action_id"]),
        team_id=_team(body),
        slack_user_id=str(body["user"]["id"]),
        surface=_surface(body),
        value=str(body.get("value") or ""),
        is_stranger=_is_stranger(body),
        view=_view(body.get("view")),
    )


def _submission(body: Body) -> Request:
    return _of_modal("submission", body)


def _closed(body: Body) -> Request:
    return _of_modal("closed", body)


def _of_modal(kind: Kind, body: Body) -> Request:
    view = _view(body["view"])
    assert view is not None
    return Request(
        kind=kind,
        name=view.callback_id,
        team_id=_team(body),
        slack_user_id=str(body["user"]["id"]),
        surface="modal",
        can_open=bool(body.get("trigger_id")),
        is_stranger=_is_stranger(body),
        view=view,
    )


def _shortcut(body: Body) -> Request:
    return Request(
        kind="shortcut",
        name=str(body["callback_id"]),
        team_id=_team(body),
        slack_user_id=str(body["user"]["id"]),
        channel_id=str((body.get("channel") or {}).get("id") or ""),
        message_ts=str((body.get("message") or {}).get("ts") or ""),
        text=str((body.get("message") or {}).get("text") or ""),
        can_open=bool(body.get("trigger_id")),
        is_stranger=_is_stranger(body),
    )


def _event(body: Body) -> Request:
    event = body["event"]
    name = str(event["type"])
    user = event.get("user")
    team_id = str(body.get("team_id") or "")
    surfaces: dict[str, Surface] = {"message": "dm", "app_mention": "mention"}
    home_team = str(event.get("user_team") or event.get("team") or team_id)
    return Request(
        kind="event",
        name=name,
        team_id=team_id,
        slack_user_id=str(user.get("id") if isinstance(user, dict) else user or ""),
        surface=surfaces.get(name, "elsewhere"),
        text=str(event.get("text") or ""),
        channel_id=str(event.get("channel") or ""),
        message_ts=str(event.get("ts") or ""),
        thread_ts=str(event.get("thread_ts") or ""),
        is_stranger=name in surfaces and home_team != team_id,
        event_id=str(body.get("event_id") or ""),
        event=event,
    )


def _team(body: Body) -> str:
    # An organization-wide installation sends no team with a view submission; the person's own is the next best.
    team = body.get("team") or {}
    return str(team.get("id") or body["user"].get("team_id") or "")


def _is_stranger(body: Body) -> bool:
    """Whether the person who clicked belongs to another organization (Slack Connect: others can click our buttons)."""
    home = body["user"].get("team_id")
    enterprise = (body.get("enterprise") or {}).get("id")
    return bool(home) and home not in (_team(body), enterprise)


def _surface(body: Body) -> Surface:
    view = body.get("view")
    if view:
        return "home" if view.get("type") == "home" else "modal"
    container = body.get("container") or {}
    channel = body.get("channel") or {}
    is_private = bool(container.get("is_ephemeral")) or channel.get("name") == "directmessage"
    return "private" if is_private else "channel"


def _value(element: Body) -> str:
    """What an element carries: a button's value, the chosen option, the typed words, the picked channel or date."""
    if element.get("selected_option"):
        return str(element["selected_option"]["value"])
    for name in (
        "value",
        "selected_conversation",
        "selected_channel",
        "selected_user",
        "selected_date",
        "selected_time",
        "selected_date_time",
    ):
        if element.get(name):
            return str(element[name])
    if element.get("rich_text_value"):
        return json.dumps(element["rich_text_value"], ensure_ascii=False)
    for name in ("selected_users", "selected_conversations", "selected_channels"):
        if element.get(name):
            return " ".join(str(one) for one in element[name])
    if element.get("selected_options"):
        return " ".join(str(option["value"]) for option in element["selected_options"])
    return ""


def _view(view: Body | None) -> View | None:
    if not view:
        return None
    values = (view.get("state") or {}).get("values") or {}
    return View(
        view_id=str(view["id"]),
        callback_id=str(view.get("callback_id") or ""),
        private_metadata=str(view.get("private_metadata") or ""),
        values={
            block: {action: _value(element) for action, element in elements.items()}
            for block, elements in values.items()
        },
        uploads={
            block: [_upload(file) for element in elements.values() for file in element.get("files") or ()]
            for block, elements in values.items()
        },
    )


def _upload(file: Body) -> Upload:
    name = str(file.get("name") or "")
    return Upload(
        file_id=str(file["id"]),
        name=name,
        filetype=name.rpartition(".")[2].lower(),
        size=int(file.get("size") or 0),
        url=str(file.get("url_private") or ""),
    )


_READERS: Mapping[Kind, Callable[[Body], Request]] = {
    "command": _command,
    "action": _action,
    "options": _options,
    "submission": _submission,
    "closed": _closed,
    "shortcut": _shortcut,
    "event": _event,
}
