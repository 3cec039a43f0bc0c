"""Buildings."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, Point
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.artist.subjects.treasures import GOLD, LIT, WOOD
from studio.media.raster import hex_colour

LAMP_LIT = Material(hex_colour("ffd58a"), "light")
STONE = Material(hex_colour("77716b"))


@subject(reach=(-0.34, 0.34, -0.02, 1.03), size=0.8, gesture="none")
def lighthouse(pen: Pen) -> None:
    """A tapering tower in red and white bands on rocks, a lit lantern room, a gallery rail."""
    white = Material(hex_colour("f2efe8"))
    band = pen.main(hex_colour("c8362e"))
    iron = Material(hex_colour("2b2e34"), "metal")

    pen.blob(
        [
            (-0.34, -0.02),
            (-0.34, -0.02),
            (-0.3, 0.07),
            (-0.18, 0.1),
            (-0.12, 0.15),
            (0.06, 0.14),
            (0.15, 0.11),
            (0.27, 0.08),
            (0.34, -0.02),
            (0.34, -0.02),
        ],
        STONE,
    )
    pen.shape([(-0.155, 0.1), (0.155, 0.1), (0.1, 0.76), (-0.1, 0.76)], white)
    for low, high in ((0.2, 0.33), (0.46, 0.59)):
        wide = [0.155 - 0.055 * (y - 0.1) / 0.66 for y in (low, high)]
        pen.shape(
            [(-wide[0], low), (wide[0], low), (wide[1], high), (-wide[1], high)], band, line=False
        )
    pen.blob(
        [
            (-0.04, 0.1),
            (-0.04, 0.1),
            (-0.04, 0.17),
            (0, 0.2),
            (0.04, 0.17),
            (0.04, 0.1),
            (0.04, 0.1),
        ],
        iron,
    )
    for y in (0.38, 0.64):
        pen.box(-0.022, y, 0.022, y + 0.055, Material(hex_colour("3a3330")), corner=0.02)
    pen.box(-0.155, 0.745, 0.155, 0.785, iron, corner=0.01)
    for x in (-0.14, -0.09, 0.09, 0.14):
        pen.limb([(x, 0.78), (x, 0.835)], [0.008, 0.008], iron)
    pen.limb([(-0.15, 0.835), (0.15, 0.835)], [0.012, 0.012], iron)
    pen.box(-0.082, 0.785, 0.082, 0.915, LAMP_LIT)
    pen.ellipse(0, 0.85, 0.045, 0.05, Material(hex_colour("fffbe6"), "light"), line=False)
    for x in (-0.082, -0.03, 0.03, 0.082):
        pen.limb([(x, 0.785), (x, 0.915)], [0.01, 0.01], iron)
    pen.blob(
        [
            (-0.115, 0.905),
            (-0.115, 0.905),
            (0.115, 0.905),
            (0.115, 0.905),
            (0.06, 0.965),
            (0, 0.99),
            (-0.06, 0.965),
        ],
        band,
    )
    pen.limb([(0, 0.98), (0, 1.02)], [0.02, 0.008], iron)


@subject(reach=(-0.66, 0.66, 0.0, 0.98), size=0.6, gesture="none")
def house(pen: Pen) -> None:
    """A cottage: steep tiled roof, chimney, lit windows with cross bars, a panelled door."""
    wall = pen.main(hex_colour("e6d6ba"))
    roof = Material(hex_colour("8c3f31"))
    wood = Material(hex_colour("5a3a26"))

    pen.box(0.28, 0.66, 0.4, 0.95, Material(hex_colour("8a5a49")))
    pen.box(0.26, 0.93, 0.42, 0.97, STONE)
    pen.box(-0.52, 0.0, 0.52, 0.5, wall.flat(0.15))
    pen.shape([(-0.28, 0.5), (0.28, 0.5), (0.0, 0.78)], wall.darker(0.92).flat(0.15))
    pen.shape([(-0.64, 0.46), (0.64, 0.46), (0.42, 0.8), (-0.42, 0.8)], roof.flat(0.15))
    for row in range(5):
        y = 0.5 + 0.062 * row
        reach = 0.61 - 0.041 * row
        pen.limb(
            [(-reach, y), (0, y - 0.004), (reach, y)], [0.01] * 3, roof.darker(0.72), line=False
        )
    pen.shape([(-0.24, 0.44), (0.24, 0.44), (0.0, 0.88)], roof.darker(0.85).flat(0.2))
    pen.shape(
        [(-0.165, 0.4), (0.165, 0.4), (0.165, 0.5), (0.0, 0.79), (-0.165, 0.5)], wall.flat(0.15)
    )
    pen.ellipse(0, 0.6, 0.05, 0.05, wood)
    pen.ellipse(0, 0.6, 0.037, 0.037, LAMP_LIT)
    pen.box(-0.095, 0.0, 0.095, 0.33, wood)
    pen.box(
        -0.075, 0.0, 0.075, 0.31, Material(hex_colour("3f6b74"), "gloss").flat(0.2), corner=0.01
    )
    pen.box(-0.05, 0.18, 0.05, 0.28, Material(hex_colour("335860")).flat(0.2), corner=0.008)
    pen.ellipse(0.05, 0.14, 0.011, 0.011, Material(hex_colour("e0b352"), "metal"))
    for x in (-0.32, 0.32):
        pen.box(x - 0.11, 0.15, x + 0.11, 0.38, wood, corner=0.01)
        pen.box(x - 0.09, 0.17, x + 0.09, 0.36, LAMP_LIT)
        pen.limb([(x, 0.17), (x, 0.36)], [0.014, 0.014], wood)
        pen.limb([(x - 0.09, 0.265), (x + 0.09, 0.265)], [0.014, 0.014], wood)
    pen.box(-0.13, 0.0, 0.13, 0.035, STONE.lighter(0.25))
    for x, r in ((-0.55, 0.09), (-0.44, 0.07), (0.46, 0.08), (0.57, 0.095)):
        pen.ellipse(x, r * 0.75, r, r * 0.8, Material(hex_colour("4d7a3e"), "fur"))


@subject(reach=(-0.66, 0.66, 0.0, 1.04), size=0.76, gesture="none")
def castle(pen: Pen) -> None:
    """A castle: crenellated wall and gate, round towers with pointed roofs and flags."""
    stone = pen.main(hex_colour("b7ab9a"))
    roof = Material(hex_colour("3f5a86"))
    dark = Material(hex_colour("2c2422"))

    def tower(x: float, width: float, height: float, tip: float) -> None:
        pen.box(x - width, 0.0, x + width, height, stone)
        pen.box(x - width * 1.2, height - 0.03, x + width * 1.2, height + 0.03, stone.lighter(0.1))
        pen.shape(
            [(x - width * 1.35, height + 0.03), (x + width * 1.35, height + 0.03), (x, tip)], roof
        )
        pen.limb([(x, tip - 0.02), (x, tip + 0.07)], [0.01, 0.008], dark)
        pen.shape(
            [(x, tip + 0.07), (x + 0.075, tip + 0.045), (x, tip + 0.02)],
            Material(hex_colour("d2402f")),
        )
        pen.box(x - 0.02, height - 0.16, x + 0.02, height - 0.08, LAMP_LIT, corner=0.02)

    tower(-0.2, 0.09, 0.68, 0.9)
    tower(0.22, 0.09, 0.6, 0.82)
    tower(0.02, 0.1, 0.76, 0.96)
    pen.box(-0.5, 0.0, 0.5, 0.36, stone.darker(0.95).flat(0.2))
    for step in range(10):
        x = -0.475 + step * 0.1055
        pen.box(x - 0.03, 0.35, x + 0.03, 0.42, stone.darker(0.95))
    tower(-0.52, 0.115, 0.5, 0.78)
    tower(0.52, 0.115, 0.5, 0.78)
    pen.blob(
        [
            (-0.11, 0.0),
            (-0.11, 0.0),
            (-0.11, 0.16),
            (0, 0.27),
            (0.11, 0.16),
            (0.11, 0.0),
            (0.11, 0.0),
        ],
        stone.darker(0.6),
    )
    pen.blob(
        [
            (-0.085, 0.0),
            (-0.085, 0.0),
            (-0.085, 0.15),
            (0, 0.235),
            (0.085, 0.15),
            (0.085, 0.0),
            (0.085, 0.0),
        ],
        dark,
    )
    for x in (-0.3, 0.3):
        pen.box(x - 0.018, 0.16, x + 0.018, 0.26, dark, corner=0.018)


@subject(reach=(-0.6, 0.6, 0.0, 1.24), size=0.72, gesture="none")
def windmill(pen: Pen) -> None:
    """A Dutch mill: tapering white tower, dark cap, gallery, door, four latticed sails."""
    wall = pen.main(hex_colour("efe6d4"))
    cap = Material(hex_colour("5a3a2a"))
    sailcloth = Material(hex_colour("f4e9cf"))

    pen.blob([(-0.3, 0.0), (-0.3, 0.0), (0.3, 0.0), (0.3, 0.0), (0.22, 0.4), (0.17, 0.78),
              (0.17, 0.78), (-0.17, 0.78), (-0.17, 0.78), (-0.22, 0.4)], wall)  # fmt: skip
    pen.blob([(-0.2, 0.76), (-0.2, 0.76), (0.2, 0.76), (0.2, 0.76), (0.17, 0.88), (0.0, 0.96),
              (-0.17, 0.88)], cap)  # fmt: skip
    for y in (0.5, 0.62):
        pen.box(-0.035, y - 0.035, 0.035, y + 0.035, LIT, corner=0.01)
    pen.box(-0.3, 0.33, 0.3, 0.365, WOOD, corner=0.01)
    for index in range(9):
        x = -0.29 + 0.0725 * index
        pen.limb([(x, 0.36), (x, 0.43)], [0.012, 0.012], WOOD)
    pen.limb([(-0.3, 0.435), (0.3, 0.435)], [0.018, 0.018], WOOD)
    pen.blob([(-0.075, 0.0), (-0.075, 0.0), (-0.075, 0.15), (0.0, 0.21), (0.075, 0.15),
              (0.075, 0.0), (0.075, 0.0)], Material(hex_colour("2f6a4a"), "gloss"))  # fmt: skip
    for x in (-0.17, 0.17):
        pen.box(x - 0.03, 0.14, x + 0.03, 0.22, LIT, corner=0.01)
    hub: Point = (0.0, 0.8)
    for arm in range(4):
        turn = math.radians(28 + 90 * arm)
        along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))

        def at(far: float, off: float, a: Point = along, b: Point = across) -> Point:
            return hub[0] + far * a[0] + off * b[0], hub[1] + far * a[1] + off * b[1]

        canvas = [at(0.12, 0.0), at(0.46, 0.0), at(0.46, 0.13), at(0.12, 0.11)]
        pen.shape(canvas, sailcloth.flat(0.1))
        for step in range(6):
            far = 0.12 + 0.068 * step
            pen.limb([at(far, -0.01), at(far, 0.13)], [0.01, 0.01], WOOD, line=False)
        pen.limb([at(0.12, 0.06), at(0.46, 0.07)], [0.008, 0.008], WOOD, line=False)
        pen.limb([hub, at(0.48, 0.0)], [0.036, 0.02], WOOD)
    pen.ellipse(*hub, 0.04, 0.04, GOLD)
