"""The sender: takes deliveries off the ledger at the workspace's pace, sends each once, writes down what became of it.

Any number of senders may run, in any number of processes: what keeps them apart is the lease on each row. An outcome
Slack did not report is never a reason to repeat: once the lease has run out, the DM's history is read for the
delivery's token, and only what is not there is sent. We read no channels: whoever posted to one is asked to look. A
correction may be made twice, so it simply is made again.
"""

import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot.gates import SECOND, Gate
from bot.posting import Posting
from bot.refusals import Refusal, meaning
from bot.rounds import NotAsked, Rounds, Unknown, real_now
from handlers.replies import NotYet, Suppressed, TakeBack
from handlers.views.screens import Screen
from models import backlogs, leases, members, outcomes, paces, preferences, reminders
from models.database import Database
from models.leases import LEASE, Leased
from models.paces import HIGHEST_RATE
from models.reminderrows import UNREACHABLE
from models.switches import EDIT, POST

log = logging.getLogger("homeroom.delivery")

SECONDS = 8.0
"""A call to Slack that took longer than this, all in all, has an unknown outcome."""
THREADS = 16
"""Messages on their way at once: enough for the pace at which Slack, which takes a tenth of a second, accepts them."""
LEAD = timedelta(milliseconds=100)
"""How long before its slot a message is handed out, so that it is composed when the slot comes."""
MOST_ATTEMPTS = 12
"""So many refusals for now, and we give up where anybody can see it."""
PATIENT_ATTEMPTS = 3
"""After so many looks into an unreadable history, ``drain`` leaves the row to those who come later."""
LONGEST_WAIT = timedelta(hours=1)
WORKSPACE_PAUSE = 300.0
"""Seconds nobody sends in a workspace whose installation is broken."""
OPEN_AHEAD = timedelta(hours=24)
OPENED_AT_ONCE = 5
"""DMs opened ahead of time each tick: conversations.open allows fifty a minute (docs: tier 3)."""


