"""Ids for everything the workspace makes."""

import secrets
import time

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


class Ids:
    """A counter behind the moment it was started.

    The moment is part of every id because the bot remembers event ids in its own database: a rehearsal that
    is started again must not repeat them.
    """

    def __init__(self) -> None:
        self._start = _base36(time.time_ns() // 1_000_000)
        self._count = 0

    def next(self, prefix: str) -> str:
        """E.g. next("V") → "VMG5K2T9A0001"."""
        self._count += 1
        return f"{prefix}{self._start}{_base36(self._count).rjust(4, '0')}"

    def trigger(self) -> str:
        """A trigger id in the shape of Slack's ("132456.7890123.abcdef"), not to be guessed."""
        self._count += 1
        return f"{self._count}.{time.time_ns() // 1_000_000}.{secrets.token_hex(16)}"

    def secret(self) -> str:
        """The part of a response URL that nobody can guess."""
        return secrets.token_urlsafe(18)

    def hash(self, now: float) -> str:
        """A view hash ("1700000000.a1b2c3d4"), another one each time."""
        return f"{int(now)}.{secrets.token_hex(4)}"
