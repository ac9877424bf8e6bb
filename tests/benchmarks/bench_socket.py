"""Socket Mode.

A Slack of our own keeps 16 commands for the catalog on their way over one connection, and sends the next when one is
acknowledged. The floor is a bare websockets client on uvloop that runs the same SQL and acknowledges with the same
screen. Each has such a Slack to itself, on the core of the load, whose own work slows both: the true floor is higher.
"""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.benchmarks import servers
from tests.benchmarks.contest import SECONDS, Stood, rates, told
from tests.benchmarks.figures import Figure, at_least, ratios
from tests.benchmarks.load import Load
from tests.benchmarks.rounds import interleave
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import Server

IN_FLIGHT = 16


def measure() -> list[Figure]:
    """Sixteen in flight, pinned."""
    with TemporaryDirectory() as name, ExitStack() as running:
        path, other = Path(name) / "bot.db", Path(name) / "floor.db"
        furnish(f"sqlite:///{path}", Size())
        shutil.copyfile(path, other)
        slack, another = (running.enter_context(servers.slack()) for _ in range(2))
        bot = running.enter_context(servers.homeroom(f"sqlite:///{path}", slack.port, app_token="xapp-bench"))
        socket_url = f"ws://127.0.0.1:{another.port}/socket"
        floor = running.enter_context(servers.floor(other, socket_url=socket_url))
        turns = {"bot": _loaded(bot, slack), "floor": _loaded(floor, another)}
        for turn in turns.values():
            turn()
        stood = interleave(turns)
    return [
        Figure(
            "Socket Mode, 16 in flight: answers a second against a bare client",
            ratios(rates(stood["bot"]), rates(stood["floor"])),
            at_least(0.20),
            f"{told(stood['bot'])}; floor {told(stood['floor'])}",
        )
    ]


def _loaded(client: Server, slack: Server) -> Callable[[], Stood]:
    def turn() -> Stood:
        before = client.cpu_seconds
        url = f"http://127.0.0.1:{slack.port}/load?seconds={SECONDS}&in_flight={IN_FLIGHT}"
        load = Load(**httpx.get(url, timeout=60).raise_for_status().json())
        return Stood(load, (client.cpu_seconds - before) / load.requests * 1e6)

    return turn
