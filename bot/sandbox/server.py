"""The rehearsal as a server: one ASGI app, and a way to run it beside other things."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from bot.sandbox import clerk_routes, rehearsal_api, state_file, web_api
from bot.sandbox.cast import default_cast
from bot.sandbox.clerk import PATH as CLERK_PATH
from bot.sandbox.clerk import Clerk, ClerkSetup
from bot.sandbox.installed_app import read_manifest
from bot.sandbox.stage import Stage
from bot.sandbox.workspace import Workspace

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Setup:
    """What a rehearsal starts with.

    `ack_limit` is how many seconds the bot has to answer; `event_retries` are the pauses, on the workspace's
    clock, before an event that was not accepted is sent again (Slack's own are 0, 60 and 300). Without `clerk` there
    is nothing under /clerk.
    """

    manifest: Mapping[str, Any]
    signing_secret: str
    bot_token: str
    app_token: str | None = None
    workspaces: Sequence[Workspace] = field(default_factory=default_cast)
    state_file: Path | None = None
    ack_limit: float = 3.0
    event_retries: Sequence[float] = (0.0, 0.0, 0.0)
    clerk: ClerkSetup | None = None


class Rehearsal:
    """A local Slack. `app` answers Slack's API, the rehearsal API and the page, and Clerk where there is one.

    Raises ValueError when the state file is not one of ours or the webhook secret is not one of Clerk's.
    """

    def __init__(self, setup: Setup) -> None:
        self.stage = Stage(
            read_manifest(setup.manifest),
            signing_secret=setup.signing_secret,
            bot_token=setup.bot_token,
            app_token=setup.app_token,
            workspaces=setup.workspaces,
            ack_limit=setup.ack_limit,
            event_retries=setup.event_retries,
            clerk=setup.clerk,
        )
        self._state_file = setup.state_file
        if setup.state_file is not None:
            state_file.load(self.stage, setup.state_file)
        self.app = Starlette(routes=self._routes(), lifespan=self._lifespan)

    def connect(self, request_url: str) -> None:
        """Tell where the bot listens; from now on requests go there over HTTP."""
        self.stage.deliveries.request_url = request_url

    def answers_at(self, address: str) -> None:
        """Tell where the app is served ("http://127.0.0.1:PORT"): response and socket URLs begin with it."""
        self.stage.address = address.rstrip("/")
        if self.stage.clerk is not None:
            self.stage.clerk.issuer = self.stage.address + CLERK_PATH

    @property
    def clerk(self) -> Clerk:
        """The local Clerk. Raises RuntimeError when the setup has none."""
        if self.stage.clerk is None:
            raise RuntimeError("This rehearsal has no Clerk.")
        return self.stage.clerk

    def clerk_redirects(self, *uris: str) -> None:
        """Register these redirect URIs, and no others."""
        self.clerk.redirect_uris = uris

    def clerk_webhooks_to(self, url: str) -> None:
        """Tell where the bot listens for Clerk's webhooks."""
        self.clerk.webhooks.url = url

    def _routes(self) -> list[BaseRoute]:
        stage = self.stage

        async def method(request: Request) -> Response:
            return await web_api.call_method(stage, request)

        async def respond(request: Request) -> Response:
            return await web_api.use_response_url(stage, request)

        async def upload(request: Request) -> Response:
            return await web_api.take_upload(stage, request)

        async def file(request: Request) -> Response:
            return await web_api.give_file(stage, request)

        async def link(websocket: WebSocket) -> None:
            await stage.sockets.connect(websocket)

        return [
            Route("/api/{method:path}", method, methods=["GET", "POST"]),
            Route("/respond/{secret}", respond, methods=["POST"]),
            Route("/upload/v1/{secret}", upload, methods=["POST"]),
            Route("/files-pri/{which}/{name:path}", file, methods=["GET"]),
            WebSocketRoute("/link", link),
            *rehearsal_api.routes(stage),
            *([] if stage.clerk is None else clerk_routes.routes(stage, stage.clerk)),
            Route("/", _page, methods=["GET"]),
            Mount("/static", _Files(directory=_STATIC, check_dir=False)),
        ]

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        saving = None
        if self._state_file is not None:
            saving = asyncio.create_task(state_file.keep(self.stage, self._state_file))
        try:
            yield
        finally:
            await self.stage.close()
            if saving is not None and self._state_file is not None:
                saving.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await saving
                state_file.write(self._state_file, state_file.dump(self.stage))


async def _page(request: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers={"Cache-Control": "no-store"})


class _Files(StaticFiles):
    """The page's files, never kept by a browser: they change while someone works on them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response


class _ClosableProtocol(HttpToolsProtocol):
    """HTTP whose connections the app may close, for the fault that drops them."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["close_connection"] = self.transport.abort


@dataclass(frozen=True)
class RunningRehearsal:
    """A rehearsal that is being served."""

    rehearsal: Rehearsal
    url: str

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is to be."""
        return f"{self.url}/api/"

    @property
    def clerk_issuer(self) -> str:
        """What CLERK_ISSUER is to be."""
        return self.url + CLERK_PATH

    @property
    def clerk_api_url(self) -> str:
        """What CLERK_API_URL is to be."""
        return f"{self.clerk_issuer}/v1"

    def now(self) -> datetime:
        """The workspace's own time, in UTC."""
        return datetime.fromtimestamp(self.rehearsal.stage.clock.now(), UTC)


@contextmanager
def run(setup: Setup, host: str = "127.0.0.1", port: int = 0) -> Iterator[RunningRehearsal]:
    """Serve a rehearsal from a thread until the end of the block; port 0 takes a free one.

    It answers from the first line of the block on and is gone within a second after it. Raises OSError when
    the port is taken.
    """
    rehearsal = Rehearsal(setup)
    listener = socket.create_server((host, port), backlog=256)
    url = f"http://{host}:{listener.getsockname()[1]}"
    rehearsal.answers_at(url)
    config = uvicorn.Config(
        rehearsal.app,
        http=_ClosableProtocol,
        ws=WebSocketsSansIOProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, rehearsal.stage)
    thread = threading.Thread(target=server.run, args=([listener],), name="rehearsal", daemon=True)
    thread.start()
    try:
        yield RunningRehearsal(rehearsal, url)
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """A server that lets go of those who wait before it waits for them."""

    def __init__(self, config: uvicorn.Config, stage: Stage) -> None:
        super().__init__(config)
        self._stage = stage

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._stage.close()
        await super().shutdown(sockets)
