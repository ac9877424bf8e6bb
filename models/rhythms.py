"""When a reminder is due on somebody's own clock: rhythms, working days, zones. No session and no present in here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

BEHIND, DAILY, WEEKLY, DAYS = "behind", "daily", "weekly", "days"
RHYTHMS = (BEHIND, DAILY, WEEKLY, DAYS)
WORKING_DAYS_BEHIND = 3
"""So many working days without a lesson are falling behind."""
WEEKDAYS = "12345"
"""Monday to Friday, in ISO 8601's numbers."""
HOUR = 9
LATEST = timedelta(hours=3)
"""A reminder that would leave later than this after its hour does not leave."""
WORKING_HOURS = (8, 18)
"""Local hours outside of which nobody who chose an hour inside is bothered."""
HORIZON_DAYS = 800
"""How far ahead a due day is looked for; nobody can be away for longer than a year at once."""
QUARTER = timedelta(minutes=15)

Span = tuple[date, date]
"""First and last day, both included."""


class Rhythm(NamedTuple):
    """How often somebody wants to hear from us, and at which full hour of their day.

    ``weekdays`` are ISO numbers, "1" for Monday. ``behind`` speaks on them after three of them without a lesson,
    ``days`` on each, ``weekly`` on the first of them, and ``daily`` every day.
    """

    kind: str = BEHIND
    weekdays: str = WEEKDAYS
    hour: int = HOUR
    tz: str = "UTC"

    @property
    def speaking_days(self) -> str:
        """The weekdays this rhythm may speak on."""
        if self.kind == DAILY:
            return "1234567"
        return min(self.weekdays) if self.kind == WEEKLY else self.weekdays


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days nobody is expected to learn: the company's holidays and the person's own absences."""

    holidays: frozenset[date] = frozenset()
    absences: tuple[Span, ...] = ()

    def __contains__(self, day: date) -> bool:
        if day in self.holidays:
            return True
        for first, last in self.absences:
            if first <= day <= last:
                return True
        return False


@cache
def zone(name: str | None) -> ZoneInfo:
    """The IANA zone of this name; UTC where the name is unknown or missing, as Slack leaves it for some people."""
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError):
        return ZoneInfo("UTC")


def local_day(instant: datetime, tz: str) -> date:
    """The date of an instant on the clocks of a zone."""
    return instant.astimezone(zone(tz)).date()


def day_began(instant: datetime, tz: str) -> datetime:
    """When the local day of an instant began, in UTC."""
    where = zone(tz)
    return datetime.combine(instant.astimezone(where).date(), time(0), tzinfo=where).astimezone(UTC)


def instant_of(day: date, hour: int, tz: str) -> datetime | None:
    """When this hour of this day begins, in UTC: the first of two where clocks are set back.

    Where clocks jump over it, the first quarter of an hour after; None for a day a zone skipped altogether.
    """
    where, wall = zone(tz), datetime.combine(day, time(hour))
    while wall.date() == day:
        found = wall.replace(tzinfo=where).astimezone(UTC)
        if found.astimezone(where).replace(tzinfo=None) == wall:
            return found
        wall += QUARTER
    return None


@lru_cache(maxsize=4096)
def next_due(rhythm: Rhythm, off: DaysOff, *, after: datetime, from_day: date, idle_since: date) -> datetime | None:
    """The first instant after ``after``, on ``from_day`` or later, at which this rhythm speaks.

    ``idle_since`` is the local day of the last lesson or reminder, from which falling behind is counted. None when no
    such day comes within two years.
    """
    first = max(from_day, local_day(after, rhythm.tz))
    if rhythm.kind == BEHIND:
        behind = _behind_on(rhythm, off, idle_since)
        if behind is None:
            return None
        first = max(first, behind)
    for ahead in range(HORIZON_DAYS):
        day = first + timedelta(days=ahead)
        if str(day.isoweekday()) in rhythm.speaking_days and day not in off:
            instant = instant_of(day, rhythm.hour, rhythm.tz)
            if instant is not None and instant > after:
                return instant
    return None


def next_working_moment(rhythm: Rhythm, off: DaysOff, *, since: datetime, from_day: date) -> datetime | None:
    """The first instant from ``since`` on, on ``from_day`` or later, within the working hours of somebody's working
    days. None when no such day comes within two years."""
    opens, closes = WORKING_HOURS
    first = max(from_day, local_day(since, rhythm.tz))
    for ahead in range(HORIZON_DAYS):
        day = first + timedelta(days=ahead)
        begins, ends = instant_of(day, opens, rhythm.tz), instant_of(day, closes, rhythm.tz)
        if _is_working(rhythm, off, day) and begins is not None and ends is not None and since < ends:
            return max(since, begins)
    return None


def is_hour(rhythm: Rhythm, instant: datetime) -> bool:
    """Whether this instant is when the rhythm speaks on its local day, as it is in the zone that counts now."""
    day = local_day(instant, rhythm.tz)
    return str(day.isoweekday()) in rhythm.speaking_days and instant_of(day, rhythm.hour, rhythm.tz) == instant


def working_days_since(rhythm: Rhythm, off: DaysOff, since: date, until: date) -> int:
    """How many working days lie between two days, neither of them counted."""
    days = (since + timedelta(days=ahead) for ahead in range(1, (until - since).days))
    return sum(_is_working(rhythm, off, day) for day in days)


def leaves_until(rhythm: Rhythm, due_at: datetime) -> datetime:
    """The last instant at which a reminder due then may leave: three hours later, but neither past the local day nor,
    for those who chose an hour within working hours, past those."""
    where = zone(rhythm.tz)
    day = due_at.astimezone(where).date()
    ends = due_at + LATEST
    midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=where).astimezone(UTC)
    opens, closes = WORKING_HOURS
    if opens <= rhythm.hour < closes:
        ends = min(ends, datetime.combine(day, time(closes), tzinfo=where).astimezone(UTC))
    return min(ends, midnight)


def _behind_on(rhythm: Rhythm, off: DaysOff, idle_since: date) -> date | None:
    """The first day after enough working days have gone by."""
    gone = 0
    for ahead in range(1, HORIZON_DAYS):
        day = idle_since + timedelta(days=ahead)
        gone += _is_working(rhythm, off, day)
        if gone == WORKING_DAYS_BEHIND:
            return day + timedelta(days=1)
    return None


def _is_working(rhythm: Rhythm, off: DaysOff, day: date) -> bool:
    return str(day.isoweekday()) in rhythm.weekdays and day not in off
