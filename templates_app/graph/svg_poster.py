"""A template's graph as a picture: SVG for the page, a poster for cards, shapes for a PNG. Pure.

On the page colors come from the style sheet through classes, so that both themes work. A poster
stands alone: fixed colors, no words, no references, no styles. Every text is an outsider's:
escaped, cut to what fits, free of control characters.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from templates_app.graph import layout
from templates_app.graph.layout import Box
from templates_app.graph.wiring import Node, Socket, Wire, Wiring, clean
from tools.declaration.port_types import Polygon, RoundedBox, port_type

# Beyond this many stages no one can read words, and a page must stay small.
MAX_WORDED: Final = 120
MAX_DRAWN: Final = 600
MAX_WIRES_DRAWN: Final = 1_500

POSTER_WIDTH: Final = 640
POSTER_HEIGHT: Final = 400
SHARE_WIDTH: Final = 1200
SHARE_HEIGHT: Final = 630

# Posters are media: they have the colors of the dark theme in both.
GROUND, SURFACE, LINE, DOT = "#0e0f12", "#15171b", "#32363d", "#1d2025"
INK, FAINT, LAMP = "#eff0f2", "#a9adb6", "#cdf24b"


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing to draw. kind decides which fields count.

    glow: points[0], size (radius), fill, opacity. rect: points[0] and points[1] as two corners,
    size (corner radius), fill, stroke. curve: four points of a cubic Bézier, stroke, width, dashed.
    polygon: points, fill. circle: points[0], size, fill or stroke with width. text: points[0] is
    where its baseline begins, size, fill, words.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    size: float = 0.0
    opacity: float = 1.0
    dashed: bool = False
    words: str = ""


def wire_points(
    x1: float, y1: float, x2: float, y2: float, *, bend: float = 36.0
) -> tuple[tuple[float, float], ...]:
    """The curve of an edge, as the canvas draws it."""
    c = max(bend, min(150.0, abs(x2 - x1) / 2))
    return (x1, y1), (x1 + c, y1), (x2 - c, y2), (x2, y2)


def port_shapes(kind: str, x: float, y: float, scale: float = 1.0) -> tuple[Shape, ...]:
    """The outline of a port type around its middle, in its color."""
    hue, outline = color_of(kind), port_type(kind).outline

    def at(*offsets: tuple[float, float]) -> tuple[tuple[float, float], ...]:
        return tuple((x + dx * scale, y + dy * scale) for dx, dy in offsets)

    match outline:
        case RoundedBox(width, height, radius):
            corners = at((-width / 2, -height / 2), (width / 2, height / 2))
            return (Shape("rect", corners, fill=hue, size=radius * scale),)
        case Polygon(points):
            return (Shape("polygon", at(*points), fill=hue),)
    size, stroke = outline.radius * scale, outline.stroke * scale
    if stroke:
        return (Shape("circle", at((0, 0)), stroke=hue, width=stroke, size=size),)
    return (Shape("circle", at((0, 0)), fill=hue, size=size),)


def color_of(kind: str) -> str:
    """The color of a port type in a picture; unknown ones are data."""
    return port_type(kind).dark


# --- posters -------------------------------------------------------------------------------------


def poster(
    wiring: Wiring, seed: str, *, width: float = POSTER_WIDTH, height: float = POSTER_HEIGHT
) -> list[Shape]:
    """The graph as a picture without words, fitted into width × height.

    seed: anything that names the template; it only places the light.
    """
    return [*_ground(wiring, seed, width, height), *_fitted(wiring, Box(0, 0, width, height))]


def share_picture(wiring: Wiring, seed: str, name: str, author: str) -> list[Shape]:
    """The poster with the template's name and author below it, for link previews; empty ones are
    left out."""
    width, height = SHARE_WIDTH, SHARE_HEIGHT
    shapes = _ground(wiring, seed, width, height)
    shapes += _fitted(wiring, Box(0, 8, width, height - 150))
    room = width - 340
    for words, size, up, fill in ((name, 52, 92, INK), (author and f"by {author}", 26, 48, FAINT)):
        if words:
            shown = fitting(clean(words, 200), room, size)
            shapes.append(Shape("text", ((64, height - up),), fill=fill, size=size, words=shown))
    return [*shapes, *_mark(width - 232, height - 76)]


def to_svg(shapes: Sequence[Shape], *, width: float, height: float, title: str = "") -> str:
    """A whole SVG file. It names nothing outside itself and holds no style and no script."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" role="img">',
        f"<title>{_text(title)}</title>" if title else "",
    ]
    glows = [shape for shape in shapes if shape.kind == "glow"]
    if glows:
        parts.append("<defs>")
        for number, glow in enumerate(glows):
            (x, y), size = glow.points[0], glow.size
            parts.append(
                f'<radialGradient id="g{number}" gradientUnits="userSpaceOnUse" cx="{_n(x)}" '
                f'cy="{_n(y)}" r="{_n(size)}"><stop offset="0" stop-color="{glow.fill}" '
                f'stop-opacity="{_n(glow.opacity)}"/><stop offset="1" stop-color="{glow.fill}" '
                'stop-opacity="0"/></radialGradient>'
            )
        parts.append("</defs>")
    number = 0
    for shape in shapes:
        if shape.kind == "glow":
            parts.append(f'<rect width="100%" height="100%" fill="url(#g{number})"/>')
            number += 1
        else:
            parts.append(_svg_shape(shape))
    return "".join([*parts, "</svg>"])


