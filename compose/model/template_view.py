"""A template as a model is shown it: what can be changed, and not more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from compose.changes.stage_view import SAME_KIND
from compose.changes.working_template import WorkingTemplate
from compose.model.untrusted import without_addresses
from tools.declaration.ports import Tool, ToolTable
from tools.declaration.schema import parameter_schemas

LONGEST_TEXT: Final = 600
_DEEPEST: Final = 12
# Arguments of other types hold lists and objects, which no change sets.
_PLAIN: Final = frozenset({"string", "number", "integer", "boolean"})


def template_view(
    spec: Mapping[str, Any], selection: Sequence[str], tools: ToolTable
) -> dict[str, Any]:
    """Return stages with their arguments, inputs, and what the tools in use can be told."""
    work = WorkingTemplate(spec, tools, selection)
    tools_by_name = {view.tool.name: view.tool for view in work.stages if view.tool is not None}
    return {
        "name": _cut(spec.get("name")),
        "stages": [
            {
                "id": view.id,
                "label": _cut(view.title),
                "tool": view.tool_name,
                "arguments": {name: _cut(value) for name, value in view.args.items()},
            }
            for view in work.stages
        ],
        "inputs": [
            {name: _cut(one[name]) for name in ("name", "type", "default") if name in one}
            for one in work.inputs
        ],
        "selected": [view.id for view in work.selection],
        "arguments_of_tools": {name: _arguments(tool) for name, tool in tools_by_name.items()},
        "can_be_inserted": sorted(SAME_KIND),
    }


def texts_of(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield all texts in a JSON value."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_of(inner, depth + 1)


def _arguments(tool: type[Tool]) -> dict[str, str]:
    return {
        name: _kind(schema)
        for name, schema in parameter_schemas(tool).items()
        if schema.get("type") in _PLAIN
    }


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    bounds = [schema.get("minimum"), schema.get("maximum")]
    range_text = "" if bounds == [None, None] else f" {bounds[0]} to {bounds[1]}"
    return f"{schema['type']}{range_text}"


def _cut(value: Any, depth: int = 0) -> Any:
    """Return a value with short texts and without addresses."""
    if isinstance(value, str):
        text = without_addresses(value)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    if depth >= _DEEPEST or not isinstance(value, dict | list):
        return None if depth >= _DEEPEST else value
    if isinstance(value, list):
        return [_cut(one, depth + 1) for one in value]
    return {name: _cut(one, depth + 1) for name, one in value.items()}
