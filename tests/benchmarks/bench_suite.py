"""The tests.

`make test` once, from end to end, on as many cores as there are, where what it needs is installed and nothing of ours
is compiled.
"""

import shutil
import subprocess
from time import monotonic

from tests.benchmarks.figures import Figure, at_most
from tests.benchmarks.servers import ROOT


def measure() -> list[Figure]:
    """Every test, once. Raises CalledProcessError when one fails."""
    subprocess.run(["make", ".venv/ready-to-test", ".venv/neighbours"], cwd=ROOT, check=True)
    for room in ("bot", "handlers", "models", "tests"):
        for compiled in list((ROOT / room).rglob("__pycache__")):
            shutil.rmtree(compiled)
    started = monotonic()
    suite = subprocess.run(["make", "test"], cwd=ROOT, check=True, capture_output=True, text=True)
    minutes = (monotonic() - started) / 60
    return [
        Figure("the full test suite", (minutes,), at_most(5), suite.stdout.splitlines()[-1].strip("= "), unit="min")
    ]
