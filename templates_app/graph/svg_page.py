"""A template's graph on its page, as SVG. Pure.

Colors come from the style sheet through classes, so that both themes work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from templates_app.graph import layout
from templates_app.graph.layout import Box, drawn_part
from templates_app.graph.svg_shapes import (
    SvgShape,
    curve_path,
    escape_text,
    fitting,
    num,
    port_shapes,
    wire_points,
)
from templates_app.graph.wiring import Node, Socket, Wiring
from tools.declaration.port_types import port_type

# Beyond this many stages no one can read words, and a page must stay small.
MAX_WORDED: Final = 120


def to_page(wiring: Wiring, graph: Any = None) -> str:
    """The graph for a page: classes of `static/css/graph.css`, words, sockets as the canvas has.

    graph: the spec's stored layout. It is one image for assistive technology; the stages are
    beside it as a list.
    """
    wiring = drawn_part(wiring)
    boxes = layout.place(wiring, graph)
    around = layout.bounds(boxes)
    nodes = {node.id: node for node in wiring.nodes}
    is_worded = len(wiring.nodes) <= MAX_WORDED
    pad = 28
    view = " ".join(
        num(value)
        for value in (
            around.x - pad,
            around.y - pad,
            around.width + 2 * pad,
            around.height + 2 * pad,
        )
    )
    stages = sum(1 for node in wiring.nodes if not node.is_inputs)
    label = f"Graph of {stages} stage{'' if stages == 1 else 's'}"
    parts = [
        f'<svg class="graph" viewBox="{view}" width="{num(around.width + 2 * pad)}" '
        f'height="{num(around.height + 2 * pad)}" preserveAspectRatio="xMidYMid meet" '
        f'role="img" aria-label="{label}">'
    ]
    curves = []
    for wire in wiring.wires:
        x1, y1 = _socket(nodes[wire.source], boxes[wire.source], wire.output, is_output=True)
        x2, y2 = _socket(nodes[wire.target], boxes[wire.target], wire.input, is_output=False)
        curves.append((curve_path(wire_points(x1, y1, x2, y2)), wire))
    parts.extend(f'<path class="graph-halo" d="{path}"/>' for path, _ in curves)
    for path, wire in curves:
        modifier = " is-implied" if wire.is_implied else ""
        parts.append(
            f'<path class="graph-edge hue-{port_type(wire.kind).name}{modifier}" d="{path}"/>'
        )
    for node in wiring.nodes:
        parts.extend(_page_node(node, boxes[node.id], is_worded=is_worded))
    return "".join([*parts, "</svg>"])


def _page_node(node: Node, box: Box, *, is_worded: bool) -> Iterator[str]:
    hue = port_type(node.kind).name
    rect = f'x="{num(box.x)}" y="{num(box.y)}" width="{num(box.width)}"'
    yield f'<g class="graph-node hue-{hue}">'
    yield f'<rect class="graph-body" {rect} height="{num(box.height)}" rx="12"/>'
    if not is_worded:
        middle = box.x + box.width / 2
        yield from map(_page_shape, port_shapes(node.kind, middle, box.middle, 3.4))
        yield "</g>"
        return
    if node.is_inputs:
        yield _words("graph-title", box.x + 16, box.y + 28, "Inputs", 15, box.width - 32)
        for place, socket in enumerate(node.outputs):
            y = box.y + 67 + 46 * place
            yield _words("graph-port", box.x + 16, y + 4, socket.title, 13, box.width - 40)
            yield from _page_socket(socket, box.right, y)
        yield "</g>"
        return
    preview = layout.FULL.preview_height_of(node)
    yield (
        f'<path class="graph-preview" d="M{num(box.x)} {num(box.y + preview)}V{num(box.y + 12)}'
        f'a12 12 0 0 1 12-12H{num(box.right - 12)}a12 12 0 0 1 12 12V{num(box.y + preview)}Z"/>'
    )
    middle = box.x + box.width / 2
    yield from map(_page_shape, port_shapes(node.kind, middle, box.y + preview / 2, 2.6))
    y = box.y + preview
    yield _words("graph-title", box.x + 14, y + 24, node.title, 15, box.width - 28)
    yield _words("graph-meta", box.x + 14, y + 41, node.meta, 12.5, box.width - 28)
    half = box.width / 2 - 22
    for place, socket in enumerate(node.inputs):
        row = y + 60 + 24 * place
        yield _words("graph-port", box.x + 14, row + 4, socket.title, 12, half)
        yield from _page_socket(socket, box.x, row)
    for place, socket in enumerate(node.outputs):
        row = y + 60 + 24 * place
        yield _words("graph-port is-end", box.right - 14, row + 4, socket.title, 12, half)
        yield from _page_socket(socket, box.right, row)
    yield "</g>"


def _page_socket(socket: Socket, x: float, y: float) -> Iterator[str]:
    yield f'<circle class="graph-cut" cx="{num(x)}" cy="{num(y)}" r="9"/>'
    yield f'<g class="hue-{port_type(socket.kind).name}">'
    if socket.is_list:
        yield '<g class="graph-behind">'
        yield from map(_page_shape, port_shapes(socket.kind, x + 3.5, y))
        yield "</g>"
    yield from map(_page_shape, port_shapes(socket.kind, x, y))
    yield "</g>"


def _page_shape(shape: SvgShape) -> str:
    """A port's shape in the hue of its group."""
    (x, y) = shape.points[0]
    match shape.kind:
        case "rect":
            x2, y2 = shape.points[1]
            return (
                f'<rect class="graph-fill" x="{num(x)}" y="{num(y)}" width="{num(x2 - x)}" '
                f'height="{num(y2 - y)}" rx="{num(shape.size)}"/>'
            )
        case "polygon":
            path = "L".join(f"{num(px)} {num(py)}" for px, py in shape.points)
            return f'<path class="graph-fill" d="M{path}Z"/>'
    ring = f' stroke-width="{num(shape.width)}"' if shape.stroke else ""
    name = "graph-ring" if shape.stroke else "graph-fill"
    return f'<circle class="{name}" cx="{num(x)}" cy="{num(y)}" r="{num(shape.size)}"{ring}/>'


def _socket(node: Node, box: Box, place: int, *, is_output: bool) -> tuple[float, float]:
    x = box.right if is_output else box.x
    if node.is_inputs:
        return x, box.y + 67 + 46 * place
    return x, box.y + layout.FULL.preview_height_of(node) + 60 + 24 * place


def _words(name: str, x: float, y: float, words: str, size: float, room: float) -> str:
    text = escape_text(fitting(words, room, size))
    return f'<text class="{name}" x="{num(x)}" y="{num(y)}">{text}</text>'