def shapes_to_json(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    """For `media.sandbox.sketch`, which paints the same shapes as a PNG."""
    return [
        {
            "kind": shape.kind,
            "points": [list(point) for point in shape.points],
            "fill": shape.fill,
            "stroke": shape.stroke,
            "width": shape.width,
            "size": shape.size,
            "opacity": shape.opacity,
            "dashed": shape.dashed,
            "words": shape.words,
        }
        for shape in shapes
    ]


def _ground(wiring: Wiring, seed: str, width: float, height: float) -> list[Shape]:
    """Near-black, with light in the hues of what the template makes."""
    digest = hashlib.sha256(seed.encode("utf-8", "replace")).digest()
    kinds = [node.kind for node in wiring.nodes if not node.is_inputs] or ["choice"]
    first, last = color_of(kinds[0]), color_of(kinds[-1])
    x, y = 0.1 + 0.3 * digest[0] / 255, 0.1 + 0.8 * digest[1] / 255
    frame = ((0.0, 0.0), (width, height))
    return [
        Shape("rect", frame, fill=GROUND),
        Shape("glow", ((width * x, height * y),), fill=first, size=width * 0.55, opacity=0.20),
        Shape(
            "glow",
            ((width * (1 - x), height * (1 - y)),),
            fill=last,
            size=width * 0.62,
            opacity=0.24,
        ),
    ]


def _fitted(wiring: Wiring, frame: Box) -> list[Shape]:
    """The graph in the middle of a frame, as large as it may be."""
    wiring = _cut(wiring)
    boxes = layout.place(wiring, None, layout.COMPACT)
    around = layout.bounds(boxes)
    margin = frame.width * 0.075
    scale = min(
        (frame.width - 2 * margin) / max(around.width, 1),
        (frame.height - 2 * margin) / max(around.height, 1),
        frame.width / 560,
    )
    left = frame.x + (frame.width - around.width * scale) / 2 - around.x * scale
    top = frame.y + (frame.height - around.height * scale) / 2 - around.y * scale

    def here(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + y * scale

    shapes: list[Shape] = []
    nodes = {node.id: node for node in wiring.nodes}
    for wire in wiring.wires:
        x1, y1 = _leaves(wire, nodes, boxes)
        x2, y2 = _arrives(wire, nodes, boxes)
        points = tuple(here(x, y) for x, y in wire_points(x1, y1, x2, y2, bend=24))
        hue = color_of(wire.kind)
        shapes.append(
            Shape(
                "curve",
                points,
                stroke=hue,
                width=max(1.2, 2.6 * scale),
                opacity=0.85,
                dashed=wire.is_implied,
            )
        )
    for node in wiring.nodes:
        box = boxes[node.id]
        corners = (here(box.x, box.y), here(box.right, box.bottom))
        hue = color_of(node.kind)
        radius = 12 * scale
        shapes.append(
            Shape("rect", corners, fill=SURFACE, stroke=LINE, width=max(0.75, scale), size=radius)
        )
        if node.is_inputs:
            for place, socket in enumerate(node.outputs):
                x, y = here(box.x + box.width / 2, box.y + 20 + 24 * place)
                shapes.extend(port_shapes(socket.kind, x, y, 1.15 * scale))
            continue
        inner = (here(box.x + 6, box.y + 6), here(box.right - 6, box.bottom - 6))
        shapes.append(Shape("rect", inner, fill=hue, size=7 * scale, opacity=0.13))
        x, y = here(box.x + box.width / 2, box.middle)
        shapes.extend(port_shapes(node.kind, x, y, 2.5 * scale))
    return shapes


def _leaves(wire: Wire, nodes: Mapping[str, Node], boxes: Mapping[str, Box]) -> tuple[float, float]:
    box = boxes[wire.source]
    if nodes[wire.source].is_inputs:
        return box.right, box.y + 20 + 24 * wire.output
    return box.right, box.middle


def _arrives(
    wire: Wire, nodes: Mapping[str, Node], boxes: Mapping[str, Box]
) -> tuple[float, float]:
    box, count = boxes[wire.target], max(len(nodes[wire.target].inputs), 1)
    spread = min(14.0, 60.0 / count)
    return box.x, box.middle + (wire.input - (count - 1) / 2) * spread


def _mark(x: float, y: float) -> list[Shape]:
    """The reel-to-reel mark and the name of the server; x, y: its left end, its middle."""
    return [
        Shape("circle", ((x + 7, y - 7),), stroke=INK, width=3.4, size=8),
        Shape("circle", ((x + 24, y + 7),), fill=LAMP, size=11),
        Shape("circle", ((x + 24, y + 7),), fill="#12140a", size=3.6),
        Shape("text", ((x + 46, y + 9),), fill=INK, size=28, words="Reelgraph"),
    ]


def _cut(wiring: Wiring) -> Wiring:
    """What a picture holds of a very large template: its first stages."""
    nodes = wiring.nodes[:MAX_DRAWN]
    kept = {node.id for node in nodes}
    wires = [wire for wire in wiring.wires if wire.source in kept and wire.target in kept]
    return Wiring(nodes, tuple(wires[:MAX_WIRES_DRAWN]))


def _svg_shape(shape: Shape) -> str:
    (x, y) = shape.points[0]
    paint = f'fill="{shape.fill or "none"}"'
    if shape.stroke:
        paint += f' stroke="{shape.stroke}" stroke-width="{_n(shape.width)}"'
    if shape.opacity < 1:
        paint += f' opacity="{_n(shape.opacity)}"'
    match shape.kind:
        case "rect":
            x2, y2 = shape.points[1]
            return (
                f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(x2 - x)}" height="{_n(y2 - y)}" '
                f'rx="{_n(shape.size)}" {paint}/>'
            )
        case "circle":
            return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(shape.size)}" {paint}/>'
        case "polygon":
            path = "L".join(f"{_n(px)} {_n(py)}" for px, py in shape.points)
            return f'<path d="M{path}Z" stroke-linejoin="round" {paint}/>'
        case "curve":
            dash = f' stroke-dasharray="{_n(2 * shape.width)} {_n(2.4 * shape.width)}"'
            return (
                f'<path d="{_curve(shape.points)}" stroke-linecap="round" {paint}'
                f"{dash if shape.dashed else ''}/>"
            )
        case "text":
            return (
                f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(shape.size)}" font-weight="600" '
                f'font-family="Inter, system-ui, sans-serif" {paint}>{_text(shape.words)}</text>'
            )
    raise ValueError(f"No such shape: {shape.kind}")


