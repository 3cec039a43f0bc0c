"""Paths into JSON: dots, `[n]` for one of a list, `[]` for each of it. No expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

_PART = re.compile(r"([^.\[\]]+)|\[(\d*)\]")


def all_at(document: Any, path: str) -> list[Any]:
    """Return what is at a path, in order; what isn't there is left out."""
    return [value for value in _walk(document, _parts(path)) if value is not None]


def first_at(document: Any, path: str) -> Any:
    """Return the first value at a path; None where there is none."""
    return next(iter(all_at(document, path)), None)


def put(document: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Set a value at a path of names, making the objects on the way."""
    *way, last = path.split(".")
    for name in way:
        document = document.setdefault(name, {})
    document[last] = value


def _parts(path: str) -> list[str | int | None]:
    parts: list[str | int | None] = []
    for match in _PART.finditer(path):
        name, place = match.groups()
        parts.append(name if name is not None else int(place) if place else None)
    return parts


def _walk(value: Any, parts: list[str | int | None]) -> Iterator[Any]:
    if not parts:
        yield value
        return
    part, rest = parts[0], parts[1:]
    if part is None:
        for one in value if isinstance(value, list) else ():
            yield from _walk(one, rest)
    elif isinstance(part, int):
        if isinstance(value, list) and part < len(value):
            yield from _walk(value[part], rest)
    elif isinstance(value, dict) and part in value:
        yield from _walk(value[part], rest)
