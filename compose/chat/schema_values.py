"""Arguments for a function that is described by JSON schema, from a person's words. Pure.

It fills what the schema requires and nothing else: the one required text is what was said, other
values are the smallest that the schema allows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Schemas come from callers and may refer to themselves.
DEEPEST = 6
MOST_ITEMS = 16
_FORMATS = {
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "date-time": "2026-01-01T12:00:00Z",
    "email": "person@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def arguments_for(schema: Mapping[str, Any] | None, text: str) -> dict[str, Any]:
    """Return values of the required properties. schema: of an object; anything else gives {}."""
    return _Filler(schema, text).object(schema, 0) if isinstance(schema, Mapping) else {}


class _Filler:
    """One function's schema. text: the person's words, used for the first text that takes them."""

    def __init__(self, root: Mapping[str, Any], text: str) -> None:
        self._root = root
        self._words = text.lower()
        self._unused_text = text
        self._numbers = [float(one) for one in _NUMBER.findall(text)[:MOST_ITEMS]]

    def object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties, required_names = schema.get("properties"), schema.get("required")
        if not isinstance(properties, Mapping) or not isinstance(required_names, list):
            return {}
        names = [name for name in required_names if isinstance(name, str)][: 4 * MOST_ITEMS]
        return {name: self.value(properties.get(name), depth + 1) for name in names}

    def value(self, schema: Any, depth: int) -> Any:
        """Return some value that the schema allows, as far as it can be told."""
        if depth > DEEPEST:
            return None
        schema = self._resolve(schema)
        if "const" in schema:
            return schema["const"]
        if choices := _list(schema, "enum"):
            return next((one for one in choices[:200] if self._is_said(one)), choices[0])
        if "default" in schema:
            return schema["default"]
        for name in ("anyOf", "oneOf", "allOf"):
            if branches := _list(schema, name):
                objects = (one for one in branches if isinstance(one, Mapping) and one != _NULL)
                return self.value(next(objects, {}), depth + 1)
        match _type_of(schema):
            case "integer":
                return int(self._number(schema))
            case "number":
                return self._number(schema)
            case "boolean":
                return False
            case "array":
                least = min(_whole(schema.get("minItems")), MOST_ITEMS)
                return [self.value(schema.get("items"), depth + 1) for _ in range(least)]
            case "object":
                return self.object(schema, depth)
        return self._text(schema)

    def _resolve(self, schema: Any) -> Mapping[str, Any]:
        for _ in range(DEEPEST):
            if not isinstance(schema, Mapping) or not isinstance(schema.get("$ref"), str):
                break
            path, schema = schema["$ref"].removeprefix("#/").split("/"), self._root
            for part in path:
                schema = schema.get(part) if isinstance(schema, Mapping) else None
        return schema if isinstance(schema, Mapping) else {}

    def _is_said(self, choice: Any) -> bool:
        return isinstance(choice, str) and choice != "" and choice.lower() in self._words

    def _text(self, schema: Mapping[str, Any]) -> str:
        """Return the words for the first text without a form of its own, then the empty text."""
        if (sample := _FORMATS.get(str(schema.get("format")))) is not None:
            return sample
        text = ""
        if "pattern" not in schema:
            longest = schema.get("maxLength")
            is_bounded = isinstance(longest, int) and longest >= 0
            text = self._unused_text[:longest] if is_bounded else self._unused_text
            self._unused_text = "" if text else self._unused_text
        return text.ljust(min(_whole(schema.get("minLength")), 1000), "-")

    def _number(self, schema: Mapping[str, Any]) -> float:
        least, most = (
            limit if isinstance(limit := schema.get(name), (int, float)) else fallback
            for name, fallback in (("minimum", -math.inf), ("maximum", math.inf))
        )
        for place, number in enumerate(self._numbers):
            if least <= number <= most:
                return self._numbers.pop(place)
        return least if least > -math.inf else min(0, most)


_NULL = {"type": "null"}


def _type_of(schema: Mapping[str, Any]) -> Any:
    if types := _list(schema, "type"):
        return next((one for one in types if one != "null"), "string")
    usual = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return schema.get("type", usual)


def _list(schema: Mapping[str, Any], name: str) -> list[Any]:
    value = schema.get(name)
    return value if isinstance(value, list) else []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
