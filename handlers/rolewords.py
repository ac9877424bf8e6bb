"""What is said after ``/roles grant`` and ``/roles revoke``, and what it means."""

import html
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from models import rhythms
from models.grants import GRANTABLE

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_NAMED = re.compile(r"<[@#!][^|>]*\|@?([^>]+)>")
_BECAUSE = re.compile(r"\bbecause\b", re.IGNORECASE)
_FOR = re.compile(r"\bfor\s+(\d{1,4})\s*([a-z]+)", re.IGNORECASE)
_UNTIL = re.compile(r"\buntil\s+(\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_UNIT_NAMES = {"min": "m", "mins": "m", "minute": "m", "hour": "h", "day": "d", "week": "w"}
LIKE_A_ROLE = 60
"""How alike (of 100) a word must be to a role to be taken for a slip in it."""
MOST_PEOPLE = 50
"""People in one go: they are all named on one button, which carries 2,000 characters (docs: button element)."""
LONGEST_REASON = 300
LONGEST_TERM = timedelta(days=3 * 366)


class Wanted(NamedTuple):
    """What an admin asked for. ``role`` is None where none was named; ``doubts`` are sentences on what was not clear.

    ``groups`` are user groups whose members are not known yet.
    """

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    role: str | None = None
    ends_at: datetime | None = None
    because: str = ""
    quietly: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether it can be done as it stands."""
        return bool(self.people) and self.role is not None and not self.doubts

    def packed(self) -> str:
        """The same in one word, for a button to carry."""
        told = {"people": self.people, "role": self.role, "because": self.because}
        ends = {"ends": self.ends_at.isoformat()} if self.ends_at else {}
        return json.dumps({**told, **ends}, ensure_ascii=False)


def unpacked(carried: str) -> Wanted | None:
    """What a button carried, or None for what can't be read."""
    try:
        told = json.loads(carried)
        ends_at = datetime.fromisoformat(told["ends"]) if "ends" in told else None
        people = tuple(str(person) for person in told["people"])
        wanted = Wanted(people, role=str(told["role"]), ends_at=ends_at, because=str(told["because"]))
    except (ValueError, KeyError, TypeError):
        return None
    return wanted if wanted.role in GRANTABLE else None


def read(words: str, now: datetime, tz: str | None) -> Wanted:
    """What the words ask for. ``tz`` is the IANA zone in which "until" a day is meant: to the end of that day."""
    asked, because = _split_reason(words)
    people = tuple(dict.fromkeys(MENTION.findall(asked)))
    groups = tuple(dict.fromkeys(GROUP.findall(asked)))
    asked = GROUP.sub(" ", MENTION.sub(" ", asked))
    doubts: list[str] = []
    ends_at, asked = _end(asked, now, tz, doubts)
    rest = [word.strip(",.") for word in asked.split()]
    quietly = "quietly" in [word.lower() for word in rest]
    rest = [word for word in rest if word.lower() not in ("quietly", "and", "to", "as", "from", "an", "a", "")]
    role = _role(rest, doubts)
    doubts += [f"I don't know who {word} is: choose them from the list." for word in rest if word.startswith("@")]
    if len(people) > MOST_PEOPLE:
        doubts.append(f"That's {len(people)} people; I take {MOST_PEOPLE} at once.")
        people = people[:MOST_PEOPLE]
    if len(because) > LONGEST_REASON:
        doubts.append(f"The reason was longer than {LONGEST_REASON} characters; this is its beginning.")
        because = because[:LONGEST_REASON]
    return Wanted(people, groups, role, ends_at, because, quietly, tuple(doubts))


def end_of_term(ends_at: datetime, now: datetime) -> str | None:
    """What is wrong with an end, as a sentence; None when nothing is."""
    if ends_at <= now:
        return "That time is over already. Choose one to come, or leave it empty."
    if ends_at - now > LONGEST_TERM:
        return "That's more than three years. Choose an earlier end, or leave it empty for good."
    return None


def _split_reason(words: str) -> tuple[str, str]:
    parts = _BECAUSE.split(words, maxsplit=1)
    if len(parts) == 1:
        return words, ""
    # Slack escaped what was typed, since the manifest asks it to (docs: slash commands, should_escape).
    return parts[0], html.unescape(_NAMED.sub(r"@\1", parts[1])).strip()


def _end(asked: str, now: datetime, tz: str | None, doubts: list[str]) -> tuple[datetime | None, str]:
    """The instant the words name, and the words without it."""
    ends_at: datetime | None = None
    if (found := _FOR.search(asked)) is not None:
        unit = found[2].lower()
        unit = _UNIT_NAMES.get(unit.removesuffix("s") if len(unit) > 1 else unit, unit)
        if unit in _UNITS:
            ends_at = now + timedelta(**{_UNITS[unit]: int(found[1])})
        else:
            doubts.append(f"I can't tell how long “{found[0]}” is. Say it as in for 14d, or choose the end here.")
        asked = asked.replace(found[0], " ")
    elif (found := _UNTIL.search(asked)) is not None:
        try:
            last = date.fromisoformat(found[1])
            ends_at = datetime.combine(last + timedelta(days=1), time(0), rhythms.zone(tz)).astimezone(UTC)
        except (ValueError, OverflowError):
            doubts.append(f"There is no day {found[1]}. Choose the end here.")
        asked = asked.replace(found[0], " ")
    elif re.search(r"\b(for|until)\b", asked, re.IGNORECASE):
        asked, unread = re.split(r"\b(?=(?:for|until)\b)", asked, maxsplit=1, flags=re.IGNORECASE)
        doubts.append(f"I can't tell when “{unread.strip()}” ends. Say it as in for 14d, or choose the end here.")
    if ends_at is not None and (wrong := end_of_term(ends_at, now)) is not None:
        doubts.append(wrong)
        ends_at = None
    return ends_at, asked


def _role(rest: list[str], doubts: list[str]) -> str | None:
    names = {role.lower(): role for role in GRANTABLE}
    said = [word for word in rest if not word.startswith("@")]
    exact = [names[known] for word in said if (known := word.lower().removesuffix("s")) in names]
    unknown = [word for word in said if word.lower().removesuffix("s") not in names]
    if len(set(exact)) > 1:
        doubts.append("One role at a time: choose which.")
    if exact:
        doubts += [f"I didn't understand “{word}”." for word in unknown]
        return exact[0]
    for word in unknown:
        from rapidfuzz import fuzz, process

        near = process.extractOne(word.lower(), sorted(names), scorer=fuzz.ratio, score_cutoff=LIKE_A_ROLE)
        if near is not None:
            doubts.append(f"I took “{word}” for {near[0]}.")
            return names[near[0]]
        if word.lower().removesuffix("s") in ("student", "learner"):
            doubts.append("Everybody who links is a learner already: there is nothing to grant.")
        else:
            doubts.append(f"I don't know the role “{word}”.")
    return None
