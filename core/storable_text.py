"""Text of services, which may hold what neither a JSON column nor an answer can."""

from __future__ import annotations

from typing import Any


def storable(text: str) -> str:
    """The text without NUL, and with a replacement character for each half surrogate pair."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable_json(value: Any) -> Any:
    """A JSON value whose texts can be stored; tuples become lists."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): storable_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable_json(one) for one in value]
    return value
