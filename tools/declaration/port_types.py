"""Types of what an input or output can carry, and each one's color and shape. Pure.

The one place for both. The style sheet's variables and the editor's outlines are generated from it
(`manage.py generate`); posters, pages and signatures draw from it directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# `choice` stands for select, boolean and data.
PortTypeName: TypeAlias = Literal["text", "image", "video", "audio", "number", "choice", "model"]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RoundedBox:
    """width, height, radius: in px, around the middle."""

    width: float
    height: float
    radius: float

    def path(self, x: float, y: float) -> str:
        r, across, down = self.radius, self.width - 2 * self.radius, self.height - 2 * self.radius
        start = f"M{x - self.width / 2 + r:g} {y - self.height / 2:g}"
        corners = ((r, r), (-r, r), (-r, -r), (r, -r))
        sides = (f"h{across:g}", f"v{down:g}", f"h{-across:g}", f"v{-down:g}")
        return (
            start
            + "".join(
                f"{side}a{r:g} {r:g} 0 0 1 {dx:g} {dy:g}"
                for side, (dx, dy) in zip(sides, corners, strict=True)
            )
            + "z"
        )


@dataclass(frozen=True, slots=True)
class Polygon:
    """points: corners in px, seen from the middle."""

    points: tuple[Point, ...]

    def path(self, x: float, y: float) -> str:
        return "M" + "L".join(f"{x + dx:g} {y + dy:g}" for dx, dy in self.points) + "z"


@dataclass(frozen=True, slots=True)
class Circle:
    """radius: in px. stroke: width of the line of a circle that is not filled, else 0."""

    radius: float
    stroke: float = 0.0

    def path(self, x: float, y: float) -> str:
        r = self.radius
        return f"M{x - r:g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0z"


Outline: TypeAlias = RoundedBox | Polygon | Circle


@dataclass(frozen=True, slots=True)
class PortType:
    """light, dark: its color in either theme. outline: about 12 px; it tells the type alone, so
    that color only repeats it."""

    name: PortTypeName
    light: str
    dark: str
    outline: Outline


def _pointed_hexagon(width: float, height: float) -> Polygon:
    w, h = width / 2, height / 2
    return Polygon(((0, -h), (w, -h / 2), (w, h / 2), (0, h), (-w, h / 2), (-w, -h / 2)))


PORT_TYPES: Final[Mapping[str, PortType]] = {
    one.name: one
    for one in (
        PortType("text", "#866219", "#e8d9b5", RoundedBox(12.4, 6.5, 1.9)),
        PortType("image", "#0a6fc0", "#5bb8ff", RoundedBox(9.8, 9.8, 1.9)),
        PortType("video", "#7546d8", "#b794ff", Polygon(((-4.3, -5.7), (6.2, 0), (-4.3, 5.7)))),
        PortType("audio", "#0a7a66", "#3ad6b4", Circle(5.4)),
        PortType(
            "number", "#c2441f", "#ff8a70", Polygon(((0, -6.5), (6.5, 0), (0, 6.5), (-6.5, 0)))
        ),
        PortType("choice", "#5d626c", "#c3c8d2", Circle(4, stroke=3)),
        PortType("model", "#bd2c80", "#ff86c2", _pointed_hexagon(10.8, 12.4)),
    )
}


def port_type(name: str) -> PortType:
    """The port type that stands for an input or output type; unknown ones are data."""
    return PORT_TYPES.get(name, PORT_TYPES["choice"])
