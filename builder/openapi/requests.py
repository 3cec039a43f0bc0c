"""Request bodies as they are really read, which is a little kinder than their models say.

`core.http.parse` drops top-level nulls before a model sees them, so every field that may be absent
may be null; and a field has several spellings, of which Pydantic's schema shows the first.
"""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel

from core.openapi import Schema


def body_schema(model: type[BaseModel], schema: Schema) -> Schema:
    """The schema of a body that is parsed into this model."""
    needs = set(schema.get("required", ()))
    properties: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        is_kept = part.pop("x-kept", False)
        properties[name] = part if is_kept or name in needs else _or_null(part)
    for field in model.model_fields.values():
        alias = field.validation_alias
        if not isinstance(alias, AliasChoices):
            continue
        first, *others = [str(choice) for choice in alias.choices]
        for other in others:
            twin = {key: value for key, value in properties[first].items() if key != "default"}
            properties[other] = {**twin, "description": f"The same as `{first}`."}
    return {**schema, "properties": properties, "additionalProperties": True}


def _or_null(part: Schema) -> Schema:
    branches = part.get("anyOf")
    if branches is not None:
        if {"type": "null"} in branches:
            return part
        return {**part, "anyOf": [*branches, {"type": "null"}]}
    rest: Schema = {key: part[key] for key in ("title", "description", "default") if key in part}
    alone = {key: value for key, value in part.items() if key not in rest}
    return {**rest, "anyOf": [alone, {"type": "null"}]}
