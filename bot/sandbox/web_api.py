"""Slack's Web API over HTTP: tokens, arguments, scopes, limits and faults, then the method itself."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.sandbox import (
    chat_methods,
    conversation_methods,
    file_methods,
    group_methods,
    messages,
    user_methods,
    view_methods,
)
from bot.sandbox.calls import Call
from bot.sandbox.faults import Fault, is_error_code
from bot.sandbox.refusals import Refused
from bot.sandbox.stage import Stage
from bot.sandbox.traffic import Entry

METHODS = {
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **file_methods.METHODS,
    **group_methods.METHODS,
    **user_methods.METHODS,
    **view_methods.METHODS,
}


Result = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body and headers of an answer."""


class Dropped(Response):
    """No answer: the connection is closed under the caller."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["close_connection"]()
        while (await receive())["type"] != "http.disconnect":
            pass


async def read_args(request: Request) -> dict[str, Any]:
    """The arguments of a call, from the address, a form or JSON. Raises Refused as Slack does."""
    args: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return args
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type == "application/json":
        try:
            given = json.loads(body)
        except ValueError as error:
            raise Refused("invalid_json") from error
        if not isinstance(given, dict):
            raise Refused("json_not_object")
        return args | {key: value for key, value in given.items() if value is not None}
    if content_type == "application/x-www-form-urlencoded":
        return args | dict(parse_qsl(body.decode(), keep_blank_values=True))
    raise Refused("invalid_post_type")


async def call_method(stage: Stage, request: Request) -> Response:
    """Answer POST /api/METHOD, and write it down."""
    method = request.path_params["method"]
    stage.activity.heard()
    started = time.perf_counter()
    args: dict[str, Any] = {}
    unreadable: Refused | None = None
    try:
        args = await read_args(request)
    except Refused as refused:
        unreadable = refused
    entry = stage.traffic.begin(stage.clock.now(), "from_bot", method, json.dumps(args))
    try:
        if unreadable is not None:
            raise unreadable
        token = _token(request, args)
        if method == "apps.connections.open":
            return _end(stage, entry, started, _connections_open(stage, token))
        workspace = stage.workspaces[_team_of(stage, token)]
    except Refused as refused:
        return _end(stage, entry, started, refused.answer())
    fault = stage.faults.strike_call(method)
    call = Call(stage, workspace, method, args)
    return await with_fault(stage, request, fault, entry, started, lambda: _answer(call))


def _answer(call: Call) -> Result:
    method = METHODS.get(call.method)
    try:
        if method is None:
            raise Refused("unknown_method", req_method=call.method)
        call.needs(*method.scopes)
        wait = call.stage.limits.wait_for(
            call.workspace.id, call.method, method.tier, call.optional("channel"), call.stage.clock.now()
        )
        if wait is not None:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)}
        return 200, method.answer(call), {}
    except Refused as refused:
        return 200, refused.answer(), {}


async def with_fault(
    stage: Stage,
    request: Request,
    fault: Fault | None,
    entry: Entry,
    started: float,
    work: Callable[[], Result],
) -> Response:
    """Do the work and answer, or what the fault makes of it."""
    kind = fault.fault if fault is not None else ""
    status, body, headers = _refusal(kind)
    if fault is None:
        status, body, headers = work()
    elif kind in ("429", "ratelimited"):
        status, body = 429, {"ok": False, "error": "ratelimited"}
        headers = {"Retry-After": str(fault.retry_after)}
    elif kind == "500":
        stage.traffic.end(entry, 500, started, "Internal Server Error")
        return Response("Internal Server Error", 500, media_type="text/plain")
    elif not is_error_code(kind):
        if not kind.endswith("_before"):
            status, body, headers = work()
        stage.traffic.end(entry, kind, started, json.dumps(body))
        if kind.startswith("timeout"):
            await hold(stage, request, fault.seconds)
        return Dropped()
    return _end(stage, entry, started, body, status, headers)


def _refusal(code: str) -> Result:
    return 200, {"ok": False, "error": code}, {}


def _end(
    stage: Stage,
    entry: Entry,
    started: float,
    body: dict[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    text = json.dumps(body)
    stage.traffic.end(entry, status, started, text)
    return Response(
        text,
        status,
        headers={"x-oauth-scopes": ",".join(stage.app.scopes), **(headers or {})},
        media_type="application/json",
    )


async def hold(stage: Stage, request: Request, seconds: float | None) -> None:
    """Keep the caller waiting until they give up, the time is over, or the rehearsal is."""
    waits = [asyncio.create_task(stage.over.wait()), asyncio.create_task(_gone(request))]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _token(request: Request, args: dict[str, Any]) -> str:
    bearer = request.headers.get("authorization", "")
    given = bearer.removeprefix("Bearer ").strip() if bearer else str(args.get("token", ""))
    args.pop("token", None)
    if not given:
        raise Refused("not_authed")
    return given


def _team_of(stage: Stage, token: str) -> str:
    if token not in stage.tokens:
        raise Refused("not_allowed_token_type" if token == stage.app_token else "invalid_auth")
    team = stage.tokens[token]
    if team in stage.taken_out:
        raise Refused(stage.taken_out[team])
    return team


async def take_upload(stage: Stage, request: Request) -> Response:
    """Answer POST /upload/v1/SECRET: the bytes of a file, as they are."""
    stage.activity.heard()
    started = time.perf_counter()
    content = await request.body()
    entry = stage.traffic.begin(stage.clock.now(), "from_bot", "upload", f"{len(content)} bytes")

    def work() -> Result:
        if not stage.uploads.take(request.path_params["secret"], content, stage.clock.now()):
            return 400, {"ok": False, "error": "upload_failed"}, {}
        return 200, {"ok": True}, {}

    fault = stage.faults.strike_call("upload")
    return await with_fault(stage, request, fault, entry, started, work)


async def give_file(stage: Stage, request: Request) -> Response:
    """Answer GET /files-pri/TEAM-FILE/NAME: the bytes, for a token that may read them; else Slack's sign-in page
    (https://docs.slack.dev/reference/objects/file-object)."""
    stage.activity.heard()
    started = time.perf_counter()
    team, _, file_id = request.path_params["which"].partition("-")
    entry = stage.traffic.begin(stage.clock.now(), "from_bot", "files-pri", file_id)
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    may = stage.tokens.get(token) == team and team not in stage.taken_out and "files:read" in stage.app.scopes
    file = stage.workspaces[team].files.get(file_id) if may else None
    if file is None:
        stage.traffic.end(entry, 200, started, "a page to sign in")
        return Response("<!DOCTYPE html><title>Sign in</title>", media_type="text/html")
    fault = stage.faults.strike_call("files-pri")
    if fault is not None:
        return await with_fault(stage, request, fault, entry, started, lambda: (200, {"ok": True}, {}))
    stage.traffic.end(entry, 200, started, f"{len(file.bytes)} bytes")
    return Response(file.bytes, media_type=file.mimetype)


def _connections_open(stage: Stage, token: str) -> dict[str, Any]:
    if token in stage.tokens:
        raise Refused("not_allowed_token_type")
    if token != stage.app_token:
        raise Refused("invalid_auth")
    address = stage.address.replace("http", "ws", 1)
    return {"ok": True, "url": f"{address}/link?ticket={stage.sockets.ticket()}"}


async def use_response_url(stage: Stage, request: Request) -> Response:
    """Answer POST /respond/SECRET: "ok", or Slack's refusal with its status."""
    stage.activity.heard()
    started = time.perf_counter()
    text = (await request.body()).decode()
    entry = stage.traffic.begin(stage.clock.now(), "from_bot", "response_url", text)

    def work() -> Result:
        try:
            body = json.loads(text)
            if not isinstance(body, dict):
                raise Refused("invalid_payload")
            messages.answer(stage, request.path_params["secret"], body)
        except ValueError:
            return 400, {"ok": False, "error": "invalid_payload"}, {}
        except Refused as refused:
            gone = refused.error in ("used_url", "expired_url")
            return 404 if gone else 400, refused.answer(), {}
        return 200, {"ok": True}, {}

    fault = stage.faults.strike_call("response_url")
    return await with_fault(stage, request, fault, entry, started, work)
