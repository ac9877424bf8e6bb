"""Slices of a core: a process that gets no more of the processor than a part of one core, by the system's own quota.

On a machine with few cores several processes can each have such a core of their own, if a small one, and the rest of
the machine does what is around them. For root on a Linux with control groups of version 1.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD = 10_000
"""Microseconds in which a process may compute for its share of them."""


def can_be_cut() -> bool:
    """Whether this system lets us give out slices."""
    return (GROUPS / "cpu.cfs_quota_us").exists() and os.access(GROUPS, os.W_OK)


@contextmanager
def of_a_core(share: float, *pids: int) -> Iterator[None]:
    """Hold each of these processes to its own ``share`` of a core while the block runs."""
    made = []
    try:
        for pid in pids:
            group = GROUPS / f"homeroom-{pid}"
            group.mkdir()
            made.append(group)
            (group / "cpu.cfs_period_us").write_text(str(PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD * share)))
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group in made:
            for held in (group / "cgroup.procs").read_text().split():
                (GROUPS / "cgroup.procs").write_text(held)
            group.rmdir()
