"""Positions in an ordered list, where a page ended, as text that a client hands back.

A cursor names its order, so one of another order is not misread.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

# A name of 200 characters of four bytes each, in base 64, is among them.
_CURSOR = re.compile(r"[A-Za-z0-9_=-]{1,2000}")
_I64 = 2**63


def write_cursor(order: str, key: float | datetime | str, pk: int) -> str:
    """The place of a row: its value in the order's column, and its id."""
    position = _microseconds(key) if isinstance(key, datetime) else key
    text = json.dumps([order, position, pk], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(cursor: str, order: str, kind: type) -> tuple[Any, int] | None:
    """The key and id of `write_cursor`. None for anything that was not written for this order.

    kind: of the order's column: float, int, str or datetime.
    """
    if not _CURSOR.fullmatch(cursor):
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != 3 or parts[0] != order:
        return None
    key, pk = parts[1:]
    if type(pk) is not int or not 0 <= pk < _I64:
        return None
    if kind is str:
        return (key, pk) if type(key) is str else None
    if kind is float:
        return (key, pk) if type(key) is float and math.isfinite(key) else None
    if type(key) is not int or not 0 <= key < _I64:
        return None
    if kind is int:
        return key, pk
    try:
        moment = datetime.fromtimestamp(key // 1_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return moment.replace(microsecond=key % 1_000_000), pk


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
