"""Work nobody waits for: it has the processor when those who answer people leave it free."""

import os
import sys
from contextlib import suppress

NICENESS = 10
"""Beside somebody who answers such a thread gets a tenth of a core; of a core nobody wants, all."""
SWITCH_SECONDS = 0.001
"""How long a thread may go on computing while another waits for the interpreter: a quarter of what a screen takes."""


def stand_back() -> None:
    """Let this thread go after the others from now on. On Linux alone a thread has a niceness of its own (man 2
    setpriority); elsewhere, and where a sandbox forbids it, nothing changes."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def let_others_in() -> None:
    """Have threads that compute hand the interpreter over soon: by default each may keep it for five milliseconds,
    more than a screen takes."""
    sys.setswitchinterval(SWITCH_SECONDS)
