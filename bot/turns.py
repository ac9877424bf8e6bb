"""Taking turns on the event loop: what computes runs there, and what has to wait is waited for in a thread.

Threads that compute only hand the interpreter's lock around, which on two cores cost more than the work itself. So a
request is worked on in a greenlet of the loop's thread; where it would wait, for Slack or for another writer, it steps
aside until a thread has done that for it, and others have their turn.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import local
from typing import Any, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

KEPT = 16
"""Turns that a thread keeps for who comes next."""
Result = TypeVar("Result")


class _Work:
    """A request's work, and how it ended."""

    def __init__(self, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._work, self._args = work, args
        # What it sets there is its own: a turn keeps its variables for whoever has it next.
        self._context = copy_context()
        self.result: Any = None
        self.error: BaseException | None = None

    def do(self) -> None:
        try:
            self.result = self._context.run(self._work, *self._args)
        except GreenletExit:
            # Whoever had the turn is gone, and it with them.
            raise
        except BaseException as error:
            self.error = error


class _Turn(greenlet):  # type: ignore[misc]
    """A turn. One request has it after the other: to begin a greenlet takes 7 µs and
    more, most of them for memory that the system gives and takes back each time."""


def _one_after_the_other() -> None:
    # No method of the turn's, and no work to begin with: what a greenlet was begun with it holds to its end.
    while True:
        work: _Work = getcurrent().parent.switch(_ENDED)
        work.do()
        del work


def _new() -> _Turn:
    turn = _Turn(_one_after_the_other)
    turn.switch()
    return turn


_ENDED = object()


class _Idle(local):
    """The turns nobody has, each thread's own."""

    def __init__(self) -> None:
        self.turns: deque[_Turn] = deque(maxlen=KEPT)


_IDLE = _Idle()


async def take(work: Callable[..., Result], *args: Any, pool: ThreadPoolExecutor) -> Result:
    """Do this on the loop's own thread, and whatever it waits for by `wait` in a thread of the pool.

    Cancelled while a thread waits, it is done to its end before the cancellation is raised: what the thread gets, a
    turn to write perhaps, would otherwise be nobody's to give back.
    """
    idle = _IDLE.turns
    turn = idle.pop() if idle else _new()
    doing = _Work(work, args)
    told: Any = turn.switch(doing)
    cancelled: asyncio.CancelledError | None = None
    while told is not _ENDED:
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
    trouble, doing.error = doing.error or cancelled, None
    try:
        if trouble is not None:
            raise trouble
        result: Result = doing.result
        return result
    finally:
        # An error holds on to this frame and its work: held by them it would live until the garbage is looked through.
        trouble = cancelled = None


def wait(call: Callable[[], Result]) -> Result:
    """Make a call that waits. Within a turn others have theirs meanwhile; elsewhere it is just made."""
    turn = getcurrent()
    if not isinstance(turn, _Turn) or turn.parent is None:
        return call()
    found: Result = turn.parent.switch(call)
    return found
