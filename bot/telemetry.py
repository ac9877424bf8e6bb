"""Figures for Prometheus, read from the ledger at the moment somebody asks for them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from models import backlogs, destinations, heartbeats, reminders
from models.database import Database

CONTENT_TYPE = CONTENT_TYPE_LATEST
TOLD = timedelta(days=1)
"""The ledger grows for ever; figures of what was settled reach back so far."""


class Figures(Collector):
    """How sending stands. ``clock`` is the time reminders are planned in."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def collect(self) -> Iterator[Metric]:
        """One set of figures, all of one moment. Raises `Unavailable` when the database can't be read."""
        now = self._clock()
        with self._database.read() as session:
            last = heartbeats.of(session, heartbeats.TICK)
            backlog = backlogs.backlog(session)
            opened = backlogs.opened(session)
            told = backlogs.told(session, now - TOLD, now)
            held = backlogs.held(session)
            due = reminders.oldest_due(session, now)
            events = destinations.standings(session)
        yield _gauge("homeroom_last_tick_seconds", "Seconds since the last good tick.", _ago(last, now))
        yield _gauge("homeroom_backlog", "Messages neither settled nor held.", backlog.count)
        oldest = _ago(backlog.oldest_planned_at, now)
        yield _gauge("homeroom_oldest_waiting_seconds", "Age of the oldest message not sent yet.", oldest)
        yield _gauge("homeroom_oldest_due_seconds", "Age of the oldest reminder not planned yet.", _ago(due, now))
        states = Counter({(kind, state): count for kind, state, count in opened})
        for state, kind, _, count in told:
            states[kind, state] += count
        what = "Messages on the way, and those settled within a day."
        in_state = GaugeMetricFamily("homeroom_deliveries", what, labels=["kind", "state"])
        for (kind, state), count in sorted(states.items()):
            in_state.add_metric([kind, state], count)
        yield in_state
        on_hold = GaugeMetricFamily("homeroom_held", "Messages held by a pause.", labels=["kind"])
        for kind, count in held.items():
            on_hold.add_metric([kind], count)
        yield on_hold
        waiting = _of_events("oldest_waiting_seconds", "Age of the oldest event not taken yet, held ones among them.")
        failing = _of_events("failing_seconds", "Seconds since a destination took an event, while it takes none.")
        given_up = _of_events("failed", "Events given up and not sent again.")
        for one in events:
            waiting.add_metric([one.name], _ago(one.oldest_planned_at, now) or 0)
            failing.add_metric([one.name], _ago(one.failing_since, datetime.now(UTC)) or 0)
            given_up.add_metric([one.name], sum(one.failed.values()))
        yield from (waiting, failing, given_up)


def exposition(database: Database, clock: Callable[[], datetime]) -> bytes:
    """The figures as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(Figures(database, clock))
    return generate_latest(registry)


def _of_events(name: str, what: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"homeroom_events_{name}", what, labels=["kind"])


def _gauge(name: str, what: str, value: float | None) -> Metric:
    made = GaugeMetricFamily(name, what)
    if value is not None:
        made.add_metric([], value)
    return made


def _ago(instant: datetime | None, now: datetime) -> float | None:
    return None if instant is None else (now - instant).total_seconds()
