"""Dispatch: a table of 200 routes costs what a table of 10 does.

In process, no network: one press goes through Bolt and the route table to a handler that only shows help. Both tables
hold that route; the rest is made up. Bolt itself, with a listener for each action, would ask them one after the other.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from slack_bolt import BoltRequest

from bot import settings
from bot.program import Program
from handlers import routes
from handlers.routes import Route
from tests.benchmarks import asking
from tests.benchmarks.figures import Figure, at_most, ratios
from tests.benchmarks.rounds import interleave
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import environment

FEW, MANY, PRESSES, ROUNDS = 10, 200, 300, 15


def measure() -> list[Figure]:
    """A press with 200 routes in the table of actions, and with 10."""
    with TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'school.db'}"
        furnish(url, Size(courses=14, learners=6))
        program = Program(settings.read(environment(url, slack_port=9, port=3000)))
        every = dict(routes.ACTIONS)
        pressed = routes.ACTIONS["help.show"]
        try:
            took = interleave({str(count): _presses(program, pressed, count) for count in (FEW, MANY)}, ROUNDS)
        finally:
            routes.ACTIONS.clear()
            routes.ACTIONS.update(every)
            program.stop()
    few, many = took[str(FEW)], took[str(MANY)]
    behind = f"{median(many):.0f} µs against {median(few):.0f} µs of processor"
    return [Figure("dispatch: 200 routes against 10", ratios(many, few), at_most(1.05), behind)]


def _presses(program: Program, pressed: Route, count: int) -> Callable[[], float]:
    """Microseconds of processor for a press, with so many routes."""
    table = {f"made.up{number}": pressed for number in range(count - 1)} | {"help.show": pressed}
    body = asking.press(1, "help.show", "").decode()
    headers = {"content-type": "application/x-www-form-urlencoded"}

    def measured() -> float:
        routes.ACTIONS.clear()
        routes.ACTIONS.update(table)
        started = process_time()
        for _ in range(PRESSES):
            answer = program.bolt.dispatch(BoltRequest(body=body, headers={**headers}))
        took = process_time() - started
        assert answer.status == 200
        return took / PRESSES * 1e6

    return measured
