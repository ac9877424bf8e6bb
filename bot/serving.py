"""Running an ASGI application with uvicorn, in the foreground or in a thread."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

DRAIN_SECONDS = 10
KEPT_ALIVE_SECONDS = 75
"""How long an idle connection is kept: longer than proxies and clients keep theirs, which is a minute at most by
default, so that none of them sends into one that is just being closed."""


def serve(app: Any, listening: socket.socket) -> None:
    """Serve on an open socket until SIGINT or SIGTERM; requests in hand are finished first, within ten seconds."""
    # uvicorn raises the signal again once it has drained; by default that would end us before the rest is put away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.Server(_config(app, DRAIN_SECONDS)).run([listening])


@contextmanager
def serve_in_thread(app: Any, listening: socket.socket) -> Iterator[Callable[[], None]]:
    """Serve on an open socket from another thread while the block runs. What is yielded tells it to take nothing new,
    and returns at once; it does so within a tenth of a second."""
    server = uvicorn.Server(_config(app, 1))

    def run() -> None:
        asyncio.run(server.serve([listening]))

    def leave() -> None:
        server.should_exit = True

    thread = Thread(target=run, name="web", daemon=True)
    thread.start()
    try:
        yield leave
    finally:
        leave()
        thread.join(2)


def listen(host: str, port: int, *, tries: int = 1) -> socket.socket:
    """A listening socket on this port or one of the next ones. Raises OSError when none of them is free."""
    for offset in range(tries):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port + offset if port else 0))
        except OSError:
            listening.close()
            if offset == tries - 1:
                raise
            continue
        listening.listen(128)
        return listening
    raise OSError(f"no free port from {port}")


def _config(app: Any, drain: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        # By itself uvicorn loads a library for them, and nobody opens one here.
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=drain,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
    )
