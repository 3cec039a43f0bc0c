"""The value nearest to one that a tool refuses, so that as little changes as makes it fit. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.spec_values import is_number
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import spellings
from tools.declaration.schema import Schema

_NUMBER = re.compile(r"\s*([+-]?\d{1,18}(?:\.\d{1,18})?)")
# Beside what every form reads as true and false.
_TRUTHS = {"on": True, "off": False, "y": True, "n": False, "ja": True, "nein": False}


def nearest_value(schema: Schema, value: Any) -> Any:
    """The nearest value that fits, or GONE when none is near."""
    if value is None:
        return GONE
    if "enum" in schema:
        return _nearest_choice(schema["enum"], value)
    match schema.get("type"):
        case "number" | "integer":
            return _nearest_number(schema, value)
        case "boolean":
            truth = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
            return truth if isinstance(truth, bool) else GONE
        case "string":
            if not isinstance(value, str):
                return GONE
            return value[: schema.get("maxLength", len(value))]
        case "array":
            items = value if isinstance(value, list) else [value]
            parts = [nearest_value(schema.get("items", {}), item) for item in items]
            fitting = [part for part in parts if part is not GONE]
            return fitting[: schema.get("maxItems", len(fitting))] or GONE
        case "object":
            return _nearest_object(schema, value)
    return value


def _nearest_object(schema: Schema, value: Any) -> Any:
    if not isinstance(value, dict):
        return GONE
    properties: Mapping[str, Schema] = schema.get("properties", {})
    result = {}
    for key, part in value.items():
        part_schema = next(
            (
                inner
                for name, inner in properties.items()
                for alias in (name, *inner.get("x-reelgraph", {}).get("aliases", ()))
                if key in spellings(alias)
            ),
            None,
        )
        near = part if part_schema is None else nearest_value(part_schema, part)
        if near is not GONE:
            result[key] = near
    return result


def _nearest_choice(choices: list[Any], value: Any) -> Any:
    if all(is_number(item) for item in choices):
        number = _number(value)
        return GONE if number is None else min(choices, key=lambda item: abs(item - number))
    if not isinstance(value, str):
        return GONE
    texts = {str(item): item for item in choices}
    near = FixBuilder.nearest(value.strip(), texts, 0.6)
    return GONE if near is None else texts[near]


def _nearest_number(schema: Schema, value: Any) -> Any:
    number = _number(value)
    if number is None:
        return GONE
    number = min(max(number, schema.get("minimum", -math.inf)), schema.get("maximum", math.inf))
    return round(number) if schema.get("type") == "integer" else _plain(number)


def _number(value: Any) -> float | None:
    if is_number(value):
        return value
    match = _NUMBER.match(value) if isinstance(value, str) else None
    return _plain(float(match[1])) if match else None


def _plain(number: float) -> float:
    """5.0 as 5, as people write it."""
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def fits(call: CallSite, argument: str, value: Any) -> bool:
    """Tell whether the tool of a call takes a value for an argument."""
    if call.tool is None:
        return False
    problems = read_arguments(call.tool, {argument: _as_addresses(value)}).problems
    return all(problem.argument != argument for problem in problems)


def _as_addresses(value: Any) -> Any:
    """Our own media, which a stored spec keeps as references, as the addresses they become."""
    if isinstance(value, list):
        return [_as_addresses(item) for item in value]
    is_ours = isinstance(value, str) and value.startswith("reelgraph:")
    return "https://media.invalid/" if is_ours else value
