"""One, two and four processes on PostgreSQL.

`homeroom serve` once, twice and four times on one database; each process has its connections of wrk, 16 in all.
Nothing is pinned: the processes, PostgreSQL and the load share the cores there are. A process computes on one core, so
four of them grow fourfold at most on four cores of their own, with as much again for PostgreSQL and the load. Where
there are fewer, what can be shown is that an answer costs each process as much when it has company.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests import postgresql
from tests.benchmarks import asking, load, servers
from tests.benchmarks.contest import SECONDS, Stood, rates, told
from tests.benchmarks.figures import Figure, at_least, ratios
from tests.benchmarks.rounds import interleave
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import Server

COUNTS = (1, 2, 4)
IN_FLIGHT = 16


def measure() -> list[Figure]:
    """The catalog, asked of one, two and four processes in turn."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = folder / "cluster"
        cluster.mkdir()
        postgresql.start(cluster)
        running.callback(postgresql.stop, cluster)
        url = postgresql.url(cluster, "postgres")
        furnish(url, Size())
        slack = running.enter_context(servers.slack())
        bots = [running.enter_context(servers.homeroom(url, slack.port, pinned=False)) for _ in range(max(COUNTS))]
        turns = {str(count): _loaded(bots[:count], folder / "asked") for count in COUNTS}
        for turn in turns.values():
            turn()
        stood = interleave(turns)
    return [figure for count in COUNTS[1:] for figure in _figures(stood, count)]


def _figures(stood: dict[str, list[Stood]], count: int) -> list[Figure]:
    one, many = stood["1"], stood[str(count)]
    is_shown = (os.cpu_count() or 1) >= 2 * count
    behind = f"{told(many)}; one {told(one)}"
    return [
        Figure(
            f"{count} processes on PostgreSQL: answers a second against one",
            ratios(rates(many), rates(one)),
            at_least(1.7) if is_shown else None,
            behind if is_shown else f"{behind}; this machine has too few cores to show more",
        ),
        Figure(
            f"{count} processes on PostgreSQL: processor's time for an answer against one",
            ratios([each.cpu for each in many], [each.cpu for each in one]),
            None,
            f"{median(each.cpu for each in many):,.0f} µs against {median(each.cpu for each in one):,.0f} µs",
        ),
    ]


def _loaded(bots: list[Server], asked: Path) -> Callable[[], Stood]:
    def turn() -> Stood:
        asking.write(asked, asking.catalogs())
        before = sum(bot.cpu_seconds for bot in bots)
        told = load.run([bot.port for bot in bots], asked, IN_FLIGHT, SECONDS, pinned=False)
        return Stood(told, (sum(bot.cpu_seconds for bot in bots) - before) / told.requests * 1e6)

    return turn
