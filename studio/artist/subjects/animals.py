"""Cats, foxes, dogs and what flies or swims."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

NOSE = Material(hex_colour("2a1c1c"), "gloss")
PUPIL = Material(hex_colour("120d0c"), "gloss")
GLINT = Material(hex_colour("ffffff"), "light")


def _eye(pen: Pen, x: float, y: float, size: float, iris: Material) -> None:
    pen.ellipse(x, y, size, size * 1.05, iris)
    pen.ellipse(x, y, size * 0.5, size * 0.85, PUPIL)
    pen.ellipse(x - size * 0.3, y + size * 0.35, size * 0.24, size * 0.24, GLINT, line=False)


@subject(
    "cat kitten kitty tomcat feline tabby",
    reach=(-0.4, 0.52, 0.0, 1.02),
    size=0.66,
)
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
        lambda side: _eye(pen, 0.105 * side, 0.71, 0.047, Material(hex_colour("a9d65c"), "gloss"))
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


@subject("fox foxes vixen", reach=(-0.5, 0.62, 0.0, 1.02), size=0.64)
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
    _eye(pen, -0.3, 0.725, 0.028, Material(hex_colour("e9b949"), "gloss"))
    pen.ellipse(-0.522, 0.615, 0.028, 0.025, NOSE)
    pen.limb(
        [(-0.49, 0.587), (-0.42, 0.585), (-0.36, 0.6)], [0.005, 0.007, 0.004], black, line=False
    )


@subject(
    "dog puppy hound retriever labrador wolf husky corgi terrier doggo",
    reach=(-0.42, 0.5, 0.0, 1.0),
    size=0.66,
)
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
        lambda side: _eye(pen, 0.088 * side, 0.765, 0.033, Material(hex_colour("5b3417"), "gloss"))
    )
    pen.both(
        lambda side: pen.limb(
            [(0.06 * side, 0.825), (0.115 * side, 0.825)], [0.012, 0.018], ear, line=False
        )
    )


@subject(
    "bird sparrow robin eagle hawk falcon crow raven songbird seagull birds dove",
    reach=(-0.72, 0.72, 0.0, 0.9),
    size=0.6,
    stands="air",
    gesture="float",
)
def bird(pen: Pen) -> None:
    """In flight, wings raised: a small round body, fanned feathers, a short beak."""
    plume = pen.main(hex_colour("3f78b8"), "fur").as_finish("fur")
    belly = Material(hex_colour("eec08a"), "fur")
    beak = Material(hex_colour("e39a2e"), "gloss")
    # The beat of the wings: raised at first, then down and up again.
    beat = 0.2 + 0.8 * math.cos(2 * math.pi * pen.phase)

    def beaten(y: float) -> float:
        return 0.42 + (y - 0.42) * beat

    for index in range(6):
        spread = index / 5
        tip = (-0.1 - 0.58 * spread**0.8, beaten(0.86 - 0.34 * spread**1.6))
        pen.limb(
            [(0.02, 0.42), ((0.02 + tip[0]) / 2 - 0.02, (0.45 + tip[1]) / 2 + 0.05), tip],
            [0.09, 0.1, 0.03],
            plume.darker(0.55 + 0.06 * (index % 2)),
        )
    pen.blob(
        [
            (0.3, 0.3),
            (0.46, 0.24),
            (0.66, 0.12),
            (0.68, 0.2),
            (0.7, 0.27),
            (0.5, 0.36),
            (0.33, 0.4),
        ],
        plume.darker(0.7),
    )
    pen.limb([(0.34, 0.32), (0.67, 0.17)], [0.05, 0.03], plume.darker(0.5), line=False)
    pen.blob(
        [
            (-0.3, 0.36),
            (-0.24, 0.24),
            (-0.05, 0.17),
            (0.18, 0.2),
            (0.38, 0.3),
            (0.34, 0.39),
            (0.12, 0.46),
            (-0.1, 0.5),
            (-0.24, 0.48),
        ],
        plume,
    )
    pen.blob(
        [(-0.31, 0.34), (-0.22, 0.24), (-0.05, 0.18), (0.14, 0.205), (0, 0.29), (-0.18, 0.34)],
        belly,
        line=False,
    )
    pen.shape([(-0.43, 0.43), (-0.555, 0.395), (-0.43, 0.375)], beak)
    pen.ellipse(-0.33, 0.43, 0.125, 0.115, plume)
    pen.blob(
        [(-0.44, 0.41), (-0.38, 0.43), (-0.29, 0.38), (-0.3, 0.33), (-0.38, 0.335)],
        belly,
        line=False,
    )
    pen.ellipse(-0.365, 0.455, 0.024, 0.026, PUPIL)
    pen.ellipse(-0.373, 0.464, 0.008, 0.008, GLINT, line=False)
    for index in range(7):
        spread = index / 6
        tip = (0.5 - 0.62 * spread, beaten(0.62 + 0.27 * spread**0.7))
        pen.limb(
            [
                (0.02 - 0.04 * spread, 0.38),
                ((0.02 + tip[0]) / 2 + 0.02, (0.4 + tip[1]) / 2 + 0.06),
                tip,
            ],
            [0.1, 0.11, 0.028],
            plume.darker(0.82) if index % 2 else plume,
        )
    pen.blob(
        [(x, beaten(y)) for x, y in ((-0.12, 0.42), (0.12, 0.36), (0.24, 0.48))]
        + [(x, beaten(y)) for x, y in ((0.1, 0.6), (-0.05, 0.6), (-0.12, 0.52))],
        plume.lighter(0.12),
    )


@subject(
    "fish goldfish koi salmon",
    reach=(-0.72, 0.72, 0.1, 0.9),
    size=0.56,
    stands="air",
    home="underwater",
    gesture="sway",
)
def fish(pen: Pen) -> None:
    """Swimming to the left: a deep oval body, striped, a forked veil of a tail, fins."""
    scale = pen.main(hex_colour("f08a2c"), "gloss")
    fin = Material(scale.colour, "glass").lighter(0.15)
    stripe = Material(hex_colour("fbf4e6"), "gloss")

    pen.blob(
        [
            (0.3, 0.5),
            (0.3, 0.5),
            (0.5, 0.72),
            (0.68, 0.82),
            (0.62, 0.62),
            (0.58, 0.5),
            (0.63, 0.36),
            (0.7, 0.18),
            (0.5, 0.28),
        ],
        fin,
    )
    pen.blob(
        [(-0.2, 0.68), (-0.08, 0.86), (0.12, 0.88), (0.28, 0.76), (0.3, 0.6), (0.05, 0.68)], fin
    )
    pen.blob([(-0.05, 0.3), (0.06, 0.15), (0.18, 0.13), (0.2, 0.32)], fin)
    pen.blob(
        [
            (-0.55, 0.5),
            (-0.46, 0.63),
            (-0.25, 0.74),
            (0, 0.75),
            (0.22, 0.64),
            (0.38, 0.53),
            (0.38, 0.47),
            (0.22, 0.36),
            (0, 0.26),
            (-0.25, 0.27),
            (-0.46, 0.38),
        ],
        scale,
    )
    for x, reach in ((-0.23, 0.225), (0.1, 0.185)):
        pen.blob(
            [
                (x - 0.03, 0.5 + reach),
                (x + 0.045, 0.5 + reach),
                (x + 0.06, 0.5),
                (x + 0.045, 0.505 - reach),
                (x - 0.03, 0.505 - reach),
                (x - 0.01, 0.5),
            ],
            stripe,
        )
    pen.blob([(-0.14, 0.47), (0.02, 0.5), (0.08, 0.4), (0.0, 0.33), (-0.1, 0.37)], fin)
    pen.ellipse(-0.4, 0.545, 0.05, 0.052, stripe)
    pen.ellipse(-0.408, 0.545, 0.03, 0.033, PUPIL)
    pen.ellipse(-0.42, 0.558, 0.011, 0.011, GLINT, line=False)
    pen.limb([(-0.545, 0.475), (-0.5, 0.455)], [0.012, 0.006], scale.darker(0.5), line=False)


@subject(
    "butterfly butterflies moth",
    reach=(-0.6, 0.6, 0.05, 0.98),
    size=0.56,
    stands="air",
    gesture="float",
)
def butterfly(pen: Pen) -> None:
    """Wings open: two pairs with dark borders and light spots, a slim body, curled feelers."""
    wing = pen.main(hex_colour("e8862c"))
    border = Material(hex_colour("241a1e"))
    spot = Material(hex_colour("f8ead0"))

    # Wings that close towards us look narrow.
    fold = 0.62 + 0.38 * math.cos(2 * math.pi * pen.phase)

    def pair(facing: int) -> None:
        side = facing * fold
        fore = [
            (0.02, 0.52),
            (0.16, 0.78),
            (0.4, 0.95),
            (0.56, 0.9),
            (0.55, 0.72),
            (0.42, 0.52),
            (0.2, 0.46),
        ]
        hind = [
            (0.02, 0.48),
            (0.22, 0.48),
            (0.42, 0.42),
            (0.46, 0.24),
            (0.34, 0.1),
            (0.18, 0.14),
            (0.08, 0.32),
        ]
        for outline, centre in ((hind, (0.25, 0.32)), (fore, (0.3, 0.69))):
            pen.blob([(x * side, y) for x, y in outline], border.flat(0.4))
            pen.blob(
                [
                    ((centre[0] + (x - centre[0]) * 0.8) * side, centre[1] + (y - centre[1]) * 0.8)
                    for x, y in outline
                ],
                wing.flat(0.5),
                line=False,
            )
        for x, y, r in (
            (0.49, 0.86, 0.022),
            (0.525, 0.78, 0.018),
            (0.4, 0.16, 0.018),
            (0.435, 0.25, 0.016),
            (0.5, 0.69, 0.014),
        ):
            pen.ellipse(x * side, y, r, r, spot)
        for end in ((0.38, 0.84), (0.44, 0.72), (0.36, 0.58), (0.36, 0.36), (0.28, 0.18)):
            pen.limb(
                [(0.04 * side, 0.5), (end[0] * side, end[1])], [0.014, 0.008], border, line=False
            )

    pen.both(pair)
    pen.both(
        lambda side: pen.limb(
            [(0.01 * side, 0.68), (0.07 * side, 0.82), (0.14 * side, 0.88)],
            [0.01, 0.008, 0.014],
            border,
        )
    )
    pen.limb(
        [(0, 0.66), (0, 0.5), (0, 0.24)], [0.05, 0.07, 0.025], Material(hex_colour("3a2a2c"), "fur")
    )
    pen.ellipse(0, 0.69, 0.034, 0.036, Material(hex_colour("3a2a2c"), "fur"))
