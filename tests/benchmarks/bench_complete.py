"""Marking a lesson complete.

A press on Home, 16 at a time, no lesson twice: each commits a row of progress and, by the triggers, a row of the
change log, before it is answered; the person's Home is queued. The floor commits the same rows by the same triggers,
and has no Home to queue. What was answered is compared with what the database then holds. Meanwhile
the bot does what it does while people learn: it follows the change log every two seconds and publishes Homes, at its
own pace.
"""

import shutil
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks import asking, contest, servers
from tests.benchmarks.contest import Stood, rates, told
from tests.benchmarks.figures import Figure, at_least, at_most, ratios
from tests.benchmarks.school import Size, furnish

BOT, FLOOR = "Homeroom", "the floor"
IN_FLIGHT = 16
MOST = 15_000
"""Presses a second that are made ready: more than a floor takes."""


def measure() -> list[Figure]:
    """Sixteen at a time, pinned."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        paths = {BOT: folder / "bot.db", FLOOR: folder / "floor.db"}
        furnish(f"sqlite:///{paths[BOT]}", Size())
        shutil.copyfile(paths[BOT], paths[FLOOR])
        before = {name: _committed(path) for name, path in paths.items()}
        presses = {name: asking.Presses(Size()) for name in paths}
        answered = dict.fromkeys(paths, 0)

        def requests(name: str, seconds: float) -> Path:
            lessons = presses[name].take(int(MOST * seconds))
            asking.write(folder / "asked", (asking.complete(*one) for one in lessons))
            return folder / "asked"

        slack = running.enter_context(servers.slack())
        contestants = {
            BOT: running.enter_context(servers.homeroom(f"sqlite:///{paths[BOT]}", slack.port)),
            FLOOR: running.enter_context(servers.floor(paths[FLOOR])),
        }
        stood = contest.held(
            contestants, requests, IN_FLIGHT, noted=lambda name, load: _add(answered, name, load.requests)
        )
        committed = {name: _committed(path) - before[name] for name, path in paths.items()}
    return _figures(stood, {name: answered[name] - committed[name] for name in paths}, answered)


def _add(answered: dict[str, int], name: str, count: int) -> None:
    answered[name] += count


def _committed(path: Path) -> int:
    """Lessons marked complete that the database holds, each of which the triggers logged, too."""
    with sqlite3.connect(path) as database:
        (done,) = database.execute("SELECT count(*) FROM progress WHERE completed = 1").fetchone()
        logged = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'homeroom_change'").fetchone()
    assert logged is None or done >= logged[0]
    return int(done)


def _figures(stood: dict[str, list[Stood]], missing: dict[str, int], answered: dict[str, int]) -> list[Figure]:
    mine, floor = stood[BOT], stood[FLOOR]
    behind = f"{told(mine)}; floor {told(floor)}"
    # wrk hangs up on the presses in flight when a round ends: they may be committed, and are counted by nobody.
    return [
        Figure(
            "mark complete, 16 at a time: presses a second against the floor",
            ratios(rates(mine), rates(floor)),
            at_least(0.20),
            behind,
        ),
        Figure(
            "mark complete: p99 against its own p50",
            ratios([one.load.p99 for one in mine], [one.load.p50 for one in mine]),
            at_most(8),
            f"p99 {median(one.load.p99 for one in mine):.1f} ms",
        ),
        Figure(
            "presses answered whose row is missing",
            (float(max(0, missing[BOT])),),
            at_most(0),
            f"{answered[BOT]:,} answered; of the floor's {answered[FLOOR]:,} {max(0, missing[FLOOR])} are missing",
            unit="",
        ),
        Figure(
            "processor's time for a press against the floor's",
            ratios([one.cpu for one in mine], [one.cpu for one in floor]),
            None,
            behind,
        ),
    ]
