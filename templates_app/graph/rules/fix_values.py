"""Arguments that a tool refuses, changed as little as makes them fit. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from core.phrases import show
from templates_app.graph.bindings import plain
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.fix_builder import GONE, Call, Repair
from templates_app.graph.spec import is_number
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Port, spellings
from tools.declaration.schema import Schema

_NUMBER = re.compile(r"\s*([+-]?\d{1,18}(?:\.\d{1,18})?)")
_TRUTHS = {"on": True, "off": False, "y": True, "n": False, "ja": True, "nein": False}


def fix_value(repair: Repair, call: Call, found: Issue) -> Fix | None:
    """What makes the argument of an issue fit its tool, else its default."""
    if call.tool is None or found.at.argument not in call.called.args:
        return None
    value = call.called.args[found.at.argument]
    if found.code == "unequal_lengths":
        return _same_length(repair, call, found.at.argument)
    port = repair.port_of(call, found.at.argument)
    if port is not None:
        return _fix_medium(repair, call, found.at.argument, port, value)
    schema = repair.schema_of(call, found.at.argument)
    if schema is None:
        return None
    fixed = fix(schema, plain(value))
    if fixed is not GONE and _fits(call, found.at.argument, fixed):
        op = repair.write(call, found.at.argument, fixed)
        is_short = isinstance(fixed, (str, int, float)) and len(show(fixed)) <= 24
        return Fix(f"Use {show(fixed)}" if is_short else "Shorten", (op,))
    if schema.get("x-reelgraph", {}).get("required"):
        return None
    return Fix("Use the default", (repair.write(call, found.at.argument),))


def default_of(schema: Schema) -> dict[str, Any]:
    """The default of a parameter as the field of an input, where it has one."""
    default = schema.get("default")
    return {"default": default} if isinstance(default, (str, int, float)) else {}


def fix(schema: Schema, value: Any) -> Any:
    """The nearest value that fits, or GONE when none is near."""
    if value is None:
        return GONE
    if "enum" in schema:
        return _nearest_choice(schema["enum"], value)
    match schema.get("type"):
        case "number" | "integer":
            return _nearest_number(schema, value)
        case "boolean":
            known = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
            return known if isinstance(known, bool) else GONE
        case "string":
            if not isinstance(value, str):
                return GONE
            return value[: schema.get("maxLength", len(value))]
        case "array":
            items = value if isinstance(value, list) else [value]
            parts = [fix(schema.get("items", {}), item) for item in items]
            kept = [part for part in parts if part is not GONE]
            return kept[: schema.get("maxItems", len(kept))] or GONE
        case "object":
            return _fix_object(schema, value)
    return value


def _fix_object(schema: Schema, value: Any) -> Any:
    if not isinstance(value, dict):
        return GONE
    properties: Mapping[str, Schema] = schema.get("properties", {})
    made = {}
    for key, part in value.items():
        known = next(
            (
                inner
                for name, inner in properties.items()
                for declared in (name, *inner.get("x-reelgraph", {}).get("aliases", ()))
                if key in spellings(declared)
            ),
            None,
        )
        fixed = part if known is None else fix(known, part)
        if fixed is not GONE:
            made[key] = fixed
    return made


def _nearest_choice(allowed: list[Any], value: Any) -> Any:
    if all(is_number(item) for item in allowed):
        number = _number(value)
        return GONE if number is None else min(allowed, key=lambda item: abs(item - number))
    if not isinstance(value, str):
        return GONE
    texts = {str(item): item for item in allowed}
    near = Repair.nearest(value.strip(), texts, 0.6)
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
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return _plain(float(found[1])) if found else None


def _plain(number: float) -> float:
    """5.0 as 5, as people write it."""
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def _fits(call: Call, argument: str, value: Any) -> bool:
    if call.tool is None:
        return False
    problems = read_arguments(call.tool, {argument: _addressed(value)}).problems
    return all(problem.argument != argument for problem in problems)


def _addressed(value: Any) -> Any:
    """Our own media, which a stored spec keeps as references, as the addresses they become."""
    if isinstance(value, list):
        return [_addressed(item) for item in value]
    is_ours = isinstance(value, str) and value.startswith("reelgraph:")
    return "https://media.invalid/" if is_ours else value


def _fix_medium(repair: Repair, call: Call, argument: str, port: Port, value: Any) -> Fix | None:
    if isinstance(value, list):
        most = (port.max_items or len(value)) if port.many else 1
        good = [item for item in value if _fits(call, argument, item)][:most]
        if good and good != value:
            made = good if port.is_list(argument) or len(good) > 1 else good[0]
            if _fits(call, argument, made):
                label = "Keep the first" if len(good) == 1 else f"Keep the first {len(good)}"
                return Fix(label, (repair.write(call, argument, made),))
    return Fix("Remove", (repair.write(call, argument),))


def _same_length(repair: Repair, call: Call, argument: str) -> Fix | None:
    strengths = call.called.args.get(argument)
    loras = next(
        (value for name, value in call.called.args.items() if name in spellings("loras")), None
    )
    if not isinstance(strengths, list):
        return None
    count = len(loras) if isinstance(loras, list) else int(isinstance(loras, str))
    if not count:
        return Fix("Remove the strengths", (repair.write(call, argument),))
    made = [*strengths[:count], *[1] * (count - len(strengths))]
    return Fix("Match their number", (repair.write(call, argument, made),))
