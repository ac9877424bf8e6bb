"""What a person types: messages and slash commands."""

import json
import re
from collections.abc import Iterable
from typing import Any

from bot.sandbox import events, messages, requests
from bot.sandbox.deliveries import Answer
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere, Refused
from bot.sandbox.response_urls import ResponseUrl
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Channel, Message, UserGroup, Workspace

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Links, @names and #channels, tried in this order so that an @ inside a link stays what it is.
_SPECIAL = re.compile(
    r"(?P<link>https?://[^\s&;]+(?:&amp;[^\s&;]+)*)|(?<!\w)@(?P<user>[\w.-]+)|(?<!\w)#(?P<channel>[\w-]+)"
)


def escaped(text: str) -> str:
    """Slack's escaping of what a person typed (https://docs.slack.dev/messaging/formatting-message-text)."""
    return re.sub("[&<>]", lambda found: _ESCAPES[found.group()], text)


def as_sent(
    text: str,
    people: Iterable[Person],
    channels: Iterable[Channel],
    groups: Iterable[UserGroup] = (),
    *,
    with_names: bool = False,
) -> str:
    """Typed text as an app receives it: escaped, with @names, @groups, #channels and links in angle brackets.

    `with_names` is the form of an escaped slash command, where a mention also carries the name.
    """
    by_handle = {person.handle.lower(): person for person in people}
    by_group = {group.handle: group for group in groups}
    by_name = {channel.name: channel for channel in channels if channel.kind != "dm"}

    def replace(found: re.Match[str]) -> str:
        if found["link"]:
            return f"<{found['link']}>"
        if found["channel"]:
            channel = by_name.get(found["channel"])
            return f"<#{channel.id}|{channel.name if channel.kind == 'channel' else ''}>" if channel else found[0]
        name = found["user"].rstrip(".-")
        rest = found["user"][len(name) :]
        if name in ("channel", "here", "everyone"):
            return f"<!{name}>{rest}"
        person = by_handle.get(name.lower())
        if person is None and (group := by_group.get(name.lower())) is not None:
            return f"<!subteam^{group.id}|@{group.handle}>{rest}"
        if person is None:
            return found[0]
        return f"<@{person.id}{'|' + person.handle if with_names else ''}>{rest}"

    return _SPECIAL.sub(replace, escaped(text))


async def say(stage: Stage, person: Person, channel_id: str, text: str, thread: str | None) -> dict[str, Any]:
    """A person presses Enter in the composer. A command is answered when the bot has acknowledged it."""
    workspace, channel = stage.channel_for(person, channel_id)
    if thread is not None and (thread not in channel.messages or channel.messages[thread].only_for):
        raise NotThere(f"There is no thread {thread!r} in this channel.")
    if text.startswith("/"):
        return await _command(stage, workspace, channel, person, text, thread)
    if not text.strip():
        return {"ok": False, "error": "Write something first."}
    if channel.is_archived:
        return {"ok": False, "error": "This channel is archived. Nobody can post in it."}
    if channel.kind == "dm" and (not stage.app.messages_tab or stage.app.messages_tab_read_only):
        return {"ok": False, "error": "Sending messages to this app has been turned off."}
    people = [member for user in channel.members if (member := stage.member(workspace, user))]
    people += [someone for someone in workspace.people.values() if someone not in people]
    message = Message(
        ts=stage.clock.ts(),
        user=person.id,
        text=as_sent(text, people, workspace.channels.values(), workspace.groups.values()),
        team=person.team,
        thread_ts=(channel.messages[thread].thread_ts or thread) if thread else None,
        client_msg_id=stage.ids.next("m"),
    )
    channel.add(message)
    channel.read[person.id] = message.ts
    stage.tell_channel(workspace, channel)
    events.message_posted(stage, workspace, channel, message)
    events.links_shared(stage, workspace, channel, message)
    return {"ok": True, "ts": message.ts}


async def _command(
    stage: Stage, workspace: Workspace, channel: Channel, person: Person, text: str, thread: str | None
) -> dict[str, Any]:
    name, *words = text.split(None, 1)
    rest = words[0] if words else ""
    if thread is not None:
        return {"ok": False, "error": f"{name} is not supported in threads. Sorry!"}
    command = stage.app.commands.get(name)
    # The app of another workspace is not there for a guest from outside.
    is_there = person.team == workspace.id and workspace.id not in stage.taken_out
    if command is None or "commands" not in stage.app.scopes or not is_there:
        return {"ok": False, "error": f"{name} is not a valid command."}
    if command.should_escape:
        people, groups = workspace.people.values(), workspace.groups.values()
        rest = as_sent(rest, people, workspace.channels.values(), groups, with_names=True)
    else:
        rest = escaped(rest)
    now = stage.clock.now()
    form = requests.slash_command(
        workspace,
        channel,
        person,
        command,
        rest.strip(),
        trigger_id=stage.triggers.issue(workspace.id, person.id, now),
        response_url=stage.response_url(ResponseUrl(workspace.id, channel.id, person.id, now)),
    )
    answer = await stage.deliveries.deliver(name, "slash_commands", form)
    failure: str | None = answer.failure
    if failure is None:
        try:
            _show_answer(stage, workspace, channel, person, text, answer)
        except Refused as refused:
            answer.entry.refused = reasons(refused)
            failure = "dispatch_unknown_error"
    if failure is not None:
        sentence = f'{name} failed with the error "{failure}"'
        messages.slackbot_says(stage, workspace, channel, person.id, sentence)
        return {"ok": False, "error": sentence}
    return {"ok": True}


def _show_answer(
    stage: Stage, workspace: Workspace, channel: Channel, person: Person, typed: str, answer: Answer
) -> None:
    body = answer_body(answer)
    if body is None:
        return
    response_type = body.get("response_type", "ephemeral")
    if response_type not in ("ephemeral", "in_channel"):
        raise Refused("invalid_response_type")
    if not body.keys() & {"text", "blocks", "attachments", "markdown_text"}:
        if response_type == "ephemeral":
            return
        _show_typed(stage, workspace, channel, person, typed)
        return
    said = messages.content(stage, workspace, body, answer.entry.what)
    if response_type == "in_channel":
        _show_typed(stage, workspace, channel, person, typed)
    only_for = person.id if response_type == "ephemeral" else None
    messages.post(stage, workspace, channel, said, only_for=only_for)


def _show_typed(stage: Stage, workspace: Workspace, channel: Channel, person: Person, typed: str) -> None:
    message = Message(ts=stage.clock.ts(), user=person.id, text=escaped(typed), team=person.team)
    channel.add(message)
    stage.tell_channel(workspace, channel)


def answer_body(answer: Answer) -> dict[str, Any] | None:
    """What the bot acknowledged with: an object, None for nothing; plain text is a message of that text.

    Raises Refused("invalid_response") for JSON that is not an object.
    """
    text = answer.body.strip()
    if not text:
        return None
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return {"text": text}
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refused("invalid_response") from error
    if isinstance(body, str):
        return {"text": body} if body else None
    if not isinstance(body, dict):
        raise Refused("invalid_response")
    return body


def reasons(refused: Refused) -> list[str]:
    """Why, for the traffic: Slack's code, and the messages beside it."""
    return [refused.error, *(refused.extra.get("response_metadata") or {}).get("messages", [])]
