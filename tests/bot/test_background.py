"""Who works in the background stands back, and nobody else does."""

import os
import sys
from threading import Thread

import pytest

from bot.background import NICENESS, stand_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a thread has a niceness of its own")


def niceness() -> int:
    """That of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_a_thread_stands_back_and_whoever_began_it_does_not() -> None:
    before, seen = niceness(), []

    def work() -> None:
        stand_back()
        stand_back()
        seen.append(niceness())

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [max(NICENESS, before)]
    assert niceness() == before
