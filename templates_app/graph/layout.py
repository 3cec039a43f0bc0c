"""Places of the nodes of a template's picture, in graph pixels; y points down. Pure.

The stored layout counts when there is one. Else columns from left to right: a node is one
column right of the last it takes something from, near the middle of its sources.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from templates_app.graph.wiring import INPUTS, Node, Wiring, sources_of

COLUMN: Final = 280
GAP: Final = 26
FAR: Final = 200_000.0
# What a picture shows of a very large template.
MAX_DRAWN: Final = 600
MAX_WIRES_DRAWN: Final = 1_500

PREVIEW_HEIGHTS: Mapping[str, int] = {
    "image": 126,
    "video": 126,
    "model": 126,
    "text": 96,
    "audio": 64,
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Measures of a node. `full` as on the canvas, `compact` for posters, which carry no words.

    head: of a stage below its preview, or of the inputs. row: of a socket. inputs_row: of an input.
    shows_free_sockets: sockets without an edge count, too.
    """

    width: float
    inputs_width: float
    column: float
    gap: float
    head: float
    row: float
    inputs_row: float
    preview: float | None = None
    shows_free_sockets: bool = False

    def preview_height_of(self, node: Node) -> float:
        return PREVIEW_HEIGHTS.get(node.kind, 64) if self.preview is None else self.preview


FULL: Final = Sizes(224, 152, COLUMN, GAP, 56, 24, 46)
# As the editor draws: what is placed with these sizes does not overlap there.
CANVAS: Final = replace(FULL, shows_free_sockets=True)
COMPACT: Final = Sizes(132, 64, 184, 22, 0, 0, 24, preview=84)


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def place(wiring: Wiring, graph: Any = None, sizes: Sizes = FULL) -> dict[str, Box]:
    """A box for every node. graph: the spec's `graph` as stored, any JSON value."""
    by_id = _stored_positions(graph)
    positions = {node.id: by_id[node.id] for node in wiring.nodes if node.id in by_id}
    if not positions:
        return _in_columns(wiring, sizes)
    boxes: dict[str, Box] = {}
    left_x = min(x for x, _ in positions.values())
    lowest = max(y for _, y in positions.values()) + 400
    for node in wiring.nodes:
        width, height = size_of(node, sizes)
        if node.id in positions:
            x, y = positions[node.id]
        elif node.id == INPUTS:
            x, y = left_x - COLUMN, sum(y for _, y in positions.values()) / len(positions)
        else:
            # Stages that came after the layout was saved: a row of their own, below the rest.
            x, y = left_x, lowest
            left_x += COLUMN
        boxes[node.id] = Box(x, y, width, height)
    return boxes


def bounds(boxes: Mapping[str, Box]) -> Box:
    """The smallest box around all of them."""
    if not boxes:
        return Box(0, 0, 1, 1)
    x, y = min(box.x for box in boxes.values()), min(box.y for box in boxes.values())
    right = max(box.right for box in boxes.values())
    bottom = max(box.bottom for box in boxes.values())
    return Box(x, y, right - x, bottom - y)


def size_of(node: Node, sizes: Sizes = FULL) -> tuple[float, float]:
    """Width and height, as the canvas draws them."""
    if node.is_inputs:
        head = 44 if sizes.preview is None else 8
        return sizes.inputs_width, head + sizes.inputs_row * len(node.outputs) + 8
    rows = max(len(node.inputs), len(node.outputs))
    if sizes.shows_free_sockets:
        rows = max(rows, node.rows)
    return sizes.width, sizes.preview_height_of(node) + sizes.head + sizes.row * rows


def _stored_positions(graph: Any) -> dict[str, tuple[float, float]]:
    """Positions by stage id, of what can be read."""
    nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
    positions: dict[str, tuple[float, float]] = {}
    for entry in nodes if isinstance(nodes, list) else ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("stageId"), str):
            continue
        x, y = _number(entry.get("x")), _number(entry.get("y"))
        if x is not None and y is not None:
            positions[entry["stageId"]] = (x, y)
    return positions


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return max(-FAR, min(FAR, value)) * 1.0


def _in_columns(wiring: Wiring, sizes: Sizes) -> dict[str, Box]:
    sources = sources_of(wiring)
    has_inputs = any(node.is_inputs for node in wiring.nodes)
    rank: dict[str, int] = {}
    columns: dict[int, list[Node]] = {}
    for node in wiring.nodes:  # Wires point forward, so sources have their rank already.
        before = [rank[source] for source in sources.get(node.id, ()) if source in rank]
        rank[node.id] = max(before) + 1 if before else int(has_inputs and not node.is_inputs)
        columns.setdefault(rank[node.id], []).append(node)
    boxes: dict[str, Box] = {}
    shift = sizes.inputs_width - sizes.width if has_inputs else 0
    for column in sorted(columns):
        x = column * sizes.column + (shift if column else 0)
        _stack(columns[column], x, sources, boxes, sizes)
    return boxes


def _stack(
    nodes: list[Node],
    x: float,
    sources: Mapping[str, tuple[str, ...]],
    boxes: dict[str, Box],
    sizes: Sizes,
) -> None:
    """One column: in the order of the middles of their sources, and around those."""

    def middle_of(node: Node) -> float:
        middles = [boxes[source].middle for source in sources.get(node.id, ()) if source in boxes]
        # What needs nothing is beside the inputs, after what does.
        rest = boxes[INPUTS].middle if INPUTS in boxes else 0.0
        return sum(middles) / len(middles) if middles else rest

    middles = {node.id: middle_of(node) for node in nodes}
    in_order = sorted(nodes, key=lambda node: middles[node.id])
    tops: list[float] = []
    below = -math.inf
    for node in in_order:
        height = size_of(node, sizes)[1]
        top = max(middles[node.id] - height / 2, below)
        tops.append(top)
        below = top + height + sizes.gap
    # Stacking only pushes down; lift the column by what that was on average.
    heights = [size_of(node, sizes)[1] for node in in_order]
    push = sum(
        top + height / 2 - middles[node.id]
        for node, top, height in zip(in_order, tops, heights, strict=True)
    )
    lift = push / len(in_order)
    for node, top in zip(in_order, tops, strict=True):
        width, height = size_of(node, sizes)
        boxes[node.id] = Box(x, round((top - lift) / 4) * 4, width, height)


def drawn_part(wiring: Wiring) -> Wiring:
    """Cut a very large template to what a picture holds: its first stages."""
    nodes = wiring.nodes[:MAX_DRAWN]
    ids = {node.id for node in nodes}
    wires = [wire for wire in wiring.wires if wire.source in ids and wire.target in ids]
    return Wiring(nodes, tuple(wires[:MAX_WIRES_DRAWN]))


def free_box(box: Box, boxes: Mapping[str, Box]) -> Box:
    """The nearest position in the same column, above or below, where the box covers nothing."""
    up, down = _free_box(box, boxes, is_up=True), _free_box(box, boxes, is_up=False)
    return down if down.y - box.y <= box.y - up.y else up


def _free_box(box: Box, boxes: Mapping[str, Box], *, is_up: bool) -> Box:
    while hit := next((other for other in boxes.values() if _touches(box, other)), None):
        y = hit.y - GAP - box.height if is_up else hit.bottom + GAP
        box = Box(box.x, y, box.width, box.height)
    return box


def _touches(one: Box, other: Box) -> bool:
    return (
        one.x < other.right + GAP
        and other.x < one.right + GAP
        and one.y < other.bottom + GAP
        and other.y < one.bottom + GAP
    )
