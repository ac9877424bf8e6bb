"""The ledger: one row a message, one holder a row, and what nobody knows is never taken for a no."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models import backlogs, deliveries, leases, pauses
from models.database import Database
from models.deliveries import Delivery, Planned
from models.errors import Unavailable
from models.leases import LEASE, SETTLING, Leased
from models.paces import HIGHEST_RATE, Pace
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE
from tests.crowd import EVERYONE, Crowd, gathered

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The time reminders are planned in."""
REAL = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""This machine's time, which is another."""
MOMENT = timedelta(microseconds=1)


def a_message(key: str, **told: Any) -> Planned:
    """A reminder for somebody of the first workspace, unless told otherwise."""
    return Planned(**{"key": key, "kind": "reminder", "team_id": "T1", "slack_user_id": f"U{key}", **told})


def planned(session: Session, *keys: str, at: datetime = REAL, **told: Any) -> None:
    deliveries.plan(session, [a_message(key, **told) for key in keys], NOW, at)


def taken(session: Session, at: datetime = REAL, team_id: str = "T1", most: int = 10) -> list[Leased]:
    """What is leased at this moment, in a workspace whose pace never stands in the way."""
    if session.get(Pace, team_id) is None:
        session.add(Pace(team_id=team_id, rate=HIGHEST_RATE, next_at=REAL - timedelta(days=1)))
        session.flush()
    return list(leases.lease(session, team_id, at, most))


def row(session: Session, key: str) -> Delivery:
    return session.exec(select(Delivery).where(Delivery.key == key).execution_options(populate_existing=True)).one()


def test_a_key_is_planned_once(any_session: Session) -> None:
    planned(any_session, "a", facts={"step": 1})
    first = row(any_session, "a").model_copy()
    planned(any_session, "a", "b", facts={"step": 2}, at=REAL + LEASE, team_id="T2")
    assert row(any_session, "a").model_dump() == first.model_dump()
    assert row(any_session, "b").team_id == "T2"
    assert (first.state, first.planned_at, first.try_at) == ("waiting", NOW, REAL)


def test_a_key_stays_used_after_it_was_sent(any_session: Session) -> None:
    planned(any_session, "a")
    (leased,) = taken(any_session)
    assert leases.sent(any_session, leased, "1.1", NOW)
    planned(any_session, "a")
    assert taken(any_session, REAL + timedelta(days=1)) == []


def test_every_message_has_a_token_of_its_own(any_session: Session) -> None:
    planned(any_session, "a", "b")
    tokens = {leased.token for leased in taken(any_session)}
    assert len(tokens) == 2
    assert all(len(token) >= 16 for token in tokens)


def test_what_is_put_down_with_a_reason_is_never_sent(any_session: Session) -> None:
    planned(any_session, "a", reason="late")
    told = row(any_session, "a")
    assert (told.state, told.reason, told.settled_at) == ("suppressed", "late", NOW)
    assert taken(any_session, REAL + timedelta(days=1)) == []
    assert backlogs.backlog(any_session).count == 0


def test_a_lease_says_everything_its_sender_needs(any_session: Session) -> None:
    told = a_message(
        "a", user_id="user_a", course_id=7, channel_id="D1", facts={"step": 3}, not_after=NOW + timedelta(hours=3)
    )
    deliveries.plan(any_session, [told], NOW, REAL)
    (leased,) = taken(any_session)
    assert (leased.kind, leased.team_id, leased.slack_user_id) == ("reminder", "T1", "Ua")
    assert (leased.user_id, leased.course_id, leased.channel_id, dict(leased.facts)) == ("user_a", 7, "D1", {"step": 3})
    assert (leased.planned_at, leased.not_after) == (NOW, NOW + timedelta(hours=3))
    assert (leased.attempts, leased.first_leased_at, leased.lease_ends_at) == (1, REAL, REAL + LEASE)
    assert not leased.may_be_there


def test_a_message_is_not_leased_before_its_time(any_session: Session) -> None:
    planned(any_session, "a")
    assert taken(any_session, REAL - MOMENT) == []
    assert len(taken(any_session, REAL)) == 1


