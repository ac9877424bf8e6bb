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

SECONDS = 2.0
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
    seconds: float = SECONDS,
    rounds: int = ROUNDS,
) -> dict[str, list[Stood]]:
    """Each server's rounds. ``requests`` writes what a server is asked, by its name, enough for so many seconds."""
    turns = {
        name: partial(_one, server, partial(requests, name), connections, seconds, pinned)
        for name, server in servers.items()
    }
    for turn in turns.values():
        turn.func(*turn.args[:3], 0.5, pinned)  # what is loaded and compiled at first is not what is measured
    return interleave(turns, rounds)


def _one(server: Server, requests: Callable[[float], Path], connections: int, seconds: float, pinned: bool) -> Stood:
    asked = requests(seconds)
    before = server.cpu_seconds
    told = load.run([server.port], asked, connections, seconds, pinned=pinned)
    return Stood(told, (server.cpu_seconds - before) / told.requests * 1e6)


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
