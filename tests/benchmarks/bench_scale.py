"""10,000,000 learners in 10,000 workspaces: a day, minute by minute

What one thing costs is measured here on SQLite; the day is simulated. Each figure is the busiest minute's demand over
what one machine does with one core for it: above 1× it breaks. [scale.md](scale.md) says what was assumed, and what to
do.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, thread_time

import numpy as np
from numpy.typing import NDArray

from handlers import progress
from handlers.requests import Context, Portal, Request
from models import changes, leases, reminders
from models.database import Database
from models.members import Caller, Profile
from tests.benchmarks import bench_growth, bench_size, bench_tick
from tests.benchmarks.figures import Figure, told
from tests.benchmarks.keptschools import NOW, kept, opened

Numbers = NDArray[np.float64]
LEARNERS, WORKSPACES, MINUTES = 10_000_000, 10_000, 24 * 60
ZONES = ((-8, 0.10), (-5, 0.24), (0, 0.12), (1, 0.24), (5, 0.15), (8, 0.10), (9, 0.05))
"""Hours from UTC, and the share of learners there."""
AT_HOME = 0.8
"""Share of a workspace's learners who live in its main zone; the others live as everybody does."""
REMINDED, AT_NINE = 0.10, 0.6
"""Share of learners due on a day, and the share of these who never chose another hour than nine; the rest choose eight
to seventeen."""
LESSONS_A_DAY = 1.0
"""Lessons each learner marks complete on a day, within the nine hours from nine."""
SLACK_A_SECOND = 5.0
"""Messages a workspace takes: "several hundred per minute" (docs: Web API rate limits)."""
LATE = 180
"""Minutes after which a reminder no longer leaves."""
IDLE_SECONDS = 1.0
"""A sender without anything to send looks into the ledger this often."""


def measure() -> Sequence[Figure]:
    """How far each part is from its end on one machine, the first to break first."""
    costs = _costs()
    sizes = _sizes()
    due, lessons = _day(sizes)
    waves = due.sum(axis=0)
    whole = [
        (
            "10,000 senders that look every second, one writer at a time",
            WORKSPACES / IDLE_SECONDS * costs["look"],
            f"{told(costs['look'] * 1e6, 'µs')} a look",
        ),
        (
            "the change log, consumed by one tick at a time",
            lessons.max() / 60 * costs["follow"],
            f"{lessons.max() / 60:,.0f} changes a second, {told(costs['follow'] * 1e6, 'µs')} each",
        ),
        (
            "lessons marked complete, one writer at a time",
            lessons.max() / 60 * costs["complete"],
            f"{told(costs['complete'] * 1e6, 'µs')} each",
        ),
        (
            "planning what comes due in the busiest minute, within that minute",
            waves.max() * costs["plan"] / 60,
            f"{waves.max():,.0f} reminders, {told(costs['plan'] * 1e6, 'µs')} each",
        ),
        (
            "Slack's limit in the largest workspace: minutes its nine o'clock takes, of three hours",
            _minutes_to_send(due[0]) / LATE,
            f"{sizes[0]:,.0f} learners; a workspace of {_largest(sizes, due):,.0f} would fill the three hours",
        ),
    ]
    figures = [Figure(what, (load,), behind=behind) for what, load, behind in sorted(whole, key=lambda one: -one[1])]
    bytes_of = bench_size.of_tables(kept(bench_growth.MANY))
    school = bench_growth.MANY
    progress_each = bench_size.per(bytes_of, ("progress",), school.progress_rows)
    return (
        *figures,
        Figure("progress after 100 lessons each", (progress_each * 100 * LEARNERS / 1e9,), unit="GB"),
        Figure(
            "the ledger after a year",
            (costs["bytes"] * REMINDED * LEARNERS * 260 / 1e9,),
            behind=f"{REMINDED * LEARNERS * 260 / 1e6:,.0f} million rows, {told(costs['bytes'], 'bytes')} each",
            unit="GB",
        ),
    )


