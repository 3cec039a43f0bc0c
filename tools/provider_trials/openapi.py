"""OpenAPI documents of models: what the body of their request takes, pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Deeper references are taken for ones that go around.
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Part:
    """The schema at one place of a body. nodes: its alternatives, without references."""

    document: Mapping[str, Any]
    nodes: Sequence[Mapping[str, Any]]

    def child(self, name: str) -> Part | None:
        """Return what a field of an object takes, or an item of a list where the name is "[]"; None
        where it isn't known."""
        nodes = [one for node in self.nodes for one in _children(node, name)]
        plain = [one for node in nodes for one in _plain(self.document, node)]
        return Part(self.document, plain) if nodes else None

    def missing(self, names: frozenset[str]) -> list[str]:
        """Return the fields that an object with these lacks: of the alternative with the fewest."""
        lacks = (
            sorted(set(node.get("required", ())) - names)
            for node in self.nodes
            if "properties" in node
        )
        return min(lacks, key=len, default=[])

    @property
    def choices(self) -> list[Any] | None:
        """The only values that it takes; None where others are taken, too."""
        choices: list[Any] = []
        for node in self.nodes:
            if node.get("type") == "null":
                continue
            if "const" in node:
                choices.append(node["const"])
            elif "enum" in node:
                choices += node["enum"]
            else:
                return None
        return choices

    def limit(self, name: str) -> float | None:
        """Return the "minimum" or "maximum" of a number; None where an alternative has none."""
        values = [node.get(name) for node in self.nodes if node.get("type") != "null"]
        numbers = [float(one) for one in values if isinstance(one, int | float)]
        if not numbers or len(numbers) < len(values):
            return None
        return min(numbers) if name == "minimum" else max(numbers)


def body_of(document: Any) -> Part | None:
    """Return the body of a document's only request that has one; None where it has none."""
    for route in _mapping(_mapping(document).get("paths")).values():
        content = _mapping(_mapping(_mapping(route).get("post")).get("requestBody")).get("content")
        schema = _mapping(_mapping(content).get("application/json")).get("schema")
        if isinstance(schema, Mapping):
            return Part(document, list(_plain(document, schema)))
    return None


def _children(node: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    if name == "[]":
        if isinstance(node.get("items"), Mapping):
            yield node["items"]
        return
    properties, others = _mapping(node.get("properties")), node.get("additionalProperties")
    if isinstance(properties.get(name), Mapping):
        yield properties[name]
    elif isinstance(others, Mapping):
        yield others
    elif others is True or not (properties or node.get("type")):
        yield {}


def _plain(
    document: Mapping[str, Any], node: Mapping[str, Any], depth: int = 0
) -> Iterator[Mapping[str, Any]]:
    """Yield a schema's alternatives, each with what stands beside them."""
    if depth > _DEPTH:
        return
    if "$ref" in node:
        yield from _plain(document, _target(document, str(node["$ref"])), depth + 1)
        return
    beside = {name: one for name, one in node.items() if name not in ("allOf", "anyOf", "oneOf")}
    for part in node.get("allOf", ()):
        for one in _plain(document, part, depth + 1):
            beside = _merge(beside, one)
    alternatives = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    if not alternatives:
        yield beside
    for part in alternatives:
        for one in _plain(document, part, depth + 1):
            yield _merge(beside, one)


def _merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    schema = {**one, **other}
    if properties := {**_mapping(one.get("properties")), **_mapping(other.get("properties"))}:
        schema["properties"] = properties
    if required_names := [*one.get("required", ()), *other.get("required", ())]:
        schema["required"] = required_names
    return schema


def _target(document: Mapping[str, Any], ref: str) -> Mapping[str, Any]:
    node: Any = document
    for name in ref.removeprefix("#/").split("/"):
        node = _mapping(node).get(name.replace("~1", "/").replace("~0", "~"))
    return _mapping(node)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
