"""Conversations happen in the house."""

from tests.house_fixtures import ada, furnished, grace, house, linus, mary, radia

__all__ = ["ada", "furnished", "grace", "house", "linus", "mary", "radia"]
