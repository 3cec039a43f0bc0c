"""Figures on two legs: a robot, a person, an astronaut."""

from __future__ import annotations

from studio.artist.drawing.figure import Material
from studio.artist.drawing.pen import Pen
from studio.artist.people.appearance import look_of
from studio.artist.people.body import Body
from studio.artist.people.outfits import HAIRS, SKINS
from studio.artist.people.poses import action_of, stance
from studio.artist.subjects.registry import subject
from studio.media.raster import hex_colour

__all__ = ["HAIRS", "SKINS", "astronaut", "person", "robot"]


@subject(reach=(-0.36, 0.36, 0.0, 1.06), size=0.76)
def robot(pen: Pen) -> None:
    """A friendly machine: visor with two lit eyes, antenna, barrel chest, jointed limbs."""
    shell = pen.main(hex_colour("c9ced6"), "metal")
    joint = Material(hex_colour("3a3f4a"), "metal")
    dark = Material(hex_colour("15181f"), "gloss")
    eye = Material(hex_colour("7fe9ff"), "light")

    def leg(side: int) -> None:
        pen.limb([(0.10 * side, 0.36), (0.115 * side, 0.2)], [0.07, 0.06], joint)
        pen.box(0.055 * side, 0.06, 0.175 * side, 0.225, shell, corner=0.04)
        pen.ellipse(0.11 * side, 0.24, 0.045, 0.045, joint)
        pen.blob(
            [
                (0.03 * side, 0.0),
                (0.03 * side, 0.0),
                (0.045 * side, 0.075),
                (0.115 * side, 0.10),
                (0.19 * side, 0.075),
                (0.225 * side, 0.0),
                (0.225 * side, 0.0),
            ],
            shell.darker(0.8),
        )

    def arm(side: int) -> None:
        pen.limb(
            [(0.2 * side, 0.62), (0.285 * side, 0.52), (0.285 * side, 0.4)],
            [0.06, 0.055, 0.05],
            joint,
        )
        pen.ellipse(0.215 * side, 0.625, 0.06, 0.06, shell)
        pen.limb([(0.288 * side, 0.46), (0.285 * side, 0.34)], [0.088, 0.078], shell)
        pen.limb(
            [(0.285 * side, 0.315), (0.255 * side, 0.27), (0.262 * side, 0.24)],
            [0.035, 0.032, 0.026],
            joint,
        )
        pen.limb(
            [(0.29 * side, 0.315), (0.325 * side, 0.27), (0.312 * side, 0.24)],
            [0.035, 0.032, 0.026],
            joint,
        )
        pen.ellipse(0.287 * side, 0.325, 0.04, 0.034, joint)

    pen.both(leg)
    pen.both(arm)
    pen.blob(
        [
            (-0.135, 0.355),
            (0, 0.335),
            (0.135, 0.355),
            (0.19, 0.5),
            (0.185, 0.63),
            (0.09, 0.68),
            (-0.09, 0.68),
            (-0.185, 0.63),
            (-0.19, 0.5),
        ],
        shell,
    )
    pen.box(-0.105, 0.47, 0.105, 0.61, dark.flat(), corner=0.03)
    pen.ellipse(-0.055, 0.54, 0.03, 0.03, eye)
    pen.box(
        0.0, 0.55, 0.08, 0.562, Material(hex_colour("ffb454"), "light"), corner=0.006, line=False
    )
    pen.box(
        0.0, 0.52, 0.055, 0.532, Material(hex_colour("7fe9ff"), "light"), corner=0.006, line=False
    )
    pen.limb([(0, 0.67), (0, 0.72)], [0.085, 0.085], joint)
    pen.both(lambda side: pen.ellipse(0.2 * side, 0.84, 0.035, 0.055, joint))
    pen.limb([(0, 0.95), (0, 1.02)], [0.016, 0.012], joint)
    pen.ellipse(0, 1.03, 0.024, 0.024, Material(hex_colour("ff6a4d"), "light"))
    pen.box(-0.195, 0.705, 0.195, 0.965, shell, corner=0.1)
    pen.box(-0.155, 0.765, 0.155, 0.915, dark.flat(0.4), corner=0.07)
    pen.both(lambda side: pen.ellipse(0.068 * side, 0.845, 0.036, 0.04, eye))
    pen.limb([(-0.045, 0.79), (0, 0.78), (0.045, 0.79)], [0.01, 0.012, 0.01], eye, line=False)


