"""Devices, as an advertisement would show them."""

from __future__ import annotations

import math

from studio.artist.drawing.figure import Material, arc
from studio.artist.drawing.pen import Pen
from studio.artist.subjects.products import SHINE
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour


@subject(reach=(-0.38, 0.38, 0.0, 1.02), size=0.66, gesture="none")
def speaker(pen: Pen) -> None:
    """A loudspeaker box: one large cone, one small, a lit ring, feet."""
    box = pen.main(hex_colour("33363d"), "gloss")
    rubber = Material(hex_colour("1b1c20"))
    cone = Material(hex_colour("565b66"))
    ring = Material(hex_colour("c9ced6"), "metal")
    lit = Material(hex_colour("5ce1ff"), "light")

    pen.both(
        lambda side: pen.box(0.2 * side - 0.05, 0.0, 0.2 * side + 0.05, 0.05, rubber, corner=0.01)
    )
    pen.box(-0.36, 0.03, 0.36, 1.0, box.flat(0.3), corner=0.09)
    pen.box(-0.31, 0.08, 0.31, 0.95, box.darker(0.82).flat(0.15), corner=0.07)
    for y, r in ((0.36, 0.235), (0.77, 0.118)):
        pen.ellipse(0, y, r + 0.022, r + 0.022, lit if y < 0.5 else ring)
        pen.ellipse(0, y, r + 0.006, r + 0.006, ring)
        pen.ellipse(0, y, r - 0.012, r - 0.012, rubber)
        # A cone goes in: darker above where it faces the light, the dust cap bulges out again.
        for step in range(5):
            inner = (r - 0.035) * (1 - step * 0.14)
            pen.ellipse(
                0, y, inner, inner, cone.darker(0.95 - 0.14 * step).flat(0.15), line=step == 0
            )
        pen.ellipse(0, y, r * 0.34, r * 0.34, rubber.lighter(0.12).as_finish("gloss"))
    for x in (-0.26, 0.26):
        for y in (0.13, 0.9):
            pen.ellipse(x, y, 0.014, 0.014, ring)
    pen.ellipse(0.0, 0.955, 0.01, 0.01, lit, line=False)


@subject(reach=(-0.5, 0.5, 0.0, 1.02), size=0.64, gesture="none")
def headphones(pen: Pen) -> None:
    """Over-ear headphones standing upright: padded band, sliders, two oval cushions."""
    shell = pen.main(hex_colour("2f3238"), "gloss")
    pad = Material(hex_colour("4b4038"))
    steel = Material(hex_colour("cfd4da"), "metal")

    pen.limb(
        arc(0, 0.5, 0.385, 0.46, 5, 175, 16), [0.05, 0.06, 0.075, 0.085, 0.075, 0.06, 0.05], shell
    )
    pen.limb(arc(0, 0.5, 0.34, 0.41, 40, 140, 12), [0.03, 0.055, 0.065, 0.055, 0.03], pad)

    def cup(side: int) -> None:
        pen.limb([(0.385 * side, 0.55), (0.39 * side, 0.36)], [0.034, 0.034], steel)
        pen.ellipse(0.31 * side, 0.27, 0.105, 0.25, pad, tilt=-6 * side)
        pen.ellipse(0.36 * side, 0.27, 0.11, 0.265, shell, tilt=-6 * side)
        pen.ellipse(0.395 * side, 0.27, 0.085, 0.225, shell.lighter(0.08), tilt=-6 * side)
        pen.ring(0.395 * side, 0.27, 0.062, 0.17, 0.012, steel)
        pen.ellipse(
            0.4 * side, 0.27, 0.018, 0.03, Material(hex_colour("6fe3ff"), "light"), tilt=-6 * side
        )

    pen.both(cup)


