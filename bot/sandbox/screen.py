"""What a person has on their screen, as the rehearsal API tells it."""

from typing import Any

from bot.sandbox.elements import slack_files, state_of
from bot.sandbox.files import File, named
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Channel, Message, View, Workspace

_VIEW_KEYS = (
    "id", "hash", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "state",
    "notify_on_close", "clear_on_close", "external_id", "root_view_id", "previous_view_id",
)  # fmt: skip


def _who(person: Person) -> dict[str, Any]:
    return {
        "person": person.key,
        "id": person.id,
        "team": person.team,
        "name": person.name,
        "handle": person.handle,
        "about": person.about,
        "color": person.color,
        "is_bot": person.is_bot,
        "is_restricted": person.is_restricted,
        "deleted": person.deleted,
        "status_emoji": person.status_emoji,
        "tz": person.tz,
    }


def _channel(workspace: Workspace, channel: Channel, person: Person) -> dict[str, Any]:
    read = channel.read.get(person.id, "")
    unread = [
        message
        for message in channel.messages.values()
        if message.ts > read
        and message.user != person.id
        and message.seen_by(person.id)
        and (not message.is_reply or message.broadcast)
    ]
    return {
        "id": channel.id,
        "name": channel.name if channel.kind != "dm" else workspace.bot.name,
        "team": workspace.id,
        "kind": channel.kind,
        "with": workspace.bot_user if channel.kind == "dm" else None,
        "members": channel.members,
        "crowd": channel.crowd,
        "topic": channel.topic,
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "unread": len(unread),
    }


def view_shown(view: View) -> dict[str, Any]:
    return {key: view.body.get(key) for key in _VIEW_KEYS}


def state(stage: Stage, person: Person) -> dict[str, Any]:
    """Everything but messages: who there is, channels, App Home, modals, and the rehearsal's own settings."""
    own = stage.workspaces[person.team]
    home = own.home(person.id)
    channels = [
        _channel(workspace, channel, person)
        for workspace in stage.workspaces.values()
        for channel in workspace.channels_of(person.id)
    ]
    modals = [view for workspace in stage.workspaces.values() for view in workspace.stack(person.id)]
    return {
        "revision": stage.news.revision,
        "now": stage.clock.now(),
        "workspaces": [
            {"id": workspace.id, "name": workspace.name, "domain": workspace.domain}
            for workspace in stage.workspaces.values()
        ],
        "people": [_who(someone) for workspace in stage.workspaces.values() for someone in workspace.people.values()],
        "me": _who(person),
        "app": {
            "name": stage.app.display_name,
            "bot_user_id": own.bot_user,
            "description": stage.app.description,
            "is_installed": own.id not in stage.taken_out,
            "commands": [
                {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
                for c in stage.app.commands.values()
            ],
            "shortcuts": [
                {"name": s.name, "type": s.type, "callback_id": s.callback_id, "description": s.description}
                for s in stage.app.shortcuts.values()
            ],
        },
        "channels": channels,
        "home": None
        if home is None
        else {
            "view_id": home.id,
            "hash": home.body["hash"],
            "blocks": home.blocks,
            "state": home.body["state"],
        },
        "modals": [view_shown(view) for view in modals],
        "faults": stage.faults.shown(),
        "limits": stage.limits.on,
        "mode": stage.deliveries.mode,
    }


def file(stage: Stage, person: Person, file_id: str) -> File:
    """A file of this person's own, or one they see in a message, a modal or Home. Raises NotThere."""
    for workspace in stage.workspaces.values():
        found = workspace.files.get(file_id)
        if found is not None and (found.user == person.id or file_id in _files_seen(workspace, person)):
            return found
    raise NotThere("You see no such file.")


def _files_seen(workspace: Workspace, person: Person) -> set[str]:
    messages = [
        message
        for channel in workspace.channels_of(person.id)
        for message in channel.messages.values()
        if message.seen_by(person.id)
    ]
    views = [view for view in workspace.views.values() if view.user == person.id]
    shown = [message.all_blocks for message in messages] + [view.blocks for view in views]
    sent = {str(file["id"]) for message in messages for file in message.files}
    return sent | {named(slack_file) for blocks in shown for _, slack_file in slack_files(blocks)}


def messages(stage: Stage, person: Person, channel_id: str, thread: str | None) -> list[dict[str, Any]]:
    """The messages of a channel or of one thread that this person sees, oldest first."""
    workspace, channel = stage.channel_for(person, channel_id)
    if thread is not None and thread not in channel.messages:
        raise NotThere(f"There is no thread {thread!r} in this channel.")
    if thread is None:
        # An ephemeral answer in a thread is seen in the thread, not beside it.
        found = [m for m in channel.messages.values() if not m.is_reply or m.broadcast]
    else:
        found = [m for m in channel.messages.values() if thread in (m.ts, m.thread_ts)]
    return [_message(stage, workspace, channel, message, person) for message in found if message.seen_by(person.id)]


def _message(stage: Stage, workspace: Workspace, channel: Channel, message: Message, person: Person) -> dict[str, Any]:
    author = stage.member(workspace, message.user)
    surface = (person.key, channel.id, message.ts)
    shown: dict[str, Any] = {
        "ts": message.ts,
        "user": message.user,
        "name": "Slackbot" if message.user == "USLACKBOT" else author.name if author else message.user,
        "text": message.text,
        "blocks": message.blocks,
        "unfurled": [block for blocks in message.unfurled.values() for block in blocks],
        "files": message.files,
        "ephemeral": message.only_for is not None,
        "edited": message.edited is not None,
        "metadata": message.metadata,
        "link_names": message.link_names,
        "notice": stage.screens.notices.get(surface),
        "reply_count": len(channel.threads.get(message.ts, [])),
        "state": {"values": state_of(message.all_blocks, stage.screens.chosen.get(surface, {}))},
    }
    if message.bot_id:
        shown["bot_id"] = message.bot_id
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    return shown
