"""The stages of a stored template that are templates themselves, at any depth."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.graph.template_names import PREFIX
from tools.declaration.ports import ToolTable

UNAVAILABLE: Final = "template_unavailable"
HIDDEN: Final = "template_hidden"


def callers_of(spec: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each record whose `tool` is a template, after the id of the stage that it is part of.

    These are stages, what a batch repeats, and stages inside stages. Any shape is borne.
    """
    stages = spec.get("stages")
    for stage in stages if isinstance(stages, list) else ():
        whole_id = str(stage.get("id", "")) if isinstance(stage, dict) else ""
        parts: list[Any] = [stage]
        while parts:
            part = parts.pop()
            if not isinstance(part, dict):
                continue
            tool = part.get("tool")
            if isinstance(tool, str) and tool.startswith(PREFIX):
                yield whole_id, part
            inside = part.get("subStages")
            parts.extend(reversed(inside) if isinstance(inside, list) else ())
            parts.append(part.get("itemStage"))


def references_in(spec: Mapping[str, Any]) -> set[str]:
    """Return what a template's stages name as templates."""
    return {caller["tool"] for _, caller in callers_of(spec)}


def with_names(spec: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a spec whose stages name templates otherwise. names: new ones by old ones."""
    fresh = {**spec, "stages": copy.deepcopy(spec.get("stages"))}
    for _, caller in callers_of(fresh):
        caller["tool"] = names.get(caller["tool"], caller["tool"])
    return fresh


def code_of_missing(name: str, tools: ToolTable) -> str:
    """Return the code of the issue that a stage's tool is not in the table."""
    if not name.startswith(PREFIX):
        return "unknown_tool"
    return HIDDEN if name in tools.hidden_names else UNAVAILABLE
