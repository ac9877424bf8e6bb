"""Load: wrk, which sends requests made beforehand and costs its core little."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.cores import LOAD, on_core

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """How a server stood a load. Times in milliseconds; ``requests`` are those answered, by no status but 200."""

    requests: int
    seconds: float
    p50: float
    p99: float
    slowest: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def run(ports: Sequence[int], requests: Path, connections: int, seconds: int, *, pinned: bool = True) -> Load:
    """Send the requests of a file over so many connections, each waiting for its answer before it sends the next.

    Raises RuntimeError when anything was not answered, or by another status than 200.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("These benchmarks need wrk. Install it: apt-get install wrk, or brew install wrk.")
    threads = len(ports)
    with on_core(LOAD if pinned else None):
        told = subprocess.run(
        [wrk, f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", SCRIPT,
         f"http://127.0.0.1:{ports[0]}/slack/events"],
        env=os.environ
        | {"LOAD_FILE": str(requests), "LOAD_PORTS": " ".join(map(str, ports)), "LOAD_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    found = json.loads(told.stdout.splitlines()[-1])
    if found.pop("refused") or found.pop("broken"):
        raise RuntimeError(f"Not everything was answered with 200:\n{told.stdout}")
    return Load(**found)