def test_who_waits_longest_is_leased_first(any_session: Session) -> None:
    planned(any_session, "young", at=REAL - timedelta(seconds=1))
    planned(any_session, "old", at=REAL - timedelta(seconds=9))
    planned(any_session, "next", at=REAL - timedelta(seconds=5))
    assert [leased.slack_user_id for leased in taken(any_session, most=2)] == ["Uold", "Unext"]
    assert [leased.slack_user_id for leased in taken(any_session, most=2)] == ["Uyoung"]


@pytest.mark.parametrize("channel", [None, "D1"])
def test_a_lease_is_handed_on_only_after_it_ended_and_all_has_settled(
    any_session: Session, channel: str | None
) -> None:
    planned(any_session, "a", channel_id=channel)
    (first,) = taken(any_session)
    for later in (timedelta(0), LEASE, LEASE + SETTLING - MOMENT):
        assert taken(any_session, REAL + later) == []
    (second,) = taken(any_session, REAL + LEASE + SETTLING)
    assert second.leased_by != first.leased_by
    assert (second.token, second.attempts, second.first_leased_at) == (first.token, 2, REAL)
    assert second.may_be_there == (channel is not None), "without a channel nothing can have been sent"
    (third,) = taken(any_session, REAL + 2 * (LEASE + SETTLING))
    assert third.first_leased_at == REAL


def test_a_channel_kept_before_sending_makes_the_next_holder_look(any_session: Session) -> None:
    planned(any_session, "a")
    (first,) = taken(any_session)
    assert leases.at_channel(any_session, first, "D1")
    (second,) = taken(any_session, REAL + LEASE + SETTLING)
    assert (second.channel_id, second.may_be_there) == ("D1", True)


def _writing(leased: Leased) -> dict[str, Callable[[Session], bool]]:
    at = REAL + timedelta(hours=1)
    return {
        "sent": lambda session: leases.sent(session, leased, "1.1", NOW),
        "failed": lambda session: leases.failed(session, leased, "x", NOW),
        "suppressed": lambda session: leases.suppressed(session, leased, "x", NOW),
        "deferred": lambda session: leases.deferred(session, leased, "x", at, NOW),
        "uncertain": lambda session: leases.uncertain(session, leased, "x", at, NOW),
        "give_back": lambda session: leases.give_back(session, leased, at),
        "at_channel": lambda session: leases.at_channel(session, leased, "D9"),
    }


WAYS = ("sent", "failed", "suppressed", "deferred", "uncertain", "give_back", "at_channel")


@pytest.mark.parametrize("way", WAYS)
def test_who_lost_the_lease_writes_nothing(any_session: Session, way: str) -> None:
    planned(any_session, "a")
    (stale,) = taken(any_session)
    (holder,) = taken(any_session, REAL + LEASE + SETTLING)
    before = row(any_session, "a").model_copy()
    assert not _writing(stale)[way](any_session)
    assert row(any_session, "a").model_dump() == before.model_dump()
    assert _writing(holder)[way](any_session)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_settled_stays_settled(any_session: Session, way: str) -> None:
    planned(any_session, "a")
    (leased,) = taken(any_session)
    assert leases.failed(any_session, leased, "user_disabled", NOW)
    assert not _writing(leased)[way](any_session)
    assert (row(any_session, "a").state, row(any_session, "a").reason) == ("failed", "user_disabled")


def test_who_is_late_but_alone_may_still_say_what_became_of_it(any_session: Session) -> None:
    planned(any_session, "a")
    (leased,) = taken(any_session)
    assert leases.may_leave(any_session, leased, REAL, REAL + LEASE - MOMENT)
    assert not leases.may_leave(any_session, leased, REAL, REAL + LEASE)
    assert leases.sent(any_session, leased, "1.1", NOW)


def test_a_lease_somebody_else_took_over_is_not_mine(any_session: Session) -> None:
    planned(any_session, "a")
    (stale,) = taken(any_session)
    (holder,) = taken(any_session, REAL + LEASE + SETTLING)
    assert not leases.may_leave(any_session, stale, REAL, REAL)
    assert leases.may_leave(any_session, holder, REAL, REAL)


