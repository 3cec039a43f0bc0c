"""Real answers held against the published document, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from builder.openapi.document import document


def operation_at(method: str, path: str) -> dict[str, Any]:
    """The operation that answers this address; fixed words win over variables."""
    found = [
        (template.count("{"), methods[method.lower()])
        for template, methods in document()["paths"].items()
        if method.lower() in methods and _pattern(template).fullmatch(path.partition("?")[0])
    ]
    assert found, f"{method} {path} is not in the document"
    return min(found, key=lambda one: one[0])[1]


def misfits(method: str, path: str, status: int, body: Any) -> list[str]:
    """What an answer holds that the document does not allow, or does not mention."""
    responses = operation_at(method, path)["responses"]
    if str(status) not in responses:
        return [f"{method} {path}: {status} is not documented"]
    response = responses[str(status)]
    if "$ref" in response:
        response = _resolve(response["$ref"])
    schema = response["content"]["application/json"]["schema"]
    whole = {**schema, "components": document()["components"]}
    wrong = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in Draft202012Validator(whole).iter_errors(body)
    ]
    return wrong or list(_unmentioned(body, schema, ""))


def _unmentioned(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Fields that no schema names, where it does not say that there may be any."""
    if "$ref" in schema:
        schema = _resolve(schema["$ref"])
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unmentioned(item, schema.get("items", {}), f"{place}/{index}")
    elif isinstance(value, dict):
        for part in schema.get("anyOf", ()):
            if "$ref" in part or "properties" in part:
                yield from _unmentioned(value, part, place)
        known = schema.get("properties")
        if known is None:
            return
        for name, inner in value.items():
            if name in known:
                yield from _unmentioned(inner, known[name], f"{place}/{name}")
            elif not schema.get("additionalProperties"):
                yield f"{place}/{name} is not mentioned"


def _resolve(reference: str) -> dict[str, Any]:
    found: Any = document()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
