"""The pace: found by trying, one for everybody in a workspace, and slower after every no."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session

from models import deliveries, leases, paces
from models.deliveries import Planned
from models.paces import A_LITTLE_LESS, BELOW_CEILING, FIRST_RATE, GROWTH, HIGHEST_RATE, LOWEST_RATE, MOSTLY_OURS, Pace

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def pace(session: Session, team_id: str = "T1") -> Pace:
    found = paces.of(session, team_id)
    assert found is not None
    return found.model_copy()


def leaves(session: Session, at: datetime, most: int = 1000, team_id: str = "T1") -> list[datetime]:
    """Somebody takes every slot there is at this moment; when their messages may leave."""
    slots = paces.offered(session, team_id, at, most)
    paces.take(session, slots, slots.count)
    return [slots.at(number) for number in range(slots.count)]


def a_while(session: Session, start: datetime, seconds: int) -> datetime:
    """Sending at full pace for so long; when it ends."""
    for second in range(seconds):
        leaves(session, start + second * SECOND)
    return start + seconds * SECOND


def known(session: Session, **told: Any) -> None:
    """A pace known from before."""
    session.add(Pace(**{"team_id": "T1", "next_at": NOW - SECOND, **told}))
    session.flush()


def test_nothing_is_known_where_nothing_was_sent(any_session: Session) -> None:
    assert paces.of(any_session, "T1") is None


def test_the_first_second_gives_what_the_first_rate_allows_evenly(any_session: Session) -> None:
    slots = leaves(any_session, NOW)
    assert slots == [NOW + number * SECOND / FIRST_RATE for number in range(int(FIRST_RATE) + 1)]
    assert leaves(any_session, NOW) == []


def test_nobody_gets_a_slot_that_is_past(any_session: Session) -> None:
    leaves(any_session, NOW, most=1)
    assert leaves(any_session, NOW + timedelta(hours=1), most=1) == [NOW + timedelta(hours=1)]


def test_slots_nobody_used_stay_free(any_session: Session) -> None:
    slots = paces.offered(any_session, "T1", NOW, 5)
    paces.take(any_session, slots, 2)
    assert leaves(any_session, NOW, most=1) == [slots.at(2)]


def test_every_message_gets_the_next_slot_of_its_workspace(any_session: Session) -> None:
    told = [Planned(f"k{n}", "reminder", "T1", f"U{n}") for n in range(9)]
    deliveries.plan(any_session, told, NOW, NOW)
    taken = [*leases.lease(any_session, "T1", NOW, 2), *leases.lease(any_session, "T1", NOW, 9)]
    gaps = [after.leave_at - before.leave_at for before, after in pairwise(taken)]
    assert len(taken) == 7
    assert taken[0].leave_at == NOW
    # The first two were taken at the first rate; with each the pace grew, so the rest are closer together.
    assert gaps == [SECOND / FIRST_RATE] * 2 + [gaps[2]] * 4
    assert gaps[2] == pytest.approx(SECOND / (FIRST_RATE + 2 * GROWTH), abs=timedelta(milliseconds=1))


def test_an_empty_ledger_uses_up_no_slots(any_session: Session) -> None:
    assert leases.lease(any_session, "T1", NOW, 5) == ()
    assert pace(any_session).next_at == NOW
    assert pace(any_session).rate == FIRST_RATE


def test_the_pace_grows_with_each_message_up_to_a_limit(any_session: Session) -> None:
    assert len(leaves(any_session, NOW, most=3)) == 3
    assert pace(any_session).rate == pytest.approx(FIRST_RATE + 3 * GROWTH)
    a_while(any_session, NOW, 60)
    assert pace(any_session).rate == HIGHEST_RATE


def test_retry_after_stops_everybody_until_it_is_over(any_session: Session) -> None:
    leaves(any_session, NOW, most=1)
    paces.slow_down(any_session, "T1", 7, NOW)
    assert leaves(any_session, NOW) == leaves(any_session, NOW + timedelta(seconds=6.9)) == []
    assert leaves(any_session, NOW + timedelta(seconds=7)) != []


def test_a_refusal_stops_no_other_workspace(any_session: Session) -> None:
    leaves(any_session, NOW, team_id="T2", most=1)
    paces.slow_down(any_session, "T1", 7, NOW)
    assert len(leaves(any_session, NOW, team_id="T2", most=3)) == 3
    assert pace(any_session, "T2").rate > FIRST_RATE


def test_the_first_refusal_says_how_much_slack_takes(any_session: Session) -> None:
    known(any_session, rate=10.0, since_refused=1000)
    paces.slow_down(any_session, "T1", 1, NOW)
    assert pace(any_session).rate == pytest.approx(10 * BELOW_CEILING)
    assert pace(any_session).ceiling == 10


def test_a_refusal_after_much_sending_lowers_the_pace_by_a_percent(any_session: Session) -> None:
    known(any_session, rate=10.0, ceiling=10.1, since_refused=1000)
    paces.slow_down(any_session, "T1", 1, NOW)
    assert pace(any_session).rate == pytest.approx(9.9)
    assert pace(any_session).ceiling == 10


def test_refused_again_at_a_pace_that_slack_took_all_the_same_it_is_one_too_many(any_session: Session) -> None:
    known(any_session, rate=48.5, ceiling=50.0, since_refused=60)
    paces.slow_down(any_session, "T1", 1, NOW, taken=47)
    assert pace(any_session).rate == pytest.approx(48.5 * A_LITTLE_LESS)
    known(any_session, team_id="T2", rate=48.5, ceiling=50.0, since_refused=60)
    paces.slow_down(any_session, "T2", 1, NOW, taken=40)
    assert pace(any_session, "T2").rate == 20.0


def test_two_refusals_close_together_halve_the_pace(any_session: Session) -> None:
    known(any_session, rate=10.0, since_refused=1000)
    paces.slow_down(any_session, "T1", 1, NOW)
    leaves(any_session, NOW + SECOND, most=5)
    paces.slow_down(any_session, "T1", 1, NOW + SECOND)
    assert pace(any_session).rate == pytest.approx(10 * BELOW_CEILING / 2, rel=0.001)


def test_refusals_of_messages_on_their_way_at_the_same_moment_count_once(any_session: Session) -> None:
    known(any_session, rate=10.0, since_refused=1000)
    for retry_after in (2, 3, 1):
        paces.slow_down(any_session, "T1", retry_after, NOW)
    assert pace(any_session).rate == pytest.approx(10 * BELOW_CEILING)
    assert pace(any_session).blocked_until == NOW + 3 * SECOND


def test_the_pace_never_falls_to_nothing(any_session: Session) -> None:
    at = NOW
    for _ in range(20):
        paces.slow_down(any_session, "T1", 1, at)
        at += 2 * SECOND
    assert pace(any_session).rate == LOWEST_RATE
    assert [slot - at for slot in leaves(any_session, at)] == [0 * SECOND, SECOND]


def test_a_stop_that_is_not_about_the_pace_leaves_it_alone(any_session: Session) -> None:
    known(any_session, rate=10.0, ceiling=11.0, since_refused=3)
    paces.slow_down(any_session, "T1", 9, NOW)
    told = pace(any_session)
    paces.stop(any_session, "T1", 5, NOW + SECOND)
    assert pace(any_session).model_dump() == told.model_dump(), "a shorter stop shortens nothing"
    paces.stop(any_session, "T1", 300, NOW)
    assert leaves(any_session, NOW + timedelta(seconds=299)) == []
    after = pace(any_session)
    assert (after.rate, after.ceiling, after.since_refused) == (told.rate, told.ceiling, told.since_refused)


def test_the_pace_comes_back_to_just_below_where_it_was_refused(any_session: Session) -> None:
    known(any_session, rate=3.0, ceiling=10.0, since_refused=0)
    after = a_while(any_session, NOW, 120)
    assert pace(any_session).rate == pytest.approx(10 * BELOW_CEILING, rel=0.02)
    before = pace(any_session).rate
    a_while(any_session, after, 30)
    assert before < pace(any_session).rate < 10, "it feels its way up"


def test_halving_remembers_where_it_was_refused(any_session: Session) -> None:
    known(any_session, rate=10.0, ceiling=12.0, since_refused=0)
    paces.slow_down(any_session, "T1", 1, NOW)
    assert (pace(any_session).rate, pace(any_session).ceiling) == (5.0, 10.0)


def test_a_bad_day_of_slack_is_forgotten(any_session: Session) -> None:
    """Ten minutes of refusals, whatever the pace; ten minutes after them the pace is what it was before."""
    at = NOW
    while at < NOW + timedelta(minutes=10):
        leaves(any_session, at, most=8)
        paces.slow_down(any_session, "T1", 30, at)
        at += timedelta(seconds=30)
    assert pace(any_session).rate == LOWEST_RATE
    a_while(any_session, at, 600)
    assert pace(any_session).rate > FIRST_RATE


@pytest.mark.parametrize(("limit", "share"), [(3, 0.93), (8, 0.93), (50, 0.95)])
def test_most_of_what_slack_takes_is_used_and_little_is_refused(session: Session, limit: int, share: float) -> None:
    """A Slack that takes so many messages in any second, and answers after a tenth of one."""
    at, accepted, refused = NOW, [NOW - SECOND] * limit, 0
    while at < NOW + timedelta(minutes=4):
        slots = leaves(session, at, most=16)
        at = max(slots[-1] if slots else at, at + timedelta(milliseconds=50))
        for slot in slots:
            if accepted[-limit] > slot - SECOND:
                refused += 1
                taken = sum(one > slot - SECOND for one in accepted[-limit:])
                at = slot + timedelta(milliseconds=100)
                paces.slow_down(session, "T1", 1, at, taken)
                break
            accepted.append(slot)
    assert len(accepted) > share * limit * 240
    assert refused < 0.05 * len(accepted)


def test_what_slack_took_in_the_last_second_is_the_ceiling_not_a_pace_that_still_grew(any_session: Session) -> None:
    known(any_session, rate=40.0, since_refused=60)
    paces.slow_down(any_session, "T1", 1, NOW, taken=25)
    assert (pace(any_session).rate, pace(any_session).ceiling) == (25 * BELOW_CEILING, 25)


def test_of_a_pace_shared_by_several_senders_each_sees_only_a_part(any_session: Session) -> None:
    known(any_session, rate=40.0, ceiling=44.0, since_refused=10_000)
    paces.slow_down(any_session, "T1", 1, NOW, taken=4)
    assert pace(any_session).ceiling == 40 * MOSTLY_OURS
