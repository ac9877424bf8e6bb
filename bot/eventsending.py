"""Events on their way: each destination has a sender of its own, so that none waits for another, or for Slack.

What a destination did not say is no obstacle here, as it is with Slack: an event carries its id, by which the receiver
knows it when it comes again. So it is sent until it was taken, and given up where anybody can see it.
"""

import logging
import random
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx
from sqlmodel import Session

from bot.certificates import trusted
from bot.destinations import Destination, Outcome, retry_after
from bot.rounds import NotAsked, Rounds, Unknown, real_now
from models import backlogs, destinations, leases, paces, users
from models.database import Database
from models.leases import LEASE, SETTLING, Leased

log = logging.getLogger("homeroom.events")

SECONDS = 15.0
"""A call that took longer than this, all in all, is tried again (spec: Standard Webhooks, 15 to 30 seconds)."""
THREADS = 4
RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long after an attempt the next one comes (spec: Standard Webhooks, deliverability); then it has failed."""
IN_TROUBLE = timedelta(seconds=5)
"""A destination that answers nothing, 5xx, or that it knows neither us nor the address, is left alone for so long by
every sender."""
LONGEST_BLOCK = timedelta(hours=1)
MOST_READ = 64 * 1024
"""Bytes of an answer that are read, so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a lease and a call are, in real time."""

    lease: timedelta = LEASE
    call_seconds: float = SECONDS
    settling: timedelta = SETTLING


class EventSender:
    """Sends the events of one destination. ``clock`` is the time everything is planned in, ``real_clock`` real time."""

    def __init__(
        self,
        database: Database,
        destination: Destination,
        clock: Callable[[], datetime],
        *,
        real_clock: Callable[[], datetime] = real_now,
        threads: int = THREADS,
        timing: Timing = Timing(),
    ) -> None:
        self._database, self._clock, self._real_clock = database, clock, real_clock
        self.destination = destination
        self._timing = timing
        self._client = a_client(timing.call_seconds)
        self._rounds = Rounds(
            database,
            destination.name,
            self._deliver,
            self._end_in_failure,
            threads=threads,
            lease=timing.lease,
            settling=timing.settling,
            clock=real_clock,
        )

    def start(self) -> None:
        """Begin to send, and go on until `stop`."""
        self._rounds.start()

    def wake(self) -> None:
        """There may be something to send."""
        self._rounds.wake()

    def stop(self) -> None:
        """Finish what is in hand, give back what was only leased, and take nothing new."""
        self._rounds.stop()
        self._client.close()

    def drain(self) -> None:
        """Send until nothing may be sent now; what is to be tried later, or held, doesn't count."""
        self._rounds.drain(self._is_due)

    def _is_due(self) -> bool:
        name, now = self.destination.name, self._real_clock()
        with self._database.read() as session:
            pace = paces.of(session, name)
            is_left_alone = pace is not None and pace.blocked_until is not None and pace.blocked_until > now
            return not is_left_alone and backlogs.any_due(session, name, now)

    def _deliver(self, leased: Leased) -> None:
        now = self._real_clock()
        with self._database.read() as session:
            may_leave = leases.may_leave(session, leased, now, now + timedelta(seconds=self._timing.call_seconds))
            is_known = leased.user_id is not None and users.get(session, leased.user_id) is not None
        if not may_leave:
            self._write(lambda s: leases.give_back(s, leased, self._real_clock()))
            return
        if not is_known:
            self._write(lambda s: leases.suppressed(s, leased, "gone", self._clock()))
            return
        try:
            answer = self._rounds.in_time(partial(self._call, leased), self._timing.call_seconds)
        except NotAsked:
            self._write(lambda s: leases.give_back(s, leased, self._real_clock()))
        except (Unknown, httpx.TimeoutException):
            self._not_taken(leased, "no answer in time", IN_TROUBLE)
        except httpx.HTTPError as error:
            self._not_taken(leased, type(error).__name__, IN_TROUBLE)
        else:
            self._answered(leased, answer)

    def _call(self, leased: Leased) -> httpx.Response:
        request = self.destination.request(self._client, leased.facts, self._real_clock())
        answer = self._client.send(request, stream=True)
        read = 0
        # The status says it all, even when the rest never comes.
        with suppress(httpx.HTTPError), closing(answer):
            for part in answer.iter_raw():
                read += len(part)
                if read > MOST_READ:
                    break
        return answer

    def _answered(self, leased: Leased, answer: httpx.Response) -> None:
        name, now, status = self.destination.name, self._clock(), answer.status_code
        outcome, why = self.destination.outcome(status), f"HTTP {status}"

        def taken(session: Session) -> None:
            leases.sent(session, leased, None, now, f"taken: {why}")
            destinations.works(session, name)

        def gone(session: Session) -> None:
            leases.deferred(session, leased, why, self._real_clock(), now)
            destinations.is_gone(session, name, f"their receiver answered {why}, which means no more", now)

        if outcome is Outcome.TAKEN:
            self._write(taken)
        elif outcome is Outcome.REFUSED:
            log.warning("Event %s was refused by %s: %s", leased.delivery_id, name, why)
            self._write(lambda s: leases.failed(s, leased, why, now))
        elif outcome is Outcome.GONE:
            log.warning("Events to %s are paused: %s", name, why)
            self._write(gone)
        else:
            wait = retry_after(answer, self._real_clock())
            trouble = IN_TROUBLE if status >= 500 or status in (401, 403, 404) else timedelta(0)
            self._not_taken(leased, why, trouble, wait, is_too_fast=status == 429)

    def _not_taken(
        self,
        leased: Leased,
        why: str,
        trouble: timedelta,
        wait: timedelta = timedelta(0),
        *,
        is_too_fast: bool = False,
    ) -> None:
        """Try it again later, or give it up, and leave the destination alone for a while."""
        name, now, asked_at = self.destination.name, self._clock(), self._real_clock()
        log.warning("Event %s was not taken by %s: %s", leased.delivery_id, name, why)
        block = min(max(wait, trouble), LONGEST_BLOCK).total_seconds()

        def put_back(session: Session) -> None:
            if leased.attempts > len(RETRIES):
                leases.failed(session, leased, why, now)
            else:
                pause = RETRIES[leased.attempts - 1] * random.uniform(1, 1.1)  # noqa: S311 - jitter
                leases.deferred(session, leased, why, asked_at + max(pause, wait), now)
            destinations.fails(session, name, why, asked_at)
            if is_too_fast:
                paces.slow_down(session, name, max(block, 1.0), asked_at)
            elif block:
                paces.stop(session, name, block, asked_at)

        self._write(put_back)

    def _end_in_failure(self, leased: Leased) -> None:
        self._write(lambda s: leases.failed(s, leased, "our fault", self._clock()))

    def _write(self, work: Callable[[Session], object]) -> None:
        with self._database.write() as session:
            work(session)


def a_client(seconds: float) -> httpx.Client:
    """A client that follows nobody elsewhere: what was signed for one address is not for another."""
    return httpx.Client(timeout=seconds, follow_redirects=False, verify=trusted(), headers={"user-agent": "Homeroom"})
