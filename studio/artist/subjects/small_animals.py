"""What flies or swims: a bird, a fish, a butterfly."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.animals import GLINT, PUPIL
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour


@subject(reach=(-0.72, 0.72, 0.0, 0.9), size=0.6, gesture="float")
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


@subject(reach=(-0.72, 0.72, 0.1, 0.9), size=0.56, gesture="sway")
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


@subject(reach=(-0.6, 0.6, 0.05, 0.98), size=0.56, gesture="float")
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
