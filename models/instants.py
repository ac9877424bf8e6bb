"""Instants: aware, UTC, and nothing else."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The present moment, aware and in UTC: a default for rows a neighbour makes without saying when."""
    return datetime.now(UTC)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 2**57


def micros(instant: datetime) -> int:
    """The instant as whole microseconds since 1970, which a button can carry."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def of_micros(count: int) -> datetime:
    """The instant so many microseconds since 1970; a number too large for any is some time after the year 6000."""
    return _EPOCH + timedelta(microseconds=min(count, _LAST))
