"""The rehearsal API over HTTP: what is told, what is streamed, and what is done, in JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import clerk_directing, directing, playing, screen
from bot.sandbox.refusals import NotThere
from bot.sandbox.stage import Stage

_PING_EVERY = 15.0
_NO_STORE = {"Cache-Control": "no-store"}

Answering = Callable[[Stage, dict[str, Any]], Awaitable[dict[str, Any]]]
Telling = Callable[[Stage, Request], Awaitable[dict[str, Any]]]


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
_DONE: dict[str, Answering] = {**playing.ACTS, **directing.ACTS, **clerk_directing.ACTS}


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

    async def file(request: Request) -> Response:
        try:
            person = stage.person(request.query_params.get("person", ""))
            found = screen.file(stage, person, request.query_params.get("id", ""))
        except NotThere as nothing:
            return _no(str(nothing), 404)
        headers = {**_NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
        return Response(found.bytes, media_type=found.mimetype, headers=headers)

    async def no_faults(request: Request) -> Response:
        stage.faults.clear()
        stage.news.tell("state")
        return JSONResponse({"ok": True}, headers=_NO_STORE)

    return [
        Route("/rehearsal/events", changes, methods=["GET"]),
        Route("/rehearsal/file", file, methods=["GET"]),
        Route("/rehearsal/faults", no_faults, methods=["DELETE"]),
        *(Route(f"/rehearsal/{name}", telling(tell), methods=["GET"]) for name, tell in _TOLD.items()),
        *(Route(f"/rehearsal/{name}", doing(do), methods=["POST"]) for name, do in _DONE.items()),
    ]


def _no(sentence: str, status: int = 400) -> Response:
    return JSONResponse({"ok": False, "error": sentence}, status, headers=_NO_STORE)
