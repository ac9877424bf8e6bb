"""Cores: the server gets one of its own and the load another, where there are two."""

import os
from collections.abc import Callable


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


SERVER, LOAD = (_cores()[0], _cores()[1]) if len(_cores()) > 1 else (None, None)
"""The core of the measured server and that of everything else; None where there are not two."""


def on_core(core: int | None) -> Callable[[], None] | None:
    """What a new process does first to stay on a core; None to leave it where the system puts it."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})
