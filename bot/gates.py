"""The gate messages leave by, one behind the other, however many were composed at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock


class Gate:
    """Lets messages out, each at its slot or as soon after it as there is room.

    Slots are evenly apart, but what composes messages is not evenly fast: those that waited for the same thing would
    leave together, and Slack, which counts each second, would refuse the last of them. It knows of this process's
    messages only; ``clock`` is real time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last: datetime | None = None

    def leaves_at(self, slot: datetime, apart: timedelta) -> datetime:
        """When the message of this slot leaves, ``apart`` being the space between two. Asked once for each message."""
        with self._lock:
            leaves = max(slot, self._clock())
            if self._last is not None:
                leaves = max(leaves, self._last + apart)
            self._last = leaves
        return leaves
