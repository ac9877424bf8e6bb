"""The web side: Slack's door, with the signature checked before anything else, health and figures."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.answers import Answers
from bot.linking import Linking
from bot.linking import routes as link_routes
from bot.slack import following
from bot.telemetry import CONTENT_TYPE
from bot.webhooks import ClerkWebhooks
from bot.webhooks import route as webhook_route
from models.errors import DomainError

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. A view is 250 KB at most (docs: views.publish); form encoding can triple that."""


def build_web(
    bolt: App | None,
    answers: Answers,
    signing_secret: str,
    pool: ThreadPoolExecutor,
    is_healthy: Callable[[], bool],
    figures: Callable[[], bytes],
    linking: Linking | None = None,
    webhooks: ClerkWebhooks | None = None,
) -> Starlette:
    """The ASGI application. ``bolt`` is None in Socket Mode, where Slack's traffic does not come this way; ``linking``
    is None where nobody can link themselves, ``webhooks`` where Clerk tells us nothing."""

    async def health(request: Request) -> Response:
        healthy = await asyncio.get_running_loop().run_in_executor(pool, is_healthy)
        return JSONResponse({"status": "ok" if healthy else "unavailable"}, 200 if healthy else 503)

    async def metrics(request: Request) -> Response:
        try:
            told = await asyncio.get_running_loop().run_in_executor(pool, figures)
        except DomainError:
            return Response(status_code=503)
        return Response(told, media_type=CONTENT_TYPE)

    routes = [Route("/health", health, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]
    if bolt is not None:
        routes.append(_events(bolt, answers, SignatureVerifier(signing_secret), pool))
    if linking is not None:
        routes += link_routes(linking, pool)
    if webhooks is not None:
        routes.append(webhook_route(webhooks, pool))
    return Starlette(routes=routes)


def _events(bolt: App, answers: Answers, verifier: SignatureVerifier, pool: ThreadPoolExecutor) -> Route:
    async def events(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        if not _is_signed(verifier, body, request):
            return Response(status_code=401)
        loop = asyncio.get_running_loop()
        bolt_request = BoltRequest(body=body.decode("utf-8", "replace"), headers=_headers(request))
        answer = await loop.run_in_executor(pool, bolt.dispatch, bolt_request)
        headers = {name: values[0] for name, values in answer.headers.items() if name != "content-length"}

        async def begin() -> None:
            answers.begin(following(bolt_request))

        return Response(answer.body, answer.status, headers, background=BackgroundTask(begin))

    return Route("/slack/events", events, methods=["POST"])


def _is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    """Whether Slack signed this body within five minutes (docs: verifying requests); a malformed time is a no."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    return bool(verifier.is_valid(body, timestamp, signature))


async def _body(request: Request) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _headers(request: Request) -> dict[str, str | Sequence[str]]:
    return dict(request.headers)
