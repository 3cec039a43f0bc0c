"""Positions of new stages in a template's `graph`, and its edges after a change. Others stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from templates_app.graph.layout import CANVAS, COLUMN, Box, free_box, place
from templates_app.graph.wiring import INPUTS, Wiring, read_wiring, sources_of
from tools.declaration.ports import ToolTable

_STEP: Final = 4


def place_new(before: Mapping[str, Any], after: dict[str, Any], tools: ToolTable) -> None:
    """Complete the `graph` of a changed template. A template without one gets none here."""
    graph = after.get("graph")
    if not isinstance(graph, dict):
        return
    old, new = read_wiring(before, tools), read_wiring(after, tools)
    if isinstance(graph.get("nodes"), list):
        graph["nodes"] = _nodes(graph["nodes"], old, new)
    if isinstance(graph.get("edges"), list):
        graph["edges"] = _edges(graph["edges"], old, new)


def _nodes(nodes: list[Any], old: Wiring, new: Wiring) -> list[Any]:
    old_ids, new_ids = {node.id for node in old.nodes}, {node.id for node in new.nodes}
    remaining = [
        one for one in nodes if not (_stage(one) in old_ids and _stage(one) not in new_ids)
    ]
    placed_ids = {_stage(one) for one in remaining}
    added_ids = [
        node.id for node in new.nodes if node.id not in placed_ids and node.id not in old_ids
    ]
    if not added_ids:
        return remaining
    boxes = place(new, {"nodes": remaining}, CANVAS)
    sources = sources_of(new)
    boxes_by_id = {key: box for key, box in boxes.items() if key not in added_ids}
    # Each next to one that has its position already.
    for stage_id in _in_order(added_ids, new, boxes_by_id):
        best = _best_place(stage_id, boxes[stage_id], sources, boxes_by_id)
        boxes_by_id[stage_id] = free_box(best, boxes_by_id)
        box = boxes_by_id[stage_id]
        remaining.append({"stageId": stage_id, "x": _whole(box.x), "y": _whole(box.y)})
    return remaining


def _in_order(added_ids: list[str], wiring: Wiring, boxes_by_id: Mapping[str, Box]) -> list[str]:
    """First those connected to a stage that has a position, then those connected to them."""
    beside: dict[str, set[str]] = {}
    for wire in wiring.wires:
        beside.setdefault(wire.source, set()).add(wire.target)
        beside.setdefault(wire.target, set()).add(wire.source)
    ready, order = set(boxes_by_id) - {INPUTS}, list[str]()
    queue = list(added_ids)
    while queue:
        at = next((one for one in queue if beside.get(one, set()) & ready), queue[0])
        queue.remove(at)
        order.append(at)
        ready.add(at)
    return order


def _best_place(
    stage_id: str, size: Box, sources: Mapping[str, tuple[str, ...]], boxes_by_id: Mapping[str, Box]
) -> Box:
    """Right of what it takes; else left of what takes it; else right of everything."""
    before = {k: boxes_by_id[k] for k in sources.get(stage_id, ()) if k in boxes_by_id}
    stages = [box for one, box in before.items() if one != INPUTS]
    after = [boxes_by_id[k] for k, ids in sources.items() if stage_id in ids and k in boxes_by_id]
    if stages:
        x = max(box.x for box in stages) + COLUMN
        middle = sum(box.middle for box in stages) / len(stages)
    elif after:
        x = min(box.x for box in after) - COLUMN
        middle = sum(box.middle for box in after) / len(after)
    elif before:
        first = next(iter(before.values()))
        x, middle = first.right + COLUMN - size.width, first.middle
    else:
        x = max((box.x for box in boxes_by_id.values()), default=-COLUMN) + COLUMN
        middle = sum(box.middle for box in boxes_by_id.values()) / max(len(boxes_by_id), 1)
    return Box(x, round((middle - size.height / 2) / _STEP) * _STEP, size.width, size.height)


def _edges(edges: list[Any], old: Wiring, new: Wiring) -> list[Any]:
    old_ids = dict.fromkeys((wire.source, wire.target) for wire in old.wires)
    new_ids = dict.fromkeys((wire.source, wire.target) for wire in new.wires)
    remaining = [one for one in edges if _pair(one) not in old_ids or _pair(one) in new_ids]
    pairs_drawn = {_pair(one) for one in remaining}
    fresh = [pair for pair in new_ids if pair not in old_ids and pair not in pairs_drawn]
    return [*remaining, *({"from": source, "to": target} for source, target in fresh)]


def _stage(node: Any) -> str | None:
    result = node.get("stageId") if isinstance(node, dict) else None
    return result if isinstance(result, str) else None


def _pair(edge: Any) -> tuple[Any, Any] | None:
    if not isinstance(edge, dict):
        return None
    pair = (edge.get("from"), edge.get("to"))
    return pair if all(isinstance(one, str) for one in pair) else None


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
