"""Who works in the background stands back, and nobody else does."""

import os
import sys
from threading import Thread

import pytest

from bot.background import NICENESS, SWITCH_SECONDS, Background, stand_back


def niceness() -> int:
    """That of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a thread has a niceness of its own")
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


def test_the_interpreter_is_handed_over_sooner_until_the_last_of_it_is_done() -> None:
    usual, background = sys.getswitchinterval(), Background()
    with background.work():
        with background.work():
            assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() == pytest.approx(usual)
    with pytest.raises(KeyError), background.work():
        raise KeyError
    assert sys.getswitchinterval() == pytest.approx(usual)
