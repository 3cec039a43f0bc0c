"""What people wear on their heads, drawn in the head's own measures (see `HeadFrame`)."""

from __future__ import annotations

import math
from collections.abc import Callable

from studio.artist.drawing.figure import Material
from studio.artist.people.frames import HeadFrame
from studio.media.raster import WHITE, hex_colour, mix

GOLD = Material(hex_colour("e2b040"), "metal")


def hides_hair(hat: str) -> bool:
    """Whether nothing of a bun would be seen under it."""
    return hat in ("toque", "helm", "firehelmet", "cap", "beanie", "hood", "ninja", "pointed")


def draw_hat(head: HeadFrame) -> None:
    """The hat the look asks for, if any."""
    draw = HATS.get(head.look.hat)
    if draw:
        draw(head)
    if "mask" in head.look.extras and not head.back:
        _diving_mask(head)
    if "headphones" in head.look.extras:
        band = Material((0.12, 0.12, 0.14), "gloss")
        head.stroke([(-1.05, 0.1), (-0.9, 0.9), (0, 1.3), (0.9, 0.9), (1.05, 0.1)], [0.14] * 5,
                    band, line=True)  # fmt: skip
        for side in (-1, 1):
            head.oval(side * 1.05, 0.0, 0.24, 0.36, band, line=True)


def _brim(head: HeadFrame, colour: Material, wide: float, b: float = 0.55) -> None:
    head.blob([(-wide, b + 0.02), (-0.6, b - 0.1), (0, b - 0.13), (0.6, b - 0.1), (wide, b + 0.02),
               (0.6, b + 0.2), (-0.6, b + 0.2)], colour)  # fmt: skip


def _crown(head: HeadFrame) -> None:
    head.blob([(-0.85, 0.72), (-0.85, 0.72), (-1.0, 1.45), (-1.0, 1.45), (-0.55, 1.05),
               (-0.55, 1.05), (-0.35, 1.6), (-0.35, 1.6), (0, 1.12), (0, 1.12), (0.35, 1.6),
               (0.35, 1.6), (0.55, 1.05), (0.55, 1.05), (1.0, 1.45), (1.0, 1.45), (0.85, 0.72),
               (0.85, 0.72), (0, 0.62)], GOLD)  # fmt: skip
    for a, colour in ((-0.5, "d62f4a"), (0.0, "3a8fd8"), (0.5, "d62f4a")):
        head.oval(a, 0.86, 0.12, 0.11, Material(hex_colour(colour), "gloss"))


def _tiara(head: HeadFrame) -> None:
    head.blob([(-0.75, 0.75), (-0.4, 0.95), (-0.25, 1.1), (0, 1.45), (0.25, 1.1), (0.4, 0.95),
               (0.75, 0.75), (0, 0.8)], GOLD)  # fmt: skip
    head.oval(0, 1.05, 0.12, 0.12, Material(hex_colour("e64a8a"), "gloss"))


def _toque(head: HeadFrame) -> None:
    white = Material((0.97, 0.96, 0.94))
    for a, b, r in ((-0.62, 1.55, 0.52), (0.62, 1.55, 0.52), (0, 1.8, 0.62)):
        head.oval(a, b, r, r, white, line=True)
    head.blob([(-0.92, 0.6), (-0.92, 0.6), (-0.95, 1.4), (0.95, 1.4), (0.92, 0.6), (0.92, 0.6),
               (0, 0.52)], white)  # fmt: skip
    for a in (-0.45, 0.0, 0.45):
        head.stroke([(a, 0.75), (a * 1.1, 1.25)], [0.03, 0.03], white.darker(0.8))


