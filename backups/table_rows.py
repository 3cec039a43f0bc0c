"""The tables that are moved, and their rows as the ORM has them, read from one database and written
to another."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model, Value

# Of Procrastinate: who has work is told again, and SQLite has no such tables.
LEFT_OUT: Final = "procrastinate"
# JSON `null`, which isn't the NULL of SQL: the ORM reads both as None.
JSON_NULL: Final = Value(None, JSONField())
# Few: a row may hold a document of a megabyte.
_CHUNK: Final = 200
# Fields whose checked values both drivers take as they are: asking them takes half of the time.
_PLAIN: Final = (
    models.AutoField,
    models.BigAutoField,
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.EmailField,
    models.FloatField,
    models.IntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.SmallIntegerField,
    models.TextField,
)

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


def ordered_models() -> list[type[Model]]:
    """Return the models whose rows are moved, each after those that its rows refer to.

    Where tables refer to each other, the constraints are only checked at the end.
    """
    order: dict[type[Model], None] = {}
    seen_models: set[type[Model]] = set()

    def add(model: type[Model]) -> None:
        if model in seen_models:
            return
        seen_models.add(model)
        for field in fields_of(model):
            if field.remote_field is not None:
                add(field.remote_field.model)
        order[model] = None

    for model in apps.get_models(include_auto_created=True):
        if _is_moved(model):
            add(model)
    return list(order)


def _is_moved(model: type[Model]) -> bool:
    meta = model._meta
    is_table = meta.managed and not meta.proxy and not meta.swapped
    return is_table and meta.app_label != LEFT_OUT


def fields_of(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields with a column that is written: not those that a database generates."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def column_of(field: Field[Any, Any]) -> str:
    """Return the name of a field's column, which all of `fields_of` have."""
    return str(field.column)


def own_field(field: Field[Any, Any]) -> Field[Any, Any]:
    """Return the field that says what a column holds: of a reference, the key it leads to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def key_index(model: type[Model]) -> int:
    """Return where in a row its primary key is."""
    return fields_of(model).index(model._meta.pk)


def raw_rows(connection: BaseDatabaseWrapper, model: type[Model]) -> Iterator[Row]:
    """Yield the rows as the driver has them, in the order of their keys, a few at a time.

    Both databases order text by its bytes here. Call it in a transaction.
    """
    quote = connection.ops.quote_name
    # SQLite's driver turns times that it can't read into None, unless it doesn't know the column.
    plain = "+" if connection.vendor == "sqlite" else ""
    names = ", ".join(plain + quote(column_of(field)) for field in fields_of(model))
    key = model._meta.pk
    order = quote(column_of(key))
    if connection.vendor == "postgresql" and isinstance(own_field(key), models.CharField):
        order += ' COLLATE "C"'
    with connection.chunked_cursor() as cursor:
        table = quote(model._meta.db_table)
        cursor.execute(f"SELECT {names} FROM {table} ORDER BY {order}")  # noqa: S608
        while rows := cursor.fetchmany(_CHUNK):
            yield from rows


def readers(connection: BaseDatabaseWrapper, model: type[Model]) -> list[Convert | None]:
    """Return what makes a Python value of what the driver has, by column. None: it is one."""
    return [_reader(connection, field) for field in fields_of(model)]


def _reader(connection: BaseDatabaseWrapper, field: Field[Any, Any]) -> Convert | None:
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    if not isinstance(field, JSONField):
        return convert
    return lambda raw: JSON_NULL if raw == "null" else convert(raw)


def rows_of(connection: BaseDatabaseWrapper, model: type[Model]) -> Iterator[Row]:
    """Return the rows with Python values, in the order of their keys."""
    return _convert(readers(connection, model), raw_rows(connection, model))


def _convert(columns: list[Convert | None], rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield tuple(
            value if convert is None else convert(value)
            for convert, value in zip(columns, row, strict=True)
        )


def _writer(connection: BaseDatabaseWrapper, field: Field[Any, Any]) -> Convert | None:
    """Return what makes of a Python value what the driver takes. None: it takes that."""
    own = own_field(field)
    if type(own) in _PLAIN:
        return None
    return functools.partial(own.get_db_prep_save, connection=connection)


def write(connection: BaseDatabaseWrapper, model: type[Model], rows: Iterable[Row]) -> None:
    """Insert rows with Python values, as many as there are, in one statement."""
    fields = fields_of(model)
    values = _convert([_writer(connection, field) for field in fields], rows)
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(column_of(field)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(fields))
        # Past Django's cursor, which makes a list of the rows.
        raw = connection.connection.cursor()
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        raw.executemany(sql, values)
