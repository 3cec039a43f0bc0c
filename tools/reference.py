"""The tools' reference page, derived from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from core.phrases import number_text
from tools.declaration.ports import COST_UNITS, Port, Tool
from tools.declaration.schema import Schema, parameter_schemas, required_arguments

_INTRODUCTION = """\
# Tools

What a stage or step can do. This page is written by `manage.py generate` from the declarations in
`tools/catalog/`; do not edit it.

Every argument may be written in camel case or in snake case. Media are named by their position
among the run's results of its kind (`0` is the first), by `-1` for the first one sent (`-2`
the second), or by an https URL; the argument with the other spelling is understood too. Model
names are open: those listed are known, others are passed on. **Bold** parameters are required.
What `safe_content_filter` of a run does is up to the provider, see
[content filter](../howto/add-a-provider.md#content-filter); the built-in studio needs none.
"""
# Below a group's heading.
_ABOUT: Mapping[str, str] = {
    "Writing": """\
These tools write text or a draft for their caller, and answer at once. No stage or step can be one:
call them with `POST /v1/creative-agent/tools/execute`, or in chat. Without a language
model, they work with your words as they are.
"""
}


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def render(tools: Iterable[type[Tool]], provider_name: Callable[[str], str]) -> str:
    """The page as Markdown. provider_name: who does a tool's work, or empty for none."""
    by_group = sorted(tools, key=lambda tool: (tool.group, tool.name))
    parts = [_INTRODUCTION]
    for group, members in groupby(by_group, key=lambda tool: tool.group):
        parts.append(f"## {group}\n")
        if group in _ABOUT:
            parts.append(_ABOUT[group])
        parts.extend(_section(tool, provider_name(tool.name)) for tool in members)
    return "\n".join(parts)


def _section(tool: type[Tool], provider: str) -> str:
    lines = [f"### `{tool.name}`", "", *_paragraphs(tool.description()), ""]
    lines.append(f"Makes: {_output_text(tool)}. Costs: {_cost(tool)}.")
    if not tool.durable:
        lines.append("Called with `POST /v1/creative-agent/tools/execute`, or in chat.")
    elif tool.asks:
        lines.append("Answered by: a person; the run waits.")
    else:
        lines.append(f"Provided by: {provider or 'no provider yet'}.")
    if tool.ports():
        lines += ["", "| input | kind | arguments | |", "|---|---|---|---|"]
        lines += [_input_row(port) for port in tool.ports()]
    schemas = parameter_schemas(tool)
    if schemas:
        required_names = set(required_arguments(tool))
        lines += ["", "| parameter | takes | default | |", "|---|---|---|---|"]
        for name, schema in schemas.items():
            lines += _parameter_rows(name, schema, is_required=name in required_names)
    return "\n".join([*lines, ""])


def _output_text(tool: type[Tool]) -> str:
    return tool.output or ("values, no media" if tool.durable else "text, no media")


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _cost(tool: type[Tool]) -> str:
    units = COST_UNITS[tool.cost_class]
    if not units:
        return "nothing"
    each = f" for each of `{tool.count}`" if tool.count else ""
    return f"{units:g} credit{'' if units == 1 else 's'}{each} ({tool.cost_class})"


def _input_row(port: Port) -> str:
    kind = f"{port.kind}s" if port.many else port.kind
    names = ", ".join(f"`{name}`" for name in port.arguments)
    return f"| {port.title} | {kind} | {names} | {_cell(_notes(port))} |"


def _notes(port: Port) -> str:
    return " ".join(filter(None, (port.help, _when_absent(port))))


def _when_absent(port: Port) -> str:
    if port.fallback == "latest":
        sentence = f"Default: the newest {port.kind}, or the first one sent."
    elif port.required:
        sentence = "Required."
    else:
        return ""
    if port.when is None:
        return sentence
    name, values = port.when
    among = " or ".join(f"`{value}`" for value in values)
    return f"{sentence} Only with `{name}`{' ' + among if among else ''}."


def _parameter_rows(name: str, schema: Schema, *, is_required: bool) -> list[str]:
    label = f"**`{name}`**" if is_required else f"`{name}`"
    default = f"`{_literal(schema['default'])}`" if "default" in schema else ""
    rows = [f"| {label} | {_takes(schema)} | {default} | {_cell(schema.get('description', ''))} |"]
    inner = schema if "properties" in schema else schema.get("items", {})
    for part, part_schema in inner.get("properties", {}).items():
        within = f"{name}[].{part}" if schema.get("type") == "array" else f"{name}.{part}"
        rows += _parameter_rows(within, part_schema, is_required=part in inner.get("required", ()))
    return rows


def _takes(schema: Schema) -> str:
    if "enum" in schema:
        return _cell(", ".join(f"`{_literal(value)}`" for value in schema["enum"]))
    type_name: str = schema.get("type", "anything")
    kind = _WORDS.get(type_name, type_name)
    if kind == "array":
        kind = f"list of {_takes(schema['items'])}".replace("list of object", "list of objects")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        kind += f", {low:g} to {high:g}" if high < 1e6 else f", {low} to {high}"
    elif low is not None:
        kind += f", {low:g} or more"
    most = schema.get("maxItems")
    if most is not None:
        kind += f", at most {most}"
    examples = schema.get("x-reelgraph", {}).get("known", ())
    if examples:
        kind += "; known: " + ", ".join(f"`{value}`" for value in examples)
    return _cell(kind)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
