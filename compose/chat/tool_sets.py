"""The tools that a chat may call, who does each one's work, and their schemas for a model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from compose.chat.request import ChatIn, FunctionIn
from tools import registry
from tools.declaration.schema import json_schema, parameter_schemas

WRITERS = ("enhance_prompt", "compose_script", "compose_lyrics", "compose_instrumental")
PLANNERS = ("compose_workflow", "compose_workflow_template")
_OFF = (False, "none")


def offered(request: ChatIn) -> tuple[str, ...]:
    """Canonical names of the tools that `sogni_tools` offers.

    The default and its other spellings: tools that make media, and those that write. creative-agent
    adds the planners and the tools for assets and for asking.
    """
    if request.sogni_tools in _OFF:
        return ()
    table = registry.table(person=request.person)
    tools_here = [tool for tool in table if table.is_provided(tool.name)]
    if request.sogni_tools == "creative-agent":
        names = [tool.name for tool in tools_here]
        return tuple(dict.fromkeys((*names, *WRITERS, *PLANNERS)))
    media = [tool.name for tool in tools_here if tool.output is not None]
    return tuple(dict.fromkeys((*media, *WRITERS)))


def hosted_name(request: ChatIn, name: str) -> str:
    """Return the canonical name of a tool of this server that a call means; "" for another.

    A forced planner need not be offered: `compose_workflow_template` is asked for so by name.
    """
    if request.sogni_tools in _OFF:
        return ""
    canonical = registry.table().canonical(name)
    return canonical if canonical in (*offered(request), *PLANNERS) else ""


def makes_media(name: str) -> bool:
    """Return whether a tool's work is a run; others answer at once."""
    tool = registry.table().get(name)
    return tool is not None and tool.output is not None


OFTEN_SAID = frozenset(
    {"aspectRatio", "aspect_ratio", "duration", "duration_seconds", "numberOfVariations", "lyrics"}
    | {"scene_count", "include_audio", "generateAudio", "style", "language", "category", "name"}
)
_KEYS = ("type", "description", "enum", "minimum", "maximum", "items", "properties", "required")


def of_server(names: Collection[str], *, has_media: bool) -> list[dict[str, Any]]:
    """Function declarations. has_media: whether the caller gave media, so that one may be named."""
    table = registry.table()
    return [
        _function(name, tool.description(), _parameters(name, has_media=has_media))
        for name in names
        if (tool := table.get(name)) is not None
    ]


def of_caller(own: Mapping[str, FunctionIn]) -> list[dict[str, Any]]:
    """Return the caller's own functions, as they were sent."""
    empty = {"type": "object", "properties": {}}
    return [
        _function(name, one.description or "", one.parameters or empty) for name, one in own.items()
    ]


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": function}


def _parameters(name: str, *, has_media: bool) -> dict[str, Any]:
    tool = registry.table().get(name)
    if tool is None:
        return {}
    whole = json_schema(tool)
    names = [
        name
        for name, schema in parameter_schemas(tool).items()
        if name in OFTEN_SAID
        or schema["x-reelgraph"]["required"]
        or schema["x-reelgraph"].get("primary")
    ]
    if has_media or tool.name in PLANNERS:
        names += [port.url for port in tool.ports() if port.url]
    properties = whole["properties"]
    return {
        "type": "object",
        "properties": {name: _short(properties[name]) for name in names if name in properties},
        "required": [name for name in whole.get("required", ()) if name in names],
    }


def _short(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema[name] for name in _KEYS if name in schema}
