"""``make bench``: every benchmark, or those named, into docs/performance.md."""

import sys

from tests.benchmarks import (
    bench_catalog,
    bench_complete,
    bench_desk,
    bench_dispatch,
    bench_growth,
    bench_processes,
    bench_reading,
    bench_scale,
    bench_sender,
    bench_size,
    bench_socket,
    bench_start,
    bench_statements,
    bench_suite,
    bench_tick,
    page,
)

BENCHMARKS = (
    bench_catalog,
    bench_complete,
    bench_dispatch,
    bench_socket,
    bench_processes,
    bench_start,
    bench_statements,
    bench_growth,
    bench_reading,
    bench_desk,
    bench_tick,
    bench_sender,
    bench_size,
    bench_scale,
    bench_suite,
)


def main(names: list[str]) -> int:
    """Measure the benchmarks with these names, or all, and write the page; 2 for a name that nothing has.

    ``page`` measures nothing and writes the page again.
    """
    known = {page.name_of(benchmark): benchmark for benchmark in BENCHMARKS}
    wrong = [name for name in names if name not in known and name != "page"]
    if wrong:
        print(f"There is no benchmark {', '.join(wrong)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    for name, benchmark in known.items():
        if names and name not in names:
            continue
        figures = benchmark.measure()
        print(f"{name}\n{page.table(figures)}\n", flush=True)
        page.keep(name, figures)
        page.write(BENCHMARKS)
    page.write(BENCHMARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
