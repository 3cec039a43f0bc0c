"""Outlines written short, and the small parts that many animals share."""

from __future__ import annotations

from studio.artist.drawing.figure import Material, Point
from studio.artist.drawing.pen import Pen
from studio.media.raster import hex_colour

BEAD = Material(hex_colour("17100e"), "gloss")
GLINT = Material(hex_colour("ffffff"), "light")


def path(text: str) -> list[Point]:
    """`"-20,35 10,48!"` → [(-0.2, 0.35), (0.1, 0.48), (0.1, 0.48)]: hundredths, `!` a corner."""
    points: list[Point] = []
    for pair in text.split():
        x, y = pair.rstrip("!").split(",")
        points += [(float(x) / 100, float(y) / 100)] * (2 if pair.endswith("!") else 1)
    return points


def widths(text: str) -> list[float]:
    """Widths of a limb, in hundredths."""
    return [float(width) / 100 for width in text.split()]


def eye(pen: Pen, x: float, y: float, size: float, iris: Material | None = None) -> None:
    """An animal's eye: all dark, or an iris with a round pupil; always with a glint."""
    if iris is not None:
        pen.ellipse(x, y, size, size, iris)
        pen.ellipse(x, y, size * 0.58, size * 0.58, BEAD, line=False)
    else:
        pen.ellipse(x, y, size, size * 1.1, BEAD)
    pen.ellipse(x - size * 0.32, y + size * 0.36, size * 0.26, size * 0.26, GLINT, line=False)
