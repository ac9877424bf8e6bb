"""conversations.*: channels, DMs and what was said in them (https://docs.slack.dev/reference/methods)."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import requests
from bot.sandbox.calls import Call, Method
from bot.sandbox.chat_methods import find_channel
from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.workspace import Channel, Message

_FAMILY = {"channel": "channels", "private": "groups", "dm": "im"}
_TYPES = {"public_channel": "channel", "private_channel": "private", "im": "dm"}


def _readable(call: Call, verb: str) -> Channel:
    channel = find_channel(call, call.text("channel"))
    call.needs(f"{_FAMILY[channel.kind]}:{verb}")
    return channel


def _shown(call: Call, channel: Channel) -> dict[str, Any]:
    member = call.workspace.bot_user in channel.members
    if channel.kind == "dm":
        other = next(user for user in channel.members if user != call.workspace.bot_user)
        person = call.stage.member(call.workspace, other)
        deleted = person is None or person.deleted
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": False,
            "is_org_shared": False,
            "user": other,
            "is_user_deleted": deleted,
            "is_open": True,
            "context_team_id": call.workspace.id,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": channel.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_member": member,
        "created": channel.created,
        "creator": "U0RADIA",
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members) + channel.crowd,
        "context_team_id": call.workspace.id,
    }


def open_dm(call: Call) -> dict[str, Any]:
    if call.optional("channel"):
        channel = find_channel(call, call.text("channel"))
    else:
        users = [user for user in call.text("users").split(",") if user]
        if len(users) > 1:
            call.needs("mpim:write")
            raise invalid("group_dm_not_rehearsed", ["the rehearsal has no DMs of more than two"])
        person = call.stage.member(call.workspace, users[0])
        if person is None:
            raise Refused("user_not_found")
        if person.deleted:
            raise Refused("user_disabled")
        if person.is_bot:
            raise Refused("cannot_dm_bot")
        channel = call.workspace.dm_with(person)
    shown = _shown(call, channel) if call.flag("return_im") else {"id": channel.id}
    return {"ok": True, "no_op": True, "already_open": True, "channel": shown}


def info(call: Call) -> dict[str, Any]:
    return {"ok": True, "channel": _shown(call, _readable(call, "read"))}


def _kinds(call: Call) -> list[str]:
    """The kinds of channel asked for, within the scopes each needs."""
    asked = [name.strip() for name in (call.optional("types") or "public_channel").split(",")]
    if unknown := [name for name in asked if name not in _TYPES]:
        raise invalid("invalid_types", [f"no such type here: {name}" for name in unknown])
    kinds = [_TYPES[name] for name in asked]
    call.needs(*(f"{_FAMILY[kind]}:read" for kind in kinds))
    return kinds


def list_all(call: Call) -> dict[str, Any]:
    return _page_of(call, call.workspace.bot_user, lambda channel: True)


def of_person(call: Call) -> dict[str, Any]:
    """The channels somebody is in, of those the bot can see."""
    user = call.optional("user") or call.workspace.bot_user
    if call.stage.member(call.workspace, user) is None:
        raise Refused("user_not_found")
    return _page_of(call, call.workspace.bot_user, lambda channel: user in channel.members)


def _page_of(call: Call, bot: str, fits: Callable[[Channel], bool]) -> dict[str, Any]:
    kinds = _kinds(call)
    found = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or bot in channel.members)
        and not (call.flag("exclude_archived") and channel.is_archived)
        and fits(channel)
    ]
    page, cursor = call.page(found, 100, 1000)
    shown = [_shown(call, channel) for channel in page]
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": cursor}}


def members(call: Call) -> dict[str, Any]:
    page, cursor = call.page(_readable(call, "read").members, 100, 1000)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def _said(call: Call, found: list[Message]) -> list[Message]:
    """The messages of a channel between oldest and latest, without ephemeral ones."""
    oldest, latest = call.optional("oldest") or "0", call.optional("latest")
    inclusive = call.flag("inclusive")
    return [
        message
        for message in found
        if message.only_for is None
        and (_at(message.ts) > _at(oldest) or (inclusive and _at(message.ts) == _at(oldest)))
        and (latest is None or _at(message.ts) < _at(latest) or (inclusive and _at(message.ts) == _at(latest)))
    ]


def _at(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds), int(micros.ljust(6, "0")[:6] or 0)
    except ValueError as error:
        raise invalid("invalid_arguments", [f"not a timestamp: {ts}"]) from error


def _messages_answer(call: Call, channel: Channel, found: list[Message]) -> dict[str, Any]:
    page, cursor = call.page(found, 100, 999)
    with_metadata = call.flag("include_all_metadata")
    shown = [
        requests.message_object(call.stage.app, call.workspace, channel, message, with_metadata=with_metadata)
        for message in page
    ]
    return {
        "ok": True,
        "messages": shown,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def history(call: Call) -> dict[str, Any]:
    channel = _readable(call, "history")
    if call.workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    top_level = [m for m in channel.messages.values() if not m.is_reply or m.broadcast]
    return _messages_answer(call, channel, _said(call, top_level)[::-1])


def replies(call: Call) -> dict[str, Any]:
    channel = _readable(call, "history")
    if call.workspace.bot_user not in channel.members:
        raise Refused("not_in_channel")
    asked = channel.messages.get(call.text("ts"))
    if asked is None or asked.only_for is not None:
        raise Refused("thread_not_found")
    thread_ts = asked.thread_ts or asked.ts
    parent = [channel.messages[thread_ts]] if thread_ts in channel.messages else []
    return _messages_answer(call, channel, parent + _said(call, channel.replies(thread_ts)))


METHODS = {
    "conversations.open": Method(open_dm, ("im:write",), 3),
    "conversations.info": Method(info, tier=3),
    "conversations.list": Method(list_all, tier=2),
    "conversations.members": Method(members, tier=4),
    "users.conversations": Method(of_person, tier=3),
    "conversations.history": Method(history, tier=3),
    "conversations.replies": Method(replies, tier=3),
}
