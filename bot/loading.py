"""Loading: what is made meanwhile stays to the end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nobody looks for garbage in the block, nor afterwards among what was made in it: there is none."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
