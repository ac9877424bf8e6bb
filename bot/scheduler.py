"""The clock: APScheduler ticks, and the rows decide."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot.answers import Answers
from models import changes, events, members
from models.database import Database

log = logging.getLogger("homeroom.scheduler")

TICK_SECONDS = 2
MOST_ROUNDS = 50
"""Batches of changes a tick consumes at most, so that a large import doesn't hold up the next tick for long."""
HOME_IS_OPEN = timedelta(minutes=10)
"""Home follows what others change for people who opened it this recently; the rest get it when they open it."""
EVENTS_ARE_KEPT = timedelta(hours=25)
"""Slack retries an event for 24 hours where Delayed Events is on (docs: Events API)."""


class Scheduler:
    """Ticks every two seconds; any number of processes may tick."""

    def __init__(self, database: Database, answers: Answers, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._answers = answers
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, id="tick")
        self._scheduler.add_job(self.forget_events, "interval", hours=1, id="forget events")
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way finishes first."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """Consume what changed in the database, whoever changed it, and let open Homes follow."""
        for _ in range(MOST_ROUNDS):
            now = self._clock()
            with self._database.read() as session:
                if not changes.waiting(session):
                    return
            with self._database.write() as session:
                touched = changes.consume(session, now)
                users = tuple({row.user_id for row in touched if row.user_id})
                watching = members.recently_home(session, None, users, now - HOME_IS_OPEN) if users else ()
            for team_id, slack_user_id, _ in watching:
                self._answers.refresh_home(team_id, slack_user_id)

    def forget_events(self) -> None:
        """Let go of event ids Slack can't send again."""
        with self._database.write() as session:
            events.forget(session, self._clock() - EVENTS_ARE_KEPT)
