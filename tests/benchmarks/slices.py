"""Slices of a core: a process that gets no more of the processor than a part of one core, by the system's own quota.

On a machine with few cores several processes can each have such a core of their own, if a small one, and the rest of
the machine does what is around them. Linux alone, and only for root: control groups, version 1 or 2.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD = 10_000
"""Microseconds in which a process may compute for its share of them."""


def can_be_cut() -> bool:
    """Whether this system lets us give out slices."""
    return os.access(_parent(), os.W_OK) and any(
        (_parent() / name).exists() for name in ("cpu.cfs_quota_us", "cpu.max")
    )


@contextmanager
def of_a_core(share: float, *pids: int) -> Iterator[None]:
    """Hold each of these processes to its own ``share`` of a core while the block runs."""
    made = []
    try:
        for pid in pids:
            group = _parent() / f"homeroom-{pid}"
            group.mkdir()
            made.append(group)
            _allow(group, round(PERIOD * share))
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group in made:
            for held in (group / "cgroup.procs").read_text().split():
                (_parent() / "cgroup.procs").write_text(held)
            group.rmdir()


def _parent() -> Path:
    return GROUPS / "cpu" if (GROUPS / "cpu").is_dir() else GROUPS


def _allow(group: Path, quota: int) -> None:
    if (group / "cpu.cfs_quota_us").exists():
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {PERIOD}")
