"""The clock: APScheduler ticks, and the rows decide."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot.announcements import Announcements
from bot.answers import Answers
from bot.certificates import trusted
from bot.delivery import Sender
from bot.events import Events
from models import (
    accountnotes,
    changes,
    departures,
    events,
    grants,
    handovers,
    heartbeats,
    linkrequests,
    links,
    members,
    proposals,
    reminders,
    reports,
    sendoffs,
    snapshots,
    switches,
)
from models.database import Database
from models.switches import ALERT, REMINDER, REPORT

log = logging.getLogger("homeroom.scheduler")

FOLLOW_SECONDS = 2
REMIND_SECONDS = 10
AT_ONCE = 100
"""Changes consumed in one transaction: whoever presses meanwhile waits until it is over."""
MOST_ROUNDS = 250
"""Batches of changes a tick consumes at most, so that a large import doesn't hold up the next tick for long."""
HOME_IS_OPEN = timedelta(minutes=10)
"""Home follows what others change for people who opened it this recently; the rest get it when they open it."""
EVENTS_ARE_KEPT = timedelta(hours=25)
"""Slack retries an event for 24 hours where Delayed Events is on (docs: Events API)."""
LOOK_EVERY = timedelta(minutes=5)
"""How often a tick looks for a report that is due and for too many failures."""
HEARTBEAT_SECONDS = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Scheduler:
    """Follows changes every two seconds and reminds every ten; any number of processes may tick.

    ``reconcile`` names what is read from Slack again, by how often.
    """

    def __init__(
        self,
        database: Database,
        answers: Answers,
        sender: Sender,
        events_out: Events,
        clock: Callable[[], datetime],
        team_id: str,
        reconcile: Mapping[timedelta, Callable[[], object]],
        heartbeat_url: str | None = None,
    ) -> None:
        self._reconcile = reconcile
        self._database = database
        self._answers = answers
        self._sender = sender
        self._events_out = events_out
        self._clock = clock
        self._heartbeat_url = heartbeat_url
        self._announcements = Announcements(database, answers, sender, clock, team_id)
        self._looked_at: datetime | None = None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.add_job(self.follow, "interval", seconds=FOLLOW_SECONDS, id="follow")
        self._scheduler.add_job(self.remind, "interval", seconds=REMIND_SECONDS, id="remind")
        self._scheduler.add_job(self.forget, "interval", hours=1, id="forget")
        # Slack may not tell us what happened while we were away for longer than two hours (docs: Events API).
        for every, read_again in self._reconcile.items():
            self._scheduler.add_job(read_again, "interval", seconds=every.total_seconds(), id=f"reconcile {every}")
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way finishes first."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def follow(self) -> None:
        """End what is due, let announcements go, and consume what changed, whoever changed it: reminders and Homes
        follow."""
        self._end_grants()
        self._announcements.let_go()
        for _ in range(MOST_ROUNDS):
            now = self._clock()
            with self._database.read() as session:
                if not changes.waiting(session):
                    return
            holidays = self._answers.context_at(now).holidays
            with self._database.write() as session:
                touched = changes.consume(session, now, datetime.now(UTC), AT_ONCE)
                users = sorted({row.user_id for row in touched})
                reminders.schedule(session, users[: reminders.AT_ONCE], now, holidays)
                # A change of a course touches everybody in it: the rest wait their turn, so that nobody else has to.
                changes.note(session, "homeroom_reminder", users[reminders.AT_ONCE :])
                watching = {one[:2] for one in members.recently_home(session, None, users, now - HOME_IS_OPEN)}
                who = sorted({row.user_id for row in touched if row.is_who})
                snapshots.stale(session, {row.course_id for row in touched if row.course_id is not None})
                sendoffs.hold_of(session, who, now, datetime.now(UTC))
                handovers.notice(session, who, now, datetime.now(UTC))
                for user_id in who:
                    watching |= set(links.everywhere(session, user_id))
            self._events_out.wake()
            for team_id, slack_user_id in sorted(watching):
                self._answers.refresh_home(team_id, slack_user_id)

    def _end_grants(self) -> None:
        """End the roles whose time is over, and tell both sides."""
        now = self._clock()
        with self._database.read() as session:
            if not grants.are_due(session, now):
                return
        with self._database.write() as session:
            for ended in grants.end_due(session, now):
                accountnotes.tell_of_end(session, ended, now, datetime.now(UTC))

    def remind(self) -> None:
        """Put what is due into the ledger, wake the sender, and give a sign of life."""
        now = self._clock()
        with self._database.read() as session:
            on = switches.on(session)
        if REMINDER in on:
            plan_all(self._database, self._clock, self._answers.context_at(now).holidays)
        self._look(now, on)
        self._announcements.go_on()
        self._count(now)
        self._sender.wake()
        self._beat()
        if REMINDER in on:
            self._sender.open_ahead(now)

    def _count(self, now: datetime) -> None:
        """Take the numbers of a few courses that changed, for the desks of those who teach them."""
        with self._database.read() as session:
            taken = [snapshots.take(session, course_id, now) for course_id in snapshots.due(session, now)]
        if taken:
            with self._database.write() as session:
                snapshots.keep(session, taken)

    def _look(self, now: datetime, on: frozenset[str]) -> None:
        """Beat, tell admins when nothing had ticked for long, and now and then look for reports and failures."""
        real_now = datetime.now(UTC)
        is_time = self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY
        with self._database.write() as session:
            last = heartbeats.beat(session, heartbeats.TICK, now)
            if ALERT in on and last is not None and now - last > reports.ASLEEP:
                reports.plan_alert_asleep(session, last, now, real_now)
            if is_time and REPORT in on:
                reports.plan_weekly(session, now, real_now)
            if is_time and ALERT in on:
                reports.plan_alert_failures(session, now, real_now)
                reports.plan_alert_events(session, now, real_now)
        if is_time:
            self._events_out.keep(now)
            self._looked_at = now

    def _beat(self) -> None:
        if self._heartbeat_url is None:
            return
        import httpx

        try:
            httpx.get(
                self._heartbeat_url, timeout=HEARTBEAT_SECONDS, follow_redirects=True, verify=trusted()
            ).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("The heartbeat was not heard: %s", type(error).__name__)

    def forget(self) -> None:
        """Let go of event ids Slack can't send again, of links and matches that are over, and of what Slack told of
        workspaces the app is long out of."""
        with self._database.write() as session:
            events.forget(session, self._clock() - EVENTS_ARE_KEPT)
            linkrequests.forget(session, self._clock())
            proposals.forget(session, self._clock())
            departures.forget(session, self._clock())


def plan_all(database: Database, clock: Callable[[], datetime], holidays: frozenset[date]) -> int:
    """Plan every reminder that is due, in batches; how many were put into the ledger."""
    # One moment for all batches: who is due alike in the next is decided already.
    now, count = clock(), 0
    while True:
        with database.write() as session:
            planned, handled = reminders.plan(session, now, datetime.now(UTC), holidays)
        count += len(planned)
        if handled < reminders.AT_ONCE:
            return count
