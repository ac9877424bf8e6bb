"""The company's holidays, from an iCalendar file."""

import logging
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

from bot.settings import SettingsError

log = logging.getLogger("homeroom.holidays")

PAST, FUTURE = timedelta(days=60), timedelta(days=800)
"""Which part of the calendar is read: what falling behind is counted over, and what can be planned ahead."""


class Holidays:
    """Days nobody is expected to learn. The file is read again when it changes, and once a day."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read_for: tuple[date, float] | None = None
        self._days: frozenset[date] = frozenset()
        self._lock = Lock()

    def around(self, now: datetime) -> frozenset[date]:
        """The holidays from two months ago to two years ahead.

        Raises `SettingsError` when the file is no calendar; one that breaks later leaves what was known before.
        """
        if self._path is None:
            return frozenset()
        with self._lock:
            version = (now.date(), _changed_at(self._path))
            if version != self._read_for:
                try:
                    self._days = read(self._path, now.date() - PAST, now.date() + FUTURE)
                except SettingsError as error:
                    if self._read_for is None:
                        raise
                    log.warning("The holidays known before stay in force. %s", error)
                self._read_for = version
            return self._days


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def read(path: Path, first: date, last: date) -> frozenset[date]:
    """Every day covered by an all-day event of the calendar between two days, yearly ones each year.

    Events with a time of day are meetings, not holidays; cancelled ones (RFC 5545 STATUS) are none. Raises
    `SettingsError` for a file that can't be read as a calendar.
    """
    import recurring_ical_events
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(path.read_bytes())
        events = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    except (ValueError, OSError, KeyError) as error:
        raise SettingsError(f"HOLIDAYS: {path.name} can't be read as an iCalendar file. Export it again.") from error
    days: set[date] = set()
    for event in events:
        start = event.start
        if isinstance(start, datetime) or str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        length = max(1, (event.end - start).days)
        days.update(start + timedelta(days=ahead) for ahead in range(length))
    return frozenset(day for day in days if first <= day <= last)
