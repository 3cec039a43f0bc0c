"""What leaves the ground: rockets and balloons."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour


@subject(reach=(-0.3, 0.3, -0.24, 1.02), size=0.66, gesture="float")
def rocket(pen: Pen) -> None:
    """A storybook rocket under thrust: pointed nose, round porthole, three fins, a flame."""
    shell = pen.main(hex_colour("e9ebef"), "gloss")
    red = Material(hex_colour("d23c30"), "gloss")
    steel = Material(hex_colour("aab2bd"), "metal")

    for width, length, colour in (
        (0.1, 0.235, "ff7a1f"),
        (0.068, 0.19, "ffb52e"),
        (0.036, 0.13, "fff1b8"),
    ):
        pen.blob(
            [
                (-width, 0.12),
                (-width, 0.05),
                (-width * 0.45, 0.1 - length),
                (0, 0.02 - length),
                (0, 0.02 - length),
                (width * 0.45, 0.1 - length),
                (width, 0.05),
                (width, 0.12),
            ],
            Material(hex_colour(colour), "light"),
        )
    pen.shape(
        [(-0.08, 0.12), (0.08, 0.12), (0.1, 0.05), (-0.1, 0.05)],
        Material(hex_colour("4a4f58"), "metal"),
    )
    pen.both(
        lambda side: pen.blob(
            [
                (0.12 * side, 0.42),
                (0.12 * side, 0.42),
                (0.24 * side, 0.25),
                (0.27 * side, 0.02),
                (0.27 * side, 0.02),
                (0.19 * side, 0.1),
                (0.1 * side, 0.13),
                (0.1 * side, 0.13),
            ],
            red,
        )
    )
    pen.blob(
        [
            (-0.12, 0.12),
            (-0.12, 0.12),
            (0.12, 0.12),
            (0.12, 0.12),
            (0.165, 0.36),
            (0.155, 0.6),
            (0.1, 0.82),
            (0.0, 1.01),
            (0.0, 1.01),
            (-0.1, 0.82),
            (-0.155, 0.6),
            (-0.165, 0.36),
        ],
        shell,
    )
    pen.blob(
        [
            (-0.096, 0.83),
            (-0.096, 0.83),
            (0, 0.81),
            (0.096, 0.83),
            (0.096, 0.83),
            (0.06, 0.91),
            (0, 1.01),
            (0, 1.01),
            (-0.06, 0.91),
        ],
        red,
    )
    pen.limb([(-0.158, 0.3), (0, 0.285), (0.158, 0.3)], [0.022, 0.022, 0.022], red, line=False)
    pen.ellipse(0, 0.6, 0.085, 0.085, steel)
    pen.ellipse(0, 0.6, 0.062, 0.062, Material(hex_colour("2f6f9e"), "gloss"))
    pen.limb(
        [(-0.035, 0.615), (-0.015, 0.64), (0.015, 0.645)],
        [0.006, 0.014, 0.004],
        Material(hex_colour("ffffff"), "light"),
        line=False,
    )
    pen.ellipse(0, 0.42, 0.04, 0.04, steel)
    pen.blob(
        [
            (-0.022, 0.36),
            (-0.022, 0.36),
            (0.022, 0.36),
            (0.022, 0.36),
            (0.028, 0.1),
            (0.0, 0.0),
            (0.0, 0.0),
            (-0.028, 0.1),
        ],
        red.darker(0.85),
    )


@subject(reach=(-0.4, 0.4, 0.0, 1.02), size=0.68, gesture="float")
def balloon(pen: Pen) -> None:
    """A hot-air balloon: gored envelope in two colors, ropes, a wicker basket."""
    cloth = pen.main(hex_colour("d8482f"))
    second = Material(hex_colour("f3d27a"))
    wicker = Material(hex_colour("8a5a2f"))

    for side in (-1, 1):
        pen.limb([(0.07 * side, 0.13), (0.11 * side, 0.29)], [0.008, 0.008], wicker)
        pen.limb([(0.03 * side, 0.13), (0.04 * side, 0.27)], [0.006, 0.006], wicker)
    pen.blob(
        [
            (-0.1, 0.26),
            (-0.1, 0.26),
            (0.1, 0.26),
            (0.1, 0.26),
            (0.25, 0.43),
            (0.37, 0.64),
            (0.34, 0.84),
            (0.19, 0.98),
            (0, 1.015),
            (-0.19, 0.98),
            (-0.34, 0.84),
            (-0.37, 0.64),
            (-0.25, 0.43),
        ],
        cloth,
    )
    for inner, outer in ((0.14, 0.42), (0.66, 0.86)):
        for side in (-1, 1):
            points = [(0.0, 1.01)]
            points += [
                (side * outer * w, y)
                for w, y in ((0.19, 0.98), (0.34, 0.84), (0.37, 0.64), (0.25, 0.43), (0.1, 0.265))
            ]
            points += [
                (side * inner * w, y)
                for w, y in ((0.1, 0.265), (0.25, 0.43), (0.37, 0.64), (0.34, 0.84), (0.19, 0.98))
            ]
            pen.blob(points, second, line=False)
    pen.limb([(-0.105, 0.265), (0, 0.255), (0.105, 0.265)], [0.024] * 3, cloth.darker(0.7))
    pen.blob(
        [
            (-0.085, 0.135),
            (-0.085, 0.135),
            (0.085, 0.135),
            (0.085, 0.135),
            (0.07, 0.01),
            (-0.07, 0.01),
        ],
        wicker,
    )
    pen.limb([(-0.09, 0.135), (0.09, 0.135)], [0.024, 0.024], wicker.darker(0.7))
    for y in (0.045, 0.08, 0.11):
        pen.limb([(-0.078, y), (0.078, y)], [0.004, 0.004], wicker.darker(0.6), line=False)
    pen.ellipse(0, 0.2, 0.016, 0.034, Material(hex_colour("ffb040"), "light"))
