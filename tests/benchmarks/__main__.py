"""``make bench``: every benchmark, into docs/performance.md."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import bench_desk, bench_tick

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BENCHMARKS = (bench_tick, bench_desk)


def main() -> None:
    """Measure everything and write the page."""
    rows = [figure for benchmark in BENCHMARKS for figure in benchmark.measure()]
    table = "\n".join(f"| {one.what} | {one.ratio} | {one.spread} | {one.must} | {one.behind} |" for one in rows)
    print(table)
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    PAGE.write_text(
        "# Performance\n\n"
        "Ratios from interleaved rounds in one run, medians with their spread. `make bench` measures them again and\n"
        f"writes this page. Measured on {datetime.now(UTC):%Y-%m-%d}, on {machine}.\n\n"
        "| what | measured | spread | must reach | behind it |\n|---|---|---|---|---|\n"
        f"{table}\n"
    )


if __name__ == "__main__":
    main()
