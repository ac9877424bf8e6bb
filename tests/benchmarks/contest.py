"""A contest: servers take turns under the same load, and what each answer cost is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks import load
from tests.benchmarks.load import Load
from tests.benchmarks.rounds import ROUNDS, interleave
from tests.benchmarks.servers import Server

SECONDS = 2
"""Of load for each server in each round."""


@dataclass(frozen=True, slots=True)
class Stood:
    """How a server stood one round, and the processor's time (µs) it used for an answer."""

    load: Load
    cpu: float


def held(
    servers: Mapping[str, Server],
    requests: Callable[[str, float], Path],
    connections: int,
    *,
    pinned: bool = True,
    seconds: int = SECONDS,
    rounds: int = ROUNDS,
    noted: Callable[[str, Load], object] = lambda name, load: None,
) -> dict[str, list[Stood]]:
    """Each server's rounds. ``requests`` writes what a server is asked, by its name, enough for so many seconds;
    ``noted`` hears of every load there was, the first among them, which is not measured."""

    def turn(name: str, seconds: int = seconds) -> Stood:
        asked = requests(name, seconds)
        before = servers[name].cpu_seconds
        told = load.run([servers[name].port], asked, connections, seconds, pinned=pinned)
        noted(name, told)
        return Stood(told, (servers[name].cpu_seconds - before) / told.requests * 1e6)

    for name in servers:
        turn(name, 1)
    return interleave({name: partial(turn, name) for name in servers}, rounds)


def rates(stood: list[Stood]) -> list[float]:
    """Answers a second, round by round."""
    return [one.load.rate for one in stood]


def p50s(stood: list[Stood]) -> list[float]:
    """Milliseconds within which half of the answers came, round by round."""
    return [one.load.p50 for one in stood]


def told(stood: list[Stood]) -> str:
    """One server in a few words."""
    rate, p50, p99 = (median(each) for each in (rates(stood), p50s(stood), [one.load.p99 for one in stood]))
    return f"{rate:,.0f}/s, p50 {p50:.2f} ms, p99 {p99:.1f} ms, {median(one.cpu for one in stood):,.0f} µs of processor"
