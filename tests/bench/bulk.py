"""Rows by the hundred thousand: as models have them, but past the ORM, which would take an hour."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

# What is filled in counts its ids from here; what the server inserts stays below.
FIRST_ID = 1_000_000


def insert(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, as mappings of a model's columns (`owner_id`); defaults fill the rest."""
    from django.db import connection, transaction

    fields = model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = model._meta.db_table
    values = _values(fields, rows)
    with transaction.atomic(), connection.cursor() as cursor:
        raw = cursor.cursor
        if connection.vendor == "postgresql":
            with raw.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(fields))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        connection.connection.executemany(sql, (tuple(map(_sqlite, row)) for row in values))


def _values(fields: Iterable[Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    plan = [(field.attname, field, field.get_internal_type() == "JSONField") for field in fields]
    for row in rows:
        found = []
        for name, field, is_json in plan:
            value = row[name] if name in row else field.get_default()
            found.append(json.dumps(value) if is_json and value is not None else value)
        yield found


def _sqlite(value: Any) -> Any:
    """A value as Django stores it there."""
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value
