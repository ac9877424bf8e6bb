"""What may follow an answer: bounded, in order for each person, and lost without harm when the process ends."""

import logging
from collections.abc import Callable, Hashable
from queue import Full, Queue
from threading import Event, Lock, Thread
from time import monotonic

log = logging.getLogger("homeroom.afterwards")

Work = Callable[[], object]


class Afterwards:
    """A few threads, each with a bounded queue. The same person's work always goes to the same thread.

    ``every`` is how many seconds a thread rests after each piece of work.
    """

    def __init__(self, threads: int = 4, waiting: int = 1000, every: float = 0.0) -> None:
        self._every = every
        self._stopping = Event()
        self._queues: list[Queue[tuple[Hashable | None, Work] | None]] = [Queue(waiting) for _ in range(threads)]
        self._once: set[Hashable] = set()
        self._lock = Lock()
        self._threads = [
            Thread(target=self._run, args=(queue,), name=f"afterwards-{number}", daemon=True)
            for number, queue in enumerate(self._queues)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, person: Hashable, work: Work, *, once: Hashable | None = None) -> bool:
        """Queue work for a person; False when there was no room and it is lost.

        Work with the same ``once`` that is still waiting is not queued again.
        """
        if once is not None:
            with self._lock:
                if once in self._once:
                    return True
                self._once.add(once)
        try:
            self._queues[hash(person) % len(self._queues)].put_nowait((once, work))
        except Full:
            self._forget(once)
            log.warning("No room for what should follow an answer; it is lost")
            return False
        return True

    def rests(self, seconds: float) -> bool:
        """True once nothing is waiting or underway; False when so many seconds passed without that."""
        deadline = monotonic() + seconds
        for queue in self._queues:
            with queue.all_tasks_done:
                while queue.unfinished_tasks:
                    if not queue.all_tasks_done.wait(max(0.0, deadline - monotonic())):
                        return False
        return True

    def stop(self, seconds: float) -> None:
        """Finish what is waiting, within so many seconds; what is left then is lost."""
        deadline = monotonic() + seconds
        self._stopping.set()
        for queue in self._queues:
            try:
                queue.put(None, timeout=max(0.0, deadline - monotonic()))
            except Full:
                log.warning("Work that should follow an answer was lost on the way out")
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    def _forget(self, once: Hashable | None) -> None:
        if once is not None:
            with self._lock:
                self._once.discard(once)

    def _run(self, queue: Queue[tuple[Hashable | None, Work] | None]) -> None:
        while (item := queue.get()) is not None:
            once, work = item
            # Forgotten before it runs: what changes meanwhile queues it again, and is not missed.
            self._forget(once)
            try:
                work()
            except Exception:
                log.exception("What should follow an answer failed")
            finally:
                queue.task_done()
            if self._every:
                self._stopping.wait(self._every)
