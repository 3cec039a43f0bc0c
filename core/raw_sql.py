"""SQL that runs at every step of every run, written once instead of being built each time.

The ORM spends more time on composing such a query than the database on running it. Only a few hot
statements are written so; everything else uses the ORM. Parameters are named: `%(run)s`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection


class Statement:
    """One statement for both databases. `{for_update}` locks rows where rows can be locked."""

    def __init__(self, sql: str) -> None:
        squeezed = " ".join(sql.split())
        self._by_vendor = {
            "sqlite": squeezed.replace("{for_update}", "").strip(),
            "postgresql": squeezed.replace("{for_update}", "FOR UPDATE"),
        }

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What it selects. Dates are not converted back: do not select them here."""
        with connection.cursor() as cursor:
            cursor.execute(self._by_vendor[connection.vendor], _adapted(values))
            return cursor.fetchall()

    def run(self, **values: Any) -> int:
        """How many rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(self._by_vendor[connection.vendor], _adapted(values))
            return int(cursor.rowcount)

    def run_many(self, rows: list[dict[str, Any]]) -> None:
        """Run it once for each set of values."""
        with connection.cursor() as cursor:
            for values in rows:
                cursor.execute(self._by_vendor[connection.vendor], _adapted(values))

    def new_id(self, **values: Any) -> int:
        """The id of the row it inserts; the statement ends with `RETURNING id`."""
        return int(self.rows(**values)[0][0])


def from_json(value: Any) -> Any:
    """The value of a JSON column that a statement selected: both databases give its text."""
    return json.loads(value) if isinstance(value, str) else value


def _adapted(values: dict[str, Any]) -> dict[str, Any]:
    """Python values as the database stores them; dicts and lists become JSON."""
    ops = connection.ops
    adapted: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            adapted[name] = ops.adapt_datetimefield_value(value)
        elif isinstance(value, (dict, list)):
            adapted[name] = ops.adapt_json_value(value, None)
        else:
            adapted[name] = value
    return adapted