# --- the page ------------------------------------------------------------------------------------


def to_page(wiring: Wiring, graph: Any = None) -> str:
    """The graph for a page: classes of `static/css/graph.css`, words, sockets as the canvas has.

    graph: the spec's stored layout. It is one image for assistive technology; the stages are
    beside it as a list.
    """
    wiring = _cut(wiring)
    boxes = layout.place(wiring, graph)
    around = layout.bounds(boxes)
    nodes = {node.id: node for node in wiring.nodes}
    is_worded = len(wiring.nodes) <= MAX_WORDED
    pad = 28
    view = " ".join(
        _n(value)
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
        f'<svg class="graph" viewBox="{view}" width="{_n(around.width + 2 * pad)}" '
        f'height="{_n(around.height + 2 * pad)}" preserveAspectRatio="xMidYMid meet" '
        f'role="img" aria-label="{label}">'
    ]
    curves = []
    for wire in wiring.wires:
        x1, y1 = _socket(nodes[wire.source], boxes[wire.source], wire.output, is_output=True)
        x2, y2 = _socket(nodes[wire.target], boxes[wire.target], wire.input, is_output=False)
        curves.append((_curve(wire_points(x1, y1, x2, y2)), wire))
    parts.extend(f'<path class="graph-halo" d="{path}"/>' for path, _ in curves)
    for path, wire in curves:
        implied = " is-implied" if wire.is_implied else ""
        parts.append(
            f'<path class="graph-edge hue-{port_type(wire.kind).name}{implied}" d="{path}"/>'
        )
    for node in wiring.nodes:
        parts.extend(_page_node(node, boxes[node.id], is_worded=is_worded))
    return "".join([*parts, "</svg>"])