@subject(reach=(-0.4, 0.4, 0.0, 1.1), size=0.86)
def person(pen: Pen) -> None:
    """Someone, as the words say they look and what they do."""
    look = look_of(pen)
    action = action_of(pen.traits | {pen.word})
    Body(pen, look, stance(action, pen.phase)).draw()


@subject(reach=(-0.34, 0.34, 0.0, 1.04), size=0.76, gesture="float")
def astronaut(pen: Pen) -> None:
    """A white suit, a great golden visor, a backpack, stout boots."""
    suit = pen.main(hex_colour("eceef2"))
    seam = Material(hex_colour("8d96a6"))
    pack = Material(hex_colour("b9c0cc"), "gloss")
    visor = Material(hex_colour("b5782a"), "metal")
    stripe = Material(hex_colour("e0552f"))

    pen.box(-0.22, 0.44, 0.22, 0.79, pack, corner=0.06)

    def leg(side: int) -> None:
        pen.limb(
            [(0.085 * side, 0.42), (0.105 * side, 0.26), (0.105 * side, 0.1)],
            [0.17, 0.15, 0.135],
            suit,
        )
        pen.limb(
            [(0.035 * side, 0.225), (0.105 * side, 0.215), (0.175 * side, 0.225)],
            [0.012] * 3,
            seam,
            line=False,
        )
        pen.blob(
            [
                (0.025 * side, 0.0),
                (0.025 * side, 0.0),
                (0.03 * side, 0.09),
                (0.1 * side, 0.115),
                (0.18 * side, 0.09),
                (0.205 * side, 0.0),
                (0.205 * side, 0.0),
            ],
            pack.darker(0.8),
        )

    def arm(side: int) -> None:
        pen.limb(
            [(0.165 * side, 0.69), (0.245 * side, 0.57), (0.25 * side, 0.44)],
            [0.14, 0.125, 0.105],
            suit.darker(0.95),
        )
        pen.limb([(0.195 * side, 0.5), (0.3 * side, 0.5)], [0.018, 0.018], stripe, line=False)
        pen.ellipse(0.252 * side, 0.395, 0.052, 0.058, pack)

    pen.both(leg)
    pen.both(arm)
    pen.blob(
        [
            (-0.16, 0.4),
            (0, 0.37),
            (0.16, 0.4),
            (0.18, 0.55),
            (0.17, 0.7),
            (0.08, 0.755),
            (-0.08, 0.755),
            (-0.17, 0.7),
            (-0.18, 0.55),
        ],
        suit,
    )
    pen.box(-0.09, 0.5, 0.09, 0.61, pack.flat(0.5), corner=0.02)
    pen.ellipse(-0.05, 0.575, 0.016, 0.016, Material(hex_colour("ff5a3c"), "light"))
    pen.ellipse(0.0, 0.575, 0.016, 0.016, Material(hex_colour("6be28a"), "light"))
    pen.box(-0.065, 0.52, 0.065, 0.54, seam, corner=0.01, line=False)
    pen.limb([(0.08, 0.53), (0.17, 0.5), (0.19, 0.62)], [0.025, 0.025, 0.025], seam)
    pen.ellipse(0, 0.735, 0.14, 0.035, seam)
    pen.ellipse(0, 0.86, 0.175, 0.17, suit.as_finish("gloss"))
    pen.both(lambda side: pen.box(0.155 * side, 0.82, 0.195 * side, 0.9, pack, corner=0.015))
    pen.ellipse(0, 0.855, 0.132, 0.115, seam)
    pen.ellipse(0, 0.855, 0.122, 0.105, visor)
    pen.limb(
        [(-0.075, 0.895), (-0.045, 0.925), (0.0, 0.938)],
        [0.012, 0.02, 0.01],
        suit.lighter(),
        line=False,
    )
