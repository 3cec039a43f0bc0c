"""Trees, flowers, mountains, and what hangs in the sky."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour


@subject(reach=(-0.56, 0.56, 0.0, 1.02), size=0.8, gesture="sway")
def tree(pen: Pen) -> None:
    """A broad old tree: forked trunk, spreading roots, a crown of many leafy clumps."""
    leaf = pen.main(hex_colour("4f8a3c"), "fur").as_finish("fur")
    bark = Material(hex_colour("6a4a33"), "fur")

    pen.blob(
        [
            (-0.17, 0.0),
            (-0.17, 0.0),
            (-0.085, 0.06),
            (-0.06, 0.2),
            (-0.055, 0.42),
            (0.055, 0.42),
            (0.065, 0.2),
            (0.09, 0.06),
            (0.18, 0.0),
            (0.18, 0.0),
            (0.05, 0.015),
            (-0.04, 0.012),
        ],
        bark,
    )
    for points, widths in (
        ([(-0.02, 0.34), (-0.14, 0.5), (-0.28, 0.6)], [0.08, 0.06, 0.03]),
        ([(0.02, 0.36), (0.13, 0.5), (0.26, 0.62)], [0.08, 0.06, 0.03]),
        ([(0.0, 0.38), (0.0, 0.56), (-0.03, 0.72)], [0.09, 0.06, 0.03]),
    ):
        pen.limb(points, widths, bark)
    clumps = [
        (-0.33, 0.56, 0.17, 0.6),
        (0.34, 0.56, 0.17, 0.62),
        (0.0, 0.6, 0.2, 0.6),
        (-0.2, 0.66, 0.2, 0.75),
        (0.2, 0.67, 0.2, 0.78),
        (-0.36, 0.7, 0.16, 0.85),
        (0.38, 0.71, 0.15, 0.85),
        (0.0, 0.76, 0.22, 0.92),
        (-0.21, 0.84, 0.16, 1.0),
        (0.2, 0.85, 0.16, 1.0),
        (0.0, 0.92, 0.1, 1.08),
    ]
    for x, y, r, tone in clumps:
        edge = 11
        turn = pen.rng.random() * 6.28
        outline = [
            (
                x + r * (1 + 0.09 * (i % 2)) * math.cos(turn + 2 * math.pi * i / edge),
                y + r * 0.82 * (1 + 0.09 * (i % 2)) * math.sin(turn + 2 * math.pi * i / edge),
            )
            for i in range(edge)
        ]
        pen.blob(outline, leaf.darker(tone))
        for _ in range(9):
            angle, far = pen.rng.random() * 6.28, r * math.sqrt(pen.rng.random()) * 0.85
            px, py = x + far * math.cos(angle), y + far * 0.82 * math.sin(angle)
            pen.ellipse(
                px,
                py,
                0.026,
                0.017,
                leaf.lighter(0.16).darker(tone),
                tilt=pen.rng.random() * 180,
                line=False,
            )


@subject(reach=(-0.42, 0.42, 0.0, 1.02), size=0.78, gesture="sway")
def flower(pen: Pen) -> None:
    """One large daisy-like bloom on a bent stem with two leaves."""
    petal = pen.main(hex_colour("e2568b"))
    stem = Material(hex_colour("4c8a3f"))
    heart = Material(hex_colour("f0b429"), "fur")

    pen.limb(
        [(0.0, 0.0), (0.045, 0.2), (0.03, 0.42), (0.0, 0.66)], [0.04, 0.036, 0.034, 0.03], stem
    )
    for side, y in ((-1, 0.13), (1, 0.24)):
        base = (0.04, y)
        pen.blob(
            [
                base,
                base,
                (0.14 * side + 0.02, y + 0.03),
                (0.3 * side, y + 0.15),
                (0.36 * side, y + 0.26),
                (0.36 * side, y + 0.26),
                (0.2 * side, y + 0.22),
                (0.07 * side + 0.02, y + 0.13),
            ],
            stem.lighter(0.1),
        )
        pen.limb(
            [base, (0.17 * side, y + 0.12), (0.33 * side, y + 0.24)],
            [0.01, 0.008, 0.003],
            stem.darker(0.7),
            line=False,
        )
    for ring, count, far, wide, tone in ((0, 11, 0.3, 0.082, 0.78), (1, 11, 0.26, 0.075, 1.0)):
        for index in range(count):
            angle = 2 * math.pi * (index + 0.5 * ring) / count
            cos, sin = math.cos(angle), math.sin(angle)
            across = (-sin * wide, cos * wide)
            points = [
                (0.05 * cos, 0.72 + 0.05 * sin),
                (0.55 * far * cos + across[0] * 0.75, 0.72 + 0.55 * far * sin + across[1] * 0.75),
                (0.88 * far * cos + across[0] * 0.8, 0.72 + 0.88 * far * sin + across[1] * 0.8),
                (far * cos, 0.72 + far * sin),
                (0.88 * far * cos - across[0] * 0.8, 0.72 + 0.88 * far * sin - across[1] * 0.8),
                (0.55 * far * cos - across[0] * 0.75, 0.72 + 0.55 * far * sin - across[1] * 0.75),
            ]
            pen.blob(points, petal.darker(tone))
            pen.limb(
                [(0.09 * cos, 0.72 + 0.09 * sin), (0.8 * far * cos, 0.72 + 0.8 * far * sin)],
                [0.008, 0.003],
                petal.darker(0.62),
                line=False,
            )
    pen.ellipse(0, 0.72, 0.092, 0.088, heart.darker(0.75))
    pen.ellipse(0, 0.725, 0.076, 0.072, heart)
    for index in range(40):
        far = 0.066 * math.sqrt(index / 40)
        angle = index * 2.39996
        pen.ellipse(
            far * math.cos(angle),
            0.725 + far * math.sin(angle),
            0.007,
            0.007,
            heart.lighter(0.3),
            line=False,
        )


@subject(reach=(-0.95, 0.95, 0.0, 0.98), size=0.66, gesture="none")
def mountain(pen: Pen) -> None:
    """One great peak with a snow cap, ridges lit on one side, shoulders left and right."""
    rock = pen.main(hex_colour("6c7690"))
    snow = Material(hex_colour("f4f7fc"))
    peak = [
        (-0.92, 0.0),
        (-0.7, 0.17),
        (-0.58, 0.24),
        (-0.4, 0.47),
        (-0.3, 0.52),
        (-0.12, 0.83),
        (-0.04, 0.92),
        (0.02, 0.97),
        (0.09, 0.88),
        (0.2, 0.7),
        (0.29, 0.62),
        (0.42, 0.41),
        (0.56, 0.33),
        (0.72, 0.15),
        (0.92, 0.0),
    ]
    pen.shape(
        [(-0.95, 0.0), (-0.78, 0.22), (-0.66, 0.36), (-0.52, 0.28), (-0.3, 0.0)],
        rock.darker(0.75).flat(0.4),
    )
    pen.shape(
        [(0.95, 0.0), (0.8, 0.2), (0.66, 0.42), (0.5, 0.3), (0.28, 0.0)], rock.darker(0.7).flat(0.4)
    )
    pen.shape(peak, rock.flat(0.35))
    shade_side = [
        (0.02, 0.97),
        (0.09, 0.88),
        (0.2, 0.7),
        (0.29, 0.62),
        (0.42, 0.41),
        (0.56, 0.33),
        (0.72, 0.15),
        (0.92, 0.0),
        (0.16, 0.0),
        (0.1, 0.16),
        (0.2, 0.3),
        (0.04, 0.45),
        (0.11, 0.58),
        (-0.01, 0.72),
        (0.04, 0.85),
    ]
    pen.shape(shade_side, rock.darker(0.55).flat(0.2), line=False)
    cap = [
        (-0.24, 0.62),
        (-0.12, 0.83),
        (-0.04, 0.92),
        (0.02, 0.97),
        (0.09, 0.88),
        (0.2, 0.7),
        (0.26, 0.645),
        (0.19, 0.62),
        (0.14, 0.67),
        (0.09, 0.57),
        (0.04, 0.64),
        (-0.02, 0.53),
        (-0.07, 0.62),
        (-0.13, 0.55),
        (-0.17, 0.63),
    ]
    pen.shape(cap, snow.flat(0.3))
    pen.shape(
        [
            (0.02, 0.97),
            (0.09, 0.88),
            (0.2, 0.7),
            (0.26, 0.645),
            (0.19, 0.62),
            (0.14, 0.67),
            (0.09, 0.57),
            (0.04, 0.64),
            (0.07, 0.74),
            (0.01, 0.83),
        ],
        Material(hex_colour("b6c3dc")).flat(0.2),
        line=False,
    )
    for points in (
        [(-0.3, 0.5), (-0.36, 0.36), (-0.3, 0.22)],
        [(-0.14, 0.5), (-0.2, 0.34), (-0.12, 0.14)],
        [(-0.5, 0.3), (-0.5, 0.18), (-0.44, 0.06)],
        [(-0.02, 0.4), (-0.06, 0.24), (0.0, 0.08)],
    ):
        pen.limb(points, [0.008, 0.022, 0.004], rock.darker(0.62), line=False)


@subject(reach=(-0.72, 0.72, 0.0, 1.0), size=0.66, gesture="float")
def planet(pen: Pen) -> None:
    """A banded globe with a tilted ring that passes behind it and in front."""
    globe = pen.main(hex_colour("d79a5a"))
    ring = Material(hex_colour("e8d3a4"))
    tilt = math.radians(14)

    def ring_half(start: int, end: int, far: float, thick: float, material: Material) -> None:
        points = []
        for step in range(25):
            angle = math.radians(start + (end - start) * step / 24)
            x, y = far * math.cos(angle), far * 0.24 * math.sin(angle)
            points.append(
                (
                    x * math.cos(tilt) - y * math.sin(tilt),
                    0.5 + x * math.sin(tilt) + y * math.cos(tilt),
                )
            )
        pen.limb(points, [thick] * 5, material)

    ring_half(0, 180, 0.64, 0.05, ring.darker(0.6))
    ring_half(0, 180, 0.56, 0.05, ring.darker(0.45))
    pen.ellipse(0, 0.5, 0.42, 0.42, globe)
    for y, half, thick, tone in (
        (0.72, 0.34, 0.05, 0.8),
        (0.6, 0.4, 0.035, 1.15),
        (0.48, 0.415, 0.07, 0.75),
        (0.36, 0.385, 0.03, 1.12),
        (0.26, 0.32, 0.05, 0.82),
    ):
        pen.limb(
            [(-half, y - 0.03), (0, y - 0.07), (half, y + 0.03)],
            [thick * 0.5, thick, thick * 0.5],
            globe.darker(tone),
            line=False,
        )
    pen.ellipse(0.14, 0.46, 0.07, 0.04, globe.darker(0.6), tilt=10, line=False)
    ring_half(180, 360, 0.64, 0.05, ring)
    ring_half(180, 360, 0.56, 0.05, ring.darker(0.75))
