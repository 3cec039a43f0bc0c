"""Things on a table, as an advertisement would show them."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

SHINE = Material(hex_colour("ffffff"), "light")


@subject(reach=(-0.34, 0.34, 0.0, 1.02), size=0.66, gesture="none")
def bottle(pen: Pen) -> None:
    """A perfume flacon: thick glass shoulders, amber liquid, a gold collar, a faceted stopper."""
    glass = pen.main(hex_colour("e9b48a"), "glass").as_finish("glass")
    liquid = Material(pen.colour or hex_colour("e08a3c"), "gloss")
    gold = Material(hex_colour("d9ae5a"), "metal")

    pen.blob(
        [
            (-0.28, 0.02),
            (-0.3, 0.12),
            (-0.3, 0.46),
            (-0.26, 0.6),
            (-0.1, 0.68),
            (0.1, 0.68),
            (0.26, 0.6),
            (0.3, 0.46),
            (0.3, 0.12),
            (0.28, 0.02),
            (0.2, 0.0),
            (-0.2, 0.0),
        ],
        glass.lighter(0.5).flat(0.35),
    )
    pen.blob(
        [
            (-0.22, 0.07),
            (-0.24, 0.14),
            (-0.24, 0.44),
            (-0.24, 0.44),
            (0.24, 0.44),
            (0.24, 0.44),
            (0.24, 0.14),
            (0.22, 0.07),
            (0.15, 0.055),
            (-0.15, 0.055),
        ],
        liquid.flat(0.6),
    )
    pen.ellipse(0, 0.44, 0.24, 0.02, liquid.lighter(0.35), line=False)
    pen.limb(
        [(0.03, 0.66), (0.02, 0.4), (0.06, 0.1)],
        [0.01, 0.01, 0.01],
        Material(hex_colour("fff6e8"), "glass"),
        line=False,
    )
    pen.box(-0.135, 0.17, 0.135, 0.35, Material(hex_colour("fbf6ec")).flat(0.1), corner=0.008)
    pen.limb([(-0.08, 0.29), (0.08, 0.29)], [0.012, 0.012], gold, line=False)
    pen.limb(
        [(-0.05, 0.25), (0.05, 0.25)], [0.006, 0.006], Material(hex_colour("6a5a48")), line=False
    )
    pen.limb(
        [(-0.06, 0.225), (0.06, 0.225)], [0.006, 0.006], Material(hex_colour("6a5a48")), line=False
    )
    pen.box(-0.095, 0.665, 0.095, 0.745, gold, corner=0.012)
    pen.limb([(-0.098, 0.705), (0.098, 0.705)], [0.008, 0.008], gold.darker(0.6), line=False)
    pen.shape(
        [
            (-0.115, 0.75),
            (0.115, 0.75),
            (0.155, 0.82),
            (0.125, 0.99),
            (-0.125, 0.99),
            (-0.155, 0.82),
        ],
        glass.lighter(0.6).flat(0.4),
    )
    pen.shape(
        [(-0.05, 0.76), (0.05, 0.76), (0.07, 0.83), (0.055, 0.98), (-0.055, 0.98), (-0.07, 0.83)],
        glass.lighter(0.75).flat(0.3),
        line=False,
    )
    pen.limb(
        [(-0.262, 0.5), (-0.27, 0.32), (-0.265, 0.12)], [0.006, 0.02, 0.006], SHINE, line=False
    )
    pen.limb([(0.268, 0.42), (0.272, 0.24)], [0.008, 0.008], SHINE, line=False)


@subject(reach=(-0.62, 0.62, 0.0, 0.82), size=0.6, gesture="none")
def cup(pen: Pen) -> None:
    """A coffee cup on a saucer: wide rim, dark coffee with crema, a looped handle, a spoon."""
    china = pen.main(hex_colour("f3eee4"), "gloss")
    coffee = Material(hex_colour("4a2817"), "gloss")

    pen.ellipse(0, 0.07, 0.58, 0.085, china.darker(0.75))
    pen.ellipse(0, 0.085, 0.56, 0.075, china.darker(0.95).flat(0.3))
    pen.ellipse(0, 0.095, 0.3, 0.035, china.darker(0.72), line=False)
    pen.limb(
        [(-0.56, 0.13), (-0.36, 0.085), (-0.2, 0.06)],
        [0.02, 0.016, 0.014],
        Material(hex_colour("cfd3d8"), "metal"),
    )
    pen.ellipse(-0.16, 0.055, 0.06, 0.026, Material(hex_colour("cfd3d8"), "metal"))
    pen.limb(
        [(0.35, 0.62), (0.52, 0.62), (0.56, 0.45), (0.44, 0.31), (0.26, 0.25)],
        [0.06, 0.065, 0.065, 0.06, 0.05],
        china,
    )
    pen.blob(
        [
            (-0.4, 0.7),
            (-0.4, 0.7),
            (-0.37, 0.42),
            (-0.26, 0.2),
            (-0.16, 0.1),
            (0, 0.085),
            (0.16, 0.1),
            (0.26, 0.2),
            (0.37, 0.42),
            (0.4, 0.7),
            (0.4, 0.7),
            (0, 0.64),
        ],
        china,
    )
    pen.ellipse(0, 0.7, 0.4, 0.092, china.lighter(0.3))
    pen.ellipse(0, 0.695, 0.365, 0.078, china.darker(0.7))
    pen.ellipse(0, 0.683, 0.345, 0.064, coffee)
    pen.ring(0, 0.683, 0.31, 0.054, 0.012, Material(hex_colour("a8703a")))
    pen.blob(
        [(-0.12, 0.685), (-0.05, 0.71), (0, 0.695), (0.05, 0.71), (0.12, 0.685), (0.0, 0.645)],
        Material(hex_colour("e7c79a")),
        line=False,
    )


@subject(reach=(-0.64, 0.64, 0.0, 0.72), size=0.62, gesture="none")
def shoe(pen: Pen) -> None:
    """A running shoe in profile, toe to the left: thick sole, laces, a swoosh of colour."""
    cloth = pen.main(hex_colour("2f6fd0"))
    sole = Material(hex_colour("f4f2ec"), "gloss")
    accent = Material(hex_colour("ff7a3d"), "gloss")
    pen.blob(
        [
            (-0.6, 0.02),
            (-0.63, 0.12),
            (-0.5, 0.16),
            (0, 0.15),
            (0.5, 0.18),
            (0.61, 0.14),
            (0.6, 0.02),
            (0.3, 0.0),
            (-0.3, 0.0),
        ],
        sole,
    )
    pen.blob(
        [(0.12, 0.6), (0.14, 0.68), (0.3, 0.64), (0.5, 0.7), (0.55, 0.64), (0.5, 0.5), (0.2, 0.5)],
        Material(hex_colour("2b2f38")),
    )
    pen.blob(
        [
            (-0.6, 0.14),
            (-0.6, 0.24),
            (-0.5, 0.33),
            (-0.3, 0.39),
            (-0.1, 0.52),
            (0.08, 0.66),
            (0.2, 0.6),
            (0.4, 0.55),
            (0.52, 0.66),
            (0.57, 0.52),
            (0.57, 0.34),
            (0.6, 0.15),
            (0.6, 0.15),
            (0.2, 0.13),
            (-0.3, 0.13),
        ],
        cloth,
    )
    pen.blob(
        [
            (-0.61, 0.14),
            (-0.61, 0.14),
            (-0.59, 0.25),
            (-0.5, 0.32),
            (-0.4, 0.26),
            (-0.4, 0.14),
            (-0.4, 0.14),
        ],
        sole.darker(0.92),
    )
    pen.blob(
        [
            (-0.12, 0.18),
            (0.1, 0.2),
            (0.38, 0.38),
            (0.55, 0.48),
            (0.5, 0.4),
            (0.3, 0.24),
            (0.1, 0.15),
        ],
        accent,
    )
    pen.blob(
        [(-0.31, 0.385), (-0.1, 0.52), (0.07, 0.65), (0.13, 0.6), (-0.02, 0.46), (-0.22, 0.35)],
        cloth.darker(0.6),
    )
    for index in range(5):
        x, y = -0.24 + 0.075 * index, 0.385 + 0.052 * index
        pen.limb(
            [(x - 0.03, y + 0.055), (x + 0.03, y + 0.04), (x + 0.075, y - 0.02)], [0.022] * 3, sole
        )
    pen.limb([(-0.58, 0.075), (0, 0.065), (0.58, 0.09)], [0.012] * 3, accent, line=False)


@subject(reach=(-0.3, 0.3, 0.0, 1.04), size=0.76, gesture="none")
def guitar(pen: Pen) -> None:
    """An acoustic guitar standing up: waisted body, sound hole, long neck, six pegs."""
    top = pen.main(hex_colour("c98642"), "gloss")
    dark = Material(hex_colour("4a2a18"), "gloss")
    steel = Material(hex_colour("e6e2d6"), "metal")
    outline = [
        (-0.16, 0.01),
        (-0.27, 0.1),
        (-0.28, 0.22),
        (-0.19, 0.33),
        (-0.19, 0.42),
        (-0.2, 0.5),
        (-0.1, 0.56),
        (0.1, 0.56),
        (0.2, 0.5),
        (0.19, 0.42),
        (0.19, 0.33),
        (0.28, 0.22),
        (0.27, 0.1),
        (0.16, 0.01),
    ]
    pen.blob([(x * 1.05, y * 1.03 - 0.008) for x, y in outline], dark)
    pen.blob(outline, top.flat(0.2))
    for y in (0.9, 0.94, 0.98):
        for side in (-1, 1):
            pen.ellipse(0.07 * side, y, 0.02, 0.016, steel)
    pen.blob(
        [
            (-0.045, 0.86),
            (-0.062, 0.93),
            (-0.05, 1.02),
            (0, 1.035),
            (0.05, 1.02),
            (0.062, 0.93),
            (0.045, 0.86),
        ],
        dark,
    )
    pen.box(-0.036, 0.4, 0.036, 0.88, dark.darker(0.75), corner=0.006)
    pen.ring(0, 0.37, 0.1, 0.1, 0.018, Material(hex_colour("f2e3c0")))
    pen.ellipse(0, 0.37, 0.085, 0.085, Material(hex_colour("1a0f09")))
    pen.box(-0.11, 0.14, 0.11, 0.18, dark, corner=0.015)
    for fret in range(9):
        y = 0.85 - 0.045 * fret
        pen.limb([(-0.034, y), (0.034, y)], [0.006, 0.006], steel, line=False)
    for string in range(6):
        x = -0.026 + 0.0104 * string
        pen.limb([(x * 1.6, 0.165), (x, 0.88)], [0.004, 0.004], steel, line=False)