Compose = Callable[[Leased, datetime], Screen | Suppressed | NotYet | TakeBack]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in real time: a lease, a call to Slack, what a message that was sent may take to show in
    the DM's history, and the first pause after a history that can't be read."""

    lease: timedelta = LEASE
    call_seconds: float = SECONDS
    settling: timedelta = leases.SETTLING
    look_again: timedelta = timedelta(seconds=15)


class Sender:
    """Sends one workspace's deliveries. ``clock`` is the time reminders are planned in; leases are in real time.

    ``check`` sees whether we are still installed; it is asked when Slack refuses everything.
    """

    def __init__(
        self,
        database: Database,
        client: WebClient,
        team_id: str,
        compose: Compose,
        clock: Callable[[], datetime],
        holidays: Callable[[], frozenset[date]] = frozenset,
        *,
        check: Callable[[], object] = lambda: None,
        threads: int = THREADS,
        timing: Timing = Timing(),
    ) -> None:
        self._database, self._team_id = database, team_id
        self._compose, self._clock, self._holidays = compose, clock, holidays
        self._timing, self._check = timing, check
        self._rounds = Rounds(
            database,
            team_id,
            self._deliver,
            self._end_in_failure,
            threads=threads,
            lease=timing.lease,
            settling=timing.settling,
            lead=LEAD,
        )
        self._gate = Gate(real_now)
        self._posting = Posting(client, self._rounds, self._gate, timing.call_seconds)
        self._taken: deque[datetime] = deque(maxlen=int(2 * HIGHEST_RATE))

    def start(self) -> None:
        """Begin to send, and go on until `stop`."""
        self._rounds.start()

    def wake(self) -> None:
        """There may be something to send."""
        self._rounds.wake()

    def stop(self) -> None:
        """Finish the messages in hand, give back what was only leased, and take nothing new."""
        self._rounds.stop()

    def drain(self) -> None:
        """Send until nothing is left that somebody else's death could leave to us; what is held doesn't count."""
        self._rounds.drain(self._outstanding)

    def open_ahead(self, now: datetime) -> None:
        """Open the DMs of a few of those who are due within a day, so that their messages need not wait for it."""
        with self._database.read() as session:
            people = reminders.without_dm(session, self._team_id, now + OPEN_AHEAD, OPENED_AT_ONCE)
        for slack_user_id, user_id in people:
            try:
                channel = self._posting.open(slack_user_id)
            except SlackApiError as error:
                refusal, code, _ = meaning(error)
                if refusal is not Refusal.PERSON:
                    return
                with self._database.write() as session:
                    preferences.stop(session, user_id, UNREACHABLE, now, code)
                    reminders.schedule(session, [user_id], now, self._holidays())
            except (Unknown, NotAsked):
                return
            else:
                with self._database.write() as session:
                    members.keep_dm_channel(session, self._team_id, slack_user_id, channel)

    def _outstanding(self) -> bool:
        with self._database.read() as session:
            return backlogs.outstanding(session, self._team_id, PATIENT_ATTEMPTS)

    def _end_in_failure(self, leased: Leased) -> None:
        self._write(lambda s: outcomes.failed(s, leased, "our fault", self._clock(), self._holidays()))

    # One delivery

    def _deliver(self, leased: Leased) -> None:
        if leased.may_be_there and leased.kind == POST:
            self._ask_author(leased, "no answer")
            return
        if leased.may_be_there and leased.kind != EDIT and not self._look(leased):
            return
        screen = self._compose(leased, self._clock())
        now = self._clock()
        if isinstance(screen, Suppressed):
            reason = screen.reason
            self._write(lambda s: outcomes.suppressed(s, leased, reason, now, real_now(), self._holidays()))
            return
        if isinstance(screen, NotYet):
            self._write(lambda s: leases.give_back(s, leased, real_now() + screen.wait))
            return
        channel = leased.channel_id or self._channel(leased)
        if channel is None:
            return
        leaving = self._gate.next(leased.leave_at, leased.apart)
        if not self._may_leave(leased, leaving.at):
            return
        try:
            ts = self._posting.put(channel, screen, leased, leaving)
        except SlackApiError as error:
            self._refused(leased, error, left_at=leaving.at)
        except Unknown as error:
            self._unknown(leased, str(error), now)
        except NotAsked:
            self._write(lambda s: leases.give_back(s, leased, real_now()))
        else:
            if leased.kind != EDIT:
                self._taken.append(leaving.at)
            self._write(lambda s: outcomes.sent(s, leased, ts, self._clock(), self._holidays()))

    def _unknown(self, leased: Leased, reason: str, now: datetime) -> None:
        """Nobody knows what became of the call."""
        again = leased.lease_ends_at + self._timing.settling
        if leased.kind == POST:
            self._ask_author(leased, reason)
        elif leased.kind == EDIT:
            self._write(lambda s: leases.deferred(s, leased, reason, real_now() + _backing_off(leased.attempts), now))
        else:
            self._write(lambda s: leases.uncertain(s, leased, reason, again, now))

    def _ask_author(self, leased: Leased, reason: str) -> None:
        """Have whoever posted to the channel look whether it is there."""
        self._write(lambda s: outcomes.undecided(s, leased, reason, self._clock(), real_now()))

    def _look(self, leased: Leased) -> bool:
        """Whether to go on and send, because the DM's history shows that it is not there."""
        now = self._clock()
        try:
            ts = self._posting.found(leased)
        except SlackApiError as error:
            refusal, code, wait = meaning(error)
            if refusal is Refusal.PERSON:
                self._write(lambda s: outcomes.unreachable(s, leased, code, now))
                return False
            pause = timedelta(seconds=wait) if wait else _backing_off(leased.attempts, self._timing.look_again)
            self._write(
                lambda s: leases.uncertain(s, leased, f"history: {code}", real_now() + pause + _jitter(pause), now)
            )
            if refusal is Refusal.WORKSPACE:
                self._check()
            return False
        except (Unknown, NotAsked) as error:
            again = real_now() + _backing_off(leased.attempts, self._timing.look_again)
            reason = f"history: {error}"
            self._write(lambda s: leases.uncertain(s, leased, reason, again, now))
            return False
        if ts is not None:
            self._write(lambda s: outcomes.sent(s, leased, ts, now, self._holidays(), "found in the DM"))
            return False
        if leased.attempts > MOST_ATTEMPTS:
            self._write(lambda s: outcomes.failed(s, leased, "no answer", now, self._holidays()))
            return False
        return True

    def _channel(self, leased: Leased) -> str | None:
        """The DM's channel, kept before anything is sent to it; None when it can't be had."""
        with self._database.read() as session:
            channel = members.dm_channel(session, leased.team_id, leased.slack_user_id)
        if channel is None:
            try:
                channel = self._posting.open(leased.slack_user_id)
            except SlackApiError as error:
                self._refused(leased, error)
                return None
            except (Unknown, NotAsked) as error:
                reason, again = str(error), real_now() + _backing_off(leased.attempts)
                self._write(lambda s: leases.deferred(s, leased, reason, again, self._clock()))
                return None
        with self._database.write() as session:
            members.keep_dm_channel(session, leased.team_id, leased.slack_user_id, channel)
            is_mine = leases.at_channel(session, leased, channel)
        return channel if is_mine else None

    def _may_leave(self, leased: Leased, left_at: datetime) -> bool:
        """Whether it is ours until Slack has answered, however long it waits for others to leave first."""
        until = left_at + timedelta(seconds=self._timing.call_seconds)
        with self._database.read() as session:
            may_leave = leases.may_leave(session, leased, real_now(), until)
        if not may_leave:
            self._write(lambda s: leases.give_back(s, leased, real_now()))
        return may_leave

    def _refused(self, leased: Leased, error: SlackApiError, *, left_at: datetime | None = None) -> None:
        """Slack said no: to the message that left then, or to what was asked before it could leave."""
        refusal, code, wait = meaning(error)
        is_post = left_at is not None
        now, asked_at = self._clock(), real_now()
        log.warning("Delivery %s was refused: %s", leased.delivery_id, code)
        if refusal is Refusal.PERSON:
            self._write(lambda s: outcomes.unreachable(s, leased, code, now))
        elif refusal is Refusal.UNKNOWN and is_post:
            self._unknown(leased, code, now)
        elif refusal is Refusal.MESSAGE or leased.attempts >= MOST_ATTEMPTS:
            self._write(lambda s: outcomes.failed(s, leased, code, now, self._holidays()))
        else:
            pause = timedelta(seconds=wait) or _backing_off(leased.attempts)
            again = asked_at + pause + _jitter(pause)

            def defer(session: Session) -> object:
                # Corrections have a limit of their own, which says nothing about the pace of messages.
                if left_at is not None and code == "ratelimited" and leased.kind != EDIT:
                    taken = sum(left_at - SECOND < at <= left_at for at in tuple(self._taken))
                    paces.slow_down(session, leased.team_id, wait or 1.0, asked_at, taken)
                    self._rounds.nothing_before(asked_at + timedelta(seconds=wait or 1.0))
                if refusal is Refusal.WORKSPACE:
                    paces.stop(session, leased.team_id, WORKSPACE_PAUSE, asked_at)
                return leases.deferred(session, leased, code, again, now)

            self._write(defer)
            if refusal is Refusal.WORKSPACE:
                self._check()

    def _write(self, work: Callable[[Session], object]) -> None:
        with self._database.write() as session:
            work(session)


def _backing_off(attempts: int, first: timedelta = timedelta(seconds=2)) -> timedelta:
    wait: timedelta = min(first * 2 ** min(attempts - 1, 12), LONGEST_WAIT)
    return wait * random.uniform(0.5, 1.5)  # noqa: S311 - jitter


def _jitter(pause: timedelta) -> timedelta:
    return min(pause, timedelta(seconds=2)) * random.random()  # noqa: S311 - jitter
