"""The count and the hash of a table's rows, the same on both databases where the rows are."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Field, JSONField

from backups.table_rows import JSON_NULL, Row, fields_of

# A float this large is written with an exponent; Postgres writes JSON numbers without one, and they
# are read as integers then.
_LARGE = 1e16


@dataclass(frozen=True, slots=True)
class Digest:
    count: int
    sha256: str


class RowHash:
    """Takes the rows of one table, in the order of their keys."""

    def __init__(self, model: Any) -> None:
        self._columns = [_comparable(field) for field in fields_of(model)]
        self._sha256 = hashlib.sha256()
        self._count = 0

    def add(self, row: Row) -> None:
        values = [
            value if convert is None else convert(value)
            for convert, value in zip(self._columns, row, strict=True)
        ]
        self._sha256.update(repr(values).encode("utf-8", "surrogatepass"))
        self._count += 1

    def digest(self) -> Digest:
        return Digest(self._count, self._sha256.hexdigest())


def _comparable(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return what makes one value of all that are the same. None: they are the same anyway."""
    if isinstance(field, JSONField):
        return _json
    return _BY_KIND.get(field.get_internal_type())


def _json(value: Any) -> Any:
    if value is None or value is JSON_NULL:
        return "null" if value is JSON_NULL else None
    # Postgres keeps the keys of an object in an order of its own.
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and math.isfinite(value):
        # All its digits as they are written, which is what Postgres keeps.
        return int(Decimal(repr(value))) if abs(value) >= _LARGE else value + 0.0
    return value


def _bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _utc(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.UTC).isoformat()
    return value


def _float(value: Any) -> Any:
    # SQLite keeps no negative zero.
    return value + 0.0 if isinstance(value, float) else value


_BY_KIND = {"BinaryField": _bytes, "DateTimeField": _utc, "FloatField": _float}