def _helm(head: HeadFrame) -> None:
    steel = Material(hex_colour("b9c2cc"), "metal")
    plume = Material(head.look.accent, "fur")
    head.stroke([(0.1, 1.15), (0.3, 1.75), (0.95, 1.7), (1.35, 1.05)], [0.3, 0.5, 0.45, 0.12],
                plume, line=True)  # fmt: skip
    head.blob([(-1.1, -0.6), (-1.15, 0.4), (-0.8, 1.1), (0, 1.32), (0.8, 1.1), (1.15, 0.4),
               (1.1, -0.6), (0.8, -0.7), (0.72, 0.25), (0.4, 0.5), (-0.4, 0.5), (-0.72, 0.25),
               (-0.8, -0.7)], steel)  # fmt: skip
    head.stroke([(-0.75, 0.52), (0, 0.62), (0.75, 0.52)], [0.14] * 3, steel.darker(0.7), line=True)


def _pointed(head: HeadFrame) -> None:
    cloth = Material(head.look.main)
    head.blob([(-0.95, 0.55), (-0.95, 0.55), (-0.55, 1.4), (0.05, 2.3), (0.5, 2.75), (0.42, 2.2),
               (0.6, 1.4), (0.95, 0.55), (0.95, 0.55)], cloth)  # fmt: skip
    _brim(head, cloth.darker(0.85), 1.75)
    head.stroke([(-0.85, 0.75), (0, 0.7), (0.85, 0.75)], [0.16] * 3, Material(head.look.accent))
    if "stars" in head.look.extras:
        for a, b in ((-0.3, 1.2), (0.25, 1.65)):
            points = [
                (a + math.sin(i * math.pi / 5) * (0.2 if i % 2 == 0 else 0.08),
                 b + math.cos(i * math.pi / 5) * (0.18 if i % 2 == 0 else 0.07))
                for i in range(10)
            ]  # fmt: skip
            head.pen.shape(head.all(points), Material(head.look.accent, "lit"), line=False)


def _tricorne(head: HeadFrame) -> None:
    felt = Material(hex_colour("2a2220"))
    head.blob([(-0.8, 0.6), (-0.7, 1.25), (0, 1.4), (0.7, 1.25), (0.8, 0.6)], felt)
    head.blob([(-1.65, 0.95), (-1.65, 0.95), (-0.9, 0.45), (0, 0.36), (0.9, 0.45), (1.65, 0.95),
               (1.65, 0.95), (0.8, 1.05), (0, 1.3), (-0.8, 1.05)], felt.lighter(0.06))  # fmt: skip
    head.stroke([(-1.55, 0.97), (-0.8, 1.06), (0, 1.29), (0.8, 1.06), (1.55, 0.97)], [0.06] * 5,
                GOLD)  # fmt: skip
    bone = Material((0.95, 0.94, 0.9), "lit")
    head.oval(0, 0.85, 0.2, 0.17, bone)
    head.stroke([(-0.3, 0.62), (0.3, 0.95)], [0.07, 0.07], bone)
    head.stroke([(0.3, 0.62), (-0.3, 0.95)], [0.07, 0.07], bone)
    for a in (-0.08, 0.08):
        head.oval(a, 0.87, 0.05, 0.05, felt)


def _fedora(head: HeadFrame) -> None:
    felt = Material(head.look.accent if sum(head.look.accent) < 1.6 else hex_colour("6a5238"))
    head.blob([(-0.92, 0.55), (-0.85, 1.2), (-0.4, 1.5), (0, 1.38), (0.4, 1.5), (0.85, 1.2),
               (0.92, 0.55)], felt)  # fmt: skip
    head.stroke([(-0.92, 0.72), (0, 0.66), (0.92, 0.72)], [0.2] * 3, felt.darker(0.4), line=True)
    _brim(head, felt, 1.5)


