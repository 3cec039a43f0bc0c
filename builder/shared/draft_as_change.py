"""A draft as a change of the template that is open in the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from builder.shared.opening import UNTITLED
from templates_app.graph.wiring import INPUTS
from templates_app.schemas import planner_of

# What a new template takes from a draft where the person has written nothing of their own.
_DESCRIBED: Final = ("description", "category", "tags")
# What a change may write beside stages and inputs. Who sees a template, its previews and its
# version are never a draft's to decide.
_CHANGED: Final = ("name", *_DESCRIBED)


def has_stages(spec: Mapping[str, Any]) -> bool:
    return bool(spec.get("stages"))


def proposed(spec_before: Mapping[str, Any], draft: Mapping[str, Any]) -> dict[str, Any]:
    """The template as it would be with the draft accepted.

    spec_before: the spec in the editor. Fields that a draft does not set are kept from it: unknown
    fields, previews, visibility, frames, notes and known positions.
    """
    spec = {**spec_before, "inputs": draft.get("inputs", []), "stages": draft["stages"]}
    if has_stages(spec_before):
        spec.update({field: draft[field] for field in _CHANGED if field in draft})
    else:
        spec["inputs"] = [
            *spec["inputs"],
            *_unused_inputs(spec_before.get("inputs"), spec["inputs"]),
        ]
        spec.update(
            {
                field: draft[field]
                for field in _DESCRIBED
                if draft[field] and not spec_before.get(field)
            }
        )
        spec["brief"] = draft["brief"]
        if spec_before.get("name", "") in ("", UNTITLED):
            spec["name"] = draft["name"]
    spec["graph"] = _layout(spec_before, draft)
    if planner := planner_of(draft):
        metadata = spec_before.get("metadata")
        fields = metadata if isinstance(metadata, Mapping) else {}
        spec["metadata"] = {**fields, "plannedBy": planner}
    return spec


def _layout(spec: Mapping[str, Any], draft: Mapping[str, Any]) -> dict[str, Any]:
    """The sent layout: what is on the canvas stays where it is.

    A draft's own positions are a wish for what is new. The editor knows every height, and sees to
    it that nothing is covered.
    """
    graph = spec.get("graph")
    layout = dict(graph) if isinstance(graph, Mapping) else {}
    there = {INPUTS, *(stage["id"] for stage in draft["stages"])}
    old_rows = {key: row for key, row in _rows(layout).items() if key in there}
    new_rows = _rows(draft.get("graph")) if old_rows else {}
    return {**layout, "nodes": list({**old_rows, **new_rows, **old_rows}.values())}


def _rows(graph: Any) -> dict[str, Any]:
    """The rows of `graph.nodes` by their stage."""
    nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
    return {
        row["stageId"]: row
        for row in (nodes if isinstance(nodes, list) else ())
        if isinstance(row, Mapping) and isinstance(row.get("stageId"), str)
    }


def _unused_inputs(inputs: Any, draft_inputs: Sequence[Any]) -> list[Any]:
    """Inputs that the person declared before there was a stage, and the draft has no use for."""
    names = {one.get("name") for one in draft_inputs if isinstance(one, Mapping)}
    return [
        one
        for one in (inputs if isinstance(inputs, list) else ())
        if not isinstance(one, Mapping) or one.get("name") not in names
    ]
