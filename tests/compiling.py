"""Compile the tests before many workers load them: what is not compiled yet each of them would compile for itself.

pytest compiles tests in its own way while it collects them, and hypothesis reads the words of the modules they load. So
the tests that have changed are collected once, as many processes at a time as there are cores.
"""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def uncompiled() -> list[Path]:
    """The tests that pytest has not compiled since they were written, the largest first."""
    found = []
    for path in TESTS.rglob("test_*.py"):
        compiled = path.parent.glob(f"__pycache__/{path.stem}.{sys.implementation.cache_tag}-pytest-*.pyc")
        if all(one.stat().st_mtime < path.stat().st_mtime for one in compiled):
            found.append(path)
    return sorted(found, key=lambda path: path.stat().st_size, reverse=True)


def main() -> None:
    """Compile them; what is wrong with one is said when it is run."""
    paths, cores = uncompiled(), os.cpu_count() or 1
    shares = [share for first in range(cores) if (share := paths[first::cores])]
    collecting = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:xdist", "-p", "no:cacheprovider"]
    processes = [
        subprocess.Popen([*collecting, *map(str, share)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for share in shares
    ]
    for process in processes:
        process.wait()


if __name__ == "__main__":
    main()
