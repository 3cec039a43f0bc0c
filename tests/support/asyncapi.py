"""Real messages of sockets held against the published document, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from builder.openapi.asyncapi import asyncapi

SCHEMA = "#/components/schemas/"


def misfits(path: str, message: Any) -> list[str]:
    """What a server's message holds that the document does not allow, or does not mention."""
    name = str(message.get("event")) if isinstance(message, dict) else ""
    schema = _sent(path).get(name)
    if schema is None:
        return [f"{path} sends {name!r}, which is not documented"]
    wrong = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in _check(schema).iter_errors(message)
    ]
    return wrong or list(_unmentioned(message, {"$ref": SCHEMA + schema}, name))


@cache
def _sent(path: str) -> dict[str, str]:
    """By event, the schema of each message that the server sends at this path."""
    whole = asyncapi()
    for name, channel in whole["channels"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", channel["address"]), path):
            [operation] = [
                one
                for one in whole["operations"].values()
                if one["action"] == "send" and one["channel"]["$ref"] == f"#/channels/{name}"
            ]
            keys = [one["$ref"].rsplit("/", 1)[-1] for one in operation["messages"]]
            messages = whole["components"]["messages"]
            return {messages[key]["name"]: _name(messages[key]["payload"]) for key in keys}
    return {}


@cache
def _check(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": SCHEMA + name, "components": {"schemas": asyncapi()["components"]["schemas"]}}
    )


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).removeprefix(SCHEMA)


def _unmentioned(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Fields that no schema names, where it does not say that there may be any."""
    if "$ref" in schema:
        schema = asyncapi()["components"]["schemas"][_name(schema)]
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unmentioned(item, schema.get("items", {}), f"{place}/{index}")
    elif isinstance(value, dict):
        for part in schema.get("anyOf", ()):
            if "$ref" in part or "properties" in part:
                yield from _unmentioned(value, part, place)
        known = schema.get("properties", {})
        for name, inner in value.items() if known else ():
            if name in known:
                yield from _unmentioned(inner, known[name], f"{place}/{name}")
            elif not schema.get("additionalProperties"):
                yield f"{place}/{name} is not mentioned"
