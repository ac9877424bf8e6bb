"""Cursors: where in an order a page ended, as a word that a button can carry."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any


def pack(values: Sequence[Any]) -> str:
    """Plain values as one word of letters, digits, ``-`` and ``_``."""
    told = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def unpack(cursor: str | None) -> list[Any]:
    """The values a cursor was made of; none for one that says nothing."""
    if not cursor:
        return []
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        json.dumps(told, ensure_ascii=False).encode()
    except (binascii.Error, ValueError, RecursionError):
        return []
    return told if isinstance(told, list) else []
