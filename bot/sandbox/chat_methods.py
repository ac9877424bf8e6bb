"""chat.*: what the bot says (https://docs.slack.dev/reference/methods/chat.postMessage and others)."""

from typing import Any

from bot.sandbox import messages, requests
from bot.sandbox.blockkit import check_blocks
from bot.sandbox.calls import Call, Method
from bot.sandbox.elements import as_slack_keeps
from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.workspace import Channel, Message

# Arguments that change what people see and that the rehearsal does not show.
_NOT_REHEARSED = ("username", "icon_emoji", "icon_url", "as_user", "parse", "file_ids")


def _content(call: Call) -> messages.Content:
    for name in _NOT_REHEARSED:
        if call.args.get(name) not in (None, "", False):
            raise invalid("argument_not_rehearsed", [f"the rehearsal does not show {name}"])
    args = {
        **call.args,
        "blocks": call.json("blocks"),
        "metadata": call.json("metadata"),
        "link_names": call.flag("link_names"),
    }
    return messages.content(call.stage, call.workspace, args, call.method)


def find_channel(call: Call, wanted: str) -> Channel:
    """A channel the bot can see, by id or #name. Raises Refused("channel_not_found")."""
    workspace = call.workspace
    for channel in workspace.channels.values():
        if wanted == channel.id or (channel.kind == "channel" and wanted.removeprefix("#") == channel.name):
            if channel.kind == "private" and workspace.bot_user not in channel.members:
                break
            return channel
    raise Refused("channel_not_found")


def place_to_speak(call: Call, argument: str = "channel") -> Channel:
    """The channel or DM a call wants to say something in. Raises Refused with Slack's code."""
    wanted = call.optional(argument)
    if wanted is None:
        raise Refused("channel_not_found")
    if wanted[0] in "UW":
        person = call.stage.member(call.workspace, wanted)
        if person is None:
            raise Refused("channel_not_found")
        if person.is_bot:
            raise Refused("cannot_dm_bot")
        channel = call.workspace.dm_with(person)
    else:
        channel = find_channel(call, wanted)
    if channel.kind == "dm":
        _refuse_closed_dm(call, channel)
    elif channel.is_archived:
        raise Refused("is_archived")
    elif call.workspace.bot_user not in channel.members and "chat:write.public" not in call.stage.app.scopes:
        raise Refused("not_in_channel")
    return channel


def _refuse_closed_dm(call: Call, channel: Channel) -> None:
    if not call.stage.app.messages_tab:
        raise Refused("messages_tab_disabled")
    for user in channel.members:
        person = call.stage.member(call.workspace, user)
        if person is not None and person.deleted:
            raise Refused("user_disabled")


def _thread(call: Call, channel: Channel) -> str | None:
    thread_ts = call.optional("thread_ts")
    if thread_ts is None:
        return None
    parent = channel.messages.get(thread_ts)
    if parent is None or parent.only_for is not None:
        raise Refused("thread_not_found")
    return parent.thread_ts or thread_ts


def post_message(call: Call) -> dict[str, Any]:
    channel = place_to_speak(call)
    said = _content(call)
    thread_ts = _thread(call, channel)
    broadcast = thread_ts is not None and call.flag("reply_broadcast")
    message = messages.post(call.stage, call.workspace, channel, said, thread_ts=thread_ts, broadcast=broadcast)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": _shown(call, channel, message)}


def post_ephemeral(call: Call) -> dict[str, Any]:
    channel = place_to_speak(call)
    person = call.stage.member(call.workspace, call.text("user"))
    if person is None or person.id not in channel.members:
        raise Refused("user_not_in_channel")
    if person.deleted:
        raise Refused("user_disabled")
    said = _content(call)
    thread_ts = _thread(call, channel)
    message = messages.post(call.stage, call.workspace, channel, said, thread_ts=thread_ts, only_for=person.id)
    return {"ok": True, "message_ts": message.ts}


def _own_message(call: Call, otherwise: str) -> tuple[Channel, Message]:
    channel = find_channel(call, call.text("channel"))
    message = channel.messages.get(call.text("ts"))
    # An ephemeral message is nowhere for the API: only its response URL reaches it.
    if message is None or message.only_for is not None:
        raise Refused("message_not_found")
    if message.bot_id != call.workspace.bot_id:
        raise Refused(otherwise)
    return channel, message


def update(call: Call) -> dict[str, Any]:
    channel, message = _own_message(call, "cant_update_message")
    said = _content(call)
    messages.change(call.stage, call.workspace, channel, message, said)
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": _shown(call, channel, message),
    }


def unfurl(call: Call) -> dict[str, Any]:
    """Show blocks under links of a message; the place and each link as the event named them."""
    channel_id, _, ts = (call.optional("unfurl_id") or "").partition("-")
    if channel_id:
        call.text("source")
    channel = find_channel(call, channel_id or call.text("channel"))
    message = channel.messages.get(ts or call.text("ts"))
    if message is None or message.only_for is not None:
        raise Refused("cannot_find_message")
    unfurls = call.json("unfurls")
    if not isinstance(unfurls, dict) or not unfurls:
        raise Refused("missing_unfurls")
    for url, shown in unfurls.items():
        if f"<{url}>" not in message.text or not call.stage.app.unfurls(url):
            raise Refused("cannot_unfurl_url")
        if not isinstance(shown, dict) or not isinstance(shown.get("blocks"), list):
            raise invalid("invalid_unfurls_format", [f"the rehearsal shows blocks under {url}"])
        messages.refuse_blocks(check_blocks(shown["blocks"], "message"))
    message.unfurled = {url: as_slack_keeps(shown["blocks"], call.stage.ids) for url, shown in unfurls.items()}
    call.stage.tell_channel(call.workspace, channel)
    return {"ok": True}


def delete(call: Call) -> dict[str, Any]:
    channel, message = _own_message(call, "cant_delete_message")
    messages.delete(call.stage, call.workspace, channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> dict[str, Any]:
    channel = find_channel(call, call.text("channel"))
    message = channel.messages.get(call.text("message_ts"))
    if message is None or message.only_for is not None:
        raise Refused("message_not_found")
    path = f"https://{call.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        path += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": path}


def _shown(call: Call, channel: Channel, message: Message) -> dict[str, Any]:
    return requests.message_object(call.stage.app, call.workspace, channel, message, with_metadata=True)


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), 4),
    "chat.update": Method(update, ("chat:write",), 3),
    "chat.unfurl": Method(unfurl, ("links:write",), 3),
    "chat.delete": Method(delete, ("chat:write",), 3),
    "chat.getPermalink": Method(get_permalink),
}
