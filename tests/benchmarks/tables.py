"""What a benchmark reports."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured ratio: its median, the spread over the rounds, what it must reach, and the figures behind it."""

    what: str
    ratio: str
    spread: str
    must: str
    behind: str


def spread(ratios: Sequence[float]) -> str:
    """The lowest and the highest of some ratios, and how many there were."""
    return f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds"
