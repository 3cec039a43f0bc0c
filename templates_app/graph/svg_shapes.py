"""Shapes of a drawn graph, and a picture of them as a whole SVG file. Pure.

Every text is an outsider's: escaped, cut to what fits, free of control characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from templates_app.graph.wiring import clean
from tools.declaration.port_types import Polygon, RoundedBox, port_type


@dataclass(frozen=True, slots=True)
class SvgShape:
    """One thing to draw. kind decides which fields count.

    glow: points[0], size (radius), fill, opacity. rect: points[0] and points[1] as two corners,
    size (corner radius), fill, stroke. curve: four points of a cubic Bézier, stroke, width,
    is_dashed. polygon: points, fill. circle: points[0], size, fill or stroke with width. text:
    points[0] is where its baseline begins, size, fill, words.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    size: float = 0.0
    opacity: float = 1.0
    is_dashed: bool = False
    words: str = ""


def wire_points(
    x1: float, y1: float, x2: float, y2: float, *, bend: float = 36.0
) -> tuple[tuple[float, float], ...]:
    """The curve of an edge, as the canvas draws it."""
    c = max(bend, min(150.0, abs(x2 - x1) / 2))
    return (x1, y1), (x1 + c, y1), (x2 - c, y2), (x2, y2)


def port_shapes(kind: str, x: float, y: float, scale: float = 1.0) -> tuple[SvgShape, ...]:
    """The outline of a port type around its middle, in its color."""
    hue, outline = color_of(kind), port_type(kind).outline

    def at(*offsets: tuple[float, float]) -> tuple[tuple[float, float], ...]:
        return tuple((x + dx * scale, y + dy * scale) for dx, dy in offsets)

    match outline:
        case RoundedBox(width, height, radius):
            corners = at((-width / 2, -height / 2), (width / 2, height / 2))
            return (SvgShape("rect", corners, fill=hue, size=radius * scale),)
        case Polygon(points):
            return (SvgShape("polygon", at(*points), fill=hue),)
    size, stroke = outline.radius * scale, outline.stroke * scale
    if stroke:
        return (SvgShape("circle", at((0, 0)), stroke=hue, width=stroke, size=size),)
    return (SvgShape("circle", at((0, 0)), fill=hue, size=size),)


def color_of(kind: str) -> str:
    """The color of a port type in a picture; unknown ones are data."""
    return port_type(kind).dark


def to_svg(shapes: Sequence[SvgShape], *, width: float, height: float, title: str = "") -> str:
    """A whole SVG file. It names nothing outside itself and holds no style and no script."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(width)}" height="{num(height)}" role="img">',
        f"<title>{escape_text(title)}</title>" if title else "",
    ]
    glows = [shape for shape in shapes if shape.kind == "glow"]
    if glows:
        parts.append("<defs>")
        for number, glow in enumerate(glows):
            (x, y), size = glow.points[0], glow.size
            parts.append(
                f'<radialGradient id="g{number}" gradientUnits="userSpaceOnUse" cx="{num(x)}" '
                f'cy="{num(y)}" r="{num(size)}"><stop offset="0" stop-color="{glow.fill}" '
                f'stop-opacity="{num(glow.opacity)}"/><stop offset="1" stop-color="{glow.fill}" '
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


def shapes_to_json(shapes: Sequence[SvgShape]) -> list[dict[str, Any]]:
    """Write shapes for `media.sandbox.sketch`, which paints the same as a PNG."""
    return [
        {
            "kind": shape.kind,
            "points": [list(point) for point in shape.points],
            "fill": shape.fill,
            "stroke": shape.stroke,
            "width": shape.width,
            "size": shape.size,
            "opacity": shape.opacity,
            "dashed": shape.is_dashed,
            "words": shape.words,
        }
        for shape in shapes
    ]


def _svg_shape(shape: SvgShape) -> str:
    (x, y) = shape.points[0]
    paint = f'fill="{shape.fill or "none"}"'
    if shape.stroke:
        paint += f' stroke="{shape.stroke}" stroke-width="{num(shape.width)}"'
    if shape.opacity < 1:
        paint += f' opacity="{num(shape.opacity)}"'
    match shape.kind:
        case "rect":
            x2, y2 = shape.points[1]
            return (
                f'<rect x="{num(x)}" y="{num(y)}" width="{num(x2 - x)}" height="{num(y2 - y)}" '
                f'rx="{num(shape.size)}" {paint}/>'
            )
        case "circle":
            return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(shape.size)}" {paint}/>'
        case "polygon":
            path = "L".join(f"{num(px)} {num(py)}" for px, py in shape.points)
            return f'<path d="M{path}Z" stroke-linejoin="round" {paint}/>'
        case "curve":
            dash = f' stroke-dasharray="{num(2 * shape.width)} {num(2.4 * shape.width)}"'
            return (
                f'<path d="{curve_path(shape.points)}" stroke-linecap="round" {paint}'
                f"{dash if shape.is_dashed else ''}/>"
            )
        case "text":
            words = escape_text(shape.words)
            return (
                f'<text x="{num(x)}" y="{num(y)}" font-size="{num(shape.size)}" font-weight="600" '
                f'font-family="Inter, system-ui, sans-serif" {paint}>{words}</text>'
            )
    raise ValueError(f"No such shape: {shape.kind}")


def fitting(words: str, room: float, size: float) -> str:
    """A text cut to about `room` pixels at this font size: SVG neither wraps nor clips."""
    remainder = room / size
    for place, character in enumerate(words):
        remainder -= _em(character)
        if remainder < 0:
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


def curve_path(points: Sequence[tuple[float, float]]) -> str:
    (x1, y1), (a, b), (c, d), (x2, y2) = points
    numbers = " ".join(num(value) for value in (a, b, c, d, x2, y2))
    return f"M{num(x1)} {num(y1)}C{numbers}"


def num(value: float) -> str:
    """A coordinate in as few characters as show no difference."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def escape_text(words: str) -> str:
    return escape(clean(words, 400))
