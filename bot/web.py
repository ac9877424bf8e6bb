"""The web side: Slack's door, health and figures, and the pages behind them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.door import Door, Message, Receive, Send
from models.errors import DomainError

Application = Callable[[Message, Receive, Send], Awaitable[None]]


def build_web(
    door: Door | None,
    pool: ThreadPoolExecutor,
    is_healthy: Callable[[], bool],
    figures: Callable[[], bytes],
    others: Sequence[Route] = (),
) -> Application:
    """The ASGI application. ``door`` is None in Socket Mode, where Slack's traffic does not come this way; ``others``
    are the routes of what else this bot does."""

    async def health(request: Request) -> Response:
        healthy = await asyncio.get_running_loop().run_in_executor(pool, is_healthy)
        return JSONResponse({"status": "ok" if healthy else "unavailable"}, 200 if healthy else 503)

    async def metrics(request: Request) -> Response:
        from bot.telemetry import CONTENT_TYPE

        try:
            told = await asyncio.get_running_loop().run_in_executor(pool, figures)
        except DomainError:
            return Response(status_code=503)
        return Response(told, media_type=CONTENT_TYPE)

    routes = [Route("/health", health, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]
    pages = Starlette(routes=[*routes, *others])
    if door is None:
        return pages

    async def web(scope: Message, receive: Receive, send: Send) -> None:
        # Past Starlette, whose layers would cost as much as the signature and the answer together.
        is_slack = scope["type"] == "http" and scope["path"] == "/slack/events" and scope["method"] == "POST"
        await (door if is_slack else pages)(scope, receive, send)

    return web
