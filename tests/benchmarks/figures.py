"""What a benchmark reports: a figure for each round, the goal they are held to, and what is behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach. ``also`` says in words what else must hold; the benchmark itself asserts it."""

    bound: Literal["≤", "≥"]
    value: float
    also: str = ""

    def reached_by(self, measured: float) -> bool:
        """Whether a figure is as good as this, or better."""
        return measured <= self.value if self.bound == "≤" else measured >= self.value

    def margin(self, measured: float) -> float:
        """How many times better than the goal a figure is; below 1 it falls short."""
        if self.value == 0:
            return 1.0 if self.reached_by(measured) else 0.1
        better, worse = (self.value, measured) if self.bound == "≤" else (measured, self.value)
        return better / max(worse, 1e-9)


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, once in each round. ``unit`` is × for a ratio, else ms, /s, MB …; ``goal`` is None for what
    is only reported; ``behind`` says in a few words which figures a ratio was made of."""

    what: str
    rounds: tuple[float, ...]
    goal: Goal | None = None
    behind: str = ""
    unit: str = "×"

    @property
    def median(self) -> float:
        """The round in the middle, by which the goal is judged."""
        return median(self.rounds)


def at_most(value: float, also: str = "") -> Goal:
    """The goal not to be above a value."""
    return Goal("≤", value, also)


def at_least(value: float, also: str = "") -> Goal:
    """The goal not to be below a value."""
    return Goal("≥", value, also)


def ratios(of: Sequence[float], to: Sequence[float]) -> tuple[float, ...]:
    """Each round's figure over that of another in the same round."""
    return tuple(one / other for one, other in zip(of, to, strict=True))


def told(value: float, unit: str) -> str:
    """A number with its unit, with as many digits as mean something."""
    if value >= 100:
        number = f"{value:,.0f}"
    elif value >= 10:
        number = f"{value:.1f}"
    else:
        number = f"{value:.2f}" if value >= 0.095 or not value else f"{value:.2g}"
    return f"{number}{unit}" if unit in ("×", "/s", "") else f"{number} {unit}"
