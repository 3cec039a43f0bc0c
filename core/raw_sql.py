"""SQL that runs at every step of every run, written once instead of being built each time.

The ORM spends more time on composing such a query than the database on running it. Only a few hot
statements are written so; everything else uses the ORM. Parameters are named: `%(run)s`.

They go straight to the driver: Django's cursors take as long as SQLite does. On Postgres the server
parses and plans each of them once for a connection, where no pooler is in between (psycopg's
`prepare_threshold`), and not at each step.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from core import durable

_PARAMETER = re.compile(r"%\((\w+)\)s")


class Statement:
    """One statement for both databases. `{for_update}` locks rows where rows can be locked."""

    def __init__(self, sql: str) -> None:
        statement = " ".join(sql.split())
        sqlite = statement.replace("{for_update}", "").strip()
        self._by_vendor = {
            "sqlite": sqlite,
            "postgresql": statement.replace("{for_update}", "FOR UPDATE"),
        }
        # As SQLite's driver writes parameters.
        self._sqlite = _PARAMETER.sub(r":\1", sqlite).replace("%%", "%")

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows. Dates and JSON are not converted back: see `moment` and `from_json`."""
        rows: list[tuple[Any, ...]] = self.execute(values).fetchall()
        return rows

    def run(self, **values: Any) -> int:
        """Execute it and return how many rows it changed."""
        return int(self.execute(values).rowcount)

    def new_id(self, **values: Any) -> int:
        """The id of the row it inserts; the statement ends with `RETURNING id`."""
        return int(self.rows(**values)[0][0])

    def execute(self, values: dict[str, Any]) -> Any:
        """Return the driver's cursor, with the statement executed."""
        # Kept: `django.db.connection` looks up this thread's connection at each access.
        wrapper = connections[DEFAULT_DB_ALIAS]
        is_sqlite = wrapper.vendor == "sqlite"
        if wrapper.queries_logged or wrapper.execute_wrappers != _usual_wrappers(is_sqlite):
            # Someone watches what is executed.
            cursor = wrapper.cursor()
            cursor.execute(self._by_vendor[wrapper.vendor], _adapt(values, wrapper.ops))
            return cursor
        if wrapper.connection is None:
            wrapper.ensure_connection()
        wrapper.validate_no_broken_transaction()
        raw = wrapper.connection
        with wrapper.wrap_database_errors:
            if is_sqlite:
                with durable.noting_writes(raw):
                    return raw.execute(self._sqlite, _adapt(values, wrapper.ops))
            return _on_postgres(raw, self._by_vendor["postgresql"], _adapt(values, wrapper.ops))


class Pair:
    """Two statements, of which the second is executed only if the first changed a row.

    On Postgres they are one, which spares a round trip: neither sees what the other changes, so
    they are never about the same row. SQLite has no such statement, and no round trips.
    second: names that condition as `{given}`; it may leave it out where the first always changes a
    row.
    """

    def __init__(self, first: str, second: str) -> None:
        self._first = Statement(first)
        self._second = Statement(second.replace("{given}", "true"))
        condition = "EXISTS (SELECT 1 FROM first)"
        both = f"WITH first AS ({first} RETURNING 1) {second.replace('{given}', condition)}"
        self._both = Statement(both)

    def run(self, **values: Any) -> int:
        """Execute both and return how many rows the second changed."""
        cursor = self._execute(values)
        return 0 if cursor is None else int(cursor.rowcount)

    def new_id(self, **values: Any) -> int | None:
        """The id of the row that the second inserts, which ends with `RETURNING id`, if it did."""
        cursor = self._execute(values)
        row = None if cursor is None else cursor.fetchone()
        return None if row is None else int(row[0])

    def _execute(self, values: dict[str, Any]) -> Any:
        if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
            return self._both.execute(values)
        return self._second.execute(values) if self._first.run(**values) else None


def _usual_wrappers(is_sqlite: bool) -> list[Any]:
    return [durable.count_writes] if is_sqlite else []


def _on_postgres(raw: Any, sql: str, values: dict[str, Any]) -> Any:
    # Not installed where only SQLite is used.
    from psycopg import Cursor
    from psycopg.types.numeric import Int8

    for name, value in values.items():
        if type(value) is int:
            # psycopg picks a type by the size of a number, and prepares each combination of types
            # as another statement.
            values[name] = Int8(value)
    # Not Django's, which writes values into the text of the statement.
    return Cursor(raw).execute(sql, values)


def from_json(value: Any) -> Any:
    """The value of a JSON column that a statement selected: both databases give its text."""
    return json.loads(value) if isinstance(value, str) else value


def moment(value: Any) -> datetime | None:
    """A date that a statement selected. SQLite stores text in UTC, and its driver converts what
    comes straight from a column."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _adapt(values: dict[str, Any], ops: Any) -> dict[str, Any]:
    """Python values as the database stores them; dicts and lists become JSON."""
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = ops.adapt_datetimefield_value(value)
        elif isinstance(value, (dict, list)):
            values[name] = ops.adapt_json_value(value, None)
    return values
