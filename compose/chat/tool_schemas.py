"""The tools of this server as a language model is told of them: short, for small contexts.

All arguments of all tools are 15,000 tokens; what a tool requires, what it shows first and what
people often say are 5,000. A model may send any other argument that it knows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from compose.chat import tool_sets
from compose.chat.request import FunctionIn
from tools import registry
from tools.declaration.ports import Tool
from tools.declaration.schema import json_schema, parameter_schemas

OFTEN_SAID = frozenset(
    {"aspectRatio", "aspect_ratio", "duration", "duration_seconds", "numberOfVariations", "lyrics"}
    | {"scene_count", "include_audio", "generateAudio", "style", "language", "category", "name"}
)
_KEPT = ("type", "description", "enum", "minimum", "maximum", "items", "properties", "required")


def of_server(names: Collection[str], *, has_media: bool) -> list[dict[str, Any]]:
    """Function declarations. has_media: whether the caller gave media, so that one may be named."""
    table = registry.table()
    found = [(name, table.get(name)) for name in names]
    return [
        _function(name, tool.description(), _parameters(tool, has_media=has_media))
        for name, tool in found
        if tool is not None
    ]


def of_caller(own: Mapping[str, FunctionIn]) -> list[dict[str, Any]]:
    """The caller's own functions, as they were sent."""
    empty = {"type": "object", "properties": {}}
    return [
        _function(name, one.description or "", one.parameters or empty) for name, one in own.items()
    ]


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": function}


def _parameters(tool: type[Tool], *, has_media: bool) -> dict[str, Any]:
    whole = json_schema(tool)
    shown = [
        name
        for name, schema in parameter_schemas(tool).items()
        if name in OFTEN_SAID
        or schema["x-reelgraph"]["required"]
        or schema["x-reelgraph"].get("primary")
    ]
    if has_media or tool.name in tool_sets.PLANNERS:
        shown += [port.url for port in tool.ports() if port.url]
    properties = whole["properties"]
    return {
        "type": "object",
        "properties": {name: _short(properties[name]) for name in shown if name in properties},
        "required": [name for name in whole.get("required", ()) if name in shown],
    }


def _short(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema[name] for name in _KEPT if name in schema}
