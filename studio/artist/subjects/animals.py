"""Cats, foxes and dogs."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

NOSE = Material(hex_colour("2a1c1c"), "gloss")
PUPIL = Material(hex_colour("120d0c"), "gloss")
GLINT = Material(hex_colour("ffffff"), "light")


def eye(pen: Pen, x: float, y: float, size: float, iris: Material) -> None:
    pen.ellipse(x, y, size, size * 1.05, iris)
    pen.ellipse(x, y, size * 0.5, size * 0.85, PUPIL)
    pen.ellipse(x - size * 0.3, y + size * 0.35, size * 0.24, size * 0.24, GLINT, line=False)


@subject(reach=(-0.4, 0.52, 0.0, 1.02), size=0.66)
def cat(pen: Pen) -> None:
    """Sitting upright, tail curled round: round head, pointed ears, whiskers, green eyes."""
    fur = pen.main(hex_colour("7d7f8a"), "fur").as_finish("fur")
    light = fur.lighter(0.45)
    inner = Material(hex_colour("d99a94"))
    stripe = fur.darker(0.55)

    pen.limb(
        [(0.12, 0.07), (0.3, 0.05), (0.43, 0.13), (0.45, 0.3), (0.37, 0.4), (0.34, 0.34)],
        [0.1, 0.1, 0.095, 0.09, 0.08, 0.05],
        fur.darker(0.85),
    )
    pen.blob(
        [
            (-0.2, 0.0),
            (-0.26, 0.1),
            (-0.25, 0.3),
            (-0.16, 0.52),
            (0, 0.6),
            (0.16, 0.52),
            (0.25, 0.3),
            (0.26, 0.1),
            (0.2, 0.0),
            (0, -0.01),
        ],
        fur,
    )
    pen.both(lambda side: pen.ellipse(0.175 * side, 0.14, 0.115, 0.15, fur))
    pen.blob([(-0.09, 0.52), (0.09, 0.52), (0.1, 0.36), (0, 0.24), (-0.1, 0.36)], light, line=False)
    for side in (-1, 1):
        pen.limb(
            [(0.07 * side, 0.36), (0.075 * side, 0.18), (0.078 * side, 0.05)],
            [0.1, 0.095, 0.09],
            fur,
        )
        pen.ellipse(0.085 * side, 0.035, 0.068, 0.04, light)
    pen.both(
        lambda side: pen.blob(
            [
                (0.05 * side, 0.84),
                (0.05 * side, 0.84),
                (0.13 * side, 1.0),
                (0.185 * side, 1.01),
                (0.185 * side, 1.01),
                (0.235 * side, 0.76),
                (0.235 * side, 0.76),
            ],
            fur,
        )
    )
    pen.both(
        lambda side: pen.blob(
            [
                (0.1 * side, 0.85),
                (0.1 * side, 0.85),
                (0.165 * side, 0.965),
                (0.165 * side, 0.965),
                (0.2 * side, 0.8),
                (0.2 * side, 0.8),
            ],
            inner,
            line=False,
        )
    )
    pen.blob(
        [
            (-0.24, 0.7),
            (-0.2, 0.59),
            (-0.09, 0.53),
            (0, 0.52),
            (0.09, 0.53),
            (0.2, 0.59),
            (0.24, 0.7),
            (0.21, 0.82),
            (0.1, 0.885),
            (-0.1, 0.885),
            (-0.21, 0.82),
        ],
        fur,
    )
    for x, tilt in ((-0.05, 0.02), (0, 0), (0.05, -0.02)):
        pen.limb([(x, 0.87), (x + tilt * 0.4, 0.81)], [0.022, 0.008], stripe, line=False)
    for side in (-1, 1):
        for y in (0.68, 0.64):
            pen.limb(
                [(0.225 * side, y), (0.165 * side, y - 0.005)], [0.016, 0.004], stripe, line=False
            )
        for y in (0.32, 0.24, 0.4):
            pen.limb(
                [(0.25 * side, y), (0.165 * side, y + 0.03)], [0.024, 0.006], stripe, line=False
            )
    pen.both(lambda side: pen.ellipse(0.045 * side, 0.6, 0.062, 0.05, light))
    pen.both(
        lambda side: eye(pen, 0.105 * side, 0.71, 0.047, Material(hex_colour("a9d65c"), "gloss"))
    )
    pen.blob([(-0.026, 0.645), (0.026, 0.645), (0, 0.613)], inner)
    for side in (-1, 1):
        for rise in (0.03, 0.0, -0.03):
            pen.limb(
                [(0.08 * side, 0.6), (0.2 * side, 0.605 + rise), (0.33 * side, 0.6 + 2 * rise)],
                [0.007, 0.006, 0.003],
                Material(hex_colour("f4f1ea")),
                line=False,
            )


@subject(reach=(-0.5, 0.62, 0.0, 1.02), size=0.64)
def fox(pen: Pen) -> None:
    """In profile, facing left: long snout, big ears, black stockings, a great brush of a tail."""
    fur = pen.main(hex_colour("d8652a"), "fur").as_finish("fur")
    white = Material(hex_colour("f5ede0"), "fur")
    black = Material(hex_colour("2a1f1e"), "fur")

    pen.blob(
        [
            (0.2, 0.44),
            (0.34, 0.44),
            (0.47, 0.3),
            (0.55, 0.13),
            (0.6, 0.06),
            (0.62, 0.15),
            (0.6, 0.32),
            (0.52, 0.5),
            (0.38, 0.58),
            (0.24, 0.55),
        ],
        fur,
    )
    pen.blob(
        [(0.515, 0.2), (0.555, 0.1), (0.605, 0.02), (0.63, 0.1), (0.615, 0.23), (0.57, 0.19)], white
    )
    for x, lean in ((-0.12, -0.02), (0.22, 0.03)):
        pen.limb([(x, 0.4), (x + lean, 0.22)], [0.11, 0.07], fur.darker(0.65))
        pen.limb([(x + lean, 0.24), (x + lean - 0.005, 0.03)], [0.062, 0.05], black.darker(0.8))
    pen.blob(
        [
            (-0.24, 0.44),
            (-0.2, 0.34),
            (-0.05, 0.315),
            (0.12, 0.34),
            (0.26, 0.33),
            (0.33, 0.44),
            (0.3, 0.57),
            (0.14, 0.6),
            (-0.06, 0.6),
            (-0.2, 0.62),
        ],
        fur,
    )
    for x, lean in ((-0.2, 0.0), (0.28, 0.02)):
        pen.limb([(x, 0.44), (x + lean, 0.22)], [0.15, 0.08], fur)
        pen.limb([(x + lean, 0.25), (x + lean - 0.005, 0.03)], [0.07, 0.056], black)
        pen.ellipse(x + lean - 0.025, 0.022, 0.05, 0.026, black)
    pen.blob([(-0.3, 0.62), (-0.17, 0.6), (-0.14, 0.44), (-0.21, 0.37), (-0.29, 0.46)], white)
    pen.blob(
        [
            (-0.22, 0.8),
            (-0.22, 0.8),
            (-0.235, 0.95),
            (-0.2, 1.01),
            (-0.2, 1.01),
            (-0.115, 0.9),
            (-0.1, 0.77),
            (-0.1, 0.77),
        ],
        fur.darker(0.75),
    )
    pen.blob(
        [
            (-0.53, 0.615),
            (-0.5, 0.655),
            (-0.4, 0.72),
            (-0.33, 0.81),
            (-0.2, 0.85),
            (-0.09, 0.78),
            (-0.07, 0.66),
            (-0.14, 0.56),
            (-0.27, 0.53),
            (-0.42, 0.575),
            (-0.51, 0.58),
        ],
        fur,
    )
    pen.blob(
        [
            (-0.52, 0.6),
            (-0.42, 0.645),
            (-0.32, 0.665),
            (-0.23, 0.63),
            (-0.13, 0.6),
            (-0.18, 0.54),
            (-0.29, 0.525),
            (-0.42, 0.57),
        ],
        white,
        line=False,
    )
    pen.blob(
        [
            (-0.33, 0.79),
            (-0.33, 0.79),
            (-0.345, 0.93),
            (-0.31, 1.02),
            (-0.31, 1.02),
            (-0.225, 0.93),
            (-0.185, 0.8),
            (-0.185, 0.8),
        ],
        fur,
    )
    pen.blob([(-0.305, 0.82), (-0.305, 0.95), (-0.305, 0.95), (-0.235, 0.83)], black, line=False)
    eye(pen, -0.3, 0.725, 0.028, Material(hex_colour("e9b949"), "gloss"))
    pen.ellipse(-0.522, 0.615, 0.028, 0.025, NOSE)
    pen.limb(
        [(-0.49, 0.587), (-0.42, 0.585), (-0.36, 0.6)], [0.005, 0.007, 0.004], black, line=False
    )


@subject(reach=(-0.42, 0.5, 0.0, 1.0), size=0.66)
def dog(pen: Pen) -> None:
    """Sitting, seen from the front: drooping ears, a broad muzzle, tongue out, a collar."""
    fur = pen.main(hex_colour("c8964f"), "fur").as_finish("fur")
    light = fur.lighter(0.4)
    ear = fur.darker(0.62)
    tongue = Material(hex_colour("e2707a"), "gloss")

    pen.limb([(0.18, 0.1), (0.34, 0.16), (0.43, 0.32)], [0.1, 0.08, 0.04], fur.darker(0.85))
    pen.blob(
        [
            (-0.22, 0.0),
            (-0.28, 0.12),
            (-0.24, 0.34),
            (-0.17, 0.52),
            (0, 0.58),
            (0.17, 0.52),
            (0.24, 0.34),
            (0.28, 0.12),
            (0.22, 0.0),
            (0, 0.0),
        ],
        fur,
    )
    pen.both(lambda side: pen.ellipse(0.2 * side, 0.12, 0.11, 0.13, fur))
    pen.both(lambda side: pen.ellipse(0.25 * side, 0.035, 0.09, 0.04, light))
    pen.blob([(-0.11, 0.5), (0.11, 0.5), (0.13, 0.34), (0, 0.22), (-0.13, 0.34)], light, line=False)
    for side in (-1, 1):
        pen.limb(
            [(0.1 * side, 0.4), (0.095 * side, 0.2), (0.1 * side, 0.06)], [0.14, 0.115, 0.105], fur
        )
        pen.ellipse(0.105 * side, 0.04, 0.08, 0.045, light)
    pen.limb(
        [(-0.15, 0.515), (0, 0.475), (0.15, 0.515)],
        [0.05, 0.055, 0.05],
        Material(hex_colour("b2282e"), "gloss"),
    )
    pen.ellipse(0, 0.445, 0.035, 0.038, Material(hex_colour("e3b64a"), "metal"))
    pen.blob(
        [
            (-0.2, 0.78),
            (-0.19, 0.64),
            (-0.12, 0.53),
            (0, 0.5),
            (0.12, 0.53),
            (0.19, 0.64),
            (0.2, 0.78),
            (0.15, 0.9),
            (0, 0.94),
            (-0.15, 0.9),
        ],
        fur,
    )
    pen.both(
        lambda side: pen.blob(
            [
                (0.12 * side, 0.91),
                (0.2 * side, 0.93),
                (0.285 * side, 0.8),
                (0.31 * side, 0.62),
                (0.265 * side, 0.55),
                (0.205 * side, 0.62),
                (0.18 * side, 0.78),
            ],
            ear,
        )
    )
    pen.blob(
        [(-0.035, 0.93), (0.035, 0.93), (0.045, 0.76), (0, 0.7), (-0.045, 0.76)], light, line=False
    )
    pen.blob([(-0.045, 0.58), (0.045, 0.58), (0.05, 0.5), (0, 0.455), (-0.05, 0.5)], tongue)
    pen.both(lambda side: pen.ellipse(0.055 * side, 0.62, 0.085, 0.07, light))
    pen.blob(
        [(-0.055, 0.705), (0, 0.715), (0.055, 0.705), (0.03, 0.66), (0, 0.645), (-0.03, 0.66)], NOSE
    )
    pen.both(
        lambda side: eye(pen, 0.088 * side, 0.765, 0.033, Material(hex_colour("5b3417"), "gloss"))
    )
    pen.both(
        lambda side: pen.limb(
            [(0.06 * side, 0.825), (0.115 * side, 0.825)], [0.012, 0.018], ear, line=False
        )
    )
