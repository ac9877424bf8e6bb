"""The shapes of what Slack sends to an app (https://docs.slack.dev/reference/interaction-payloads)."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.installed_app import APP_ID, Command, InstalledApp
from bot.sandbox.people import Person
from bot.sandbox.workspace import Channel, Message, View, Workspace

# Slack still sends this deprecated field; nothing can be proven with it.
DEPRECATED_PROOF = "not-for-proof"


def channel_name(channel: Channel) -> str:
    """A channel's name in payloads: DMs and private channels go without their own."""
    return {"dm": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)


def message_object(
    app: InstalledApp,
    workspace: Workspace,
    channel: Channel,
    message: Message,
    *,
    with_metadata: bool = False,
) -> dict[str, Any]:
    """A message as conversations.history and interactions show it."""
    shown: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.team or workspace.id,
    }
    if message.client_msg_id:
        shown["client_msg_id"] = message.client_msg_id
    if message.bot_id:
        shown |= {
            "bot_id": message.bot_id,
            "app_id": APP_ID,
            "bot_profile": {
                "id": message.bot_id,
                "app_id": APP_ID,
                "name": app.display_name,
                "deleted": False,
                "updated": 0,
                "team_id": workspace.id,
            },
        }
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.files:
        shown["files"] = message.files
    if message.edited:
        shown["edited"] = message.edited
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.only_for:
        shown["is_ephemeral"] = True
    replies = channel.replies(message.ts)
    if message.is_reply:
        parent = channel.messages.get(str(message.thread_ts))
        shown["thread_ts"] = message.thread_ts
        if parent is not None:
            shown["parent_user_id"] = parent.user
    elif replies:
        shown |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "reply_users_count": len({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
            "subscribed": False,
            "is_locked": False,
        }
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown


def slash_command(
    workspace: Workspace,
    channel: Channel,
    person: Person,
    command: Command,
    text: str,
    *,
    trigger_id: str,
    response_url: str,
) -> dict[str, Any]:
    """The fields of a slash command's form."""
    return {
        "token": DEPRECATED_PROOF,
        "team_id": workspace.id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.handle,
        "command": command.command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _interaction(kind: str, workspace: Workspace, person: Person, trigger_id: str | None) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team,
        },
        "api_app_id": APP_ID,
        "token": DEPRECATED_PROOF,
        "team": {"id": workspace.id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if trigger_id is not None:
        payload["trigger_id"] = trigger_id
    return payload


def _on_message(app: InstalledApp, workspace: Workspace, channel: Channel, message: Message) -> dict[str, Any]:
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    place: dict[str, Any] = {
        "container": container,
        "channel": {"id": channel.id, "name": channel_name(channel)},
    }
    # Slack keeps no ephemeral message that it could send along.
    if message.only_for is None:
        place["message"] = message_object(app, workspace, channel, message)
    return place


def _under(channel: Channel, message: Message, url: str) -> dict[str, Any]:
    """Where a click on an unfurled link was (https://docs.slack.dev/messaging/unfurling-links-in-messages)."""
    container = {
        "type": "message_attachment",
        "message_ts": message.ts,
        "attachment_id": list(message.unfurled).index(url) + 1,
        "channel_id": channel.id,
        "is_ephemeral": False,
        "is_app_unfurl": True,
        "app_unfurl_url": url,
    }
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "app_unfurl": {"blocks": message.unfurled[url]},
    }


def message_actions(
    app: InstalledApp,
    workspace: Workspace,
    channel: Channel,
    message: Message,
    person: Person,
    action: dict[str, Any],
    state: Mapping[str, Any],
    *,
    unfurled: str | None = None,
    trigger_id: str,
    response_url: str,
) -> dict[str, Any]:
    """block_actions from a message, ephemeral or not, or from what the app showed under its link `unfurled`."""
    where = _on_message(app, workspace, channel, message) if unfurled is None else _under(channel, message, unfurled)
    return {
        **_interaction("block_actions", workspace, person, trigger_id),
        **where,
        "state": {"values": state},
        "response_url": response_url,
        "actions": [action],
    }


def view_actions(
    workspace: Workspace, view: View, person: Person, action: dict[str, Any], *, trigger_id: str
) -> dict[str, Any]:
    """block_actions from a modal or App Home."""
    return {
        **_interaction("block_actions", workspace, person, trigger_id),
        "container": {"type": "view", "view_id": view.id},
        "view": view.body,
        "actions": [action],
    }


def suggestion_on_message(
    app: InstalledApp,
    workspace: Workspace,
    channel: Channel,
    message: Message,
    person: Person,
    asked: dict[str, Any],
) -> dict[str, Any]:
    """block_suggestion for a menu in a message; `asked` is block_id, action_id and value."""
    return {
        **_interaction("block_suggestion", workspace, person, None),
        **_on_message(app, workspace, channel, message),
        **asked,
    }


def suggestion_on_view(workspace: Workspace, view: View, person: Person, asked: dict[str, Any]) -> dict[str, Any]:
    """block_suggestion for a menu in a modal or App Home."""
    return {
        **_interaction("block_suggestion", workspace, person, None),
        "container": {"type": "view", "view_id": view.id},
        "view": view.body,
        **asked,
    }


def view_submission(
    workspace: Workspace, view: View, person: Person, response_urls: list[dict[str, str]], *, trigger_id: str
) -> dict[str, Any]:
    return {
        **_interaction("view_submission", workspace, person, trigger_id),
        "view": view.body,
        "response_urls": response_urls,
    }


def view_closed(workspace: Workspace, view: View, person: Person, *, is_cleared: bool) -> dict[str, Any]:
    """view_closed; what was typed is not in it."""
    return {
        **_interaction("view_closed", workspace, person, None),
        "view": {**view.body, "state": {"values": {}}},
        "is_cleared": is_cleared,
    }


def global_shortcut(
    workspace: Workspace, person: Person, callback_id: str, *, trigger_id: str, action_ts: str
) -> dict[str, Any]:
    return {
        **_interaction("shortcut", workspace, person, trigger_id),
        "callback_id": callback_id,
        "action_ts": action_ts,
    }


def message_shortcut(
    app: InstalledApp,
    workspace: Workspace,
    channel: Channel,
    message: Message,
    person: Person,
    callback_id: str,
    *,
    trigger_id: str,
    action_ts: str,
    response_url: str,
) -> dict[str, Any]:
    return {
        **_interaction("message_action", workspace, person, trigger_id),
        "callback_id": callback_id,
        "action_ts": action_ts,
        "response_url": response_url,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message.ts,
        "message": message_object(app, workspace, channel, message),
    }


def event_callback(
    workspace: Workspace, event: dict[str, Any], *, event_id: str, event_time: int, is_ext_shared: bool
) -> dict[str, Any]:
    """The envelope of the Events API around an event."""
    return {
        "token": DEPRECATED_PROOF,
        "team_id": workspace.id,
        "context_team_id": workspace.id,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.id,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": f"4-{event_id}",
    }
