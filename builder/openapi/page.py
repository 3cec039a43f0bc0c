"""The document as a page shows it: groups of operations, each with what goes in and comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from pydantic import BaseModel

from builder.openapi import asyncapi as live
from builder.openapi.document import METHODS, document
from core.openapi import Schema

EXAMPLES = settings.BASE_DIR / "docs" / "examples"
_COMPONENT = "#/components/schemas/"
_JSON = "application/json"
_PLAIN = {"string": "text", "integer": "whole number", "boolean": "true or false"}
# Longer lists of words are cut: the machine-readable document has them all.
_WORDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of a value, in words; anchor: the schema they name, or empty."""

    words: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or property. where: query, header, path, or empty for a property."""

    name: str
    kinds: tuple[Kind, ...]
    required: bool
    description: SafeString
    where: str = ""


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One status and what comes with it. fields: of `data`, or of the body where it is flat."""

    status: str
    description: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """One operation. routes: its addresses with their anchors; some views answer several."""

    routes: tuple[tuple[str, str], ...]
    method: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_kinds: tuple[Kind, ...]
    curl: str
    answers: tuple[ShownAnswer, ...]
    failures: tuple[str, ...]
    public: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    anchor: str
    description: str
    operations: tuple[ShownOperation, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """A named schema."""

    name: str
    description: str
    fields: tuple[Field, ...]


@cache
def groups(origin: str) -> tuple[Group, ...]:
    """All operations by tag. origin: of the server as the reader sees it, for the examples."""
    whole = document()
    by_tag: dict[str, dict[tuple[str, str], ShownOperation]] = {
        tag["name"]: {} for tag in whole["tags"]
    }
    for path, methods in whole["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            declaration = methods[method]
            group = by_tag[declaration["tags"][0]]
            entry = _operation_view(path, method, declaration, origin, whole)
            existing = group.get((method, entry.summary))
            if existing is not None:
                entry = replace(existing, routes=(*existing.routes, *entry.routes))
            group[method, entry.summary] = entry
    return tuple(
        Group(
            tag["name"],
            _slug(tag["name"]),
            tag["description"],
            tuple(by_tag[tag["name"]].values()),
        )
        for tag in whole["tags"]
        if by_tag[tag["name"]]
    )


@cache
def components() -> tuple[Component, ...]:
    """Every named schema but the arguments of tools, which have a page of their own."""
    schemas = {
        **live.asyncapi()["components"]["schemas"],
        **document()["components"]["schemas"],
    }
    return tuple(
        Component(name, prose(schema.get("description", "")), _fields(schema))
        for name, schema in sorted(schemas.items())
        if not name.endswith("Arguments")
    )


@dataclass(frozen=True, slots=True)
class SocketMessage:
    """One message of a socket. name: its `event`; example: as JSON, or the plain text."""

    name: str
    summary: SafeString
    kind: Kind
    example: str


@dataclass(frozen=True, slots=True)
class ShownSocket:
    """One WebSocket address. scope: what an API key must be allowed."""

    anchor: str
    address: str
    title: str
    description: SafeString
    parameters: tuple[Field, ...]
    sends: tuple[SocketMessage, ...]
    receives: tuple[SocketMessage, ...]
    limits: tuple[SafeString, ...]
    scope: str


@cache
def sockets() -> tuple[ShownSocket, ...]:
    """Both WebSockets, as `/v1/asyncapi.json` has them."""
    return tuple(
        ShownSocket(
            anchor=f"socket-{channel.name}",
            address=channel.address,
            title=channel.title,
            description=prose(channel.description),
            parameters=(
                *(
                    Field(name, kinds({"type": "string"}), True, prose(text), "path")
                    for name, text in channel.variables.items()
                ),
                *(
                    Field(one.name, kinds(one.schema), False, prose(one.description), "query")
                    for one in channel.parameters
                ),
            ),
            sends=tuple(_message(model) for model in channel.sends),
            receives=tuple(_message(model) for model in channel.receives),
            limits=tuple(prose(text) for text in live.limits(channel)),
            scope=channel.scope,
        )
        for channel in live.CHANNELS
    )


@cache
def close_codes() -> tuple[tuple[int, SafeString, bool], ...]:
    """Each code, what it means, and whether connecting again may help."""
    return tuple((code, prose(text), retry) for code, (text, retry) in live.CLOSE_CODES.items())


def _message(model: type[BaseModel]) -> SocketMessage:
    [example, *_] = live.examples_of(model)
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    name = live.event_of(model)
    return SocketMessage(
        name, prose(model.__doc__ or ""), Kind(model.__name__, f"schema-{model.__name__}"), text
    )


@cache
def example(name: str) -> str:
    """The source of a program in `docs/examples/`; the guide shows the same."""
    return str((EXAMPLES / name).read_text())


def _operation_view(
    path: str, method: str, operation: Mapping[str, Any], origin: str, whole: Mapping[str, Any]
) -> ShownOperation:
    content = operation.get("requestBody", {}).get("content", {})
    nothing: tuple[str, dict[str, Any]] = ("", {})
    body_type, body = next(iter(content.items()), nothing)
    schema = body.get("schema", {})
    schema_of_body = whole["components"]["schemas"].get(
        schema.get("$ref", "").removeprefix(_COMPONENT), {}
    )
    answers = tuple(
        _answer(status, response)
        for status, response in operation["responses"].items()
        if not _is_failure(status, response)
    )
    return ShownOperation(
        routes=((path, operation["operationId"]),),
        method=method.upper(),
        summary=operation["summary"],
        description=prose(operation.get("description", "")),
        parameters=tuple(
            Field(
                one["name"],
                kinds(one["schema"]),
                one["required"],
                prose(one["description"]),
                one["in"],
            )
            for one in operation.get("parameters", ())
        ),
        body=_fields(schema_of_body or schema),
        body_kinds=kinds(schema)
        if schema and not (schema_of_body or schema).get("properties")
        else (),
        curl=_curl(path, method, operation, body_type, body.get("example"), origin),
        answers=answers,
        failures=tuple(
            status for status, one in operation["responses"].items() if _is_failure(status, one)
        ),
        public=operation.get("security") == [],
    )


def _is_failure(status: str, response: Mapping[str, Any]) -> bool:
    """Return whether it is an error of every route, which the page explains once."""
    return "$ref" in response or (status >= "400" and response["description"].startswith("`"))


def _answer(status: str, response: Mapping[str, Any]) -> ShownAnswer:
    [content] = response["content"].values()
    schema = content["schema"]
    data = schema.get("properties", {}).get("data", schema)
    return ShownAnswer(status, prose(response["description"]), kinds(data))


def _fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    needs = schema.get("required", ())
    return tuple(
        Field(name, kinds(part), name in needs, prose(str(part.get("description", ""))))
        for name, part in schema.get("properties", {}).items()
    )


def kinds(schema: Schema) -> tuple[Kind, ...]:
    """Return the kinds of a schema's values, as words to be joined by "or"."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_COMPONENT)
        return (Kind(name, f"schema-{name}"),)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return _unique(kind for part in schema[several] for kind in kinds(part))
    if "const" in schema:
        return (Kind(json.dumps(schema["const"])),)
    if "enum" in schema:
        words = ["null" if word is None else str(word) for word in schema["enum"]]
        more = f" and {len(words) - _WORDS_SHOWN} more" if len(words) > _WORDS_SHOWN else ""
        return (Kind(", ".join(words[:_WORDS_SHOWN]) + more),)
    kind = schema.get("type", "anything")
    if kind == "array":
        return tuple(
            Kind(f"array of {one.words}", one.anchor) for one in kinds(schema.get("items", {}))
        )
    if kind == "object":
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and values:
            return tuple(Kind(f"object of {one.words}", one.anchor) for one in kinds(values))
        return (Kind("object"),)
    return (Kind(_PLAIN.get(kind, str(kind)) + _bounds(schema)),)


def _bounds(schema: Mapping[str, Any]) -> str:
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    highest = schema.get("maximum", schema.get("exclusiveMaximum"))
    if lowest is not None and highest is not None:
        return f", {lowest:g} to {highest:g}"
    if lowest is not None:
        return f", from {lowest:g}"
    longest = schema.get("maxLength")
    return f", max. {longest:,} characters" if longest else ""


def _unique(choices: Iterable[Kind]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(choices))


def _curl(
    path: str, method: str, operation: Mapping[str, Any], body_type: str, example: Any, origin: str
) -> str:
    """A command to paste. `$KEY` holds an API key."""
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", f"${one['name'].upper()}")
    query = "&".join(
        f"{one['name']}={one['schema'].get('enum', ['x'])[0]}"
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one["required"]
    )
    address = f'"{origin}{path}{"?" + query if query else ""}"'
    lines = [f"curl {address}" if method == "get" else f"curl -X {method.upper()} {address}"]
    if operation.get("security") != []:
        lines.append('-H "api-key: $KEY"')
    if body_type == _JSON and example is not None:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{json.dumps(example, indent=2, ensure_ascii=False)}'")
    elif body_type == "multipart/form-data":
        lines.append("-F file=@picture.png")
    elif body_type.startswith("application/octet"):
        lines.append("--data-binary @picture.png")
    return " \\\n  ".join(lines)


def prose(text: str) -> SafeString:
    """One paragraph; what is between backticks becomes code."""
    plain, *rest = " ".join(text.split()).split("`")
    parts = [format_html("{}", plain)]
    for place, part in enumerate(rest):
        is_code = place % 2 == 0 and place + 1 < len(rest)
        parts.append(format_html("<code>{}</code>" if is_code else "{}", part))
    return format_html_join("", "{}", ((part,) for part in parts))


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
