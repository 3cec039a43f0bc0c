"""The signature of a template: its graph as a drawing of 22 px, port shapes in the types' hues.

People learn to read a workflow by it before they open it. Pure but for the tool table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from templates_app.graph.bindings import Ref, find_refs
from tools.declaration.port_types import port_type
from tools.declaration.ports import ToolTable

HEIGHT: Final = 22.0
COLUMN: Final = 17.0
EDGE: Final = 4.0
# More would be a smudge at this size: wide and tall graphs are folded into these.
MAX_COLUMNS: Final = 8
MAX_ROWS: Final = 4
# Bounds the work for a template of thousands of stages; the drawing shows its beginning.
MAX_NODES: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """A node of the drawing: where its middle is, and the type that gives shape and hue."""

    x: float
    y: float
    type: str


@dataclass(frozen=True, slots=True)
class Signature:
    """width: of the drawing, its height is 22. edges: pairs of indices into points."""

    width: float
    points: tuple[Point, ...]
    edges: tuple[tuple[int, int], ...]
    stages: int


def signature_of(spec: Mapping[str, Any], tools: ToolTable) -> Signature:
    """Lay out a stored spec. Never raises: what cannot be read is left out."""
    types: list[str] = []
    parents: list[set[int]] = []
    # Who makes what: `inputs.brief`, `artifacts.keyframe` to the node it comes from.
    makers: dict[str, int] = {}
    for one in _mappings(spec.get("inputs"))[: MAX_NODES // 2]:
        if not one.get("internal"):
            makers[f"inputs.{one.get('name')}"] = len(types)
            types.append(port_type(str(one.get("type"))).name)
            parents.append(set())
    first = len(types)
    stages = _mappings(spec.get("stages"))
    for stage in stages[: MAX_NODES - first]:
        work = stage["itemStage"] if isinstance(stage.get("itemStage"), dict) else stage
        tool = tools.get(str(work.get("tool") or ""))
        sources = {makers[name] for name in _references(stage) if name in makers}
        for port in tool.ports() if tool else ():
            if port.implied != "none" and not any(types[at] == port.kind for at in sources):
                fitting = [at for at in range(first, len(types)) if types[at] == port.kind]
                sources.update(fitting if port.implied == "all" else fitting[-1:])
        for name in (stage.get("id"), *_texts(stage.get("produces"))):
            makers[f"artifacts.{name}"] = len(types)
        types.append(port_type((tool.output if tool else work.get("makes")) or "").name)
        parents.append(sources)
    return _draw(types, parents, stages=len(stages))


def _references(stage: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a stage says it takes, by bindings and by artifact names."""
    for reference in find_refs(dict(stage)):
        if isinstance(reference, Ref) and reference.root in ("inputs", "artifacts"):
            yield f"{reference.root}.{reference.name}"
    for field in ("requiredArtifactsIn", "optionalArtifactsIn"):
        for name in _texts(stage.get(field)):
            yield f"artifacts.{name}"


def _draw(types: Sequence[str], parents: Sequence[set[int]], *, stages: int) -> Signature:
    """Columns by the longest way from a source, rows in the order of the spec."""
    depth: list[int] = []
    for node in range(len(types)):
        depth.append(max((depth[at] + 1 for at in parents[node]), default=0))
    last = max(depth, default=0)
    columns = min(last + 1, MAX_COLUMNS)
    column_of = [at if last < columns else at * (columns - 1) // last for at in depth]
    places: list[list[int]] = [[] for _ in range(columns)]
    point_of: dict[int, int] = {}
    drawn_places: list[int] = []
    for node, column in enumerate(column_of):
        if len(places[column]) < MAX_ROWS:
            point_of[node] = len(drawn_places)
            places[column].append(node)
            drawn_places.append(node)
        else:
            # Folded into the lowest of its column.
            point_of[node] = point_of[places[column][-1]]
    points = tuple(
        Point(
            x=EDGE + COLUMN * column_of[node],
            y=round(_row_y(places[column_of[node]].index(node), len(places[column_of[node]])), 1),
            type=types[node],
        )
        for node in drawn_places
    )
    edges = {
        (point_of[source], point_of[node]) for node in range(len(types)) for source in parents[node]
    }
    return Signature(
        width=2 * EDGE + COLUMN * (columns - 1),
        points=points,
        edges=tuple(sorted(pair for pair in edges if points[pair[0]].x < points[pair[1]].x)),
        stages=stages,
    )


def _row_y(row: int, rows: int) -> float:
    gap = HEIGHT / (rows + 1) if rows < 3 else min(6.0, 16.0 / (rows - 1))
    return HEIGHT / 2 + gap * (row - (rows - 1) / 2)


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
