"""What differs between two states of a course, in words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``mark`` is + for what comes, - for what goes, ~ for what becomes different and = for what is
    kept; ``lines`` shows longer text line by line, each beginning with +, -, @ or a space."""

    mark: str
    text: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def difference(mark: str, what: str, before: Any, after: Any, sentence: str) -> Change:
    """A field that differs. ``sentence`` says it of two short values; longer text is shown line by line instead."""
    if _is_long(before) or _is_long(after):
        from difflib import unified_diff

        texts = [value.splitlines() if isinstance(value, str) else [] for value in (before, after)]
        lines = tuple(unified_diff(texts[0], texts[1], n=1, lineterm=""))[2:]
        return Change(mark, f"{what} differs" if mark == "=" else f"{what} changes", lines)
    return Change(mark, f"{what}: {sentence.format(before=_told(before), after=_told(after))}")


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > 60 or len(value.splitlines()) > 1)


def _told(value: Any) -> str:
    return "nothing" if value is None or value == "" else f"“{value}”"