def _wide(head: HeadFrame) -> None:
    straw = hex_colour("e0b860") if head.look.hat == "straw" else hex_colour("7a5230")
    cloth = Material(straw)
    head.blob([(-0.9, 0.55), (-0.8, 1.25), (-0.3, 1.4), (0.3, 1.4), (0.8, 1.25), (0.9, 0.55)],
              cloth)  # fmt: skip
    head.stroke([(-0.9, 0.75), (0, 0.7), (0.9, 0.75)], [0.18] * 3, Material(head.look.accent))
    lift = 0.4 if head.look.hat == "cowboy" else 0.05
    head.blob([(-1.8, 0.6 + lift), (-0.9, 0.42), (0, 0.38), (0.9, 0.42), (1.8, 0.6 + lift),
               (0.9, 0.72), (-0.9, 0.72)], cloth)  # fmt: skip


def _firehelmet(head: HeadFrame) -> None:
    red = Material(hex_colour("cf2b26"), "gloss")
    head.blob([(-1.05, 0.5), (-1.0, 1.0), (-0.5, 1.4), (0, 1.5), (0.5, 1.4), (1.0, 1.0),
               (1.05, 0.5)], red)  # fmt: skip
    head.stroke([(0, 1.45), (0, 0.8)], [0.12, 0.12], red.darker(0.7), line=True)
    _brim(head, red.darker(0.9), 1.35, 0.5)
    head.blob([(-0.32, 0.62), (-0.3, 1.08), (0, 1.2), (0.3, 1.08), (0.32, 0.62), (0, 0.52)], GOLD)


def _cap(head: HeadFrame) -> None:
    look = head.look
    cloth = Material(look.accent if look.hat == "cap" else look.main)
    if look.hat == "police":
        cloth = Material(hex_colour("1f2c4a"))
    head.blob([(-1.0, 0.5), (-1.0, 0.95), (-0.5, 1.35), (0.4, 1.35), (1.0, 0.95), (1.0, 0.5)],
              cloth)  # fmt: skip
    m = head.turn
    if not head.back:
        head.blob([(-0.9 + m * 0.9, 0.5), (m * 1.2, 0.3), (0.9 + m * 0.7, 0.48),
                   (0.5 + m * 0.5, 0.64), (-0.6 + m * 0.6, 0.64)], cloth.darker(0.72))  # fmt: skip
    if look.hat == "police":
        head.oval(m * 0.5, 0.95, 0.2, 0.2, GOLD)


def _beanie(head: HeadFrame) -> None:
    wool = Material(head.look.accent, "fur")
    red = head.look.hat == "santa"
    if red:
        wool = Material(hex_colour("c4262c"))
        head.blob([(-0.98, 0.55), (-0.8, 1.2), (0, 1.65), (0.9, 1.55), (1.5, 0.9), (1.1, 1.0),
                   (0.98, 0.55)], wool)  # fmt: skip
        head.oval(1.5, 0.85, 0.24, 0.22, Material(WHITE, "fur"), line=True)
    else:
        head.blob([(-1.02, 0.45), (-0.95, 1.05), (-0.4, 1.42), (0.4, 1.42), (0.95, 1.05),
                   (1.02, 0.45)], wool)  # fmt: skip
        head.oval(0, 1.5, 0.26, 0.24, Material(WHITE, "fur"), line=True)
    edge = Material(WHITE, "fur") if red else wool.darker(0.75)
    head.stroke([(-1.0, 0.5), (0, 0.58), (1.0, 0.5)], [0.3, 0.34, 0.3], edge, line=True)


def _beret(head: HeadFrame) -> None:
    head.blob([(-1.0, 0.62), (-1.15, 1.0), (-0.3, 1.3), (0.9, 1.35), (1.35, 1.05), (1.0, 0.65),
               (0, 0.7)], Material(hex_colour("a8262c")))  # fmt: skip


def _hood(head: HeadFrame) -> None:
    """Open in front: the face stays in the light."""
    cloth = Material(mix(head.look.main, WHITE, 0.04))
    m = head.turn * 0.2
    head.blob([(-1.0 + m, -1.05), (-1.3, -0.6), (-1.32, 0.3), (-0.95, 1.15), (0, 1.45),
               (0.95, 1.15), (1.32, 0.3), (1.3, -0.6), (1.0 + m, -1.05), (0.95 + m, -0.4),
               (0.93 + m, 0.3), (0.6 + m, 0.8), (m, 0.95), (-0.6 + m, 0.8), (-0.93 + m, 0.3),
               (-0.95 + m, -0.4)], cloth)  # fmt: skip


