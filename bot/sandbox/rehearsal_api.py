"""The rehearsal API: what the page and the tests' people do, in JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import fields
from typing import Any
from zoneinfo import available_timezones

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import clicking, events, modals, saying, screen
from bot.sandbox.clicking import OnView, Place
from bot.sandbox.faults import Fault
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere
from bot.sandbox.requests import DEPRECATED_PROOF
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Workspace

_PING_EVERY = 15.0
_NO_STORE = {"Cache-Control": "no-store"}
_PROFILE = {field.name for field in fields(Person)} - {"id", "team", "updated"}

Asked = dict[str, Any]
Answering = Callable[[Stage, Asked], Awaitable[dict[str, Any]]]
Telling = Callable[[Stage, Request], Awaitable[dict[str, Any]]]


def _actor(stage: Stage, asked: Asked) -> Person:
    """Who acts. Raises NotThere for someone who cannot any more."""
    person = stage.person(str(asked.get("person")))
    if person.deleted or person.is_bot:
        raise NotThere(f"{person.name} cannot do anything here.")
    return person


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
    clicking.fill_in(stage, person, place, asked.get("values") or {})
    block_id, action_id = str(asked.get("block_id")), str(asked.get("action_id"))
    return await clicking.click(stage, person, place, block_id, action_id, asked.get("selected"))


async def fill_in(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _place(stage, asked)
    clicking.fill_in(stage, person, place, asked.get("values") or {})
    return {"ok": True}


async def suggest(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _place(stage, asked)
    block_id, action_id = str(asked.get("block_id")), str(asked.get("action_id"))
    return await clicking.suggest(stage, person, place, block_id, action_id, str(asked.get("query", "")))


async def submit(stage: Stage, asked: Asked) -> dict[str, Any]:
    person, place = _modal(stage, asked)
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
    return await clicking.use_shortcut(stage, person, str(asked.get("callback_id")), asked.get("message"))


async def read(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = _actor(stage, asked)
    _, channel = stage.channel_for(person, str(asked.get("channel")))
    seen = [message.ts for message in channel.messages.values() if message.seen_by(person.id)]
    if seen and channel.read.get(person.id, "") < max(seen):
        channel.read[person.id] = max(seen)
        stage.news.tell("state", only={person.key})
    return {"ok": True}


async def faults(stage: Stage, asked: Asked) -> dict[str, Any]:
    given = {key: asked[key] for key in ("method", "fault", "times", "retry_after", "seconds") if key in asked}
    if not isinstance(given.get("method"), str) or not isinstance(given.get("fault"), str):
        raise NotThere('A fault has a "method" ("views.open", "/learn", "*") and a "fault".')
    stage.faults.add(Fault(**given))
    stage.news.tell("state")
    return {"ok": True, "faults": stage.faults.shown()}


async def limits(stage: Stage, asked: Asked) -> dict[str, Any]:
    stage.limits.clear()
    stage.limits.on = bool(asked.get("on"))
    stage.news.tell("state")
    return {"ok": True, "limits": stage.limits.on}


async def clock(stage: Stage, asked: Asked) -> dict[str, Any]:
    seconds = asked.get("advance")
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise NotThere('"advance" is a number of seconds, forward.')
    stage.clock.advance(float(seconds), signatures=bool(asked.get("signatures", False)))
    stage.news.tell("state")
    return {"ok": True, "now": stage.clock.now()}


async def people(stage: Stage, asked: Asked) -> dict[str, Any]:
    workspace = _workspace(stage, asked.get("team"))
    profile = {key: value for key, value in asked.items() if key not in ("team", "id")}
    if unknown := profile.keys() - _PROFILE:
        raise NotThere(f"A person has no {', '.join(sorted(unknown))}.")
    if profile.get("tz") is not None and profile["tz"] not in available_timezones():
        raise NotThere(f"There is no time zone {profile['tz']!r}.")
    user = str(asked.get("id"))
    person = workspace.people.get(user)
    joined = person is None
    if person is None:
        name = str(profile.pop("name", user))
        handle = str(profile.pop("handle", name.partition(" ")[0].lower()))
        person = Person(user, workspace.id, name, handle)
        workspace.add(person)
        for channel in workspace.channels.values():
            if channel.name == "general":
                channel.members.append(user)
    for key, value in profile.items():
        setattr(person, key, value)
    person.updated = int(stage.clock.now())
    stage.news.tell("state")
    events.person_changed(stage, workspace, person, joined=joined)
    return {"ok": True, "person": person.key}


def _workspace(stage: Stage, team: Any) -> Workspace:
    if team not in stage.workspaces:
        raise NotThere(f"There is no workspace {team!r}.")
    return stage.workspaces[team]


async def membership(stage: Stage, asked: Asked) -> dict[str, Any]:
    person = stage.person(str(asked.get("person")))
    for workspace in stage.workspaces.values():
        channel = workspace.channels.get(str(asked.get("channel")))
        if channel is not None and channel.kind != "dm":
            break
    else:
        raise NotThere(f"There is no channel {asked.get('channel')!r}.")
    joined = bool(asked.get("joined", True))
    if joined == (person.id in channel.members):
        return {"ok": True}
    if joined:
        channel.members.append(person.id)
        if person.team != workspace.id:
            channel.is_ext_shared = True
    events.membership_changed(stage, workspace, channel, person, joined=joined)
    if not joined:
        channel.members.remove(person.id)
    stage.news.tell("state")
    return {"ok": True}


async def redeliver(stage: Stage, asked: Asked) -> dict[str, Any]:
    entry = stage.traffic.entry(int(asked.get("n", 0)))
    if entry is None or entry.sent is None:
        raise NotThere(f"There is no request to the bot with the number {asked.get('n')}.")
    answer = await stage.deliveries.send(entry.what, entry.sent)
    return {"ok": answer.failure is None, "status": answer.status, "body": answer.body, "n": answer.entry.n}


async def forge(stage: Stage, asked: Asked) -> dict[str, Any]:
    headers = {str(key): str(value) for key, value in (asked.get("headers") or {}).items()}
    try:
        with stage.activity.busy():
            status, body, _ = await stage.deliveries.post(str(asked.get("body", "")).encode(), headers)
    except httpx.HTTPError as error:
        raise NotThere(f"The bot could not be reached: {error}") from error
    return {"status": status, "body": body}


async def verify_url(stage: Stage, asked: Asked) -> dict[str, Any]:
    challenge = stage.ids.secret()
    payload = {"token": DEPRECATED_PROOF, "challenge": challenge, "type": "url_verification"}
    answer = await stage.deliveries.deliver("url_verification", "events_api", payload)
    return {"ok": answer.failure is None and challenge in answer.body, "status": answer.status}


async def reset(stage: Stage, asked: Asked) -> dict[str, Any]:
    stage.back_to_start()
    return {"ok": True}


async def state(stage: Stage, request: Request) -> dict[str, Any]:
    return screen.state(stage, stage.person(request.query_params.get("person", "")))


async def messages(stage: Stage, request: Request) -> dict[str, Any]:
    asked = request.query_params
    person = stage.person(asked.get("person", ""))
    return {"messages": screen.messages(stage, person, asked.get("channel", ""), asked.get("thread") or None)}


async def wait(stage: Stage, request: Request) -> dict[str, Any]:
    after, seconds = _number(request, "after", 0), _number(request, "seconds", 10)
    return {"revision": await stage.news.wait(int(after), seconds)}


async def quiet(stage: Stage, request: Request) -> dict[str, Any]:
    return {"quiet": await stage.activity.quiet(_number(request, "seconds", 10))}


async def traffic(stage: Stage, request: Request) -> dict[str, Any]:
    return {"entries": stage.traffic.after(int(_number(request, "after", 0)))}


def _number(request: Request, name: str, default: float) -> float:
    try:
        return float(request.query_params.get(name, default))
    except ValueError as error:
        raise NotThere(f'"{name}" is a number.') from error


def watch(stage: Stage, request: Request) -> Response:
    """The stream of changes for one person, until they leave or the rehearsal is over."""
    person = stage.person(request.query_params.get("person", ""))

    async def lines() -> AsyncIterator[str]:
        subscriber = stage.news.subscribe(person.key)
        try:
            yield ": ping\n\n"
            while not stage.over.is_set():
                try:
                    async with asyncio.timeout(_PING_EVERY):
                        item = await subscriber.queue.get()
                except TimeoutError:
                    yield ": ping\n\n"
                    continue
                if item is None:
                    return
                yield f"data: {json.dumps(item)}\n\n"
        finally:
            stage.news.unsubscribe(subscriber)

    return StreamingResponse(lines(), media_type="text/event-stream", headers=_NO_STORE)


_TOLD: dict[str, Telling] = {
    "state": state,
    "messages": messages,
    "wait": wait,
    "quiet": quiet,
    "traffic": traffic,
}
_DONE: dict[str, Answering] = {
    "say": say,
    "click": click,
    "fill_in": fill_in,
    "suggest": suggest,
    "submit": submit,
    "close": close,
    "open_home": open_home,
    "shortcut": shortcut,
    "read": read,
    "faults": faults,
    "limits": limits,
    "clock": clock,
    "people": people,
    "membership": membership,
    "redeliver": redeliver,
    "forge": forge,
    "verify_url": verify_url,
    "reset": reset,
}


def routes(stage: Stage) -> list[Route]:
    """The routes under /rehearsal/."""

    def telling(tell: Telling) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(await tell(stage, request), headers=_NO_STORE)
            except NotThere as nothing:
                return _no(str(nothing))

        return endpoint

    def doing(do: Answering) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            # Asking for JSON's own type keeps other sites from posting here through someone's browser.
            if not request.headers.get("content-type", "").startswith("application/json"):
                return _no("Send JSON, as application/json.", 415)
            try:
                asked = json.loads(await request.body() or b"{}")
                if not isinstance(asked, dict):
                    raise NotThere("Send a JSON object.")
                return JSONResponse(await do(stage, asked), headers=_NO_STORE)
            except json.JSONDecodeError:
                return _no("Send JSON.")
            except NotThere as nothing:
                return _no(str(nothing))

        return endpoint

    async def changes(request: Request) -> Response:
        try:
            return watch(stage, request)
        except NotThere as nothing:
            return _no(str(nothing))

    async def no_faults(request: Request) -> Response:
        stage.faults.clear()
        stage.news.tell("state")
        return JSONResponse({"ok": True}, headers=_NO_STORE)

    return [
        Route("/rehearsal/events", changes, methods=["GET"]),
        Route("/rehearsal/faults", no_faults, methods=["DELETE"]),
        *(Route(f"/rehearsal/{name}", telling(tell), methods=["GET"]) for name, tell in _TOLD.items()),
        *(Route(f"/rehearsal/{name}", doing(do), methods=["POST"]) for name, do in _DONE.items()),
    ]


def _no(sentence: str, status: int = 400) -> Response:
    return JSONResponse({"ok": False, "error": sentence}, status, headers=_NO_STORE)
