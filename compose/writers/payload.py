"""The arguments of a call that uses an enhanced prompt. Pure."""

from __future__ import annotations

from typing import Any

from tools.catalog import catalogue
from tools.catalog.enhance_prompt import EnhancePrompt
from tools.declaration.arguments import canonical_argument, read_arguments
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument, parameter_schemas


def payload_of(form: EnhancePrompt.Params, prompt: str, negative: str) -> dict[str, Any]:
    """What `destination_tool` takes of it, in its own spelling; what it wouldn't accept is left
    out. An unknown tool gets the common names."""
    wanted: dict[str, Any] = {
        "prompt": prompt,
        "negativePrompt": negative or None,
        "duration": form.duration_seconds,
        "aspectRatio": form.aspect_ratio or None,
    }
    tool = _tool(form.destination_tool or "")
    if tool is None:
        return {name: value for name, value in wanted.items() if value is not None}
    model = model_argument(tool)
    if model and form.destination_model not in ("", "auto"):
        wanted[model] = form.destination_model
    known = parameter_schemas(tool)
    values = {}
    for name, value in wanted.items():
        canonical = canonical_argument(tool, name)
        if value is None or canonical not in known:
            continue
        read = read_arguments(tool, {canonical: value})
        if canonical in read.params and not any(p.argument == canonical for p in read.problems):
            values[canonical] = read.params[canonical]
    return values


def _tool(name: str) -> type[Tool] | None:
    wanted = name.removeprefix("sogni_")
    return next((tool for tool in catalogue() if tool.name == wanted and tool.durable), None)
