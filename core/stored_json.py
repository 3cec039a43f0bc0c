"""JSON as a column gives it back, for what is answered from memory instead of being read again."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection


def as_stored(value: Any) -> Any:
    """The value that a JSON column returns for this one.

    SQLite keeps its text. Postgres orders the members of objects by length and then by bytes, and
    writes numbers without an exponent.
    """
    plain = json.loads(json.dumps(value))
    return _binary(plain) if connection.vendor == "postgresql" else plain


def _binary(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _binary(value[key]) for key in keys}
    if isinstance(value, list):
        return [_binary(one) for one in value]
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> float | int:
    if value == 0:
        return 0.0  # without its sign
    # `1e16` comes back as the integer that its digits write.
    return int(value) if "e+" in repr(value) else value
