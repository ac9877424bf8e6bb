"""A year of reminders in twenty zones, tick by tick; and learners who travel, rest, finish and leave."""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models import absences, changes, enrollments, links, members, mutes, preferences, reminders
from models.deliveries import Planned
from models.members import Profile
from models.reminderrows import BY_YOU, Reminder
from models.rhythms import BEHIND, DAILY, DAYS, RHYTHMS, WEEKLY, Rhythm, local_day, zone
from tests.school import a_course, a_user, completed, enrolled, lessons_of
from tests.trying import tried

YEAR = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
TWENTY = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Antarctica/Troll",
)
NONE: frozenset[date] = frozenset()


def a_learner(session: Session, name: str, tz: str, rhythm: Rhythm, at: datetime) -> str:
    """Somebody linked, who chose a rhythm."""
    user_id = a_user(session, name).id
    members.remember(session, Profile("T1", f"U{name}", name, name, tz=tz), at)
    links.link(session, "T1", f"U{name}", user_id, at)
    preferences.choose(session, user_id, rhythm, None, at)
    return user_id


def tick(session: Session, now: datetime) -> Iterator[Planned]:
    """What is planned now, all of it arriving at once."""
    handled = reminders.AT_ONCE
    while handled == reminders.AT_ONCE:
        planned, handled = reminders.plan(session, now, now, NONE)
        for one in planned:
            if one.reason is None:
                assert one.user_id is not None
                reminders.nudged(session, one.user_id, now, NONE)
            yield one


