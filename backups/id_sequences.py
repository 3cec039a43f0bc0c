"""The highest number that each table has given to a row: none of them is given out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Model

from backups.table_rows import column_of


def last_numbers(
    connection: BaseDatabaseWrapper, models: Iterable[type[Model]]
) -> dict[type[Model], int]:
    """Return it of each table that numbers its rows."""
    with_numbers = [model for model in models if _numbers_rows(model)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            by_table = dict(cursor.fetchall())
            return {model: int(by_table.get(model._meta.db_table, 0)) for model in with_numbers}
        numbers = {}
        for model in with_numbers:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", _place(connection, model))
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
            last, is_called = cursor.fetchone()
            numbers[model] = last if is_called else last - 1
        return numbers


def set_last_numbers(connection: BaseDatabaseWrapper, numbers: Mapping[type[Model], int]) -> None:
    """Let each table go on after its number, or after the highest one of its rows."""
    with connection.cursor() as cursor:
        for model, number in numbers.items():
            table = model._meta.db_table
            column = connection.ops.quote_name(column_of(model._meta.pk))
            cursor.execute(f'SELECT max({column}) FROM "{table}"')  # noqa: S608
            last = max(number, cursor.fetchone()[0] or 0)
            if connection.vendor == "postgresql":
                # A sequence that has given out nothing begins at 1.
                arguments = [*_place(connection, model), max(last, 1), last > 0]
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", arguments)
                continue
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            if last:
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last]
                )


def _numbers_rows(model: type[Model]) -> bool:
    return isinstance(model._meta.pk, AutoField)


def _place(connection: BaseDatabaseWrapper, model: type[Model]) -> list[str]:
    return [connection.ops.quote_name(model._meta.db_table), column_of(model._meta.pk)]
