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
    were, are = {node.id for node in old.nodes}, {node.id for node in new.nodes}
    kept = [one for one in nodes if not (_stage(one) in were and _stage(one) not in are)]
    placed = {_stage(one) for one in kept}
    added = [node.id for node in new.nodes if node.id not in placed and node.id not in were]
    if not added:
        return kept
    boxes = place(new, {"nodes": kept}, CANVAS)
    sources = sources_of(new)
    known = {key: box for key, box in boxes.items() if key not in added}
    # Each next to one that has its position already.
    for stage_id in _in_order(added, new, known):
        wanted = _wanted(stage_id, boxes[stage_id], sources, known)
        known[stage_id] = free_box(wanted, known)
        box = known[stage_id]
        kept.append({"stageId": stage_id, "x": _whole(box.x), "y": _whole(box.y)})
    return kept


def _in_order(added: list[str], wiring: Wiring, known: Mapping[str, Box]) -> list[str]:
    """First those connected to a stage that has a position, then those connected to them."""
    beside: dict[str, set[str]] = {}
    for wire in wiring.wires:
        beside.setdefault(wire.source, set()).add(wire.target)
        beside.setdefault(wire.target, set()).add(wire.source)
    done, order = set(known) - {INPUTS}, list[str]()
    left = list(added)
    while left:
        at = next((one for one in left if beside.get(one, set()) & done), left[0])
        left.remove(at)
        order.append(at)
        done.add(at)
    return order


def _wanted(
    stage_id: str, size: Box, sources: Mapping[str, tuple[str, ...]], known: Mapping[str, Box]
) -> Box:
    """Right of what it takes; else left of what takes it; else right of everything."""
    before = [known[one] for one in sources.get(stage_id, ()) if one in known]
    stages = [known[one] for one in sources.get(stage_id, ()) if one in known and one != INPUTS]
    after = [known[k] for k, found in sources.items() if stage_id in found and k in known]
    if stages:
        x = max(box.x for box in stages) + COLUMN
        middle = sum(box.middle for box in stages) / len(stages)
    elif after:
        x = min(box.x for box in after) - COLUMN
        middle = sum(box.middle for box in after) / len(after)
    elif before:
        x = before[0].right + COLUMN - size.width
        middle = before[0].middle
    else:
        x = max((box.x for box in known.values()), default=-COLUMN) + COLUMN
        middle = sum(box.middle for box in known.values()) / max(len(known), 1)
    return Box(x, round((middle - size.height / 2) / _STEP) * _STEP, size.width, size.height)


def _edges(edges: list[Any], old: Wiring, new: Wiring) -> list[Any]:
    were = dict.fromkeys((wire.source, wire.target) for wire in old.wires)
    are = dict.fromkeys((wire.source, wire.target) for wire in new.wires)
    kept = [one for one in edges if _pair(one) not in were or _pair(one) in are]
    drawn = {_pair(one) for one in kept}
    fresh = [pair for pair in are if pair not in were and pair not in drawn]
    return [*kept, *({"from": source, "to": target} for source, target in fresh)]


def _stage(node: Any) -> str | None:
    found = node.get("stageId") if isinstance(node, dict) else None
    return found if isinstance(found, str) else None


def _pair(edge: Any) -> tuple[Any, Any] | None:
    if not isinstance(edge, dict):
        return None
    pair = (edge.get("from"), edge.get("to"))
    return pair if all(isinstance(one, str) for one in pair) else None


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
