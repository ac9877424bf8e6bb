"""Keeping a workspace over a restart: one JSON file, replaced as a whole."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from bot.sandbox.files import File
from bot.sandbox.people import Person
from bot.sandbox.response_urls import ResponseUrl
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Channel, Message, UserGroup, View, Workspace

_FORMAT = 2
_PAUSE = 0.2


def load(stage: Stage, path: Path) -> None:
    """Read a rehearsal back. Raises ValueError naming the file when it is not one of ours."""
    if not path.exists():
        return
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            raise ValueError("another format")
        workspaces = [_workspace(entry) for entry in kept["workspaces"]]
        urls = {secret: ResponseUrl(**url) for secret, url in kept["response_urls"].items()}
        if stage.clerk is not None and kept.get("clerk") is not None:
            stage.clerk.take_back(kept["clerk"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} does not hold a rehearsal ({error}). Delete it to start afresh.") from error
    stage.workspaces |= {workspace.id: workspace for workspace in workspaces}
    stage.response_urls.issued = urls
    stage.news.revision = int(kept["revision"])
    stage.clock.offset = float(kept["offset"])
    stage.clock.last_ts = int(kept["last_ts"])


def _workspace(kept: dict[str, Any]) -> Workspace:
    channels = {}
    for channel_id, channel in kept["channels"].items():
        messages = {ts: Message(**message) for ts, message in channel.pop("messages").items()}
        channels[channel_id] = Channel(**channel, messages=messages)
    people = {user: Person(**person) for user, person in kept["people"].items()}
    views = {view_id: View(**view) for view_id, view in kept["views"].items()}
    groups = {group_id: UserGroup(**group) for group_id, group in kept["groups"].items()}
    files = {file_id: File(**file) for file_id, file in kept["files"].items()}
    made = {"channels": channels, "people": people, "views": views, "groups": groups, "files": files}
    return Workspace(**{**kept, **made})


def dump(stage: Stage) -> str:
    """The rehearsal as JSON."""
    return json.dumps(
        {
            "format": _FORMAT,
            "revision": stage.news.revision,
            "offset": stage.clock.offset,
            "last_ts": stage.clock.last_ts,
            "workspaces": list(stage.workspaces.values()),
            "response_urls": stage.response_urls.issued,
            "clerk": None if stage.clerk is None else stage.clerk.kept(),
        },
        default=vars,
    )


def write(path: Path, text: str) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


async def keep(stage: Stage, path: Path) -> None:
    """Save a moment after each change, for as long as the rehearsal runs."""
    while True:
        await stage.news.unsaved.wait()
        await asyncio.sleep(_PAUSE)
        stage.news.unsaved.clear()
        await asyncio.to_thread(write, path, dump(stage))
