"""Values that the other database couldn't hold, all of them before anything is written."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Model

from backups.table_rows import (
    JSON_NULL,
    Row,
    fields_of,
    key_index,
    own_field,
    raw_rows,
    readers,
)

# What a value must be, by the kind of its field; and how a sentence calls that.
_TYPES: Final[dict[str, tuple[type | tuple[type, ...], str]]] = {
    "BooleanField": (bool, "true or false"),
    "DateField": (datetime.date, "a date"),
    "DateTimeField": (datetime.datetime, "a time"),
    "UUIDField": (uuid.UUID, "a UUID"),
    "BinaryField": ((bytes, memoryview), "bytes"),
    "FloatField": ((float, int), "a number"),
}
_TEXTS: Final = ("CharField", "TextField", "EmailField", "SlugField", "URLField", "FileField")
_SIXTY_FOUR_BITS: Final = (-(2**63), 2**63 - 1)
# A key as long as this may be a secret, such as a session's: its first letters find the row.
_LONGEST_SHOWN: Final = 20

Check = Callable[[Any], str]


def checked_rows(
    source: BaseDatabaseWrapper,
    target: BaseDatabaseWrapper,
    model: type[Model],
    say: Callable[[str], None],
) -> Iterator[Row]:
    """Yield a table's rows with Python values. say: hears of each value that can't be moved."""
    fields, key = fields_of(model), key_index(model)
    columns = readers(source, model)
    checks = [_check(field, target) for field in fields]
    table = model._meta.db_table
    for raw in raw_rows(source, model):
        row = []
        for number, value in enumerate(raw):
            new_value, fault = _value(columns[number], value, checks[number])
            if fault:
                say(f"{table}.{fields[number].column}, row {_excerpt(raw[key])}: {fault}")
            row.append(new_value)
        yield tuple(row)


def broken_references(source: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield a line for each row that refers to one which isn't there. Postgres has none."""
    if source.vendor != "sqlite":
        return
    with source.cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        for table, rowid, parent, number in cursor.fetchall():
            cursor.execute(f'PRAGMA foreign_key_list("{table}")')
            column = next(row[3] for row in cursor.fetchall() if row[0] == number)
            cursor.execute(f'PRAGMA table_info("{table}")')
            key = next(row[1] for row in cursor.fetchall() if row[5])
            cursor.execute(f'SELECT "{key}" FROM "{table}" WHERE rowid = %s', [rowid])  # noqa: S608
            yield (
                f"{table}.{column}, row {_excerpt(cursor.fetchone()[0])}: refers to a row of"
                f" {parent} that isn't there"
            )


def keep_bad_text(connection: BaseDatabaseWrapper) -> None:
    """Have SQLite's driver read text that isn't UTF-8, so that it can be named."""
    if connection.vendor == "sqlite":
        connection.connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")


def _value(convert: Callable[[Any], Any] | None, raw: Any, check: Check) -> tuple[Any, str]:
    if raw is None:
        return None, ""
    try:
        value = raw if convert is None else convert(raw)
    except (ValueError, TypeError, AttributeError):
        return None, f"is {_kind(raw)} that can't be read"
    # Django makes None of a time that it can't read.
    return value, f"is {_kind(raw)} that can't be read" if value is None else check(value)


def _check(field: Field[Any, Any], target: BaseDatabaseWrapper) -> Check:
    """Return what says why a value of this column can't be moved, "" where it can."""
    own = own_field(field)
    kind = own.get_internal_type()
    if isinstance(own, JSONField):
        return lambda value: _json_fault(value, target.vendor)
    if kind in _TEXTS:
        return lambda value: _text_fault(value, own.max_length, target.vendor)
    if kind in _TYPES:
        types, name = _TYPES[kind]
        return lambda value: "" if isinstance(value, types) else _unlike(value, name)
    if kind.endswith(("IntegerField", "AutoField")):
        low, high = target.ops.integer_field_range(kind)
        fallback = _SIXTY_FOUR_BITS
        lowest = fallback[0] if low is None else low
        return lambda value: _integer_fault(value, lowest, fallback[1] if high is None else high)
    return lambda value: ""


def _integer_fault(value: Any, low: int, high: int) -> str:
    if type(value) is not int:
        return _unlike(value, "an integer")
    return "" if low <= value <= high else f"is outside {low} to {high}"


def _text_fault(value: Any, max_length: int | None, vendor: str) -> str:
    if not isinstance(value, str):
        return _unlike(value, "text")
    if max_length is not None and len(value) > max_length:
        return f"has {len(value)} characters; the column holds {max_length}"
    if vendor == "postgresql" and "\0" in value:
        return "holds NUL, which Postgres refuses in text"
    return "" if value.isascii() or _is_encodable(value) else "isn't valid UTF-8"


def _json_fault(value: Any, vendor: str) -> str:
    if value is JSON_NULL or isinstance(value, (bool, int)):
        return ""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=vendor != "postgresql")
    except ValueError:
        return "holds a number that JSON has not (NaN or infinity)"
    if vendor == "postgresql" and "\\u0000" in text and _holds_nul(value):
        return "holds NUL, which Postgres refuses in text"
    is_storable = vendor != "postgresql" or text.isascii() or _is_encodable(text)
    return "" if is_storable else "holds half a surrogate pair, which Postgres refuses"


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(name) or _holds_nul(one) for name, one in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unlike(value: Any, expectation: str) -> str:
    return f"is {_kind(value)}, and {expectation} is meant"


def _kind(value: Any) -> str:
    names = {str: "text", int: "an integer", float: "a float", bool: "true or false"}
    return names.get(type(value), "bytes")


def _excerpt(key: Any) -> str:
    text = str(key)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:8]}…"