def test_a_refusal_for_now_comes_again_when_it_should_and_is_certainly_not_there(any_session: Session) -> None:
    planned(any_session, "a", channel_id="D1")
    (leased,) = taken(any_session)
    again = REAL + timedelta(seconds=5)
    assert leases.deferred(any_session, leased, "ratelimited", again, NOW)
    assert taken(any_session, again - MOMENT) == []
    (second,) = taken(any_session, again)
    assert (second.may_be_there, second.attempts) == (False, 2)


def test_what_nobody_knows_is_looked_for(any_session: Session) -> None:
    planned(any_session, "a", channel_id="D1")
    (leased,) = taken(any_session)
    again = leased.lease_ends_at + SETTLING
    assert leases.uncertain(any_session, leased, "no answer in time", again, NOW)
    assert taken(any_session, again - MOMENT) == []
    (second,) = taken(any_session, again)
    assert second.may_be_there
    assert leases.give_back(any_session, second, again)
    (third,) = taken(any_session, again)
    assert (third.may_be_there, third.attempts) == (True, 2), "giving back answers no question and counts as no attempt"


def test_what_is_given_back_is_anybodys_at_once(any_session: Session) -> None:
    planned(any_session, "a", channel_id="D1")
    (leased,) = taken(any_session)
    assert leases.give_back(any_session, leased, REAL)
    (again,) = taken(any_session)
    assert (again.attempts, again.may_be_there) == (1, False)


def test_a_message_is_found_by_where_it_is(any_session: Session) -> None:
    planned(any_session, "a", channel_id="D1")
    (leased,) = taken(any_session)
    leases.sent(any_session, leased, "17.5", NOW)
    found = backlogs.of_message(any_session, "D1", "17.5")
    assert found is not None
    assert found.key == "a"
    assert backlogs.of_message(any_session, "D2", "17.5") is None


def test_the_history_has_a_line_for_everything(any_session: Session) -> None:
    planned(any_session, "a", channel_id="D1")
    leases.deferred(any_session, taken(any_session)[0], "ratelimited", REAL, NOW)
    leases.uncertain(any_session, taken(any_session)[0], "http 500", REAL, NOW)
    leases.sent(any_session, taken(any_session)[0], "1.1", NOW + timedelta(minutes=1), "found in the DM")
    assert row(any_session, "a").history.splitlines() == [
        "2026-03-02 09:00:00 UTC planned",
        "2026-03-02 09:00:00 UTC waiting: ratelimited",
        "2026-03-02 09:00:00 UTC uncertain: http 500",
        "2026-03-02 09:01:00 UTC found in the DM",
    ]


def test_a_workspace_is_leased_for_itself(any_session: Session) -> None:
    planned(any_session, "a")
    planned(any_session, "b", team_id="T2")
    assert [leased.slack_user_id for leased in taken(any_session, team_id="T2")] == ["Ub"]
    assert [leased.slack_user_id for leased in taken(any_session)] == ["Ua"]


HOLDS = {
    (EVERYTHING, ""): {"plain", "course", "other", "report"},
    (KIND, "report"): {"report"},
    (COURSE, "7"): {"course"},
    (WORKSPACE, "T2"): {"other"},
}


def a_mixture(session: Session) -> None:
    """One plain reminder, one about course 7, one in another workspace, and a report."""
    planned(session, "plain", user_id="user_plain")
    planned(session, "course", course_id=7, user_id="user_course")
    planned(session, "other", team_id="T2")
    planned(session, "report", kind="report", course_id=70)


def everything(session: Session) -> set[str]:
    return {one.slack_user_id[1:] for team_id in ("T1", "T2") for one in taken(session, team_id=team_id)}


