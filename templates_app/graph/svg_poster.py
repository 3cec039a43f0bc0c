"""A template's graph as a poster for cards, and as a picture for link previews. Pure.

A poster stands alone: fixed colors, no words, no references, no styles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from templates_app.graph import layout
from templates_app.graph.layout import Box, drawn_part
from templates_app.graph.svg_shapes import SvgShape, color_of, fitting, port_shapes, wire_points
from templates_app.graph.wiring import Node, Wire, Wiring, clean

POSTER_WIDTH: Final = 640
POSTER_HEIGHT: Final = 400
SHARE_WIDTH: Final = 1200
SHARE_HEIGHT: Final = 630

# Posters are media: they have the colors of the dark theme in both.
GROUND, SURFACE, LINE, DOT = "#0e0f12", "#15171b", "#32363d", "#1d2025"
INK, FAINT, LAMP = "#eff0f2", "#a9adb6", "#cdf24b"


def poster(
    wiring: Wiring, seed: str, *, width: float = POSTER_WIDTH, height: float = POSTER_HEIGHT
) -> list[SvgShape]:
    """The graph as a picture without words, fitted into width × height.

    seed: anything that names the template; it only places the light.
    """
    return [*_ground(wiring, seed, width, height), *_fit_graph(wiring, Box(0, 0, width, height))]


def share_picture(wiring: Wiring, seed: str, name: str, author: str) -> list[SvgShape]:
    """The poster with the template's name and author below it, for link previews; empty ones are
    left out."""
    width, height = SHARE_WIDTH, SHARE_HEIGHT
    shapes = _ground(wiring, seed, width, height)
    shapes += _fit_graph(wiring, Box(0, 8, width, height - 150))
    room = width - 340
    for words, size, up, fill in ((name, 52, 92, INK), (author and f"by {author}", 26, 48, FAINT)):
        if words:
            text = fitting(clean(words, 200), room, size)
            shapes.append(SvgShape("text", ((64, height - up),), fill=fill, size=size, words=text))
    return [*shapes, *_mark(width - 232, height - 76)]


def _ground(wiring: Wiring, seed: str, width: float, height: float) -> list[SvgShape]:
    """Near-black, with light in the hues of what the template makes."""
    digest = hashlib.sha256(seed.encode("utf-8", "replace")).digest()
    kinds = [node.kind for node in wiring.nodes if not node.is_inputs] or ["choice"]
    first, last = color_of(kinds[0]), color_of(kinds[-1])
    x, y = 0.1 + 0.3 * digest[0] / 255, 0.1 + 0.8 * digest[1] / 255
    frame = ((0.0, 0.0), (width, height))
    return [
        SvgShape("rect", frame, fill=GROUND),
        SvgShape("glow", ((width * x, height * y),), fill=first, size=width * 0.55, opacity=0.20),
        SvgShape(
            "glow",
            ((width * (1 - x), height * (1 - y)),),
            fill=last,
            size=width * 0.62,
            opacity=0.24,
        ),
    ]


def _fit_graph(wiring: Wiring, frame: Box) -> list[SvgShape]:
    """The graph in the middle of a frame, as large as it may be."""
    wiring = drawn_part(wiring)
    boxes = layout.place(wiring, None, layout.COMPACT)
    around = layout.bounds(boxes)
    margin = frame.width * 0.075
    scale = min(
        (frame.width - 2 * margin) / max(around.width, 1),
        (frame.height - 2 * margin) / max(around.height, 1),
        frame.width / 560,
    )
    left_x = frame.x + (frame.width - around.width * scale) / 2 - around.x * scale
    top = frame.y + (frame.height - around.height * scale) / 2 - around.y * scale

    def here(x: float, y: float) -> tuple[float, float]:
        return left_x + x * scale, top + y * scale

    shapes: list[SvgShape] = []
    nodes = {node.id: node for node in wiring.nodes}
    for wire in wiring.wires:
        x1, y1 = _leaves(wire, nodes, boxes)
        x2, y2 = _arrives(wire, nodes, boxes)
        points = tuple(here(x, y) for x, y in wire_points(x1, y1, x2, y2, bend=24))
        hue = color_of(wire.kind)
        shapes.append(
            SvgShape(
                "curve",
                points,
                stroke=hue,
                width=max(1.2, 2.6 * scale),
                opacity=0.85,
                is_dashed=wire.is_implied,
            )
        )
    for node in wiring.nodes:
        box = boxes[node.id]
        corners = (here(box.x, box.y), here(box.right, box.bottom))
        hue = color_of(node.kind)
        radius = 12 * scale
        shapes.append(
            SvgShape(
                "rect", corners, fill=SURFACE, stroke=LINE, width=max(0.75, scale), size=radius
            )
        )
        if node.is_inputs:
            for place, socket in enumerate(node.outputs):
                x, y = here(box.x + box.width / 2, box.y + 20 + 24 * place)
                shapes.extend(port_shapes(socket.kind, x, y, 1.15 * scale))
            continue
        inner = (here(box.x + 6, box.y + 6), here(box.right - 6, box.bottom - 6))
        shapes.append(SvgShape("rect", inner, fill=hue, size=7 * scale, opacity=0.13))
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


def _mark(x: float, y: float) -> list[SvgShape]:
    """The reel-to-reel mark and the name of the server; x, y: its left end, its middle."""
    return [
        SvgShape("circle", ((x + 7, y - 7),), stroke=INK, width=3.4, size=8),
        SvgShape("circle", ((x + 24, y + 7),), fill=LAMP, size=11),
        SvgShape("circle", ((x + 24, y + 7),), fill="#12140a", size=3.6),
        SvgShape("text", ((x + 46, y + 9),), fill=INK, size=28, words="Reelgraph"),
    ]
