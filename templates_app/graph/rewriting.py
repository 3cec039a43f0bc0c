"""Changing references inside a JSON value. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from templates_app.graph.bindings import DEPTH_LIMIT, Broken, Ref, read_text

# What takes a reference out of its list or its argument.
GONE: Final = object()
Change: TypeAlias = Callable[[Ref | Broken], Any]


def rewritten(value: Any, change: Change, depth: int = 0) -> Any:
    """A value with its references changed; the same object when none was.

    GONE takes one out, and a list or object that held nothing else with it.
    """
    if isinstance(value, str):
        reading = read_text(value)
        if isinstance(reading, str):
            return value
        replacement = change(reading)
        return value if replacement == value else replacement
    if depth >= DEPTH_LIMIT or not isinstance(value, (dict, list)):
        return value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(key, part, rewritten(part, change, depth + 1)) for key, part in items]
    if all(part is new for _, part, new in parts):
        return value
    remaining = [(key, new) for key, _, new in parts if new is not GONE]
    if not remaining:
        return GONE
    return dict(remaining) if isinstance(value, dict) else [new for _, new in remaining]
