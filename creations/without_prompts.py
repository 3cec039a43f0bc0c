"""A template without what its author wrote for it to make, to be run with one's own text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from creations import shared_fields
from creations.shared_fields import Names
from creations.shared_settings import Gap, settings_of
from templates_app.graph.spec import MAX_INPUTS

_NAME_LENGTH: Final = 64


def without_prompts(spec: Mapping[str, Any], *, with_notes: bool = False) -> dict[str, Any]:
    """A copy of the fields that `shared_fields` lists. A prompt or a file becomes an input.

    with_notes: with the notes on the canvas. The spec is not changed; the copy has no name.
    """
    inputs = [shared_fields.input_fields(one) for one in _records(spec.get("inputs"))]
    names = shared_fields.names_of(inputs, _records(spec.get("stages")))
    copy = _Copy(inputs, names)
    stages = [copy.stage(one) for one in _records(spec.get("stages"))]
    graph = shared_fields.graph_fields(spec.get("graph"), names, with_notes=with_notes)
    return {
        **shared_fields.template_fields(spec),
        "inputs": inputs,
        "stages": stages,
        **({"graph": graph} if graph else {}),
    }


class _Copy:
    """A copy in the making. inputs: grows by one for each argument that others are to bring."""

    def __init__(self, inputs: list[dict[str, Any]], names: Names) -> None:
        self.inputs, self.names = inputs, names
        self.taken = {one.get("name") for one in inputs}

    def stage(self, stage: Mapping[str, Any]) -> dict[str, Any]:
        fields = shared_fields.stage_fields(stage, self.names)
        title = str(fields.get("label") or fields.get("id") or "Stage")
        if "args" in stage:
            fields["args"] = self.arguments(stage, title)
        item = stage.get("itemStage")
        if isinstance(item, dict):
            of_item = shared_fields.stage_fields(item, self.names)
            fields["itemStage"] = {
                **of_item,
                "args": self.arguments(item, title, fields.get("id")),
                **self.inside(item),
            }
        return {**fields, **self.inside(stage)}

    def inside(self, stage: Mapping[str, Any]) -> dict[str, Any]:
        below = stage.get("subStages")
        if not isinstance(below, list):
            return {}
        return {"subStages": [self.stage(one) for one in _records(below)]}

    def arguments(self, call: Mapping[str, Any], title: str, owner: Any = None) -> dict[str, Any]:
        settings, gaps = settings_of(call.get("tool"), call.get("args"), self.names)
        for gap in gaps:
            if len(self.inputs) < MAX_INPUTS:
                settings[gap.argument] = f"$inputs.{self.ask(gap, owner or call.get('id'), title)}"
        return settings

    def ask(self, gap: Gap, stage_id: Any, title: str) -> str:
        """Add an input for an argument; its name."""
        name = _free_name(str(stage_id or "stage"), gap.argument, self.taken)
        self.taken.add(name)
        about = f"{title}: {gap.argument}"
        self.inputs.append(
            {"name": name, "type": gap.type, "required": gap.required, "description": about}
        )
        return name


def _records(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _free_name(stage: str, argument: str, other_names: set[Any]) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{stage}_{argument}").strip("_-")
    stem = f"the_{stem}" if not stem or not stem[0].isalpha() else stem
    names = (f"{stem[: _NAME_LENGTH - 4]}{tail}" for tail in ("", *(f"_{n}" for n in range(2, 99))))
    return next(name for name in names if name not in other_names)