def _ninja(head: HeadFrame) -> None:
    head.stroke([(-1.0, 0.5), (0, 0.56), (1.0, 0.5)], [0.2] * 3, Material(head.look.accent))


def _horned(head: HeadFrame) -> None:
    bone = Material(hex_colour("efe3c4"))
    for side in (-1, 1):
        head.stroke([(side * 0.85, 0.9), (side * 1.5, 1.1), (side * 1.6, 1.8)], [0.4, 0.3, 0.06],
                    bone, line=True)  # fmt: skip
    head.blob([(-1.0, 0.5), (-0.85, 1.1), (0, 1.42), (0.85, 1.1), (1.0, 0.5), (0, 0.55)],
              Material(hex_colour("8d9298"), "metal"))  # fmt: skip


def _hardhat(head: HeadFrame) -> None:
    yellow = Material(hex_colour("f5c62a"), "gloss")
    head.blob([(-1.0, 0.5), (-0.9, 1.1), (0, 1.45), (0.9, 1.1), (1.0, 0.5)], yellow)
    head.stroke([(0, 1.42), (0, 0.7)], [0.16, 0.16], yellow.darker(0.85), line=True)
    _brim(head, yellow, 1.2, 0.5)


def _nursecap(head: HeadFrame) -> None:
    white = Material((0.98, 0.98, 0.98))
    head.blob([(-0.75, 0.75), (-0.95, 1.3), (0.95, 1.3), (0.75, 0.75), (0, 0.85)], white)
    red = Material(head.look.accent, "lit")
    head.stroke([(-0.2, 1.05), (0.2, 1.05)], [0.12, 0.12], red)
    head.stroke([(0, 0.9), (0, 1.2)], [0.12, 0.12], red)


def _sailor(head: HeadFrame) -> None:
    head.blob([(-1.0, 0.85), (-1.1, 1.2), (0, 1.4), (1.1, 1.2), (1.0, 0.85)],
              Material((0.97, 0.97, 0.97)))  # fmt: skip
    head.stroke([(-0.95, 0.7), (0, 0.75), (0.95, 0.7)], [0.3] * 3, Material(hex_colour("27395e")),
                line=True)  # fmt: skip


def _diving_mask(head: HeadFrame) -> None:
    rubber = Material(hex_colour("f2b632"), "gloss")
    (a, b), _ = head.on(0.0, 0.08)
    a *= 0.8
    head.stroke([(-1.0, 0.2), (a, b + 0.05), (1.0, 0.2)], [0.14] * 3, rubber.darker(0.4))
    x, y = head.at(a, b)
    rx, ry = 0.078 * head.size, 0.042 * head.size
    head.pen.ring(x, y, rx, ry, 0.016 * head.size, rubber)
    head.pen.ellipse(x, y, rx, ry, Material(hex_colour("bfe6f2"), "glass"))
    head.stroke([(1.0, -0.5), (1.2, 0.3), (1.15, 1.3)], [0.16, 0.16, 0.18], rubber, line=True)


HATS: dict[str, Callable[[HeadFrame], None]] = {
    "crown": _crown,
    "tiara": _tiara,
    "toque": _toque,
    "helm": _helm,
    "pointed": _pointed,
    "tricorne": _tricorne,
    "fedora": _fedora,
    "straw": _wide,
    "cowboy": _wide,
    "firehelmet": _firehelmet,
    "cap": _cap,
    "police": _cap,
    "beanie": _beanie,
    "santa": _beanie,
    "beret": _beret,
    "hood": _hood,
    "ninja": _ninja,
    "horned": _horned,
    "hardhat": _hardhat,
    "nursecap": _nursecap,
    "sailor": _sailor,
}
