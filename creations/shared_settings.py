"""Arguments of a tool that stay when prompts are hidden: its settings, by their declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from creations.shared_fields import Names, is_field_name
from templates_app.graph.spec_values import is_number
from tools import registry
from tools.declaration.arguments import canonical_argument
from tools.declaration.ports import Port, Tool
from tools.declaration.schema import Schema, parameter_schemas

# Sizes, ratios, times and colors, where a declaration says no more than that they are texts.
_MEASURE: Final = re.compile(r"#[0-9A-Fa-f]{3,8}|-?\d[\d.]{0,11}(?:\s?[:x×/%]\s?[\d.]{0,12})?")
_MODEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}", re.ASCII)
_MODELS: Final = ("model", "models", "loras")
_MEASURE_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Gap:
    """An argument whose value does not stay: others add their own. type: of an input."""

    argument: str
    type: str
    required: bool


def settings_of(tool_name: Any, args: Any, names: Names) -> tuple[dict[str, Any], list[Gap]]:
    """The arguments of a call that stay, and what others are to bring in place of the rest."""
    tool = registry.table().get(tool_name) if isinstance(tool_name, str) else None
    settings: dict[str, Any] = {}
    gaps: list[Gap] = []
    for argument, value in args.items() if isinstance(args, dict) else ():
        port = tool.port_of(argument) if tool else None
        schema = _schema_of(tool, argument) if tool and port is None else None
        if is_field_name(argument) and _is_setting(argument, value, schema or {}, names):
            settings[argument] = value
        elif isinstance(value, str) and value and is_field_name(argument):
            gap = _gap(argument, port, schema)
            gaps += [gap] if gap else []
    return settings, gaps


def _gap(argument: str, port: Port | None, schema: Schema | None) -> Gap | None:
    if port is not None:
        if port.kind == "model":
            return None
        return Gap(argument, port.kind, port.required)
    facts = (schema or {}).get("x-reelgraph", {"required": True})
    return Gap(argument, "text", bool(facts.get("required") or facts.get("primary")))


def _schema_of(tool: type[Tool], argument: str) -> Schema | None:
    return parameter_schemas(tool).get(canonical_argument(tool, argument))


def _is_setting(argument: str, value: Any, schema: Mapping[str, Any], names: Names) -> bool:
    """Return whether a value is a choice, number or connection: no words of the author's or
    file."""
    if value is None or isinstance(value, bool) or is_number(value) or names.is_binding(value):
        return True
    if isinstance(value, list):
        part = schema.get("items", {})
        return all(_is_setting(argument, one, part, names) for one in value)
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        return all(
            is_field_name(name) and _is_setting(name, one, parts.get(name, {}), names)
            for name, one in value.items()
        )
    if not isinstance(value, str):
        return False
    choices = (*schema.get("enum", ()), *schema.get("x-reelgraph", {}).get("known", ()))
    if value in choices or value == "":
        return True
    if argument.lower().endswith(_MODELS):
        return _MODEL.fullmatch(value) is not None
    return len(value) <= _MEASURE_LENGTH and _MEASURE.fullmatch(value) is not None
