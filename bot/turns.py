"""Taking turns on the event loop: what computes runs there, and what has to wait is waited for in a thread.

Threads that compute only hand the interpreter's lock around, which on two cores cost more than the work itself. So a
request is worked on in a greenlet of the loop's thread; where it would wait, for Slack or for another writer, it steps
aside until a thread has done that for it, and others have their turn.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import local
from typing import Any, NamedTuple, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")


class _Done(NamedTuple):
    """What work returned."""

    result: Any


class _Turn(greenlet):  # type: ignore[misc]
    """A turn, which one request has after the other until one of them fails: the stack of a greenlet is memory that the
    system gives and takes back, 7 µs each time."""

    def run(self, work: Callable[[], Any]) -> None:
        while True:
            work = self.parent.switch(_Done(work()))


class _Idle(local):
    """The turns that nobody has, each thread's own."""

    def __init__(self) -> None:
        self.turns: list[_Turn] = []


_IDLE = _Idle()


async def take(work: Callable[..., Result], *args: Any, pool: ThreadPoolExecutor) -> Result:
    """Do this on the loop's own thread, and whatever it waits for by `wait` in a thread of the pool.

    Cancelled while a thread waits, it is done to its end before the cancellation is raised: what the thread gets, a
    turn to write perhaps, would otherwise be nobody's to give back.
    """
    idle = _IDLE.turns
    turn = idle.pop() if idle else _Turn()
    told: Any = turn.switch(partial(work, *args))
    cancelled: asyncio.CancelledError | None = None
    while not isinstance(told, _Done):
        try:
            waiting = pool.submit(told)
            try:
                found = await asyncio.wrap_future(waiting)
            except asyncio.CancelledError as error:
                if waiting.cancel():
                    raise
                cancelled, found = error, waiting.result()
        except BaseException as error:
            told = turn.throw(error)
        else:
            told = turn.switch(found)
    idle.append(turn)
    if cancelled is not None:
        raise cancelled
    result: Result = told.result
    return result


def wait(call: Callable[[], Result]) -> Result:
    """Make a call that waits. Within a turn others have theirs meanwhile; elsewhere it is just made."""
    turn = getcurrent()
    if not isinstance(turn, _Turn) or turn.parent is None:
        return call()
    found: Result = turn.parent.switch(call)
    return found
