"""Long proofs: small in `make test`, at full size in `make prove`, which writes the figures down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.house_fixtures import furnished
from tests.trying import TRIES_ALL

__all__ = ["figures", "furnished", "is_full"]

PROOFS = Path(__file__).parents[2] / "docs" / "proofs.md"
HEAD = """# Proofs

What `make prove` showed when it was last run at full size, {day}. `make test` runs the same proofs small.

| claim | tried with | came out |
|---|---|---|
"""


@dataclass
class Figures:
    """Lines for docs/proofs.md."""

    lines: list[str] = field(default_factory=list)

    def say(self, claim: str, tried: str, came_out: str) -> None:
        """One line: what is claimed, what it was tried with, what came out."""
        self.lines.append(f"| {claim} | {tried} | {came_out} |")
        print(self.lines[-1])


@pytest.fixture(scope="session")
def is_full() -> bool:
    """Whether this run is the full size."""
    return TRIES_ALL


@pytest.fixture(scope="session")
def figures(is_full: bool) -> Iterator[Callable[[str, str, str], None]]:
    """Where a proof says its figures; written to docs/proofs.md by a full run."""
    kept = Figures()
    yield kept.say
    if is_full:
        day = datetime.now(UTC).date().isoformat()
        PROOFS.write_text(HEAD.format(day=day) + "\n".join(kept.lines) + "\n", encoding="utf-8")
