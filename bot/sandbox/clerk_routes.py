"""Everything of the local Clerk under one path, with trouble where someone asked for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import clerk_backend, clerk_sign_in, clerk_tokens
from bot.sandbox.clerk import PATH, Clerk
from bot.sandbox.clerk_refusals import BackendRefused, OAuthRefused
from bot.sandbox.faults import Fault
from bot.sandbox.stage import Stage
from bot.sandbox.web_api import Dropped, hold

Answering = Callable[[Clerk, Request], Awaitable[Response]]

_ASKED: tuple[tuple[str, str, str, Answering], ...] = (
    ("GET", "/.well-known/openid-configuration", "clerk:discovery", clerk_tokens.discovery),
    ("GET", "/.well-known/oauth-authorization-server", "clerk:discovery", clerk_tokens.discovery),
    ("GET", "/.well-known/jwks.json", "clerk:jwks", clerk_tokens.jwks),
    ("POST", "/oauth/token", "clerk:token", clerk_tokens.token),
    ("GET", "/oauth/userinfo", "clerk:userinfo", clerk_tokens.userinfo),
    ("GET", "/v1/users", "clerk:users", clerk_backend.users),
    ("GET", "/v1/users/{id}", "clerk:users", clerk_backend.user),
)


def routes(stage: Stage, clerk: Clerk) -> list[Route]:
    """The routes under /clerk."""

    def asked(what: str, answer: Answering) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            stage.activity.heard()
            started = time.perf_counter()
            # Bodies stay out of the traffic: codes and tokens would let a reader be someone.
            entry = stage.traffic.begin(stage.clock.now(), "from_bot", what, "")
            response = await _with_fault(stage, stage.faults.strike_clerk(what), clerk, request, answer)
            stage.traffic.end(entry, "drop" if isinstance(response, Dropped) else response.status_code, started, "")
            return response

        return endpoint

    bots = [Route(PATH + path, asked(what, answer), methods=[method]) for method, path, what, answer in _ASKED]
    return [*clerk_sign_in.routes(clerk), *bots]


async def _answer(clerk: Clerk, request: Request, answer: Answering) -> Response:
    try:
        return await answer(clerk, request)
    except (OAuthRefused, BackendRefused) as refused:
        return refused.answer()


async def _with_fault(stage: Stage, fault: Fault | None, clerk: Clerk, request: Request, answer: Answering) -> Response:
    """The answer, or what the fault makes of it."""
    if fault is None:
        return await _answer(clerk, request, answer)
    kind = fault.fault
    if kind == "slow":
        response = await _answer(clerk, request, answer)
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await stage.over.wait()
        return response
    if kind.removesuffix("_before") in ("drop", "timeout"):
        if not kind.endswith("_before"):
            await _answer(clerk, request, answer)
        if kind.startswith("timeout"):
            await hold(stage, request, fault.seconds)
        return Dropped()
    if kind == "429" or not kind.isdecimal():
        limited = JSONResponse({"errors": [{"code": "too_many_requests", "message": "Slow down."}]}, 429)
        limited.headers["Retry-After"] = str(fault.retry_after)
        return limited if kind == "429" else OAuthRefused(kind, "Asked for as a fault.").answer()
    return JSONResponse({"errors": [{"code": "internal_error", "message": "Asked for as a fault."}]}, int(kind))
