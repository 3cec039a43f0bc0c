"""Made-up values for inputs not filled in yet, so that a run can be priced before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from templates_app.graph.issues import Issue
from templates_app.graph.spec import Input
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.types import Compiled, Limits
from templates_app.graph.values import STAND_IN

# Stands for a file that is not chosen yet; it never leaves this module.
_MADE_UP_URL = "https://stand-in.invalid/medium"
MADE_UP_ASSET = "blob:stand-in"


def worth_saying(compilation: Compiled) -> tuple[Issue, ...]:
    """Return what is against a run, without missing inputs: the form itself marks those."""
    return tuple(error for error in compilation.errors if error.code != "missing_input")


def with_made_up_inputs(spec: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with a value for each that is required and has none."""
    full_inputs = dict(inputs)
    for field in read_spec(spec)[0].inputs:
        if not field.required or field.default is not None or _is_set(full_inputs.get(field.name)):
            continue
        one = _made_up(field)
        low = max(field.multiple.low, 1) if field.multiple else 0
        full_inputs[field.name] = [one] * min(low, 64) if field.multiple else one
    return full_inputs


def _is_set(value: Any) -> bool:
    return value is not None and value != "" and value != []


def _made_up(definition: Input) -> Any:
    match definition.type:
        case "text":
            return STAND_IN
        case "number":
            low = (definition.json_schema or {}).get("minimum")
            return low if isinstance(low, (int, float)) else 1
        case "boolean":
            return False
        case "select":
            return definition.options[0] if definition.options else None
    return _MADE_UP_URL


def with_made_up_files(limits: Limits) -> Limits:
    """Limits that know the made-up file's address."""

    def own_asset(url: str) -> str | None:
        return MADE_UP_ASSET if url == _MADE_UP_URL else limits.own_asset(url)

    return replace(limits, own_asset=own_asset)
