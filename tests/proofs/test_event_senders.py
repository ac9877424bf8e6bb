"""Senders of events that are killed between a receiver's answer and the commit: no event is lost, each keeps its id."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess

from bot.destinations import PortalWebhook
from bot.eventsettings import WebhookSettings
from models.database import Database
from tests.bot.postoffice import PostOffice
from tests.bot.receivers import SECRET, Portal, running
from tests.processes import started
from tests.proofs.event_process import send

Say = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    events: int
    senders: int
    threads: int
    lives: tuple[int, int]
    lease: float
    settling: float
    call_seconds: float
    patience: float


SMALL = Size(9, 1, 1, (4, 4), 0.8, 0.2, 0.5, 90.0)
FULL = Size(3000, 3, 4, (2, 60), 5.0, 1.0, 4.0, 1800.0)


def test_no_event_is_lost_whoever_is_killed(any_database: Database, is_full: bool, figures: Say) -> None:
    size = FULL if is_full else SMALL
    with running(Portal) as portal:
        office = PostOffice(any_database, PortalWebhook(WebhookSettings(portal.url, (SECRET,))))
        office.hurries()
        office.enrolls(*(f"learner{number}" for number in range(size.events)))
        told = {
            "url": any_database.url.render_as_string(hide_password=False),
            "webhook": portal.url,
            "secret": SECRET,
            "lives": size.lives,
            "threads": size.threads,
            "lease": size.lease,
            "settling": size.settling,
            "call_seconds": size.call_seconds,
        }
        senders: list[ForkServerProcess] = []
        died, began = 0, time.monotonic()
        try:
            while {state for state, _ in office.states()} != {"sent"}:
                assert time.monotonic() - began < size.patience, Counter(office.states())
                for sender in [one for one in senders if not one.is_alive()]:
                    assert sender.exitcode == -signal.SIGKILL
                    died += 1
                    senders.remove(sender)
                while len(senders) < size.senders:
                    senders.append(started(send, told))
                # Real processes live in real time: there is no clock to pass in.
                time.sleep(0.1)
        finally:
            for sender in senders:
                sender.terminate()
            for sender in senders:
                # One whose time had come, or that had only just been started, ends before it can put anything away.
                sender.join(30)
                assert sender.exitcode in (0, -signal.SIGKILL, -signal.SIGTERM)
    assert set(portal.taken) == {f"evt_{event_id}" for event_id in office.ids()}
    arrived = Counter(portal.times.values())
    twice = sum(times - 1 for times in portal.times.values())
    assert died
    assert twice == died if size.threads == 1 else twice >= died
    figures(
        f"No event is lost, whoever is killed ({any_database.url.get_backend_name()})",
        f"{size.events:,} events, {size.senders} {'sender' if size.senders == 1 else 'senders'}, kill -9 {died} times "
        "between a portal's answer and the commit",
        f"{len(portal.taken):,} arrived, none under another id; {arrived[1]:,} once, "
        f"{len(portal.taken) - arrived[1]:,} more than once; {time.monotonic() - began:.0f} s",
    )
