"""files.*: sending a file, and reading of one
(https://docs.slack.dev/reference/methods/files.getUploadURLExternal, https://docs.slack.dev/reference/methods/files.info)."""

import secrets
from typing import Any

from bot.sandbox import events, files
from bot.sandbox.calls import Call, Method
from bot.sandbox.chat_methods import place_to_speak
from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.workspace import Message


def upload_url(call: Call) -> dict[str, Any]:
    name = call.text("filename")
    try:
        length = int(call.args.get("length") or 0)
    except (TypeError, ValueError) as error:
        raise invalid("invalid_arguments", ["length is not a number"]) from error
    if not files.is_size(length):
        raise invalid("invalid_arguments", ["length must be the size of the file in bytes"])
    secret, file_id = secrets.token_urlsafe(18), call.stage.ids.next("F")
    alt_text, now = call.optional("alt_txt") or "", call.stage.clock.now()
    begun = files.announced(file_id, call.workspace.id, name, length, now, alt_text)
    call.stage.uploads.begin(secret, begun)
    return {"ok": True, "upload_url": f"{call.stage.address}/upload/v1/{secret}", "file_id": file_id}


def complete(call: Call) -> dict[str, Any]:
    told = call.json("files")
    if not isinstance(told, list) or not told or not all(isinstance(one, dict) and one.get("id") for one in told):
        raise invalid("invalid_arguments", ["files is a list of objects with an id"])
    channel = place_to_speak(call, "channel_id") if call.optional("channel_id") else None
    found = []
    for one in told:
        upload = call.stage.uploads.complete(str(one["id"]), call.workspace.id)
        if upload is None:
            raise Refused("file_not_found")
        found.append(files.kept(upload, str(one.get("title") or upload.name)))
    for file in found:
        call.workspace.files[file.id] = file
    if channel is not None:
        message = Message(
            ts=call.stage.clock.ts(),
            user=call.workspace.bot_user,
            text=call.optional("initial_comment") or "",
            bot_id=call.workspace.bot_id,
            team=call.workspace.id,
            files=[file.shown() for file in found],
        )
        channel.add(message)
        call.stage.tell_channel(call.workspace, channel)
        events.message_posted(call.stage, call.workspace, channel, message)
    return {"ok": True, "files": [{"id": file.id, "title": file.title} for file in found]}


def info(call: Call) -> dict[str, Any]:
    file = call.workspace.files.get(call.text("file"))
    if file is None:
        raise Refused("file_not_found")
    return {"ok": True, "file": file.told(call.stage.address, call.workspace.id), "comments": []}


METHODS = {
    "files.info": Method(info, ("files:read",), 4),
    "files.getUploadURLExternal": Method(upload_url, ("files:write",), 4),
    "files.completeUploadExternal": Method(complete, ("files:write",), 4),
}
