"""One, two and four processes on PostgreSQL.

`homeroom serve` once, twice and four times on one database; each process has eight connections of wrk. A process
computes on one core, so four of them want four cores, with as much again for PostgreSQL and the load. Where
there are fewer, each process is held to a slice of a core by the system's quota: that shows whether they stand in each
other's way, though not what PostgreSQL does when all of them are faster.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests import postgresql
from tests.benchmarks import asking, load, servers, slices
from tests.benchmarks.contest import Stood, rates, told
from tests.benchmarks.figures import Figure, Goal, at_least, ratios
from tests.benchmarks.rounds import interleave
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import Server

COUNTS = (1, 2, 4)
IN_FLIGHT = 8
"""Requests on their way to each process."""
SECONDS = 6
SLICE = 0.15
"""Of a core for each process, where there are not cores enough."""
GROWS = 1.7
"""Times as many answers from twice as many processes."""


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
        how, is_shown = "a core each", True
        if (os.cpu_count() or 1) < 2 * max(COUNTS):
            how, is_shown = "too few cores for them", slices.can_be_cut()
            if is_shown:
                how = f"{SLICE:.0%} of a core each"
                running.enter_context(slices.of_a_core(SLICE, *(bot.process.pid for bot in bots)))
        stood = interleave(turns)
    return [
        figure
        for few, many in pairwise(COUNTS)
        for figure in _figures(stood, few, many, how, at_least(GROWS) if is_shown else None)
    ]


def _figures(stood: dict[str, list[Stood]], fewer: int, more: int, how: str, goal: Goal | None) -> list[Figure]:
    one, many = stood[str(fewer)], stood[str(more)]
    what = f"{more} processes on PostgreSQL, {how}"
    return [
        Figure(
            f"{what}: answers a second against {fewer}",
            ratios(rates(many), rates(one)),
            goal,
            f"{told(many)}; {fewer}: {told(one)}",
        ),
        Figure(
            f"{what}: processor's time for an answer against {fewer}",
            ratios([each.cpu for each in many], [each.cpu for each in one]),
            None,
            f"{median(each.cpu for each in many):,.0f} µs against {median(each.cpu for each in one):,.0f} µs",
        ),
    ]


def _loaded(bots: list[Server], asked: Path) -> Callable[[], Stood]:
    def turn() -> Stood:
        asking.write(asked, asking.catalogs())
        before = sum(bot.cpu_seconds for bot in bots)
        told = load.run([bot.port for bot in bots], asked, IN_FLIGHT * len(bots), SECONDS, pinned=False)
        return Stood(told, (sum(bot.cpu_seconds for bot in bots) - before) / told.requests * 1e6)

    return turn
