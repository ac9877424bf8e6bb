"""Rounds: variants take turns within one run, so that what slows the machine slows all of them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

ROUNDS = 5
Measured = TypeVar("Measured")


def interleave(variants: Mapping[str, Callable[[], Measured]], rounds: int = ROUNDS) -> dict[str, list[Measured]]:
    """Each variant measured once a round. The order turns round by round, so that nobody always follows the same."""
    found: dict[str, list[Measured]] = {name: [] for name in variants}
    names = list(variants)
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(variants[name]())
    return found
