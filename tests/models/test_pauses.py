"""Pauses and switches: what an admin holds, and what is on at all."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import changes, deliveries, outcomes, pauses, reminders, switches
from models.deliveries import Delivery, Planned
from models.pauses import COURSE, EVERYTHING, KIND, WORKSPACE, Held
from models.reminderrows import Reminder
from models.switches import ALERT, ALWAYS, EDIT, KINDS, OPT_OUT, REMINDER, REPORT
from tests.models.test_reports import joined
from tests.school import a_course, enrolled

NOW = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
"""A Friday."""
LATER = NOW + timedelta(hours=1)


def test_a_pause_says_who_when_and_why(any_session: Session) -> None:
    assert pauses.pause(any_session, KIND, REMINDER, by="U1", because="double posts", now=NOW)
    assert pauses.in_force(any_session) == (Held(KIND, REMINDER, "U1", "double posts", NOW),)


def test_pausing_again_changes_nothing(any_session: Session) -> None:
    pauses.pause(any_session, EVERYTHING, "", by="U1", because="double posts", now=NOW)
    assert not pauses.pause(any_session, EVERYTHING, "", by="U2", because="another", now=LATER)
    assert pauses.in_force(any_session) == (Held(EVERYTHING, "", "U1", "double posts", NOW),)


def test_pauses_are_told_the_oldest_first(any_session: Session) -> None:
    pauses.pause(any_session, EVERYTHING, "", by="U1", because="", now=LATER)
    pauses.pause(any_session, WORKSPACE, "T1", by="U1", because="", now=NOW)
    pauses.pause(any_session, COURSE, "7", by="U1", because="", now=LATER)
    assert [one.scope for one in pauses.in_force(any_session)] == [WORKSPACE, COURSE, EVERYTHING]


def test_resuming_ends_that_pause_and_no_other(any_session: Session) -> None:
    for value in ("7", "8"):
        pauses.pause(any_session, COURSE, value, by="U1", because="", now=NOW)
    assert pauses.resume(any_session, COURSE, "7")
    assert not pauses.resume(any_session, COURSE, "7")
    assert not pauses.resume(any_session, WORKSPACE, "8")
    assert [one.value for one in pauses.in_force(any_session)] == ["8"]


def test_nothing_is_on_until_it_is_turned_on(any_session: Session) -> None:
    assert switches.on(any_session) == frozenset()
    assert switches.turn_on(any_session, [REMINDER], "console", NOW) == (REMINDER,)
    assert switches.turn_on(any_session, KINDS, "U1", LATER) == (REPORT, ALERT)
    assert switches.on(any_session) == {REMINDER, REPORT, ALERT}
    assert switches.turn_off(any_session, REMINDER)
    assert not switches.turn_off(any_session, REMINDER)
    assert switches.on(any_session) == {REPORT, ALERT}


def test_every_kind_says_how_to_get_less_of_it() -> None:
    assert set(OPT_OUT) == {*KINDS, *ALWAYS, EDIT}
    assert set(OPT_OUT.values()) <= {"nudges", "announcements", "account"}


@pytest.mark.parametrize("nudges", [0, 3])
def test_a_learner_whose_reminder_was_discarded_hears_on_the_next_day(any_session: Session, nudges: int) -> None:
    """Three went unanswered or none; the fourth, which says goodbye, is no end when nobody got it."""
    ada = joined(any_session, "ada")
    enrolled(any_session, ada, a_course(any_session, "Knots", ["Bowline"]), at=NOW - timedelta(days=60))
    while changes.consume(any_session, NOW, NOW):
        pass
    any_session.add(Reminder(user_id=ada.id, due_at=NOW, nudges=nudges, nudged_at=NOW - timedelta(days=30)))
    any_session.flush()
    reminders.plan(any_session, NOW, NOW, frozenset())
    pauses.pause(any_session, EVERYTHING, "", by="U1", because="", now=NOW)
    monday = NOW + timedelta(days=3)
    friday = frozenset({monday.date()})
    assert outcomes.discarded(any_session, EVERYTHING, "", NOW, friday) == 1
    assert any_session.exec(select(Delivery.reason)).all() == ["discarded"]
    any_session.expire_all()
    assert any_session.exec(select(Reminder.due_at)).all() == [NOW + timedelta(days=4)]


def test_discarding_what_is_no_reminder_schedules_nobody(any_session: Session) -> None:
    told = [Planned(f"k{n}", REPORT, "T1", f"U{n}", user_id=f"user_{n}") for n in range(3)]
    deliveries.plan(any_session, told, NOW, NOW)
    assert outcomes.discarded(any_session, KIND, REPORT, NOW, frozenset()) == 3
    assert any_session.exec(select(Reminder)).all() == []