def _page_node(node: Node, box: Box, *, is_worded: bool) -> Iterator[str]:
    hue = port_type(node.kind).name
    rect = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}"'
    yield f'<g class="graph-node hue-{hue}">'
    yield f'<rect class="graph-body" {rect} height="{_n(box.height)}" rx="12"/>'
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
    hero = layout.FULL.hero_of(node)
    yield (
        f'<path class="graph-hero" d="M{_n(box.x)} {_n(box.y + hero)}V{_n(box.y + 12)}a12 12 0 0 1 '
        f'12-12H{_n(box.right - 12)}a12 12 0 0 1 12 12V{_n(box.y + hero)}Z"/>'
    )
    middle = box.x + box.width / 2
    yield from map(_page_shape, port_shapes(node.kind, middle, box.y + hero / 2, 2.6))
    y = box.y + hero
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
    yield f'<circle class="graph-cut" cx="{_n(x)}" cy="{_n(y)}" r="9"/>'
    yield f'<g class="hue-{port_type(socket.kind).name}">'
    if socket.is_list:
        yield '<g class="graph-behind">'
        yield from map(_page_shape, port_shapes(socket.kind, x + 3.5, y))
        yield "</g>"
    yield from map(_page_shape, port_shapes(socket.kind, x, y))
    yield "</g>"


def _page_shape(shape: Shape) -> str:
    """A port's shape in the hue of its group."""
    (x, y) = shape.points[0]
    match shape.kind:
        case "rect":
            x2, y2 = shape.points[1]
            return (
                f'<rect class="graph-fill" x="{_n(x)}" y="{_n(y)}" width="{_n(x2 - x)}" '
                f'height="{_n(y2 - y)}" rx="{_n(shape.size)}"/>'
            )
        case "polygon":
            path = "L".join(f"{_n(px)} {_n(py)}" for px, py in shape.points)
            return f'<path class="graph-fill" d="M{path}Z"/>'
    ring = f' stroke-width="{_n(shape.width)}"' if shape.stroke else ""
    name = "graph-ring" if shape.stroke else "graph-fill"
    return f'<circle class="{name}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(shape.size)}"{ring}/>'


def _socket(node: Node, box: Box, place: int, *, is_output: bool) -> tuple[float, float]:
    x = box.right if is_output else box.x
    if node.is_inputs:
        return x, box.y + 67 + 46 * place
    return x, box.y + layout.FULL.hero_of(node) + 60 + 24 * place


def _words(name: str, x: float, y: float, words: str, size: float, room: float) -> str:
    shown = _text(fitting(words, room, size))
    return f'<text class="{name}" x="{_n(x)}" y="{_n(y)}">{shown}</text>'


def fitting(words: str, room: float, size: float) -> str:
    """A text cut to about `room` pixels at this font size: SVG neither wraps nor clips."""
    left = room / size
    for place, character in enumerate(words):
        left -= _em(character)
        if left < 0:
            return words[: max(place - 1, 1)].rstrip() + "…"
    return words


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0x1F000:
        return 1.05
    if character in "iljtfr.,:;'|! ()[]":
        return 0.32
    return 0.72 if character.isupper() or character in "mw@%" else 0.57


def _curve(points: Sequence[tuple[float, float]]) -> str:
    (x1, y1), (a, b), (c, d), (x2, y2) = points
    numbers = " ".join(_n(value) for value in (a, b, c, d, x2, y2))
    return f"M{_n(x1)} {_n(y1)}C{numbers}"


def _n(value: float) -> str:
    """A coordinate in as few characters as show no difference."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def _text(words: str) -> str:
    return escape(clean(words, 400))
