"""Telling everyone who watches that something changed."""

import asyncio
from collections.abc import Collection
from typing import Any, Literal

What = Literal["messages", "home", "modals", "state", "traffic"]


class Subscriber:
    """One open event stream of one person; `None` in the queue means that the rehearsal is over."""

    def __init__(self, person: str) -> None:
        self.person = person
        self.queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()


class News:
    """A number that grows with every change, and the streams that hear of it."""

    def __init__(self) -> None:
        self.revision = 0
        self.unsaved = asyncio.Event()
        self._subscribers: set[Subscriber] = set()
        self._changed = asyncio.Event()
        self._over = False

    def tell(self, what: What, *, channel: str | None = None, only: Collection[str] | None = None) -> None:
        """Count a change and tell those it is for (`only`: person keys; None is everyone)."""
        self.revision += 1
        item = {"revision": self.revision, "what": what, "channel": channel}
        for subscriber in self._subscribers:
            if only is None or subscriber.person in only:
                subscriber.queue.put_nowait(item)
        if what != "traffic":
            self.unsaved.set()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, after: int, seconds: float) -> int:
        """Return the revision as soon as it is beyond `after`, or when so many seconds have passed."""
        try:
            async with asyncio.timeout(seconds):
                while self.revision <= after and not self._over:
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.revision

    @property
    def watched(self) -> bool:
        """Whether anyone listens, so that working out who is worth the trouble."""
        return bool(self._subscribers)

    def subscribe(self, person: str) -> Subscriber:
        subscriber = Subscriber(person)
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)

    def close(self) -> None:
        """End every stream and let everyone who waits go."""
        self._over = True
        for subscriber in self._subscribers:
            subscriber.queue.put_nowait(None)
        self._changed.set()
