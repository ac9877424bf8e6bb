"""Rounds: what is due on one lane of the ledger is leased at the lane's pace and handed to whoever delivers it.

Any number of processes may make rounds: what keeps them apart is the lease on each row.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import TypeVar

from bot.background import BACKGROUND, stand_back
from models import leases
from models.database import Database
from models.errors import DomainError
from models.leases import LEASE, SETTLING, Leased

log = logging.getLogger("homeroom.delivery")

IDLE_SECONDS = 1.0

T = TypeVar("T")


class Unknown(Exception):
    """Nobody said whether what was asked was done."""


class NotAsked(Exception):
    """The call never left: nothing was done."""


def real_now() -> datetime:
    """The moment on this machine's clock."""
    return datetime.now(UTC)


class Rounds:
    """Hands each delivery of a lane, a workspace or a destination, to ``deliver``, and to ``fail`` when that raised.

    Each is handed out ``lead`` before its slot, and whoever delivers it waits for the rest. ``clock`` is real time, in
    which leases and the pace are.
    """

    def __init__(
        self,
        database: Database,
        lane: str,
        deliver: Callable[[Leased], object],
        fail: Callable[[Leased], object],
        *,
        threads: int,
        lease: timedelta = LEASE,
        settling: timedelta = SETTLING,
        lead: timedelta = timedelta(0),
        clock: Callable[[], datetime] = real_now,
    ) -> None:
        self._database, self._lane = database, lane
        self._deliver, self._fail = deliver, fail
        self._threads, self._lease, self._settling, self._clock = threads, lease, settling, clock
        self._lead = lead
        self._hands = ThreadPoolExecutor(threads, thread_name_prefix="sender")
        # One more pool, so that a call which drips on for minutes is over for us when its time is.
        self._calls = ThreadPoolExecutor(threads, thread_name_prefix="sending")
        self._leaving, self._awake = Event(), Event()
        self._lock = Lock()
        self._in_hand = 0
        self._nothing_before: datetime | None = None
        self._loop: Thread | None = None

    def start(self) -> None:
        """Begin, and go on until `stop`."""
        self._loop = Thread(target=self._run, name=f"sender {self._lane}", daemon=True)
        self._loop.start()

    def wake(self) -> None:
        """There may be something to send."""
        self._awake.set()

    def nothing_before(self, instant: datetime) -> None:
        """Nothing may be sent until then, and from then on something may."""
        self._nothing_before = instant

    def stop(self) -> None:
        """Finish what is in hand, give back what was only leased, and take nothing new."""
        self._leaving.set()
        self._awake.set()
        if self._loop is not None:
            self._loop.join()
        self._hands.shutdown(wait=True)
        self._calls.shutdown(wait=False)

    def drain(self, is_outstanding: Callable[[], bool]) -> None:
        """Make rounds until nothing is in hand and nothing is outstanding."""
        while not self._leaving.is_set():
            taken = self._round()
            if not taken and not self._in_hand and not is_outstanding():
                return
            if not taken:
                self._awake.wait(0.2)
                self._awake.clear()

    def in_time(self, call: Callable[[], T], seconds: float) -> T:
        """What the call returns within so many seconds. Raises `Unknown` when it is not over by then, `NotAsked` when
        it never began, and whatever the call raises."""
        try:
            asked = self._calls.submit(call)
        except RuntimeError as error:
            raise NotAsked("we are leaving") from error
        try:
            return asked.result(seconds)
        except NoAnswer as error:
            if asked.cancel():
                raise NotAsked("nobody had a hand free") from error
            raise Unknown("no answer in time") from error

    def _run(self) -> None:
        # Those who deliver, and their calls, are begun from here and inherit it.
        stand_back()
        while not self._leaving.is_set():
            try:
                taken = self._round()
            except DomainError as error:
                log.warning("The ledger can't be read just now: %s", error)
                taken = 0
            except Exception:
                log.exception("A round of sending failed")
                taken = 0
            if not taken:
                self._awake.wait(self.pause())
            self._awake.clear()

    def pause(self) -> float:
        """Seconds until it is worth looking at the ledger again."""
        until = self._nothing_before
        ahead = (until - self._clock()).total_seconds() if until else 0.0
        return ahead if 0.0 < ahead < IDLE_SECONDS else IDLE_SECONDS

    def _round(self) -> int:
        """Lease as many as there are free hands, and hand each out when its time comes; how many."""
        free = self._threads - self._in_hand
        if free <= 0 or self._leaving.is_set():
            return 0
        with self._database.write() as session:
            taken = leases.lease(session, self._lane, self._clock(), free, self._lease, self._settling)
        for leased in taken:
            wait = (leased.leave_at - self._lead - self._clock()).total_seconds()
            if (wait > 0 and self._leaving.wait(wait)) or self._leaving.is_set():
                self._give_back(leased)
                continue
            with self._lock:
                self._in_hand += 1
            self._hands.submit(self._carry, leased)
        return len(taken)

    def _carry(self, leased: Leased) -> None:
        try:
            if self._leaving.is_set():
                self._give_back(leased)
            else:
                with BACKGROUND.work():
                    self._deliver(leased)
        except DomainError as error:
            log.warning("Delivery %s could not be settled: %s", leased.delivery_id, error)
        except Exception:
            log.exception("Delivery %s failed in our hands", leased.delivery_id)
            self._end_in_failure(leased)
        finally:
            with self._lock:
                self._in_hand -= 1
            self._awake.set()

    def _give_back(self, leased: Leased) -> None:
        with self._database.write() as session:
            leases.give_back(session, leased, self._clock())

    def _end_in_failure(self, leased: Leased) -> None:
        try:
            self._fail(leased)
        except DomainError as error:
            log.warning("Delivery %s could not be settled: %s", leased.delivery_id, error)
