"""Where the stages of a changed template are: what was on the canvas stays where it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from templates_app.graph.layout import COLUMN, FULL, GAP, Box, free_box, place, size_of
from templates_app.graph.wiring import Node, Wiring, sources_of

# Between a stage and the next column.
_BESIDE = COLUMN - FULL.width


def node_rows(wiring: Wiring, graph: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`graph.nodes` of a changed template.

    wiring: of the changed template. graph: the layout that people know. Its rows are kept for what
    is still there; what is new gets a free position beside what it is connected to. Without any
    known position everything is laid out.
    """
    rows = graph.get("nodes")
    known = {
        row["stageId"]: row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and isinstance(row.get("stageId"), str)
    }
    boxes = place(wiring, graph)
    kept = [node for node in wiring.nodes if node.id in known]
    added = [node for node in wiring.nodes if node.id not in known]
    if kept:
        boxes = {node.id: boxes[node.id] for node in kept}
        sources, targets = sources_of(wiring), _targets_of(wiring)
        for node in added:
            before = [boxes[one] for one in sources.get(node.id, ()) if one in boxes]
            after = [boxes[one] for one in targets.get(node.id, ()) if one in boxes]
            boxes[node.id] = free_box(_wanted(node, before, after, boxes), boxes)
    return [
        dict(known[node.id]) if node.id in known else _row(node.id, boxes[node.id])
        for node in [*kept, *added]
    ]


def _row(stage_id: str, box: Box) -> dict[str, Any]:
    return {"stageId": stage_id, "x": round(box.x), "y": round(box.y)}


def _targets_of(wiring: Wiring) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for wire in wiring.wires:
        found.setdefault(wire.source, []).append(wire.target)
    return found


def _wanted(
    node: Node, before: Sequence[Box], after: Sequence[Box], boxes: Mapping[str, Box]
) -> Box:
    width, height = size_of(node)
    if before:
        x = max(box.right for box in before) + _BESIDE
    elif after:
        x = min(box.x for box in after) - _BESIDE - width
    else:
        x = min(box.x for box in boxes.values())
        y = max(box.bottom for box in boxes.values()) + GAP
        return Box(x, y, width, height)
    beside = before or after
    middle = sum(box.middle for box in beside) / len(beside)
    return Box(x, round((middle - height / 2) / 4) * 4, width, height)
