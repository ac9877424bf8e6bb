"""Processes of the tests' own, forked from one that has loaded what they need and opened nothing yet.

Loading takes a second of a processor, and would be most of what short-lived ones do.
"""

from collections.abc import Callable
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

LOADED = ["tests.crowd", "tests.migrating", "tests.proofs.event_process", "tests.proofs.sender_process"]


@cache
def context() -> ForkServerContext:
    """Where such processes, and what they talk through, come from."""
    found = get_context("forkserver")
    found.set_forkserver_preload(LOADED)
    return found


def started(target: Callable[..., object], *arguments: Any) -> ForkServerProcess:
    """A process that does this, and ends with this one."""
    process = context().Process(target=target, args=arguments, daemon=True)
    process.start()
    return process
