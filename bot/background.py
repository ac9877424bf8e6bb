"""Work nobody waits for: it has the processor when those who answer people leave it free."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

NICENESS = 10
"""Beside somebody who answers such a thread gets a tenth of a core; of a core nobody wants, all."""
SWITCH_SECONDS = 0.001
"""How long a thread may go on computing while another waits for the interpreter and there is such work: a quarter of
what a screen takes."""


def stand_back() -> None:
    """Let this thread go after the others from now on. On Linux alone a thread has a niceness of its own (man 2
    setpriority); elsewhere, and where a sandbox forbids it, nothing changes."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


class Background:
    """What of it is in hand. Meanwhile threads hand the interpreter over sooner than Python has them: by default each
    may keep it for five milliseconds, more than a screen takes. All the time it would cost a fifth of what is answered.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_hand = 0
        self._usual = 0.0

    @contextmanager
    def work(self) -> Iterator[None]:
        """Something of it is done in the block."""
        with self._lock:
            if not self._in_hand:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(SWITCH_SECONDS)
            self._in_hand += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_hand -= 1
                if not self._in_hand:
                    sys.setswitchinterval(self._usual)


BACKGROUND = Background()
"""This process's: there is one interpreter to hand over."""
