"""JSON that came as text: some clients send each argument so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core import errors, jsonsafe

_CONTAINERS: Final = {"object": dict, "array": list}
# References of a schema that go round end here; JSON of ours is never as deep.
_DEEPEST: Final = 32


def read_texts(value: Any, schema: Mapping[str, Any]) -> Any:
    """Parse texts in a JSON value where the schema wants an object or a list and no text. A text
    that isn't JSON of that type stays, to be refused by validation."""
    return _parse(value, schema, schema.get("$defs", {}), 0)


def _parse(value: Any, schema: Mapping[str, Any], parts: Mapping[str, Any], depth: int) -> Any:
    if depth > _DEEPEST:
        return value
    choices = _choices(schema, parts)
    if isinstance(value, str):
        value = _container(value, {str(choice.get("type")) for choice in choices})
    if isinstance(value, dict):
        for choice in choices:
            properties = choice.get("properties", {})
            additional = choice.get("additionalProperties")
            schemas = {name: properties.get(name, additional) for name in value}
            value = {
                name: _parse(field, schemas[name], parts, depth + 1)
                if isinstance(schemas[name], Mapping)
                else field
                for name, field in value.items()
            }
    elif isinstance(value, list):
        for choice in choices:
            items = choice.get("items")
            if isinstance(items, Mapping):
                value = [_parse(item, items, parts, depth + 1) for item in value]
    return value


def _choices(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a value may be, each without further choices."""
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    if reference:
        schema = parts.get(reference, {})
    choices = schema.get("anyOf") or schema.get("oneOf")
    return [choice for part in choices for choice in _choices(part, parts)] if choices else [schema]


def _container(text: str, kinds: set[str]) -> Any:
    """Return the object or list of a JSON text where no text is allowed; otherwise the text."""
    types = tuple(kind for name, kind in _CONTAINERS.items() if name in kinds)
    if not types or "string" in kinds or "None" in kinds:
        return text
    try:
        value = jsonsafe.loads(text.encode())
    except errors.AppError:
        return text
    return value if isinstance(value, types) else text
