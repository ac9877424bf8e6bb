"""The Events API: what happened, for an app that subscribed to it."""

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox import requests
from bot.sandbox.deliveries import Answer, Retry
from bot.sandbox.people import Person, user_object
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Channel, Message, Workspace

_CHANNEL_TYPE = {"channel": "channel", "private": "group", "dm": "im"}
_SUBSCRIPTION = {"channel": "message.channels", "private": "message.groups", "dm": "message.im"}


def tell_app(
    stage: Stage,
    workspace: Workspace,
    event: dict[str, Any],
    *,
    subscription: str,
    channel: Channel | None = None,
) -> None:
    """Deliver an event in the background, again if not accepted; nothing when the app did not subscribe."""
    if not stage.app.hears(subscription) or workspace.id in stage.taken_out:
        return
    envelope = requests.event_callback(
        workspace,
        event,
        event_id=stage.ids.next("Ev"),
        event_time=int(stage.clock.now()),
        is_ext_shared=channel is not None and channel.is_ext_shared,
    )
    stage.activity.heard()
    stage.in_background(_deliver(stage, str(event["type"]), envelope))


async def _deliver(stage: Stage, what: str, envelope: dict[str, Any]) -> None:
    answer = await stage.deliveries.deliver(what, "events_api", envelope)
    for number, pause in enumerate(stage.event_retries, start=1):
        if answer.failure is None or answer.headers.get("x-slack-no-retry") == "1":
            return
        if pause:
            await stage.clock.sleep(pause)
        retry = Retry(number, _why(answer))
        answer = await stage.deliveries.deliver(what, "events_api", envelope, retry=retry)


def _why(answer: Answer) -> str:
    return {
        "operation_timeout": "http_timeout",
        "dispatch_failed": "connection_failed",
    }.get(answer.failure or "", "http_error")


def message_posted(stage: Stage, workspace: Workspace, channel: Channel, message: Message) -> None:
    """`message` for a channel the bot is in, and `app_mention` when someone names it there."""
    if message.only_for or workspace.bot_user not in channel.members:
        return
    event = _message_event(stage, workspace, channel, message)
    tell_app(stage, workspace, event, subscription=_SUBSCRIPTION[channel.kind], channel=channel)
    if channel.kind != "dm" and not message.bot_id and f"<@{workspace.bot_user}>" in message.text:
        mention = {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
        tell_app(stage, workspace, mention, subscription="app_mention", channel=channel)


def _message_event(stage: Stage, workspace: Workspace, channel: Channel, message: Message) -> dict[str, Any]:
    event = requests.message_object(stage.app, workspace, channel, message)
    event |= {"channel": channel.id, "event_ts": message.ts, "channel_type": _CHANNEL_TYPE[channel.kind]}
    if message.team and message.team != workspace.id:
        event |= {"user_team": message.team, "source_team": message.team}
    return event


def links_shared(stage: Stage, workspace: Workspace, channel: Channel, message: Message) -> None:
    """`link_shared`, when a person posts links to the app's domains, wherever it is."""
    urls = [url for url in re.findall(r"<(https?://[^|>]+)", message.text) if stage.app.unfurls(url)]
    if not urls:
        return
    event = {
        "type": "link_shared",
        "channel": channel.id,
        "is_bot_user_member": workspace.bot_user in channel.members,
        "user": message.user,
        "message_ts": message.ts,
        "unfurl_id": f"{channel.id}-{message.ts}",
        "source": "conversations_history",
        "links": [{"domain": urlsplit(url).hostname, "url": url} for url in dict.fromkeys(urls)],
        "event_ts": stage.clock.ts(),
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    tell_app(stage, workspace, event, subscription="link_shared", channel=channel)


def message_changed(
    stage: Stage, workspace: Workspace, channel: Channel, message: Message, previous: dict[str, Any]
) -> None:
    """`message` with subtype message_changed."""
    now = requests.message_object(stage.app, workspace, channel, message)
    details = {"message": now, "previous_message": previous}
    _message_fate(stage, workspace, channel, message, "message_changed", details)


def message_deleted(stage: Stage, workspace: Workspace, channel: Channel, message: Message) -> None:
    """`message` with subtype message_deleted."""
    previous = requests.message_object(stage.app, workspace, channel, message)
    details = {"deleted_ts": message.ts, "previous_message": previous}
    _message_fate(stage, workspace, channel, message, "message_deleted", details)


def _message_fate(
    stage: Stage,
    workspace: Workspace,
    channel: Channel,
    message: Message,
    subtype: str,
    details: dict[str, Any],
) -> None:
    if message.only_for or workspace.bot_user not in channel.members:
        return
    ts = stage.clock.ts()
    event = {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "ts": ts,
        "event_ts": ts,
        "channel_type": _CHANNEL_TYPE[channel.kind],
        **details,
    }
    tell_app(stage, workspace, event, subscription=_SUBSCRIPTION[channel.kind], channel=channel)


def home_opened(stage: Stage, workspace: Workspace, person: Person, tab: str) -> None:
    """`app_home_opened`, with the view when one was published before."""
    event: dict[str, Any] = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": workspace.dm_with(person).id,
        "tab": tab,
        "event_ts": stage.clock.ts(),
    }
    home = workspace.home(person.id)
    if home is not None:
        event["view"] = home.body
    tell_app(stage, workspace, event, subscription="app_home_opened")


def person_changed(stage: Stage, workspace: Workspace, person: Person, *, joined: bool) -> None:
    """`team_join` or `user_change`."""
    name = "team_join" if joined else "user_change"
    now = stage.clock.now()
    user = user_object(person, now, with_email="users:read.email" in stage.app.scopes, with_locale=True)
    event = {"type": name, "user": user, "cache_ts": int(now), "event_ts": stage.clock.ts()}
    tell_app(stage, workspace, event, subscription=name)


def taken_out(stage: Stage, workspace: Workspace, what: str) -> None:
    """`app_uninstalled` or `tokens_revoked`, the latter with the bot's token."""
    event: dict[str, Any] = {"type": what, "event_ts": stage.clock.ts()}
    if what == "tokens_revoked":
        event["tokens"] = {"oauth": [], "bot": [workspace.bot_user]}
    tell_app(stage, workspace, event, subscription=what)


def membership_changed(stage: Stage, workspace: Workspace, channel: Channel, person: Person, *, joined: bool) -> None:
    """`member_joined_channel` or `member_left_channel`, for channels the bot is in."""
    if workspace.bot_user not in channel.members:
        return
    name = "member_joined_channel" if joined else "member_left_channel"
    event = {
        "type": name,
        "user": person.id,
        "channel": channel.id,
        "channel_type": "G" if channel.kind == "private" else "C",
        "team": person.team,
        "event_ts": stage.clock.ts(),
    }
    tell_app(stage, workspace, event, subscription=name, channel=channel)