@subject(reach=(-0.36, 0.4, 0.0, 1.02), size=0.72, gesture="none")
def watch(pen: Pen) -> None:
    """A wristwatch seen from the front: strap above and below, steel case, dial, hands, crown."""
    steel = pen.main(hex_colour("c6ccd3"), "metal").as_finish("metal")
    strap = Material(hex_colour("5b3521"))
    dial = Material(hex_colour("14243f"), "gloss")
    mark = Material(hex_colour("f3efe2"))

    pen.shape([(-0.17, 0.74), (0.17, 0.74), (0.135, 1.0), (-0.135, 1.0)], strap)
    pen.shape([(-0.17, 0.26), (0.17, 0.26), (0.135, 0.0), (-0.135, 0.0)], strap)
    for y0, y1 in ((0.78, 0.985), (0.22, 0.015)):
        for side in (-1, 1):
            pen.limb(
                [(0.145 * side, y0), (0.112 * side, y1)],
                [0.007, 0.007],
                strap.lighter(0.35),
                line=False,
            )
    for y in (0.14, 0.09, 0.045):
        pen.ellipse(0, y, 0.012, 0.014, strap.darker(0.4))
    pen.both(lambda side: pen.limb([(0.16 * side, 0.8), (0.2 * side, 0.68)], [0.05, 0.06], steel))
    pen.both(lambda side: pen.limb([(0.16 * side, 0.2), (0.2 * side, 0.32)], [0.05, 0.06], steel))
    pen.box(0.28, 0.465, 0.37, 0.535, steel, corner=0.02)
    for y in (0.63, 0.37):
        pen.box(0.245, y - 0.025, 0.32, y + 0.025, steel, corner=0.015, tilt=20 if y > 0.5 else -20)
    pen.ellipse(0, 0.5, 0.305, 0.305, steel)
    pen.ellipse(0, 0.5, 0.258, 0.258, steel.darker(0.55))
    pen.ellipse(0, 0.5, 0.245, 0.245, dial.flat(0.08))
    for hour in range(12):
        angle = math.radians(30 * hour)
        near = 0.185 if hour % 3 == 0 else 0.2
        pen.limb(
            [
                (near * math.sin(angle), 0.5 + near * math.cos(angle)),
                (0.225 * math.sin(angle), 0.5 + 0.225 * math.cos(angle)),
            ],
            [0.02 if hour % 3 == 0 else 0.01] * 2,
            mark,
        )
    for angle_deg, length, thick in ((305, 0.115, 0.02), (55, 0.17, 0.015)):
        angle = math.radians(angle_deg)
        pen.limb(
            [(0, 0.5), (length * math.sin(angle), 0.5 + length * math.cos(angle))],
            [thick, thick * 0.5],
            mark,
        )
    angle = math.radians(200)
    pen.limb(
        [
            (-0.05 * math.sin(angle), 0.5 - 0.05 * math.cos(angle)),
            (0.19 * math.sin(angle), 0.5 + 0.19 * math.cos(angle)),
        ],
        [0.007, 0.004],
        Material(hex_colour("e5582f")),
    )
    pen.ellipse(0, 0.5, 0.015, 0.015, steel)
    pen.blob(
        [(-0.2, 0.58), (-0.1, 0.69), (0.02, 0.735), (-0.06, 0.66), (-0.14, 0.55)],
        Material(hex_colour("7d93b5"), "glass"),
        line=False,
    )


