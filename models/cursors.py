"""Cursors: where in an order a page ended, as a word that a button can carry."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

# json.dumps makes an encoder for each call that asks for other than its defaults.
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(values: Sequence[Any]) -> str:
    """Plain values as one word of letters, digits, ``-`` and ``_``."""
    return base64.urlsafe_b64encode(_as_json(list(values)).encode()).decode().rstrip("=")


def unpack(cursor: str | None) -> list[Any]:
    """The values a cursor was made of; none for one that says nothing."""
    if not cursor:
        return []
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        _as_json(told).encode()
    except (binascii.Error, ValueError, RecursionError):
        return []
    return told if isinstance(told, list) else []
