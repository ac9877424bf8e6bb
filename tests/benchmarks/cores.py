"""Cores: the server gets one of its own and the load another, where there are two."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


SERVER, LOAD = (_cores()[0], _cores()[1]) if len(_cores()) > 1 else (None, None)
"""The core of the measured server and that of everything else; None where there are not two."""


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Processes begun in the block stay on this core; None leaves them where the system puts them."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
