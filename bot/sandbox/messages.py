"""Messages of the bot: what Slack accepts, and posting, changing and deleting them."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import events, requests
from bot.sandbox.blockkit import check_blocks
from bot.sandbox.elements import as_slack_keeps, images, slack_files
from bot.sandbox.files import named
from bot.sandbox.refusals import Refused, invalid
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Channel, Message, Workspace

_TEXT_KEPT = 40_000
_MARKDOWN_MOST = 12_000


@dataclass(frozen=True)
class Content:
    """What a message says, checked. `given` names the parts that were in the call at all."""

    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    link_names: bool = False
    given: frozenset[str] = field(default_factory=frozenset)


def content(stage: Stage, workspace: Workspace, args: dict[str, Any], what: str) -> Content:
    """Read text, blocks, markdown_text and metadata of a call or an answer; `what` is which, for faults.

    Raises Refused with Slack's code: no_text, invalid_blocks (with the reasons), markdown_text_conflict,
    invalid_metadata_format; and attachments_not_rehearsed for attachments, which the rehearsal does not show.
    """
    text, markdown, blocks = args.get("text"), args.get("markdown_text"), args.get("blocks")
    if args.get("attachments"):
        raise invalid("attachments_not_rehearsed", ["the rehearsal shows no attachments; use blocks"])
    if text is not None and not isinstance(text, str):
        text = str(text)
    if markdown is not None:
        if text or blocks:
            raise Refused("markdown_text_conflict")
        if not isinstance(markdown, str) or len(markdown) > _MARKDOWN_MOST:
            raise Refused("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    if blocks is not None and not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if not text and not blocks:
        raise Refused("no_text")
    if blocks:
        refuse_blocks(check_blocks(blocks, "message"))
        refuse_videos(stage, blocks)
        refuse_images(stage, workspace, what, {"blocks": blocks})
    return Content(
        text=(text or "")[:_TEXT_KEPT],
        blocks=as_slack_keeps(blocks or [], stage.ids),
        metadata=_metadata(args.get("metadata")),
        link_names=bool(args.get("link_names", False)),
        given=frozenset(key for key in ("text", "blocks", "metadata") if args.get(key) is not None)
        | (frozenset({"text", "blocks"}) if markdown is not None else frozenset()),
    )


def refuse_blocks(reasons: list[str]) -> None:
    """Raise Refused("invalid_blocks") when there are reasons to."""
    if reasons:
        raise invalid("invalid_blocks", reasons)


def refuse_images(stage: Stage, workspace: Workspace, what: str, given: dict[str, Any]) -> None:
    """Raise Refused("invalid_blocks") for a file of Slack's that is none of this workspace's pictures, and when there
    are images and the rehearsal has them out of reach."""
    held = {file.id for file in workspace.files.values() if file.is_picture}
    refuse_blocks(
        [f"invalid slack file [json-pointer:{at}]" for at, file in slack_files(given) if named(file) not in held]
    )
    where = images(given)
    if where and stage.faults.strike_image(what):
        raise invalid("invalid_blocks", [f"downloading image failed [json-pointer:{each}]" for each in where])


def refuse_videos(stage: Stage, blocks: list[dict[str, Any]]) -> None:
    """Raise Refused("invalid_blocks") for a video the manifest does not let the app show."""
    refuse_blocks(
        [
            f"video needs links.embed:write and its domain among unfurl_domains [json-pointer:/blocks/{n}/video_url]"
            for n, block in enumerate(blocks)
            if block.get("type") == "video" and not stage.app.plays(str(block["video_url"]))
        ]
    )


def _metadata(metadata: Any) -> dict[str, Any] | None:
    if metadata is None or metadata == {}:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refused("invalid_metadata_format")
    return metadata


def post(
    stage: Stage,
    workspace: Workspace,
    channel: Channel,
    said: Content,
    *,
    thread_ts: str | None = None,
    broadcast: bool = False,
    only_for: str | None = None,
) -> Message:
    """The bot says something: to all, or ephemerally to one."""
    message = Message(
        ts=stage.clock.ts(),
        user=workspace.bot_user,
        text=said.text,
        blocks=said.blocks,
        bot_id=workspace.bot_id,
        team=workspace.id,
        thread_ts=thread_ts,
        only_for=only_for,
        broadcast=broadcast,
        metadata=said.metadata,
        link_names=said.link_names,
    )
    channel.add(message)
    stage.tell_channel(workspace, channel, only_for)
    events.message_posted(stage, workspace, channel, message)
    return message


def slackbot_says(stage: Stage, workspace: Workspace, channel: Channel, user: str, text: str) -> None:
    """Slack's own voice, to one person: how failures of a command are shown."""
    message = Message(ts=stage.clock.ts(), user="USLACKBOT", text=text, team=workspace.id, only_for=user)
    channel.add(message)
    stage.tell_channel(workspace, channel, user)


def change(stage: Stage, workspace: Workspace, channel: Channel, message: Message, said: Content) -> None:
    """Replace what a message says. Blocks and metadata that were not given stay, as with chat.update."""
    previous = dict(requests.message_object(stage.app, workspace, channel, message))
    message.text = said.text
    if "blocks" in said.given:
        message.blocks = said.blocks
    if "metadata" in said.given:
        message.metadata = said.metadata
    message.edited = {"user": workspace.bot_user, "ts": stage.clock.ts()}
    stage.tell_channel(workspace, channel, message.only_for)
    events.message_changed(stage, workspace, channel, message, previous)


def delete(stage: Stage, workspace: Workspace, channel: Channel, message: Message) -> None:
    channel.remove(message)
    stage.tell_channel(workspace, channel, message.only_for)
    events.message_deleted(stage, workspace, channel, message)


def answer(stage: Stage, secret: str, body: dict[str, Any]) -> None:
    """Use a response URL. Raises Refused: expired_url, used_url, and whatever Slack refuses in a message.

    Without `replace_original: false` the message that was clicked is overwritten, and one that is ephemeral
    stays so (https://docs.slack.dev/interactivity/handling-user-interaction).
    """
    url = stage.response_urls.use(secret, stage.clock.now())
    workspace = stage.workspaces[url.team]
    channel = workspace.channels.get(url.channel)
    if channel is None:
        raise Refused("channel_not_found")
    original = channel.messages.get(url.original or "")
    if body.get("delete_original"):
        if original is None or set(body) != {"delete_original"}:
            raise invalid("invalid_payload", ["delete_original stands alone, and only after a click on a message"])
        delete(stage, workspace, channel, original)
        return
    response_type = body.get("response_type", "ephemeral")
    if response_type not in ("ephemeral", "in_channel"):
        raise invalid("invalid_payload", [f"response_type is ephemeral or in_channel, not {response_type!r}"])
    said = content(stage, workspace, body, "response_url")
    if original is not None and body.get("replace_original", True):
        change(stage, workspace, channel, original, _whole(said))
        return
    ephemeral = response_type == "ephemeral"
    thread_ts = body.get("thread_ts") or (url.thread_ts if ephemeral else None)
    if thread_ts is not None and thread_ts not in channel.messages:
        raise Refused("thread_not_found")
    post(
        stage,
        workspace,
        channel,
        said,
        thread_ts=thread_ts,
        only_for=url.user if ephemeral else None,
    )


def _whole(said: Content) -> Content:
    """A response URL replaces all of a message, blocks that are not given included."""
    return Content(said.text, said.blocks, said.metadata, said.link_names, frozenset({"text", "blocks", "metadata"}))
