"""Somebody who migrates a database at the same moment as others, as a process."""

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from models.migrations import migrate


def migrate_when_told(url: str, start: Barrier, results: "Queue[object]") -> None:
    """Wait for the others, migrate, and say whether anything changed, or what went wrong."""
    start.wait()
    try:
        results.put(migrate(url).changed)
    except BaseException as error:
        results.put(repr(error))
