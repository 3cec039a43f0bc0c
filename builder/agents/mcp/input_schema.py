"""The inputs of a template as JSON Schema, for a tool of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from builder.agents.mcp.template_facts import described_input

MOST_INPUTS: Final = 60
# What clients of several models take as the name of a property.
_PROPERTY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_LONGEST_OPTION: Final = 100
_MOST_OPTIONS: Final = 60


def fits(spec: Mapping[str, Any]) -> bool:
    """Return whether its inputs can be properties. A tool that clients refuse hides all others."""
    inputs = _declarations(spec)
    return len(inputs) <= MOST_INPUTS and all(
        isinstance(one.get("name"), str) and _PROPERTY.fullmatch(one["name"]) for one in inputs
    )


def _declarations(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        one
        for one in (spec.get("inputs") or [])
        if isinstance(one, Mapping) and not one.get("internal")
    ]


def inputs_schema(spec: Mapping[str, Any]) -> dict[str, Any]:
    """JSON Schema of the values that a run takes."""
    properties = _declarations(spec)
    needs = [
        one["name"] for one in properties if one.get("required") and one.get("default") is None
    ]
    return {
        "type": "object",
        "description": "Values for the template's inputs. Files as https addresses, or as the `url`"
        " that upload_asset answers.",
        "properties": {one["name"]: _property(one) for one in properties},
        "additionalProperties": False,
        **({"required": needs} if needs else {}),
    }


def _property(one: Mapping[str, Any]) -> dict[str, Any]:
    """An input that is checked by the server: the schema only tells what to send."""
    single = _single(one)
    facts = described_input(one)
    sentences = [facts.get("description", ""), _default(facts)]
    if one.get("type") in ("image", "audio", "video"):
        sentences.insert(0, f"The address of a file of type {one['type']}.")
    description = " ".join(part for part in sentences if part)
    bounds = one.get("multiple")
    if bounds is True or isinstance(bounds, Mapping):
        shape: dict[str, Any] = {"type": "array", "items": single}
        for name, keyword in (("min", "minItems"), ("max", "maxItems")):
            if isinstance(bounds, Mapping) and isinstance(bounds.get(name), int):
                shape[keyword] = bounds[name]
    else:
        shape = single
    return {**shape, **({"description": description} if description else {})}


def _single(one: Mapping[str, Any]) -> dict[str, Any]:
    if one.get("type") in ("number", "boolean"):
        return {"type": one["type"]}
    if one.get("type") == "select":
        values = _options(one)
        if values:
            return {"type": "string", "enum": values}
    return {"type": "string"}


def _options(one: Mapping[str, Any]) -> list[str]:
    """The values to choose from; none where they are too many or too long to list."""
    options = one.get("options")
    values = [
        option.get("value") if isinstance(option, Mapping) else option
        for option in (options if isinstance(options, list) else [])
    ]
    texts = [one for one in values if isinstance(one, str) and 0 < len(one) <= _LONGEST_OPTION]
    fits_all = len(texts) == len(values) <= _MOST_OPTIONS
    return list(dict.fromkeys(texts)) if fits_all else []


def _default(declaration: Mapping[str, Any]) -> str:
    value = declaration.get("default")
    return "" if value is None else f"Without one: {str(value)[:200]}."