@pytest.mark.parametrize(("scope", "value"), HOLDS)
def test_a_pause_holds_what_it_says_and_lets_it_go(any_session: Session, scope: str, value: str) -> None:
    a_mixture(any_session)
    pauses.pause(any_session, scope, value, by="console", because="", now=NOW)
    held = HOLDS[scope, value]
    kinds = [row(any_session, key).kind for key in held]
    assert backlogs.held(any_session) == {kind: kinds.count(kind) for kind in kinds}
    assert backlogs.backlog(any_session).count == 4 - len(held)
    assert everything(any_session) == HOLDS[EVERYTHING, ""] - held
    pauses.resume(any_session, scope, value)
    assert everything(any_session) == held


@pytest.mark.parametrize(("scope", "value"), HOLDS)
def test_discarding_throws_away_what_the_pause_holds(any_session: Session, scope: str, value: str) -> None:
    a_mixture(any_session)
    held = HOLDS[scope, value]
    thrown = deliveries.discard(any_session, scope, value, NOW)
    assert set(thrown) == {(row(any_session, key).kind, row(any_session, key).user_id) for key in held}
    for key in held:
        told = row(any_session, key)
        assert (told.state, told.reason, told.settled_at) == ("suppressed", "discarded", NOW)
    assert everything(any_session) == HOLDS[EVERYTHING, ""] - held


def test_what_may_be_in_slack_already_is_not_discarded(any_session: Session) -> None:
    planned(any_session, "held", "lost", channel_id="D1")
    held, lost = taken(any_session)
    leases.uncertain(any_session, lost, "no answer in time", REAL, NOW)
    planned(any_session, "new")
    deliveries.discard(any_session, EVERYTHING, "", NOW)
    assert row(any_session, "new").state == "suppressed"
    assert leases.sent(any_session, held, "1.1", NOW)
    assert [leased.slack_user_id for leased in taken(any_session)] == ["Ulost"]


def test_the_backlog_says_how_much_since_when_and_when_next(any_session: Session) -> None:
    assert backlogs.backlog(any_session) == backlogs.Backlog(0, None, None)
    deliveries.plan(any_session, [a_message("a")], NOW + LEASE, REAL)
    deliveries.plan(any_session, [a_message("b", team_id="T2")], NOW, REAL + LEASE)
    deliveries.plan(any_session, [a_message("c", reason="late")], NOW - LEASE, REAL)
    assert backlogs.backlog(any_session) == backlogs.Backlog(2, NOW, REAL)
    assert backlogs.backlog(any_session, "T2") == backlogs.Backlog(1, NOW, REAL + LEASE)
    for leased in taken(any_session):
        leases.sent(any_session, leased, "1.1", NOW)
    assert backlogs.backlog(any_session, "T1").count == 0


def test_something_is_outstanding_until_all_is_settled_held_or_past_patience(any_session: Session) -> None:
    assert not backlogs.outstanding(any_session, "T1", 1)
    planned(any_session, "a", channel_id="D1")
    assert backlogs.outstanding(any_session, "T1", 1)
    assert not backlogs.outstanding(any_session, "T2", 1)
    pauses.pause(any_session, EVERYTHING, "", by="console", because="", now=NOW)
    assert not backlogs.outstanding(any_session, "T1", 1)
    pauses.resume(any_session, EVERYTHING, "")
    (leased,) = taken(any_session)
    assert backlogs.outstanding(any_session, "T1", 1), "its holder may die"
    leases.uncertain(any_session, leased, "http 500", REAL, NOW)
    assert (backlogs.outstanding(any_session, "T1", 1), backlogs.stuck(any_session)) == (True, 0)
    leases.uncertain(any_session, taken(any_session)[0], "history: missing_scope", REAL, NOW)
    assert (backlogs.outstanding(any_session, "T1", 1), backlogs.stuck(any_session)) == (False, 1)
    assert backlogs.outstanding(any_session, "T1", 2)
    assert (backlogs.stuck(any_session, "T1"), backlogs.stuck(any_session, "T2")) == (1, 0)
    leases.sent(any_session, taken(any_session)[0], "1.1", NOW)
    assert (backlogs.outstanding(any_session, "T1", 2), backlogs.stuck(any_session)) == (False, 0)


