"""What carries people: boats, rockets, cars, balloons, trains, bicycles."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

DARK_GLASS = Material(hex_colour("1d2733"), "gloss")


def turned(pen: Pen, spokes: int) -> list[float]:
    """The angles of a wheel's spokes, in radians: in one round of its phase a wheel that rolls to
    the left turns by one spoke, and looks as it did."""
    return [2 * math.pi * (index + pen.phase) / spokes for index in range(spokes)]


@subject(reach=(-0.55, 0.6, -0.03, 1.02), size=0.7, gesture="sway")
def boat(pen: Pen) -> None:
    """A sailing boat: white main sail and jib full of wind, a varnished hull, a pennant."""
    hull = pen.main(hex_colour("8e3f2b"), "gloss")
    sail = Material(hex_colour("f6f1e4"))
    wood = Material(hex_colour("8a6440"))

    pen.limb([(0.0, 0.12), (0.0, 1.0)], [0.022, 0.014], wood)
    pen.blob(
        [
            (0.022, 0.2),
            (0.022, 0.2),
            (0.28, 0.2),
            (0.47, 0.22),
            (0.47, 0.22),
            (0.3, 0.52),
            (0.12, 0.83),
            (0.022, 0.96),
            (0.022, 0.96),
        ],
        sail.flat(0.7),
    )
    pen.blob(
        [
            (-0.028, 0.2),
            (-0.028, 0.2),
            (-0.2, 0.19),
            (-0.44, 0.19),
            (-0.44, 0.19),
            (-0.26, 0.42),
            (-0.1, 0.72),
            (-0.028, 0.88),
            (-0.028, 0.88),
        ],
        sail.darker(0.92).flat(0.7),
    )
    for y in (0.38, 0.56, 0.74):
        pen.limb(
            [(0.03, y), (0.2 * (1.2 - y), y + 0.005), (0.55 * (1.02 - y), y + 0.01)],
            [0.005] * 3,
            sail.darker(0.8),
            line=False,
        )
    pen.limb([(0.0, 0.185), (0.5, 0.2)], [0.02, 0.014], wood)
    pen.blob(
        [
            (0, 0.995),
            (0, 0.995),
            (0.07, 0.985),
            (0.13, 0.97),
            (0.13, 0.97),
            (0.06, 0.955),
            (0, 0.95),
            (0, 0.95),
        ],
        Material(hex_colour("d8432f")),
    )
    pen.blob(
        [(-0.16, 0.1), (-0.16, 0.1), (-0.14, 0.165), (0.16, 0.165), (0.19, 0.1), (0.19, 0.1)],
        Material(hex_colour("e8dcc4"), "gloss"),
    )
    for x in (-0.08, 0.02, 0.12):
        pen.ellipse(x, 0.135, 0.02, 0.018, DARK_GLASS)
    pen.blob(
        [
            (-0.53, 0.14),
            (-0.53, 0.14),
            (-0.3, 0.105),
            (0, 0.095),
            (0.3, 0.1),
            (0.48, 0.125),
            (0.48, 0.125),
            (0.43, 0.02),
            (0.34, -0.03),
            (0, -0.03),
            (-0.28, -0.02),
            (-0.44, 0.05),
        ],
        hull,
    )
    pen.limb(
        [(-0.5, 0.128), (-0.3, 0.098), (0, 0.088), (0.3, 0.093), (0.47, 0.116)],
        [0.018] * 5,
        Material(hex_colour("f2e6cc"), "gloss"),
    )


@subject(reach=(-0.98, 0.98, 0.0, 0.62), size=0.62, gesture="drive")
def car(pen: Pen) -> None:
    """A low coupé in profile, facing left: long bonnet, glasshouse, spoked wheels, lit lamps."""
    body = pen.main(hex_colour("c4302b"), "gloss")
    tyre = Material(hex_colour("17181b"))
    steel = Material(hex_colour("c3c9d0"), "metal")

    pen.blob([(-0.9, 0.1), (-0.9, 0.1), (0.92, 0.1), (0.92, 0.1), (0.88, 0.2), (-0.86, 0.2)], tyre)
    pen.blob(
        [
            (-0.96, 0.16),
            (-0.95, 0.26),
            (-0.86, 0.33),
            (-0.6, 0.375),
            (-0.34, 0.405),
            (-0.34, 0.405),
            (-0.14, 0.565),
            (0.08, 0.605),
            (0.34, 0.58),
            (0.58, 0.45),
            (0.76, 0.415),
            (0.92, 0.395),
            (0.955, 0.3),
            (0.955, 0.17),
            (0.9, 0.13),
            (0.9, 0.13),
            (-0.9, 0.12),
            (-0.9, 0.12),
        ],
        body,
    )
    pen.blob(
        [
            (-0.27, 0.405),
            (-0.27, 0.405),
            (-0.115, 0.535),
            (0.05, 0.57),
            (0.05, 0.57),
            (0.06, 0.405),
            (0.06, 0.405),
        ],
        DARK_GLASS,
    )
    pen.blob(
        [
            (0.1, 0.405),
            (0.1, 0.405),
            (0.095, 0.57),
            (0.095, 0.57),
            (0.32, 0.545),
            (0.52, 0.425),
            (0.52, 0.425),
        ],
        DARK_GLASS,
    )
    pen.shape(
        [(-0.16, 0.42), (-0.06, 0.51), (-0.01, 0.52), (-0.1, 0.42)],
        Material(hex_colour("6f8296"), "gloss"),
        line=False,
    )
    pen.limb([(0.078, 0.57), (0.08, 0.4), (0.07, 0.16)], [0.008, 0.006, 0.006], body.darker(0.45))
    pen.limb([(-0.3, 0.4), (-0.33, 0.17)], [0.006, 0.006], body.darker(0.45))
    pen.limb(
        [(-0.88, 0.285), (-0.4, 0.325), (0.3, 0.33), (0.9, 0.31)],
        [0.008, 0.014, 0.014, 0.008],
        body.lighter(0.35),
        line=False,
    )
    pen.box(-0.045, 0.345, 0.035, 0.362, steel, corner=0.008)
    pen.blob([(-0.32, 0.43), (-0.25, 0.46), (-0.22, 0.43), (-0.27, 0.4)], body.darker(0.85))
    pen.blob(
        [(-0.94, 0.27), (-0.88, 0.318), (-0.8, 0.318), (-0.84, 0.272)],
        Material(hex_colour("fff3cf"), "light"),
    )
    pen.box(0.9, 0.285, 0.955, 0.34, Material(hex_colour("ff3b30"), "light"), corner=0.015)
    for x in (-0.58, 0.58):
        pen.ellipse(x, 0.165, 0.195, 0.195, tyre.darker(0.6))
        pen.ellipse(x, 0.152, 0.152, 0.152, tyre)
        pen.ellipse(x, 0.152, 0.104, 0.104, steel)
        pen.ellipse(x, 0.152, 0.084, 0.084, Material(hex_colour("2a2d33"), "gloss"))
        for angle in turned(pen, 5):
            pen.limb(
                [(x, 0.152), (x - 0.088 * math.sin(angle), 0.152 + 0.088 * math.cos(angle))],
                [0.034, 0.024],
                steel,
            )
        pen.ellipse(x, 0.152, 0.022, 0.022, steel.darker(0.7))


@subject(reach=(-0.95, 0.95, 0.0, 0.86), size=0.66, gesture="drive")
def train(pen: Pen) -> None:
    """A steam engine facing left: boiler, tall chimney, cab, coupled wheels, cow-catcher."""
    paint = pen.main(hex_colour("2f5d4a"), "gloss")
    iron = Material(hex_colour("24272c"), "metal")
    brass = Material(hex_colour("d9a63f"), "metal")
    red = Material(hex_colour("a5322b"), "gloss")

    pen.box(-0.72, 0.2, 0.92, 0.27, red.darker(0.7))
    pen.shape([(-0.72, 0.26), (-0.93, 0.04), (-0.68, 0.04)], red)
    pen.shape([(-0.57, 0.6), (-0.47, 0.6), (-0.44, 0.82), (-0.6, 0.82)], iron)
    pen.box(-0.625, 0.8, -0.415, 0.85, brass, corner=0.02)
    pen.ellipse(-0.18, 0.61, 0.075, 0.09, brass)
    pen.box(0.02, 0.58, 0.1, 0.68, iron, corner=0.02)
    pen.box(-0.74, 0.27, 0.36, 0.63, paint, corner=0.04)
    pen.box(-0.79, 0.29, -0.72, 0.61, iron, corner=0.03)
    for x in (-0.42, -0.08, 0.22):
        pen.limb([(x, 0.28), (x, 0.62)], [0.018, 0.018], brass, line=False)
    pen.box(0.34, 0.26, 0.86, 0.78, paint.darker(0.85), corner=0.02)
    pen.box(0.28, 0.76, 0.92, 0.83, iron, corner=0.03)
    for x in (0.41, 0.63):
        pen.box(x, 0.5, x + 0.16, 0.7, Material(hex_colour("ffd98a"), "light"), corner=0.02)
    pen.ellipse(-0.79, 0.64, 0.055, 0.055, brass)
    pen.ellipse(-0.81, 0.64, 0.04, 0.044, Material(hex_colour("fff2c4"), "light"))
    # One round of its phase is one of the large wheels, which the rod couples.
    turn = 2 * math.pi * pen.phase
    for x, r in ((-0.5, 0.1), (-0.22, 0.15), (0.14, 0.15), (0.5, 0.15), (0.8, 0.1)):
        pen.ellipse(x, r, r, r, red)
        pen.ellipse(x, r, r * 0.76, r * 0.76, iron)
        for spoke in range(6):
            angle = math.radians(60 * spoke + 15) + turn * 0.15 / r
            pen.limb(
                [(x, r), (x + r * 0.78 * math.cos(angle), r + r * 0.78 * math.sin(angle))],
                [0.02, 0.014],
                red,
            )
        pen.ellipse(x, r, r * 0.22, r * 0.22, brass)
    crank = (0.05 * math.sin(turn), 0.15 - 0.05 * math.cos(turn))
    rod = [(x + crank[0], crank[1]) for x in (-0.26, 0.54)]
    pen.limb(rod, [0.034, 0.034], Material(hex_colour("b9c0c8"), "metal"))


@subject(reach=(-0.72, 0.72, 0.0, 0.86), size=0.66, gesture="drive")
def bicycle(pen: Pen) -> None:
    """A city bicycle facing left: two thin wheels, diamond frame, curved handlebar, saddle."""
    frame = pen.main(hex_colour("2f9a8f"), "gloss")
    tyre = Material(hex_colour("1d1e21"))
    steel = Material(hex_colour("c9ced5"), "metal")
    leather = Material(hex_colour("7a4a2a"), "gloss")

    for x in (-0.42, 0.42):
        for angle in turned(pen, 12):
            pen.limb(
                [(x, 0.28), (x + 0.26 * math.cos(angle), 0.28 + 0.26 * math.sin(angle))],
                [0.006, 0.006],
                steel,
                line=False,
            )
        pen.ring(x, 0.28, 0.262, 0.262, 0.036, tyre)
        pen.ring(x, 0.28, 0.235, 0.235, 0.014, steel)
        pen.ellipse(x, 0.28, 0.032, 0.032, steel)
    for start, end in (
        ((-0.42, 0.28), (-0.3, 0.66)),
        ((-0.32, 0.6), (0.02, 0.26)),
        ((-0.3, 0.66), (0.12, 0.62)),
        ((0.02, 0.26), (0.13, 0.68)),
        ((0.02, 0.26), (0.42, 0.28)),
        ((0.11, 0.6), (0.42, 0.28)),
    ):
        pen.limb([start, end], [0.036, 0.036], frame)
    pen.limb([(-0.3, 0.64), (-0.27, 0.76)], [0.03, 0.03], steel)
    pen.limb([(-0.27, 0.76), (-0.33, 0.82), (-0.44, 0.8), (-0.45, 0.72)], [0.028] * 4, steel)
    pen.limb([(-0.45, 0.74), (-0.44, 0.68)], [0.042, 0.042], leather)
    pen.limb([(0.13, 0.66), (0.14, 0.74)], [0.026, 0.026], steel)
    pen.blob(
        [(0.0, 0.76), (0.1, 0.78), (0.27, 0.8), (0.28, 0.74), (0.16, 0.72), (0.04, 0.735)], leather
    )
    pen.ring(0.02, 0.26, 0.07, 0.07, 0.024, steel)
    pen.limb([(0.02, 0.26), (-0.06, 0.16)], [0.026, 0.022], steel)
    pen.box(-0.12, 0.135, -0.01, 0.165, tyre, corner=0.01)
    pen.ellipse(-0.37, 0.69, 0.038, 0.038, Material(hex_colour("fff0c0"), "light"))
