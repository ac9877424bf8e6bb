"""Knowing when nothing is happening between Slack and the bot."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SILENCE = 0.03


class Activity:
    """Requests on their way to the bot, and when one last came from it."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._last = time.monotonic()
        self._settled = asyncio.Event()
        self._settled.set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While this is open, something is on its way to the bot."""
        self._in_flight += 1
        self._settled.clear()
        try:
            yield
        finally:
            self._in_flight -= 1
            self.heard()
            if not self._in_flight:
                self._settled.set()

    def heard(self) -> None:
        """The bot was heard of just now."""
        self._last = time.monotonic()

    async def quiet(self, seconds: float) -> bool:
        """True once nothing was on its way for 30 ms; False when so many seconds passed without that."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self._settled.wait()
                    left = self._last + _SILENCE - time.monotonic()
                    if left <= 0 and not self._in_flight:
                        return True
                    await asyncio.sleep(max(left, 0))
        except TimeoutError:
            return False
