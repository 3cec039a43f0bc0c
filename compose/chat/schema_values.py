"""Arguments for a function that is described by JSON schema, from a person's words. Pure.

It fills what the schema requires and nothing else: the one required text is what was said, other
values are the smallest that the schema allows.
"""

from __future__ import annotations

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
    """Values of the required properties. schema: of an object; anything else gives {}."""
    if not isinstance(schema, Mapping):
        return {}
    return _Filler(schema, text).object(schema, 0)


class _Filler:
    """One function's schema. text: the person's words, used for the first text that takes them."""

    def __init__(self, root: Mapping[str, Any], text: str) -> None:
        self._root = root
        self._text = text
        self._numbers = [float(one) for one in _NUMBER.findall(text)[:MOST_ITEMS]]
        self._is_used = False

    def object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        required = schema.get("required")
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            return {}
        names = [name for name in required if isinstance(name, str)][: 4 * MOST_ITEMS]
        return {name: self.value(properties.get(name), depth + 1) for name in names}

    def value(self, schema: Any, depth: int) -> Any:
        """Some value that the schema allows, as far as it can be told."""
        schema = self._resolved(schema)
        if depth > DEEPEST or not schema:
            return self._said(schema) if depth <= DEEPEST else None
        if "const" in schema:
            return schema["const"]
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            return self._named(choices)
        if "default" in schema:
            return schema["default"]
        for name in ("anyOf", "oneOf", "allOf"):
            branches = schema.get(name)
            if isinstance(branches, list) and branches:
                return self.value(_first_not_null(branches), depth + 1)
        match _type_of(schema):
            case "string":
                return self._said(schema)
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
        return None

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        for _ in range(DEEPEST):
            if not isinstance(schema, Mapping):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return schema
            found: Any = self._root
            for part in reference[2:].split("/"):
                found = found.get(part) if isinstance(found, Mapping) else None
            schema = found
        return {}

    def _named(self, choices: list[Any]) -> Any:
        """The choice that the words name, else the first."""
        words = self._text.lower()
        for choice in choices[:200]:
            if isinstance(choice, str) and choice and choice.lower() in words:
                return choice
        return choices[0]

    def _said(self, schema: Mapping[str, Any]) -> str:
        """The words for the first text without a form of its own, then the empty text."""
        known = _FORMATS.get(str(schema.get("format")))
        if known is not None:
            return known
        longest = schema.get("maxLength")
        text = "" if self._is_used or "pattern" in schema else self._text
        if isinstance(longest, int) and longest >= 0:
            text = text[:longest]
        self._is_used = self._is_used or bool(text)
        return text.ljust(min(_whole(schema.get("minLength")), 1000), "-")

    def _number(self, schema: Mapping[str, Any]) -> float:
        least, most = schema.get("minimum"), schema.get("maximum")
        least = least if isinstance(least, (int, float)) else None
        most = most if isinstance(most, (int, float)) else None
        for place, number in enumerate(self._numbers):
            if (least is None or number >= least) and (most is None or number <= most):
                return self._numbers.pop(place)
        if least is not None:
            return least
        return min(0, most) if most is not None else 0


def _type_of(schema: Mapping[str, Any]) -> str:
    given = schema.get("type")
    if isinstance(given, list):
        given = next((one for one in given if one != "null"), "null")
    if isinstance(given, str):
        return given
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _first_not_null(branches: list[Any]) -> Any:
    for branch in branches:
        if isinstance(branch, Mapping) and branch.get("type") != "null":
            return branch
    return branches[0]


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