@pytest.fixture(params=["UTC", "Pacific/Kiritimati"][tried(0, otherwise=1) :])
def host_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """The machine itself stands in some zone, which must not matter; ``make test`` tries the odd one."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


DAYS_TRIED = tried(366, otherwise=122)
"""A year in `make prove`; to the beginning of May, past a change of clocks in each hemisphere, in `make test`."""


def test_a_year_hour_by_hour_in_twenty_zones(session: Session, host_zone: None) -> None:
    course = a_course(session, "Knots", [f"Lesson {number}" for number in range(3)])
    kinds = (Rhythm(DAILY, hour=9), Rhythm(BEHIND, hour=2), Rhythm(WEEKLY, "3", hour=23), Rhythm(DAYS, "16", hour=0))
    people: dict[str, Rhythm] = {}
    for number, tz in enumerate(TWENTY):
        chosen = kinds[number % len(kinds)]
        user_id = a_learner(session, f"l{number}", tz, chosen, YEAR)
        enrolled(session, a_user(session, f"l{number}"), course, at=YEAR)
        people[user_id] = Rhythm(chosen.kind, chosen.weekdays, chosen.hour, tz)
    reminders.schedule(session, people, YEAR, NONE)
    heard: dict[str, list[date]] = defaultdict(list)
    for hour in range(0, DAYS_TRIED * 24):
        now = YEAR + timedelta(hours=hour)
        # The half hours are for the zones whose clocks stand there.
        for moment in (now, now + timedelta(minutes=15), now + timedelta(minutes=30), now + timedelta(minutes=45)):
            for one in tick(session, moment):
                assert one.reason is None
                assert one.user_id is not None
                rhythm = people[one.user_id]
                there = moment.astimezone(zone(rhythm.tz))
                assert there.hour in (rhythm.hour, (rhythm.hour + 1) % 24), (rhythm, there)
                heard[one.user_id].append(there.date())
                # They answer every time, so that the ladder never ends.
                preferences.choose(session, one.user_id, rhythm, None, moment + timedelta(seconds=1))
                reminders.schedule(session, [one.user_id], moment + timedelta(seconds=2), NONE)
    for user_id, rhythm in people.items():
        on = heard[user_id]
        assert len(on) == len(set(on)), rhythm
        a_year = {DAILY: 365, WEEKLY: 52, DAYS: 104, BEHIND: 64}[rhythm.kind]
        expected = a_year * DAYS_TRIED / 366
        assert abs(len(on) - expected) <= 2, (rhythm, len(on))


def test_a_process_asleep_for_two_days_says_what_it_missed_and_goes_on(session: Session) -> None:
    user_id = a_learner(session, "ada", "Europe/London", Rhythm(DAILY), YEAR)
    enrolled(session, a_user(session, "ada"), a_course(session, "Knots", ["Bowline"]), at=YEAR)
    reminders.schedule(session, [user_id], YEAR, NONE)
    assert [one.reason for one in tick(session, datetime(2026, 1, 1, 9, 1, tzinfo=UTC))] == [None]
    told = list(tick(session, datetime(2026, 1, 4, 9, 30, tzinfo=UTC)))
    assert [(one.key[-10:], one.reason) for one in told] == [
        ("2026-01-02", "late"),
        ("2026-01-03", "late"),
        ("2026-01-04", None),
    ]
    told = list(tick(session, datetime(2026, 1, 6, 20, 0, tzinfo=UTC)))
    assert [(one.key[-10:], one.reason) for one in told] == [("2026-01-05", "late"), ("2026-01-06", "late")]
    row = session.exec(
        select(Reminder).where(Reminder.user_id == user_id).execution_options(populate_existing=True)
    ).one()
    assert row.due_at == datetime(2026, 1, 7, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("how", ["finish", "withdraw", "mute", "stop", "unlink", "deactivate", "snooze"])
def test_nothing_comes_after_it_was_ended(session: Session, how: str) -> None:
    user_id = a_learner(session, "ada", "UTC", Rhythm(DAILY), YEAR)
    ada = a_user(session, "ada")
    course = a_course(session, "Knots", ["Bowline"])
    assert course.id is not None
    enrolled(session, ada, course, at=YEAR)
    reminders.schedule(session, [user_id], YEAR, NONE)
    if how == "finish":
        completed(session, ada, lessons_of(session, course)[0], at=YEAR)
    elif how == "withdraw":
        enrollments.withdraw(session, user_id, course.id)
    elif how == "mute":
        mutes.mute(session, user_id, course.id)
    elif how == "stop":
        preferences.stop(session, user_id, BY_YOU, YEAR)
    elif how == "unlink":
        links.unlink(session, "T1", "Uada")
    elif how == "deactivate":
        members.remember(session, Profile("T1", "Uada", "ada", "ada", is_deleted=True), YEAR)
    else:
        preferences.snooze(session, user_id, date(2026, 3, 1), YEAR)
    while touched := changes.consume(session, YEAR, YEAR):
        reminders.schedule(session, {one.user_id for one in touched}, YEAR, NONE)
    reminders.schedule(session, [user_id], YEAR, NONE)
    for day in range(40):
        assert list(tick(session, YEAR + timedelta(days=day, hours=9))) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.integers(1, 80)),
        st.tuples(st.just("move"), st.sampled_from(TWENTY)),
        st.tuples(st.just("lesson"), st.just(0)),
        st.tuples(st.just("away"), st.integers(1, 9)),
        st.tuples(st.just("snooze"), st.integers(1, 9)),
        st.tuples(st.just("rhythm"), st.sampled_from(RHYTHMS)),
    ),
    max_size=25,
)


@settings(
    deadline=None, max_examples=tried(60, otherwise=25), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(TWENTY), st.integers(0, 23), st.sampled_from(RHYTHMS), STEPS)
def test_whatever_a_learner_does_never_two_in_a_day_and_the_next_is_ahead(
    session: Session, tz: str, hour: int, kind: str, steps: list[tuple[str, int | str]]
) -> None:
    with session.begin_nested() as undone:
        name = "ada"
        rhythm = Rhythm(kind, "12345", hour, tz)
        user_id = a_learner(session, name, tz, rhythm, YEAR)
        course = a_course(session, "Knots", [f"Lesson {number}" for number in range(40)])
        enrolled(session, a_user(session, name), course, at=YEAR)
        lessons = iter(lessons_of(session, course))
        now = YEAR
        reminders.schedule(session, [user_id], now, NONE)
        heard: list[datetime] = []
        away: list[tuple[date, date]] = []
        silent_until = date.min
        unanswered = 0
        for what, value in steps:
            today = local_day(now, rhythm.tz)
            if what == "pass":
                for _ in range(int(value)):
                    now += timedelta(hours=1)
                    for one in tick(session, now):
                        if one.reason is not None:
                            continue
                        day = local_day(now, rhythm.tz)
                        assert all(local_day(before, rhythm.tz) != day for before in heard)
                        assert day >= silent_until
                        assert not any(first <= day <= last for first, last in away)
                        unanswered += 1
                        assert unanswered <= reminders.LAST_STEP
                        heard.append(now)
            elif what == "move":
                rhythm = Rhythm(rhythm.kind, rhythm.weekdays, rhythm.hour, str(value))
                members.remember(session, Profile("T1", f"U{name}", name, name, tz=str(value)), now)
            elif what == "lesson":
                completed(session, a_user(session, name), next(lessons), at=now)
                unanswered = 0
            elif what == "away":
                back = today + timedelta(days=int(value))
                absences.set_away(session, user_id, absences.OWN, today, back)
                away = [span for span in away if span[1] < today] + [(today, back - timedelta(days=1))]
            elif what == "snooze":
                silent_until = today + timedelta(days=int(value))
                preferences.snooze(session, user_id, silent_until, now)
                unanswered = 0
            else:
                rhythm = Rhythm(str(value), rhythm.weekdays, rhythm.hour, rhythm.tz)
                preferences.choose(session, user_id, rhythm, None, now)
                unanswered = 0
            reminders.schedule(session, [user_id], now, NONE)
            row = session.exec(
                select(Reminder).where(Reminder.user_id == user_id).execution_options(populate_existing=True)
            ).one()
            if row.due_at is not None:
                late = now - row.due_at
                assert late <= timedelta(hours=3), "the next one is ahead, or due this very moment"
        undone.rollback()