def test_what_was_settled_is_told_by_state_kind_and_reason(any_session: Session) -> None:
    planned(any_session, "a", "b", "c", "d")
    planned(any_session, "other", team_id="T2", kind="report", reason="late")
    a, b, c, _ = taken(any_session)
    leases.sent(any_session, a, "1.1", NOW)
    leases.sent(any_session, b, "1.2", NOW + timedelta(hours=1))
    leases.failed(any_session, c, "user_disabled", NOW)
    mine = (("failed", "reminder", "user_disabled", 1), ("sent", "reminder", None, 1))
    until = NOW + timedelta(hours=1)
    assert backlogs.told(any_session, NOW, until, "T1") == mine
    assert backlogs.told(any_session, NOW, until) == (*mine, ("suppressed", "report", "late", 1))
    assert backlogs.told(any_session, NOW - LEASE, NOW) == ()
    assert backlogs.opened(any_session) == (("reminder", "sending", 1),)


# Many at once


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with gathered() as crowd:
        yield crowd


def _lease_and_send(session: Session, number: int) -> list[tuple[int, str]]:
    leased = leases.lease(session, "T1", REAL, 3)
    return [(one.delivery_id, one.leave_at.isoformat()) for one in leased]


def _plan(session: Session, number: int) -> None:
    planned(session, *(f"k{key}" for key in range(40)), facts={"by": number})


def test_many_who_lease_at_once_get_rows_and_slots_of_their_own(
    crowd: Crowd, any_url: str, any_database: Database
) -> None:
    with any_database.write() as session:
        session.add(Pace(team_id="T1", rate=HIGHEST_RATE, next_at=REAL))
        planned(session, *(f"k{number}" for number in range(2 * EVERYONE)))
    answers = crowd.at_once(any_url, _lease_and_send)
    assert all(isinstance(answer, list) for answer in answers), answers
    got = [tuple(one) for answer in answers for one in answer]
    assert len({delivery_id for delivery_id, _ in got}) == len(got) == 2 * EVERYONE
    assert len({leave_at for _, leave_at in got}) == 2 * EVERYONE


def test_many_who_plan_at_once_plan_each_message_once(crowd: Crowd, any_url: str, any_database: Database) -> None:
    assert crowd.at_once(any_url, _plan) == [None] * EVERYONE
    with any_database.read() as session:
        rows = session.exec(select(Delivery)).all()
        assert len(rows) == 40
        assert len({json.loads(one.facts)["by"] for one in rows}) == 1


@pytest.fixture
def impatient(any_url: str) -> Iterator[Database]:
    """The same database for somebody who waits a tenth of a second."""
    database = Database(any_url, patience=0.1)
    yield database
    database.close()


def test_one_workspace_does_not_wait_for_another(any_database: Database, impatient: Database) -> None:
    with any_database.write() as session:
        planned(session, "a")
        planned(session, "b", team_id="T2")
        for team_id in ("T1", "T2"):
            session.add(Pace(team_id=team_id, rate=HIGHEST_RATE, next_at=REAL))
    with any_database.write() as session:
        assert len(leases.lease(session, "T1", REAL, 5)) == 1
        if any_database.is_sqlite:
            with pytest.raises(Unavailable), impatient.write() as other:
                leases.lease(other, "T2", REAL, 5)
        else:
            with impatient.write() as other:
                assert len(leases.lease(other, "T2", REAL, 5)) == 1


def test_a_row_somebody_is_writing_is_passed_over(any_database: Database, impatient: Database) -> None:
    with any_database.write() as session:
        planned(session, "a", "b")
        session.add(Pace(team_id="T1", rate=HIGHEST_RATE, next_at=REAL))
    with any_database.write() as session:
        row(session, "a").reason = "somebody writes"
        session.flush()
        if any_database.is_sqlite:
            with pytest.raises(Unavailable), impatient.write() as other:
                leases.lease(other, "T1", REAL, 5)
        else:
            with impatient.write() as other:
                assert [one.slack_user_id for one in leases.lease(other, "T1", REAL, 5)] == ["Ub"]
