"""Figures on two legs: a robot, a person, an astronaut."""

from __future__ import annotations

from tools.providers.studio.scenes.figure import Material, Pen
from tools.providers.studio.scenes.raster import hex_colour
from tools.providers.studio.scenes.subjects.registry import subject


@subject(
    "robot android mech droid automaton bot cyborg",
    reach=(-0.36, 0.36, 0.0, 1.06),
    size=0.76,
    home="studio",
)
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


SKINS = ("f2c6a0", "e6b48c", "d39a72", "a8714c", "80523a")
HAIRS = ("3a2720", "241b1a", "6b4326", "a8662e", "c99a52")
LONG_HAIRED = frozenset({"woman", "women", "girl", "lady", "queen", "princess", "singer", "dancer"})


@subject(
    "person man men woman women children girl boy "
    "human figure people child kid traveler traveller hiker hero dancer "
    "wizard samurai musician lady guy someone character detective chef farmer explorer actor "
    "king queen princess prince warrior knight student teacher couple family monk artist singer",
    reach=(-0.3, 0.3, 0.0, 1.02),
    size=0.78,
)
def person(pen: Pen) -> None:
    """Somebody in a long coat and scarf, weight on one leg, hands at rest."""
    coat = pen.main(hex_colour("b5543c"))
    trousers = Material(hex_colour("2b3142"))
    skin = Material(hex_colour(SKINS[int(pen.dice.integers(len(SKINS)))]))
    hair = Material(hex_colour(HAIRS[int(pen.dice.integers(len(HAIRS)))]), "fur")
    shoe = Material(hex_colour("241d1b"), "gloss")
    scarf = Material(hex_colour("e9d9b4"))
    long_haired = pen.word in LONG_HAIRED

    if long_haired:
        pen.blob(
            [
                (-0.1, 0.98),
                (-0.13, 0.86),
                (-0.15, 0.7),
                (-0.1, 0.62),
                (0.1, 0.62),
                (0.15, 0.7),
                (0.13, 0.86),
                (0.1, 0.98),
            ],
            hair.darker(0.8),
        )

    pen.limb([(-0.055, 0.46), (-0.065, 0.26), (-0.06, 0.05)], [0.11, 0.088, 0.066], trousers)
    pen.limb([(0.05, 0.46), (0.085, 0.26), (0.1, 0.05)], [0.11, 0.088, 0.066], trousers)
    pen.blob(
        [(-0.1, 0.0), (-0.1, 0.0), (-0.095, 0.055), (-0.04, 0.06), (-0.025, 0.0), (-0.025, 0.0)],
        shoe,
    )
    pen.blob(
        [(0.068, 0.0), (0.068, 0.0), (0.07, 0.06), (0.125, 0.055), (0.165, 0.0), (0.165, 0.0)], shoe
    )
    pen.limb(
        [(-0.125, 0.74), (-0.185, 0.6), (-0.165, 0.46)], [0.1, 0.082, 0.066], coat.darker(0.85)
    )
    pen.ellipse(-0.16, 0.425, 0.028, 0.038, skin)
    pen.blob(
        [
            (-0.145, 0.33),
            (-0.145, 0.33),
            (-0.02, 0.315),
            (0.15, 0.33),
            (0.15, 0.33),
            (0.115, 0.55),
            (0.14, 0.72),
            (0.105, 0.8),
            (0, 0.825),
            (-0.105, 0.8),
            (-0.14, 0.72),
            (-0.11, 0.55),
        ],
        coat,
    )
    pen.limb(
        [(0.01, 0.8), (0.02, 0.56), (0.03, 0.34)],
        [0.008, 0.006, 0.008],
        coat.darker(0.5),
        line=False,
    )
    pen.limb([(0.125, 0.74), (0.18, 0.6), (0.15, 0.47)], [0.1, 0.082, 0.066], coat)
    pen.ellipse(0.142, 0.435, 0.028, 0.038, skin)
    pen.limb([(0, 0.78), (0, 0.86)], [0.075, 0.065], skin.darker(0.85))
    pen.ellipse(-0.088, 0.915, 0.014, 0.022, skin.darker(0.9))
    pen.ellipse(0.088, 0.915, 0.014, 0.022, skin.darker(0.9))
    pen.blob(
        [
            (-0.085, 0.94),
            (-0.08, 0.885),
            (-0.05, 0.838),
            (0, 0.822),
            (0.05, 0.838),
            (0.08, 0.885),
            (0.085, 0.94),
            (0.05, 0.99),
            (-0.05, 0.99),
        ],
        skin,
    )
    pen.blob(
        [
            (-0.094, 0.9),
            (-0.094, 0.9),
            (-0.1, 0.975),
            (-0.05, 1.02),
            (0.03, 1.025),
            (0.095, 0.985),
            (0.095, 0.9),
            (0.095, 0.9),
            (0.07, 0.955),
            (0, 0.965),
            (-0.055, 0.955),
        ],
        hair,
    )
    if long_haired:
        pen.both(
            lambda side: pen.limb(
                [(0.075 * side, 0.97), (0.108 * side, 0.88), (0.112 * side, 0.72)],
                [0.04, 0.05, 0.03],
                hair,
            )
        )
    pen.both(
        lambda side: pen.ellipse(
            0.033 * side, 0.908, 0.0095, 0.0115, Material(hex_colour("1c1513"), "gloss")
        )
    )
    pen.limb(
        [(-0.022, 0.864), (0.0, 0.859), (0.022, 0.865)],
        [0.005, 0.008, 0.005],
        skin.darker(0.55),
        line=False,
    )
    pen.limb([(0.0, 0.905), (0.006, 0.884)], [0.008, 0.014], skin.darker(0.88), line=False)
    pen.limb([(-0.085, 0.8), (0, 0.775), (0.085, 0.8)], [0.055, 0.07, 0.055], scarf)
    pen.limb([(0.035, 0.78), (0.055, 0.7), (0.045, 0.61)], [0.05, 0.055, 0.05], scarf.darker(0.92))


@subject(
    "astronaut cosmonaut spaceman spacewoman spacesuit",
    reach=(-0.34, 0.34, 0.0, 1.04),
    size=0.76,
    home="space",
    gesture="float",
)
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
