"""Instants: aware, UTC, and nothing else."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware and in UTC: a default for rows a neighbour makes without saying when."""
    return datetime.now(UTC)
