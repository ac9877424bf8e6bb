"""Rounds: when the ledger is looked at again."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rounds import IDLE_SECONDS, Rounds
from models.database import Database

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)


def test_when_slack_takes_messages_again_is_not_slept_through(database: Database) -> None:
    now = [NOON]
    rounds = Rounds(database, "T0HOME", id, id, threads=1, clock=lambda: now[0])
    assert rounds.pause() == IDLE_SECONDS
    rounds.nothing_before(NOON + timedelta(seconds=30))
    assert rounds.pause() == IDLE_SECONDS, "others may find something to send before that"
    now[0] = NOON + timedelta(seconds=29.75)
    assert rounds.pause() == pytest.approx(0.25)
    now[0] = NOON + timedelta(seconds=30)
    assert rounds.pause() == IDLE_SECONDS
