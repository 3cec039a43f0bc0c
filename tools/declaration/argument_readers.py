"""A reader for each kind of value: what it takes, and the value it makes of it. Pure.

Readers take what forms, models and other languages send: a number as text, one value for a list of
one, a choice in capitals. Pydantic's own readers fail a call as a whole; these leave out what is
wrong and keep the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from core.phrases import phrase
from tools.declaration.argument_problems import Unreadable
from tools.declaration.ports import spellings
from tools.declaration.schema import Schema

# For texts and lists whose declaration names no limit of its own.
TEXT_LIMIT = 100_000
LIST_LIMIT = 1_000

WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}

Reader: TypeAlias = Callable[[Any], Any]


def reader_of(schema: Schema) -> Reader:
    kind = schema.get("type")
    if "enum" in schema:
        return _enum_reader(schema)
    if kind == "boolean":
        return _read_boolean
    if kind in ("number", "integer"):
        return _number_reader(schema, whole=kind == "integer")
    if kind == "string":
        return _text_reader(schema)
    if kind == "array":
        return _list_reader(schema)
    if kind == "object":
        return _object_reader(schema)
    return _read_anything


def _read_anything(value: Any) -> Any:
    return value


def _read_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        truth = _TRUTHS.get(value.strip().lower())
        if truth is not None:
            return truth
    elif isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    raise Unreadable("invalid_type", needs=phrase("true_or_false"), sent=value)


def _as_number(value: Any) -> int | float | None:
    """The number a value stands for. Whole floats become integers, so that 5.0 equals 5."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 40:
            return None
        if WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if not isinstance(value, float) or not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _number_reader(schema: Schema, *, whole: bool) -> Reader:
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    what = phrase("a_whole_number" if whole else "a_number")
    unit = _unit_of(schema)
    if math.isinf(high):
        span = what if math.isinf(low) else phrase("from", low=low, unit=unit)
    else:
        span = phrase("between", low=low, high=high, unit=unit)

    def parse(value: Any) -> int | float:
        number = _as_number(value)
        if number is None or (whole and not isinstance(number, int)):
            raise Unreadable("invalid_type", needs=what, sent=value)
        if not low <= number <= high:
            raise Unreadable("out_of_range", needs=span, sent=value)
        return number

    return parse


def _unit_of(schema: Schema) -> str:
    words = schema.get("description", "").lower()
    if "second" in words:
        return " seconds"
    return " pixels" if "pixels" in words else ""


def _text_reader(schema: Schema) -> Reader:
    low, high = schema.get("minLength", 0), schema.get("maxLength", TEXT_LIMIT)
    # Patterns are our own, and their texts are short.
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
    form = phrase(schema.get("x-reelgraph", {}).get("form") or "a_text")

    def parse(value: Any) -> str:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
            value = str(value)
        if not isinstance(value, str):
            raise Unreadable("invalid_type", needs=phrase("a_text"), sent=value)
        if len(value) > high:
            most = phrase("characters_at_most", limit=high)
            raise Unreadable("invalid_length", needs=most, sent=value)
        if len(value) < low:
            least = phrase("characters_at_least", limit=low)
            raise Unreadable("invalid_length", needs=least, sent=value)
        if pattern is not None and not pattern.search(value):
            raise Unreadable("invalid_type", needs=form, sent=value)
        return value

    return parse


def _enum_reader(schema: Schema) -> Reader:
    options = schema["enum"]
    numeric = all(isinstance(item, (int, float)) for item in options)
    exact = {str(item) if not numeric else item: item for item in options}
    choices = tuple(options)
    stands_in = schema.get("x-reelgraph", {}).get("stands_in")

    def parse(value: Any) -> Any:
        candidate = _as_number(value) if numeric else value
        if isinstance(candidate, str):
            candidate = candidate.strip()
            if candidate not in exact:
                candidate = candidate.lower()
        if not isinstance(candidate, (str, int, float)) or isinstance(candidate, bool):
            raise Unreadable("invalid_enum", allowed=choices, value=value)
        if candidate not in exact:
            if stands_in is not None:
                return stands_in
            raise Unreadable("invalid_enum", allowed=choices, value=value)
        return exact[candidate]

    return parse


def _list_reader(schema: Schema) -> Reader:
    low, high = schema.get("minItems", 0), schema.get("maxItems", LIST_LIMIT)
    read_item = reader_of(schema.get("items", {}))

    def parse(value: Any) -> list[Any]:
        items = value if isinstance(value, list) else [value]
        if len(items) > high:
            most = phrase("entries_at_most", limit=high)
            raise Unreadable("invalid_length", needs=most, sent=value)
        if len(items) < low:
            least = phrase("one_entry_at_least" if low == 1 else "entries_at_least", limit=low)
            raise Unreadable("invalid_length", needs=least, sent=value)
        read_items = []
        for position, item in enumerate(items):
            try:
                read_items.append(read_item(item))
            except Unreadable as bad:
                raise bad.inside(f"[{position}]") from None
        return read_items

    return parse


def _object_reader(schema: Schema) -> Reader:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    names = names_by_spelling(properties)
    readers = {name: reader_of(part) for name, part in properties.items()}
    required_names = schema.get("required", ())

    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unreadable("invalid_type", needs=phrase("an_object"), sent=value)
        result: dict[str, Any] = {}
        for key, part in value.items():
            name = names.get(key)
            if name is None:
                result[key] = part
            elif part is not None and (name not in result or key == name):
                try:
                    result[name] = readers[name](part)
                except Unreadable as bad:
                    raise bad.inside(f".{key}") from None
        for name in required_names:
            if name not in result:
                raise Unreadable("missing_argument", f".{name}")
        return result

    return parse


def names_by_spelling(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Every accepted spelling → the declared one. A declared name wins over another's alias."""
    names = {name: name for name in schemas}
    for name, schema in schemas.items():
        for alias in (name, *schema.get("x-reelgraph", {}).get("aliases", ())):
            for spelling in spellings(alias):
                names.setdefault(spelling, name)
    return names