@subject(reach=(-0.27, 0.27, 0.0, 1.02), size=0.7, gesture="none")
def phone(pen: Pen) -> None:
    """A telephone standing up: thin metal frame, a lit screen with a picture and round icons."""
    frame = pen.main(hex_colour("3a3e46"), "metal")
    pen.box(0.235, 0.62, 0.262, 0.74, frame, corner=0.008)
    pen.box(-0.25, 0.0, 0.25, 1.0, frame, corner=0.085)
    pen.box(
        -0.228, 0.022, 0.228, 0.978, Material(hex_colour("0b0d12"), "gloss").flat(0.05), corner=0.07
    )
    pen.box(-0.212, 0.038, 0.212, 0.962, Material(hex_colour("24489a"), "light"), corner=0.058)
    pen.blob(
        [
            (-0.212, 0.5),
            (-0.1, 0.62),
            (0.05, 0.52),
            (0.212, 0.66),
            (0.212, 0.4),
            (0.212, 0.12),
            (0, 0.2),
            (-0.212, 0.1),
        ],
        Material(hex_colour("7a4fc4"), "light"),
        line=False,
    )
    pen.blob(
        [
            (-0.212, 0.36),
            (-0.06, 0.42),
            (0.1, 0.28),
            (0.212, 0.38),
            (0.206, 0.1),
            (0, 0.045),
            (-0.206, 0.1),
        ],
        Material(hex_colour("e56aa6"), "light"),
        line=False,
    )
    pen.box(-0.06, 0.915, 0.06, 0.945, Material(hex_colour("05060a")), corner=0.015)
    pen.box(-0.12, 0.76, 0.12, 0.82, SHINE, corner=0.02, line=False)
    for index, code in enumerate(("4fd38a", "ffb347", "5cc8ff", "ff6b6b")):
        x = -0.15 + 0.1 * index
        pen.box(
            x - 0.036, 0.085, x + 0.036, 0.157, Material(hex_colour(code), "light"), corner=0.018
        )


@subject(reach=(-0.56, 0.56, 0.0, 0.78), size=0.62, gesture="none")
def photo_camera(pen: Pen) -> None:
    """A rangefinder camera from the front: leather body, chrome top, a large lens, viewfinder."""
    chrome = pen.main(hex_colour("c8ccd2"), "metal")
    leather = Material(hex_colour("26231f"))
    glass = Material(hex_colour("24325a"), "gloss")
    pen.box(0.3, 0.64, 0.42, 0.72, chrome, corner=0.02)
    pen.box(-0.44, 0.64, -0.28, 0.7, chrome, corner=0.02)
    pen.box(-0.16, 0.6, 0.16, 0.76, chrome, corner=0.04)
    pen.box(-0.54, 0.0, 0.54, 0.62, leather.flat(0.25), corner=0.1)
    pen.box(-0.54, 0.48, 0.54, 0.66, chrome.flat(0.4), corner=0.06)
    pen.box(-0.09, 0.63, 0.09, 0.73, glass, corner=0.02)
    pen.ellipse(0, 0.3, 0.27, 0.27, chrome)
    pen.ellipse(0, 0.3, 0.235, 0.235, Material(hex_colour("17181b"), "gloss"))
    pen.ellipse(0, 0.3, 0.19, 0.19, chrome.darker(0.5))
    pen.ellipse(0, 0.3, 0.165, 0.165, glass)
    pen.ellipse(0, 0.3, 0.09, 0.09, glass.darker(0.5))
    pen.ellipse(-0.06, 0.37, 0.04, 0.028, SHINE, tilt=35, line=False)
    pen.ellipse(0.4, 0.56, 0.04, 0.04, Material(hex_colour("c23a2e"), "gloss"))


@subject(reach=(-0.36, 0.36, 0.0, 1.0), size=0.68, gesture="none")
def lamp(pen: Pen) -> None:
    """A table lamp: glowing conical shade, slim stem, round foot, a pull chain."""
    brass = Material(hex_colour("c79a4b"), "metal")
    shade_cloth = pen.main(hex_colour("ffd9a0"))
    pen.ellipse(0, 0.045, 0.2, 0.05, brass)
    pen.limb([(0, 0.06), (0, 0.2), (0, 0.6)], [0.09, 0.04, 0.035], brass)
    pen.ellipse(0, 0.24, 0.07, 0.09, brass)
    pen.limb([(0.12, 0.56), (0.12, 0.42)], [0.008, 0.008], brass)
    pen.ellipse(0.12, 0.41, 0.016, 0.018, brass)
    pen.shape(
        [(-0.34, 0.52), (0.34, 0.52), (0.19, 0.97), (-0.19, 0.97)],
        Material(shade_cloth.colour, "light"),
    )
    pen.ellipse(0, 0.52, 0.34, 0.035, Material(hex_colour("fff4d6"), "light"))
    pen.limb([(-0.19, 0.97), (0, 0.955), (0.19, 0.97)], [0.014] * 3, brass)
