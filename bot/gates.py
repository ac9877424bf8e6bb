"""The gate messages leave by, one behind the other, however many were composed at once."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from time import sleep

from models.paces import HIGHEST_RATE

SECOND = timedelta(seconds=1)
CLOSEST = 0.75
"""How close two may be, against what the pace has between them, while they catch up with their slots."""


@dataclass(slots=True)
class Leaving:
    """A message on its way out. ``at`` is when it is to leave, and once it has left, when it did."""

    at: datetime


class Gate:
    """Lets messages out, each at its slot or as soon after it as there is room.

    Slots are evenly apart, but what composes messages is not evenly fast: those that waited for the same thing would
    leave together, and Slack, which counts each second, would refuse the last of them. So they leave a little closer
    than their slots were until they have caught up. It knows of this process's messages only; ``clock`` is real time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._lately: deque[Leaving] = deque(maxlen=ceil(HIGHEST_RATE))

    def next(self, slot: datetime, apart: timedelta) -> Leaving:
        """When the message of this slot leaves, ``apart`` being the space between two slots, and at most as many in
        any second as that makes. Asked once for each message."""
        a_second = ceil(SECOND / apart)
        with self._lock:
            at = max(slot, self._clock())
            if self._lately:
                at = max(at, self._lately[-1].at + CLOSEST * apart)
            if len(self._lately) >= a_second:
                # Whoever left late, a second ago, is late for those who follow as well.
                at = max(at, self._lately[-a_second].at + SECOND)
            leaving = Leaving(at)
            self._lately.append(leaving)
        return leaving

    def let_out(self, leaving: Leaving) -> None:
        """Wait until it is to leave, and keep when it did."""
        sleep(max(0.0, (leaving.at - self._clock()).total_seconds()))
        leaving.at = self._clock()