def _sizes() -> Numbers:
    """Learners of each workspace, the largest first: the nth is as large as one over n and ten."""
    weights = 1 / (np.arange(WORKSPACES) + 10.0)
    return np.asarray(LEARNERS * weights / weights.sum())


def _day(sizes: Numbers) -> tuple[Numbers, Numbers]:
    """Reminders due in each workspace and minute (UTC), and lessons done in each minute by everybody."""
    random = np.random.default_rng(1)
    offsets = np.array([offset for offset, _ in ZONES])
    shares = np.array([share for _, share in ZONES])
    hours = np.full(24, 0.0)
    hours[8:18] = (1 - AT_NINE) / 10
    hours[9] += AT_NINE
    main = random.choice(len(ZONES), WORKSPACES, p=shares)
    due, lessons = np.zeros((WORKSPACES, MINUTES)), np.zeros(MINUTES)
    for zone, offset in enumerate(offsets):
        here = sizes * (np.where(main == zone, AT_HOME, 0.0) + (1 - AT_HOME) * shares[zone])
        for hour in range(24):
            due[:, (hour - offset) % 24 * 60] += here * REMINDED * hours[hour]
        begins = (9 - offset) % 24 * 60
        minutes = (begins + np.arange(9 * 60)) % MINUTES
        lessons[minutes] += here.sum() * LESSONS_A_DAY / len(minutes)
    return due, lessons


def _minutes_to_send(due: Numbers) -> float:
    """The longest that a reminder of this workspace waits at Slack's pace, in minutes."""
    waiting, longest = 0.0, 0.0
    for minute in range(2 * MINUTES):
        waiting = max(0.0, waiting + due[minute % MINUTES] - 60 * SLACK_A_SECOND)
        longest = max(longest, waiting / (60 * SLACK_A_SECOND))
    return longest


def _largest(sizes: Numbers, due: Numbers) -> float:
    """How many learners a workspace may have until its nine o'clock takes longer than three hours."""
    return float(sizes[0] * LATE / _minutes_to_send(due[0]))


def _costs() -> dict[str, float]:
    """Seconds that one of each takes, and bytes of a message in the ledger."""
    with opened(bench_tick.FEW) as database:
        costs = {
            "plan": _median(lambda: bench_tick.tick(database) / bench_tick.DUE, 5),
            "look": _median(lambda: _look(database), 200),
            "complete": _complete(database),
        }
        costs["follow"] = _follow(database)
    costs["bytes"] = bench_size.of_a_message()
    return costs


def _median(once: Callable[[], float], times: int) -> float:
    return median(once() for _ in range(times))


def _look(database: Database) -> float:
    started = perf_counter()
    with database.write() as session:
        leases.lease(session, "T2", NOW, 16)
    return perf_counter() - started


def _complete(database: Database) -> float:
    """Marking a lesson complete, commit included; each leaves a change behind."""
    context = Context(database, NOW, Portal("Homeroom"), _nobody)
    took = []
    for learner in range(1, 1_001):
        caller = Caller("T1", f"U{learner}", "Ada", f"user_{learner}", frozenset({"Student"}), active_at=NOW)
        lesson = str(learner % 20 * 10 + 2)
        request = Request("action", "lesson.complete", "T1", f"U{learner}", surface="private", value=lesson)
        started = perf_counter()
        progress.complete(request, caller, context)
        took.append(perf_counter() - started)
    return median(took)


def _follow(database: Database) -> float:
    """Consuming one change: completions, and when its learner is due."""
    count, started = 0, thread_time()
    while True:
        with database.write() as session:
            touched = changes.consume(session, NOW, NOW)
            reminders.schedule(session, {one.user_id for one in touched}, NOW, frozenset())
        if not touched:
            return (thread_time() - started) / count
        count += len(touched)


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up")
