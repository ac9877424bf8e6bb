"""The workspace's own time."""

import asyncio
import time


class Clock:
    """The machine's clock, moved forward as far as someone asked; in seconds since 1970 (UTC).

    Trigger ids, response URLs, message timestamps and event retries follow it. Signatures stay with the
    machine's clock unless asked to come along, so that moving forward does not make the bot refuse everything.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self.signature_offset = 0.0
        self.last_ts = 0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return time.time() + self.offset

    def signing_time(self) -> int:
        """The whole second that goes into X-Slack-Request-Timestamp."""
        return int(time.time() + self.signature_offset)

    def advance(self, seconds: float, *, signatures: bool = False) -> None:
        """Move forward. Whoever sleeps on this clock wakes up if their time has come."""
        self.offset += seconds
        if signatures:
            self.signature_offset += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def back_to_start(self) -> None:
        """Stand at the machine's time again. Timestamps handed out stay unique all the same."""
        self.offset = self.signature_offset = 0.0

    def ts(self) -> str:
        """A message timestamp ("1700000000.000100"), later than every one before it."""
        self.last_ts = max(int(self.now() * 1_000_000), self.last_ts + 1)
        return f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06d}"

    async def sleep(self, seconds: float) -> None:
        """Return when this clock, however it is moved, has gone forward by so many seconds."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                pass
