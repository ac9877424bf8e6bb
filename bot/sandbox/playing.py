"""What people of the rehearsal do, as the rehearsal API asks for it."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import clicking, events, modals, saying
from bot.sandbox.clicking import OnView, Place
from bot.sandbox.files import LARGEST_IN_FORM, File
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere
from bot.sandbox.stage import Stage

Asked = dict[str, Any]


def _actor(stage: Stage, asked: Asked) -> Person:
    """Who acts. Raises NotThere for someone who cannot any more."""
    person = stage.person(str(asked.get("person")))
    if person.deleted or person.is_bot:
        raise NotThere(f"{person.name} cannot do anything here.")
    return person


def _refuse_without_app(stage: Stage, team: str) -> None:
    """What the app left behind can be looked at, and nothing more."""
    if team in stage.taken_out:
        raise NotThere(f"{stage.app.name} isn't installed here any more.")


def _place(stage: Stage, asked: Asked) -> tuple[Person, Place]:
    person = _actor(stage, asked)
    message = asked.get("message")
    if message is not None and not isinstance(message, dict):
        raise NotThere('"message" is {"channel": ..., "ts": ...}.')
    return person, clicking.place_of(stage, person, message, asked.get("view"))


def _modal(stage: Stage, asked: Asked) -> tuple[Person, OnView]:
    person, place = _place(stage, {**asked, "message": None})
    assert isinstance(place, OnView)
    return person, place


async def say(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = _actor(stage, asked)
    return await saying.say(stage, person, str(asked.get("channel")), str(asked.get("text", "")), asked.get("thread"))


async def click(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _place(stage, asked)
    _refuse_without_app(stage, place.workspace.id)
    clicking.fill_in(stage, person, place, asked.get("values") or {})
    block_id, action_id = str(asked.get("block_id")), str(asked.get("action_id"))
    return await clicking.click(stage, person, place, block_id, action_id, asked.get("selected"))


async def fill_in(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _place(stage, asked)
    clicking.fill_in(stage, person, place, asked.get("values") or {})
    return {"ok": True}


async def upload(stage: Stage, asked: Asked) -> dict[str, Any]:
    """Someone puts a file, in base64, into a form; it is theirs until the form is submitted."""
    person = _actor(stage, asked)
    name, content = str(asked.get("name") or "file"), str(asked.get("content") or "")
    try:
        size = len(base64.b64decode(content, validate=True))
    except ValueError as error:
        raise NotThere('"content" is the file in base64.') from error
    if not 0 < size <= LARGEST_IN_FORM:
        raise NotThere("A form takes files of 10 MB at most, and none that is empty.")
    file = File(stage.ids.next("F"), name, name, content, user=person.id)
    stage.workspaces[person.team].files[file.id] = file
    return {"ok": True, "id": file.id}


async def suggest(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _place(stage, asked)
    _refuse_without_app(stage, place.workspace.id)
    block_id, action_id = str(asked.get("block_id")), str(asked.get("action_id"))
    return await clicking.suggest(stage, person, place, block_id, action_id, str(asked.get("query", "")))


async def submit(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _modal(stage, asked)
    _refuse_without_app(stage, place.workspace.id)
    return await modals.submit(stage, person, place, asked.get("values") or {})


async def close(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _modal(stage, asked)
    return await modals.close(stage, person, place, everything=bool(asked.get("all", False)))


async def open_home(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = _actor(stage, asked)
    tab = asked.get("tab", "home")
    if tab not in ("home", "messages"):
        raise NotThere('The tabs are "home" and "messages".')
    events.home_opened(stage, stage.workspaces[person.team], person, tab)
    return {"ok": True}


async def shortcut(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = _actor(stage, asked)
    _refuse_without_app(stage, person.team)
    return await clicking.use_shortcut(stage, person, str(asked.get("callback_id")), asked.get("message"))


async def read(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = _actor(stage, asked)
    _, channel = stage.channel_for(person, str(asked.get("channel")))
    seen = [message.ts for message in channel.messages.values() if message.seen_by(person.id)]
    if seen and channel.read.get(person.id, "") < max(seen):
        channel.read[person.id] = max(seen)
        stage.news.tell("state", only={person.key})
    return {"ok": True}


ACTS: dict[str, Callable[[Stage, Asked], Awaitable[dict[str, Any]]]] = {
    "say": say,
    "click": click,
    "fill_in": fill_in,
    "upload": upload,
    "suggest": suggest,
    "submit": submit,
    "close": close,
    "open_home": open_home,
    "shortcut": shortcut,
    "read": read,
}
