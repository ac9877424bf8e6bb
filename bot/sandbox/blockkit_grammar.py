"""The grammar the Block Kit rules are written in: what a value must be, and what Slack says when it is not.

The sentences are worded as Slack words them in `response_metadata.messages`, pointer included. Where Slack's own
behaviour is not documented, the stricter reading is taken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the payload a value stands, and on which surface it would show."""

    pointer: str
    surface: str

    def __truediv__(self, key: str | int) -> "Place":
        return Place(f"{self.pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", self.surface)

    def says(self, problem: str) -> str:
        return f"{problem} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, Place], Iterator[str]]
"""Says everything that is wrong with a value."""
Fields = Mapping[str, Rule]


def string(most: int | None = None, least: int = 1) -> Rule:
    """Text of so many characters."""

    def check(value: Any, place: Place) -> Iterator[str]:
        if not isinstance(value, str):
            yield place.says("must provide a string")
        elif len(value) < least:
            yield place.says(f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            yield place.says(f"must be less than {most + 1} characters")

    return check


def url(most: int = 3000, schemes: tuple[str, ...] = ("http", "https")) -> Rule:
    """An absolute URL."""
    is_text = string(most)

    def check(value: Any, place: Place) -> Iterator[str]:
        problems = list(is_text(value, place))
        if not problems and not _is_url(value, schemes):
            problems.append(place.says("must be a valid url"))
        yield from problems

    return check


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    needs_host = parts.scheme in ("http", "https")
    has_space = any(character.isspace() for character in value)
    return (
        parts.scheme in schemes and bool(parts.netloc if needs_host else parts.netloc or parts.path) and not has_space
    )


def integer(least: int, most: int | None = None) -> Rule:
    """A whole number in a range, both ends included."""

    def check(value: Any, place: Place) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield place.says("must provide an integer")
        elif value < least:
            yield place.says(f"must be greater than or equal to {least}")
        elif most is not None and value > most:
            yield place.says(f"must be less than or equal to {most}")

    return check


def number(value: Any, place: Place) -> Iterator[str]:
    """A number, whole or not."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield place.says("must provide a number")


def boolean(value: Any, place: Place) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield place.says("must provide a boolean")


def one_of(*values: str) -> Rule:
    """One of a few words."""

    def check(value: Any, place: Place) -> Iterator[str]:
        if value not in values:
            yield place.says(f"must be one of: {', '.join(values)}")

    return check


def array(item: Rule, least: int = 1, most: int | None = None) -> Rule:
    """So many of the same."""

    def check(value: Any, place: Place) -> Iterator[str]:
        if not isinstance(value, list):
            yield place.says("must provide an array")
            return
        if len(value) < least:
            yield place.says(f"must provide at least {least} items")
        if most is not None and len(value) > most:
            yield place.says(f"no more than {most} items allowed")
        for at, inner in enumerate(value):
            yield from item(inner, place / at)

    return check


def record(required: Fields, optional: Fields, *also: Rule) -> Rule:
    """An object with these fields and no others. `also` looks at the whole once its fields are right."""
    known = {**required, **optional}

    def check(value: Any, place: Place) -> Iterator[str]:
        if not isinstance(value, dict):
            yield place.says("must provide an object")
            return
        problems = [place.says(f"missing required field: {name}") for name in required if name not in value]
        for name, inner in value.items():
            if name in known:
                problems += known[name](inner, place / name)
            else:
                problems.append(place.says(f"invalid additional property: {name}"))
        if not problems:
            problems = [problem for rule in also for problem in rule(value, place)]
        yield from problems

    return check


def typed(kind: str, required: Fields, optional: Fields, *also: Rule) -> dict[str, Rule]:
    """An object known by its `type`, as an entry for `any_of`."""
    return {kind: record({"type": one_of(kind), **required}, optional, *also)}


def any_of(kinds: Mapping[str, Rule]) -> Rule:
    """An object of one of these types."""

    def check(value: Any, place: Place) -> Iterator[str]:
        if not isinstance(value, dict):
            yield place.says("must provide an object")
        elif "type" not in value:
            yield place.says("missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield (place / "type").says(f"unsupported type: {value['type']}")
        else:
            yield from kinds[value["type"]](value, place)

    return check


def only_on(surfaces: tuple[str, ...], kinds: Mapping[str, Rule]) -> dict[str, Rule]:
    """The same types, refused on every other surface."""

    def limited(kind: str, rule: Rule) -> Rule:
        def check(value: Any, place: Place) -> Iterator[str]:
            if place.surface in surfaces:
                yield from rule(value, place)
            else:
                yield (place / "type").says(f"unsupported type: {kind}")

        return check

    return {kind: limited(kind, rule) for kind, rule in kinds.items()}


def exactly_one(*names: str) -> Rule:
    """One of these fields, and not two of them."""
    either = " or ".join(f"`{name}`" for name in names)

    def check(value: Any, place: Place) -> Iterator[str]:
        given = [name for name in names if name in value]
        if not given:
            yield place.says(f"must define either {either}")
        elif len(given) > 1:
            yield place.says(f"must define only one of {either}")

    return check


def at_least_one(*names: str) -> Rule:
    """One of these fields, or more."""
    either = " or ".join(f"`{name}`" for name in names)

    def check(value: Any, place: Place) -> Iterator[str]:
        if not any(name in value for name in names):
            yield (place / "type").says(f"must define either {either}")

    return check


def distinct(field: str) -> Rule:
    """No two objects of an array with the same value in a field."""

    def check(value: Any, place: Place) -> Iterator[str]:
        seen: set[Any] = set()
        for at, inner in enumerate(value):
            own = inner.get(field) if isinstance(inner, dict) else None
            if isinstance(own, str) and own in seen:
                yield (place / at / field).says(f"{field} must be unique: {own!r} is used twice")
            elif isinstance(own, str):
                seen.add(own)

    return check
