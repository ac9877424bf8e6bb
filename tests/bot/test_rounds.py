"""Rounds: when the ledger is looked at again."""

from datetime import timedelta
from queue import SimpleQueue

from bot.rounds import IDLE_SECONDS, Rounds, real_now
from models import deliveries
from models.database import Database
from models.deliveries import Planned
from models.leases import Leased
from models.paces import Pace
from tests.bot.office import PATIENCE


def test_when_slack_takes_messages_again_is_not_slept_through(any_database: Database) -> None:
    now = real_now()
    until = now + timedelta(seconds=IDLE_SECONDS / 10)
    with any_database.write() as session:
        deliveries.plan(session, [Planned("a", "report", "T0HOME", "U0ADA")], now, now)
        session.add(Pace(team_id="T0HOME", next_at=until, blocked_until=until))
    taken: SimpleQueue[Leased] = SimpleQueue()
    rounds = Rounds(any_database, "T0HOME", taken.put, taken.put, threads=1)
    rounds.nothing_before(until)
    rounds.start()
    try:
        taken.get(timeout=PATIENCE)
        assert real_now() - until < timedelta(seconds=0.8 * IDLE_SECONDS)
    finally:
        rounds.stop()
