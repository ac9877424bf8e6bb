"""The sender, against a Slack that takes 100 ms to answer and 50 messages a second

10,000 reminders in five rounds, the first of which has to find the pace. `homeroom serve` sends them and meanwhile
answers 25 people a second who ask for the catalog; before each round it only answers these. What is above 50 in any
second is refused for a second.

Finding the pace costs the first round some three seconds. After that a message too many costs 1.1 seconds: one that
took a fiftieth of a second longer to Slack than the fifty-first after it is enough.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

import httpx

from models import backlogs, deliveries, switches
from models.database import Database
from models.deliveries import Planned
from models.reminderrows import Reminder
from tests.benchmarks import school
from tests.benchmarks.asking import catalogs, signed
from tests.benchmarks.cores import LOAD
from tests.benchmarks.figures import Figure, at_least, at_most
from tests.benchmarks.limited_slack import LIMIT
from tests.benchmarks.servers import Server, free_port, homeroom, started

MESSAGES, ROUNDS, IDLE_SECONDS, ASKED_A_SECOND = 10_000, 5, 20.0, 25
LONGEST = 600.0
LEARNERS, REQUESTS, WORKING_SECONDS = 100_000, 20, 8 * 3600
SIZE = school.Size(courses=100, learners=MESSAGES)


def measure() -> Sequence[Figure]:
    """What share of the limit is used, what memory does, and what people who ask notice of it."""
    each = MESSAGES // ROUNDS
    with TemporaryDirectory() as folder, _slack() as slack:
        url = f"sqlite:///{Path(folder) / 'school.db'}"
        school.furnish(url, SIZE)
        database = Database(url, patience=60)
        with database.write() as session:
            switches.turn_on(session, [switches.REMINDER], "bench", datetime.now(UTC))
            for learner in range(SIZE.learners):
                session.add(Reminder(user_id=f"user_{learner}", rhythm="daily"))
        with homeroom(url, slack.port) as server:
            asks = _Asks(server)
            asks.during(lambda: False, 3.0)
            _told(slack)
            shares, slower, memory, asked, sent = [], [], [], [], []
            took, refused = 0.0, 0
            for turn in range(ROUNDS):
                before = server.cpu_seconds
                idle = asks.during(lambda: True, IDLE_SECONDS)
                asked.append((server.cpu_seconds - before) / len(idle))
                _plan(database, range(turn * each, (turn + 1) * each))
                before = server.cpu_seconds
                busy = asks.during(lambda: _open(database) > 0, LONGEST)
                sent.append((server.cpu_seconds - before - asked[-1] * len(busy)) / each)
                told = _told(slack)
                assert told["accepted"] == each, told
                seconds = told["last_at"] - told["first_at"]
                took, refused = took + seconds, refused + told["refused"]
                shares.append(each / seconds / LIMIT)
                slower.append(_p99(busy) / _p99(idle))
                memory.append(server.resident_mb)
        database.close()
    in_working_hours = LEARNERS * (REQUESTS * median(asked) + median(sent)) / WORKING_SECONDS
    return (
        Figure(
            f"{MESSAGES:,} messages sent, against what Slack's limit allows",
            (MESSAGES / took / LIMIT,),
            at_least(0.95),
            f"in {took:.0f} s, {refused} refused by Slack; a fifth at a time {min(shares):.2f} to {max(shares):.2f}",
        ),
        Figure(
            "memory after each fifth against after the first",
            tuple(one / memory[0] for one in memory[1:]),
            at_most(1.05),
            f"{memory[-1]:.0f} MB",
        ),
        Figure("p99 of /learn courses while it sends against while it doesn't", tuple(slower), at_most(1.5)),
        Figure("processor for /learn courses", tuple(1000 * one for one in asked), unit="ms"),
        Figure("processor for a message sent", tuple(1000 * one for one in sent), unit="ms"),
        Figure(
            "cores that 100,000 learners need in eight working hours",
            (in_working_hours,),
            behind=f"each asks {REQUESTS} times and is sent one message",
            unit="cores",
        ),
    )


@contextmanager
def _slack() -> Iterator[Server]:
    port = free_port()
    with started([sys.executable, "-m", "tests.benchmarks.limited_slack", str(port)], port, core=LOAD) as server:
        yield server


def _told(slack: Server) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"http://127.0.0.1:{slack.port}/told").json()
    return told


def _plan(database: Database, learners: range) -> None:
    now = datetime.now(UTC)
    facts = {"step": 1, "due_at": now.isoformat()}
    with database.write() as session:
        deliveries.plan(
            session,
            [
                Planned(
                    key=f"reminder:user_{learner}:today",
                    kind=switches.REMINDER,
                    team_id=school.TEAM,
                    slack_user_id=school.slack_user_id(learner),
                    user_id=f"user_{learner}",
                    channel_id=f"D{learner:07}",
                    facts=facts,
                    not_after=now + timedelta(hours=3),
                )
                for learner in learners
            ],
            now,
            now,
        )


def _open(database: Database) -> int:
    with database.read() as session:
        return backlogs.backlog(session, school.TEAM).count


class _Asks:
    """People who ask for the catalog, one after the other, evenly apart."""

    def __init__(self, server: Server) -> None:
        self._port, self._bodies = server.port, cycle(catalogs())

    def during(self, goes_on: Any, at_most_seconds: float) -> list[float]:
        """How long each waited, in milliseconds, while it goes on."""
        waited, connection = [], HTTPConnection("127.0.0.1", self._port)
        begun = perf_counter()
        for number in range(int(at_most_seconds * ASKED_A_SECOND)):
            due = begun + number / ASKED_A_SECOND
            sleep(max(0.0, due - perf_counter()))
            if number % ASKED_A_SECOND == 0 and number and not goes_on():
                break
            body = next(self._bodies)
            headers = signed(body)
            started_at = perf_counter()
            connection.request("POST", "/slack/events", body, headers)
            answer = connection.getresponse()
            answer.read()
            waited.append((perf_counter() - started_at) * 1000)
            assert answer.status == 200
        connection.close()
        return waited


def _p99(waited: Sequence[float]) -> float:
    return quantiles(waited, n=100)[98]
