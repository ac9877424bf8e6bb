"""The company's holidays, as calendars export them."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.holidays import FUTURE, PAST, Holidays, read
from bot.settings import SettingsError

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "holidays.ics"


def write(file: Path, *events: str) -> Path:
    """A calendar with these events, each lines with a slash between."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@tests", "DTSTAMP:20260101T000000Z", *event.split("/"), "END:VEVENT"]
    file.write_bytes("\r\n".join([*lines, "END:VCALENDAR", ""]).encode())
    # Two versions within one tick of the file system's clock would be one.
    changed = file.stat().st_mtime + len(events)
    os.utime(file, (changed, changed))
    return file


def days(file: Path, *events: str) -> set[str]:
    return {day.isoformat() for day in read(write(file, *events), FIRST, LAST)}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param("DTSTART;VALUE=DATE:20260501/DTEND;VALUE=DATE:20260502", {"2026-05-01"}, id="one day"),
        pytest.param("DTSTART;VALUE=DATE:20260501", {"2026-05-01"}, id="without an end"),
        pytest.param("DTSTART;VALUE=DATE:20260501/DTEND;VALUE=DATE:20260501", {"2026-05-01"}, id="ends where it began"),
        pytest.param("DTSTART;VALUE=DATE:20260501/DURATION:P2D", {"2026-05-01", "2026-05-02"}, id="a duration"),
        pytest.param(
            "DTSTART;VALUE=DATE:20261224/DTEND;VALUE=DATE:20261227",
            {"2026-12-24", "2026-12-25", "2026-12-26"},
            id="three days",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20251225/RRULE:FREQ=YEARLY",
            {"2026-12-25", "2027-12-25", "2028-12-25"},
            id="every year",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20251230/DTEND;VALUE=DATE:20260103/RRULE:FREQ=YEARLY;UNTIL=20261231",
            {"2026-01-01", "2026-01-02", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"},
            id="every year over new year's eve",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20260501/RRULE:FREQ=YEARLY/EXDATE;VALUE=DATE:20270501",
            {"2026-05-01", "2028-05-01"},
            id="but not one year",
        ),
        pytest.param("DTSTART;VALUE=DATE:20260501/STATUS:CANCELLED", set(), id="cancelled"),
        pytest.param("DTSTART;VALUE=DATE:20260501/STATUS:CONFIRMED", {"2026-05-01"}, id="confirmed"),
        pytest.param("DTSTART:20260501T090000Z/DTEND:20260501T100000Z", set(), id="a meeting"),
        pytest.param("DTSTART:20260501T000000/DTEND:20260503T000000", set(), id="a meeting of days"),
        pytest.param("DTSTART;VALUE=DATE:20251231", set(), id="before"),
        pytest.param("DTSTART;VALUE=DATE:20290101", set(), id="after"),
        pytest.param("DTSTART;VALUE=DATE:20281231", {"2028-12-31"}, id="the last day"),
    ],
)
def test_all_day_events_are_holidays(file: Path, event: str, expected: set[str]) -> None:
    assert days(file, event) == expected


def test_all_events_count_together(file: Path) -> None:
    told = days(file, "DTSTART;VALUE=DATE:20260501", "DTSTART:20260502T090000Z", "DTSTART;VALUE=DATE:20260503")
    assert told == {"2026-05-01", "2026-05-03"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("May 1st: closed\n", id="words"),
        pytest.param("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", id="cut short"),
    ],
)
def test_a_file_that_is_no_calendar_gets_a_sentence(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"holidays\.ics can't be read as an iCalendar file\. Export it again\."):
        Holidays(file).around(NOW)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("SUMMARY:no start", id="no start"),
        pytest.param("DTSTART;VALUE=DATE:99999999", id="no such day"),
        pytest.param("DTSTART;VALUE=DATE:20260501/RRULE:FREQ=SOMETIMES", id="no such rule"),
    ],
)
def test_an_event_that_makes_no_sense_gets_a_sentence(file: Path, event: str) -> None:
    with pytest.raises(SettingsError, match="Export it again"):
        days(file, "DTSTART;VALUE=DATE:20260601", event)


def test_an_event_that_ends_at_an_hour_costs_no_other(file: Path) -> None:
    assert days(file, "DTSTART;VALUE=DATE:20260501/DTEND:20260502T090000Z", "DTSTART;VALUE=DATE:20260601") == {
        "2026-06-01"
    }


def test_a_file_that_is_not_there_gets_a_sentence(file: Path) -> None:
    with pytest.raises(SettingsError, match="Export it again"):
        Holidays(file).around(NOW)


def test_no_file_means_no_holidays() -> None:
    assert Holidays(None).around(NOW) == frozenset()


def test_what_is_read_reaches_from_two_months_ago_to_two_years_ahead(file: Path) -> None:
    first, last = NOW.date() - PAST, NOW.date() + FUTURE
    known = Holidays(write(file, "DTSTART;VALUE=DATE:20200101/RRULE:FREQ=DAILY")).around(NOW)
    assert (min(known), max(known)) == (first, last)


def test_a_file_that_changes_is_read_again(file: Path) -> None:
    holidays = Holidays(write(file, "DTSTART;VALUE=DATE:20260501"))
    assert holidays.around(NOW) == {date(2026, 5, 1)}
    write(file, "DTSTART;VALUE=DATE:20260502", "DTSTART;VALUE=DATE:20260503")
    assert holidays.around(NOW) == {date(2026, 5, 2), date(2026, 5, 3)}


def test_a_new_day_sees_further(file: Path) -> None:
    holidays = Holidays(write(file, "DTSTART;VALUE=DATE:20200101/RRULE:FREQ=DAILY"))
    horizon = max(holidays.around(NOW))
    assert max(holidays.around(NOW + timedelta(days=1))) == horizon + timedelta(days=1)


def test_a_file_that_breaks_or_goes_later_leaves_what_was_known(file: Path) -> None:
    holidays = Holidays(write(file, "DTSTART;VALUE=DATE:20260501"))
    known = holidays.around(NOW)
    file.write_text("half a calen")
    os.utime(file, (1, 1))
    assert holidays.around(NOW) == known == {date(2026, 5, 1)}
    file.unlink()
    assert holidays.around(NOW) == known
    write(file, "DTSTART;VALUE=DATE:20260502")
    assert holidays.around(NOW) == {date(2026, 5, 2)}
