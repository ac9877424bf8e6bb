"""When a reminder is due: working days, chosen days, and clocks that jump."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.absences import back_after_status, back_on
from models.rhythms import (
    BEHIND,
    DAILY,
    DAYS,
    RHYTHMS,
    WEEKLY,
    DaysOff,
    Rhythm,
    instant_of,
    leaves_until,
    local_day,
    next_due,
    working_days_since,
    zone,
)

MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "America/St_Johns",
    "Asia/Tehran",
)


def due(rhythm: Rhythm, off: DaysOff = DaysOff(), *, idle_since: date = MONDAY, after: datetime = NOON) -> str:  # noqa: B008
    found = next_due(rhythm, off, after=after, from_day=date.min, idle_since=idle_since)
    return f"{found:%a %Y-%m-%d %H:%M}" if found else "never"


def days(*offsets: int) -> frozenset[date]:
    return frozenset(MONDAY + timedelta(days=offset) for offset in offsets)


@pytest.mark.parametrize(
    ("rhythm", "when"),
    [
        (Rhythm(), "Fri 2026-03-06 09:00"),
        (Rhythm(hour=17), "Fri 2026-03-06 17:00"),
        (Rhythm(weekdays="12347"), "Sun 2026-03-08 09:00"),
        (Rhythm(weekdays="3"), "Wed 2026-03-25 09:00"),
        (Rhythm(DAILY), "Tue 2026-03-03 09:00"),
        (Rhythm(DAILY, hour=13), "Mon 2026-03-02 13:00"),
        (Rhythm(WEEKLY, "35"), "Wed 2026-03-04 09:00"),
        (Rhythm(DAYS, "6"), "Sat 2026-03-07 09:00"),
        (Rhythm(tz="Pacific/Kiritimati"), "Thu 2026-03-05 19:00"),
        (Rhythm(tz="Pacific/Pago_Pago"), "Fri 2026-03-06 20:00"),
        (Rhythm(tz="Asia/Kathmandu"), "Fri 2026-03-06 03:15"),
        (Rhythm(tz="Nowhere/At_All"), "Fri 2026-03-06 09:00"),
    ],
)
def test_each_rhythm_speaks_on_its_days_at_its_hour(rhythm: Rhythm, when: str) -> None:
    assert due(rhythm) == when


def test_weekends_holidays_and_days_away_are_no_working_days() -> None:
    assert due(Rhythm(), idle_since=MONDAY + timedelta(days=3)) == "Wed 2026-03-11 09:00"
    assert due(Rhythm(), DaysOff(days(1, 2))) == "Tue 2026-03-10 09:00"
    assert due(Rhythm(), DaysOff(absences=((MONDAY, MONDAY + timedelta(days=11)),))) == "Thu 2026-03-19 09:00"
    assert due(Rhythm(DAILY), DaysOff(days(1))) == "Wed 2026-03-04 09:00"
    assert working_days_since(Rhythm(), DaysOff(days(2)), MONDAY, MONDAY + timedelta(days=8)) == 4


def test_nothing_is_due_for_somebody_who_is_never_there() -> None:
    assert due(Rhythm(), DaysOff(absences=((MONDAY, MONDAY + timedelta(days=1000)),))) == "never"
    assert due(Rhythm(DAILY), DaysOff(absences=((MONDAY, MONDAY + timedelta(days=1000)),))) == "never"


@pytest.mark.parametrize(
    ("day", "hour", "tz", "instant"),
    [
        (date(2026, 3, 29), 2, "Europe/Berlin", "2026-03-29 01:00"),
        (date(2026, 10, 25), 2, "Europe/Berlin", "2026-10-25 00:00"),
        (date(2026, 3, 8), 2, "America/New_York", "2026-03-08 07:00"),
        (date(2026, 11, 1), 1, "America/New_York", "2026-11-01 05:00"),
        (date(2026, 10, 4), 2, "Australia/Lord_Howe", "2026-10-03 15:30"),
        (date(2026, 4, 5), 1, "Australia/Lord_Howe", "2026-04-04 14:00"),
        (date(2026, 3, 29), 2, "Antarctica/Troll", "2026-03-29 01:00"),
    ],
)
def test_where_clocks_jump_it_is_the_first_moment_there_is(day: date, hour: int, tz: str, instant: str) -> None:
    found = instant_of(day, hour, tz)
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == instant


def test_a_day_a_zone_skipped_has_no_hour() -> None:
    assert instant_of(date(2011, 12, 30), 9, "Pacific/Apia") is None
    rhythm = Rhythm(DAILY, tz="Pacific/Apia")
    after = datetime(2011, 12, 29, 20, 0, tzinfo=UTC)
    found = next_due(rhythm, DaysOff(), after=after, from_day=date(2011, 12, 30), idle_since=MONDAY)
    assert found is not None
    assert local_day(found, "Pacific/Apia") == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("hour", "until"),
    [(9, "12:00"), (14, "17:00"), (16, "18:00"), (20, "23:00"), (22, "00:00"), (5, "08:00"), (0, "03:00")],
)
def test_when_it_is_too_late(hour: int, until: str) -> None:
    rhythm = Rhythm(hour=hour)
    at = instant_of(MONDAY, hour, "UTC")
    assert at is not None
    assert f"{leaves_until(rhythm, at):%H:%M}" == until


@pytest.mark.parametrize(
    ("ends", "back"),
    [
        (datetime(2026, 3, 4, 12, 0, tzinfo=UTC), date(2026, 3, 6)),
        (datetime(2026, 3, 5, 0, 0, tzinfo=UTC), date(2026, 3, 6)),
        (datetime(2026, 3, 6, 23, 59, tzinfo=UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 8, 20, 0, tzinfo=UTC), date(2026, 3, 10)),
    ],
)
def test_a_vacation_status_gives_one_working_day_to_arrive(ends: datetime, back: date) -> None:
    assert back_after_status(ends, "UTC", frozenset()) == back


def test_absences_that_meet_are_one() -> None:
    spans = [(MONDAY, MONDAY + timedelta(days=2)), (MONDAY + timedelta(days=3), MONDAY + timedelta(days=5))]
    assert back_on(spans, MONDAY) == MONDAY + timedelta(days=6)
    assert back_on(spans, MONDAY + timedelta(days=9)) is None


RHYTHM = st.builds(
    Rhythm,
    st.sampled_from(RHYTHMS),
    st.sets(st.sampled_from("1234567"), min_size=1).map(lambda chosen: "".join(sorted(chosen))),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
MOMENT = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
OFF = st.builds(
    lambda start, spans, single: DaysOff(
        frozenset(start + timedelta(days=offset) for offset in single),
        tuple((start + timedelta(days=first), start + timedelta(days=first + length)) for first, length in spans),
    ),
    st.dates(date(2010, 1, 1), date(2035, 1, 1)),
    st.lists(st.tuples(st.integers(-30, 60), st.integers(0, 40)), max_size=3),
    st.sets(st.integers(-30, 60), max_size=8),
)


@settings(deadline=None, max_examples=300)
@given(RHYTHM, MOMENT, OFF, st.integers(0, 90))
def test_whatever_the_rhythm_zone_and_clock_it_is_ahead_on_its_day_and_at_its_hour(
    rhythm: Rhythm, after: datetime, off: DaysOff, idle: int
) -> None:
    since = local_day(after, rhythm.tz) - timedelta(days=idle)
    found = next_due(rhythm, off, after=after, from_day=date.min, idle_since=since)
    assert found is not None
    there = found.astimezone(zone(rhythm.tz))
    assert found > after
    assert str(there.isoweekday()) in rhythm.speaking_days
    assert there.date() not in off
    wall = there.replace(hour=rhythm.hour, minute=0, fold=0)
    exists = wall.astimezone(UTC).astimezone(zone(rhythm.tz)).hour == rhythm.hour
    # A chosen hour the day lacks gives way to the first quarter of an hour after it.
    assert there.hour == rhythm.hour or (not exists and there > wall.replace(tzinfo=there.tzinfo))
    assert found < leaves_until(rhythm, found) or there.hour != rhythm.hour
    if rhythm.kind == BEHIND:
        assert working_days_since(rhythm, off, since, there.date()) >= 3
