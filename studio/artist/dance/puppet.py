"""A dancer drawn by the studio: limbs painted once, joined and moved again for every frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.artist.dance.moves import Posture
from studio.artist.drawing.figure import Light, Material
from studio.artist.drawing.pen import Pen
from studio.artist.drawing.stage import sheet
from studio.artist.subjects.figures import HAIRS, SKINS
from studio.media.image.compositing import lay
from studio.media.raster import ByteArray, Colour, FloatArray, hex_colour

# Lengths, in shares of the height.
HIP = 0.485
_THIGH, _SHIN = 0.225, 0.215
_UPPER, _FORE = 0.165, 0.15
_SHOULDER_X, _SHOULDER_Y = 0.118, 0.285  # from the hips
_NECK_Y = 0.325
_HIP_X = 0.055
_THINNEST = 0.22  # of its width: a figure of paper has no side view

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """What the dancer is and wears. body: "person", "robot" or "astronaut"."""

    top: Colour
    trousers: Colour
    shoes: Colour
    accent: Colour
    body: str = "person"
    hair: str = "short"
    hat: str = ""
    bare_arms: bool = True
    shorts: bool = False


@dataclass(frozen=True, slots=True)
class Sprite:
    """A painted part: premultiplied pixels, where its joint is on them, pixels a unit."""

    pixels: ByteArray
    joint: Point
    scale: float


class Puppet:
    """Draws itself in any posture.

    height: about as many pixels tall it will be drawn. light: of the place it dances in.
    """

    def __init__(
        self, wardrobe: Wardrobe, height: float, light: Light, rng: np.random.Generator
    ) -> None:
        self._wardrobe, self._light, self._dice = wardrobe, light, rng
        self._scale = height
        self._skin = Material(hex_colour(SKINS[int(rng.integers(len(SKINS)))]))
        self._hair = Material(hex_colour(HAIRS[int(rng.integers(len(HAIRS)))]), "fur")
        if wardrobe.body == "robot":
            self._skin = Material(hex_colour("aeb6c2"), "metal")
        if wardrobe.body == "astronaut":
            self._skin = Material(hex_colour("b9c0cc"), "gloss")
        self._parts: Mapping[str, Sprite] = self._painted()

    def draw(self, frame: ByteArray, posture: Posture, place: FloatArray) -> None:
        """place: 2×3, from shares of the height (x right, y up, the ground at 0) to pixels."""
        turn = math.copysign(max(_THINNEST, abs(posture.turn)), posture.turn)
        placed = place @ _matrix3(turn, 0, 0, 1, 0, posture.lift)
        hips = (posture.x, HIP + posture.y)
        feet = {-1: (posture.lfx, posture.lfy), 1: (posture.rfx, posture.rfy)}
        for side in (-1, 1):
            self._leg(frame, placed, hips, feet[side], side)
        lean = math.radians(-posture.lean)
        trunk = _matrix3(
            math.cos(lean), -math.sin(lean), math.sin(lean), math.cos(lean), hips[0], hips[1]
        )
        self._lay(frame, "torso", placed @ trunk)
        nod = math.radians(-posture.nod)
        neck = trunk @ _matrix3(
            math.cos(nod), -math.sin(nod), math.sin(nod), math.cos(nod), 0, _NECK_Y
        )
        hands = {-1: (posture.lhx, posture.lhy), 1: (posture.rhx, posture.rhy)}
        # Arms that are up pass before the face, others behind the chin.
        for side in (-1, 1):
            if hands[side][1] <= 0:
                self._arm(frame, placed, trunk, hands[side], side)
        self._lay(frame, "head", placed @ neck)
        for side in (-1, 1):
            if hands[side][1] > 0:
                self._arm(frame, placed, trunk, hands[side], side)

    def _leg(
        self, frame: ByteArray, placed: FloatArray, hips: Point, foot: Point, side: int
    ) -> None:
        ankle = (foot[0], foot[1] + 0.045)
        start = (hips[0] + side * _HIP_X, hips[1] - 0.015)
        knee, ankle = _bend(start, ankle, _THIGH, _SHIN, side, 0.55)
        self._lay(frame, "thigh", placed @ _along(start, knee, _THIGH))
        self._lay(frame, "shin", placed @ _along(knee, ankle, _SHIN))
        # The sole stays level on the ground and tips with the shin in the air.
        tilt = math.atan2(ankle[0] - knee[0], knee[1] - ankle[1]) * min(1.0, foot[1] / 0.08)
        c, s = math.cos(tilt), math.sin(tilt)
        self._lay(frame, "shoe", placed @ _matrix3(side * c, -s, side * s, c, *ankle))

    def _arm(
        self, frame: ByteArray, placed: FloatArray, trunk: FloatArray, hand: Point, side: int
    ) -> None:
        start = (side * _SHOULDER_X, _SHOULDER_Y)
        end = (start[0] + hand[0], start[1] + hand[1])
        # Elbows point down and out; over the head they point out.
        elbow, end = _bend(start, end, _UPPER, _FORE, side, 0.9)
        self._lay(frame, "upper arm", placed @ trunk @ _along(start, elbow, _UPPER))
        self._lay(frame, "forearm", placed @ trunk @ _along(elbow, end, _FORE))

    def _lay(self, frame: ByteArray, name: str, matrix: npt.NDArray[np.floating]) -> None:
        sprite = self._parts[name]
        unit = 1 / sprite.scale
        local = _matrix3(unit, 0, 0, -unit, -sprite.joint[0] * unit, sprite.joint[1] * unit)
        lay(frame, sprite.pixels, np.asarray((matrix @ local)[:2], np.float32), extends=False)

    # Painting.

    def _painted(self) -> dict[str, Sprite]:
        return {
            "torso": self._part((-0.2, 0.2, -0.1, 0.38), self._torso),
            "head": self._part((-0.17, 0.17, -0.16, 0.32), self._head),
            "upper arm": self._part((-0.07, 0.07, -0.21, 0.06), self._upper_arm),
            "forearm": self._part((-0.06, 0.06, -0.23, 0.05), self._forearm),
            "thigh": self._part((-0.09, 0.09, -0.29, 0.08), self._thigh),
            "shin": self._part((-0.07, 0.07, -0.28, 0.07), self._shin),
            "shoe": self._part((-0.07, 0.13, -0.06, 0.06), self._shoe),
        }

    def _part(
        self, reach: tuple[float, float, float, float], paint: Callable[[Pen], None]
    ) -> Sprite:
        pen = Pen(scale=self._scale, reach=reach, light=self._light, rng=self._dice)
        paint(pen)
        figure = pen.finished()
        rgb = np.clip(figure.rgb + 0.5 * figure.glow, 0, 1)
        return Sprite(sheet(rgb, figure.alpha, self._dice), figure.foot, figure.scale)

    def _cloth(self, colour: Colour) -> Material:
        finish = {"robot": "metal", "astronaut": "matte"}.get(self._wardrobe.body, "matte")
        return Material(colour, finish)  # type: ignore[arg-type]

    def _torso(self, pen: Pen) -> None:
        top, trousers = self._cloth(self._wardrobe.top), self._cloth(self._wardrobe.trousers)
        accent = Material(self._wardrobe.accent)
        wide = 0.02 if self._wardrobe.body != "person" else 0.0
        pen.blob(
            [(-0.1, -0.05), (0, -0.075), (0.1, -0.05), (0.105, 0.03), (-0.105, 0.03)], trousers
        )
        pen.blob(
            [
                (-0.098 - wide, 0.0), (0, -0.012), (0.098 + wide, 0.0), (0.09 + wide, 0.12),
                (0.132 + wide, 0.25), (0.105, 0.31), (0.04, 0.332), (-0.04, 0.332),
                (-0.105, 0.31), (-0.132 - wide, 0.25), (-0.09 - wide, 0.12),
            ],
            top,
        )  # fmt: skip
        if self._wardrobe.body == "person":
            pen.blob([(-0.035, 0.335), (0, 0.295), (0.035, 0.335)], self._skin.darker(0.9))
            pen.limb([(-0.095, 0.005), (0, -0.006), (0.095, 0.005)], [0.022, 0.024, 0.022], accent)
            pen.limb(
                [(-0.07, 0.31), (0, 0.2), (0.075, 0.13)], [0.012, 0.014, 0.012], accent, line=False
            )
        else:
            pen.box(-0.07, 0.1, 0.07, 0.22, accent.flat(0.4), corner=0.02)
            light = Material(hex_colour("7fe9ff"), "light")
            pen.ellipse(-0.035, 0.17, 0.016, 0.016, light)
            pen.ellipse(0.02, 0.17, 0.016, 0.016, Material(hex_colour("ffb454"), "light"))

    def _upper_arm(self, pen: Pen) -> None:
        top = self._cloth(self._wardrobe.top)
        if self._wardrobe.bare_arms and self._wardrobe.body == "person":
            pen.limb([(0, 0), (0, -_UPPER)], [0.07, 0.058], self._skin)
            pen.limb([(0, 0.01), (0, -0.075)], [0.094, 0.088], top)
        else:
            pen.limb([(0, 0), (0, -_UPPER)], [0.092, 0.074], top)

    def _forearm(self, pen: Pen) -> None:
        bare = self._wardrobe.bare_arms and self._wardrobe.body == "person"
        sleeve = self._skin if bare else self._cloth(self._wardrobe.top).darker(0.95)
        pen.limb([(0, 0), (0, -_FORE)], [0.06, 0.048] if bare else [0.074, 0.062], sleeve)
        pen.ellipse(0.001, -_FORE - 0.024, 0.028, 0.036, self._skin)
        pen.limb([(0.018, -_FORE - 0.005), (0.03, -_FORE - 0.03)], [0.018, 0.014], self._skin)
        if bare:
            pen.limb(
                [(-0.026, -_FORE + 0.012), (0.026, -_FORE + 0.012)],
                [0.018, 0.018],
                Material(self._wardrobe.accent),
            )

    def _thigh(self, pen: Pen) -> None:
        pen.limb([(0, 0), (0, -_THIGH)], [0.118, 0.09], self._cloth(self._wardrobe.trousers))

    def _shin(self, pen: Pen) -> None:
        trousers = self._cloth(self._wardrobe.trousers).darker(0.94)
        if self._wardrobe.shorts and self._wardrobe.body == "person":
            pen.limb([(0, 0), (0, -0.08), (0, -_SHIN)], [0.08, 0.08, 0.052], self._skin)
            pen.limb(
                [(0, -_SHIN + 0.06), (0, -_SHIN)], [0.062, 0.056], Material(self._wardrobe.accent)
            )
        else:
            pen.limb([(0, 0), (0, -_SHIN)], [0.09, 0.068], trousers)

    def _shoe(self, pen: Pen) -> None:
        shoe = Material(self._wardrobe.shoes, "gloss")
        pen.blob(
            [
                (-0.04, -0.045), (-0.04, -0.045), (-0.043, 0.0), (-0.02, 0.028), (0.025, 0.02),
                (0.075, -0.012), (0.088, -0.045), (0.088, -0.045),
            ],
            shoe,
        )  # fmt: skip
        pen.limb([(-0.04, -0.04), (0.088, -0.04)], [0.014, 0.014], shoe.lighter(0.7), line=False)

    def _head(self, pen: Pen) -> None:
        if self._wardrobe.body == "person":
            _face(pen, self._skin, self._hair, self._wardrobe)
        else:
            _helmet(pen, self._skin, self._wardrobe)


def _face(pen: Pen, skin: Material, hair: Material, wardrobe: Wardrobe) -> None:
    """A laughing face, its neck in the collar."""
    if wardrobe.hair == "long":
        for side in (-1, 1):
            pen.blob(
                [(0.02 * side, 0.2), (0.1 * side, 0.2), (0.135 * side, 0.06),
                 (0.14 * side, -0.06), (0.075 * side, -0.07), (0.055 * side, 0.04)],
                hair.darker(0.8),
            )  # fmt: skip
    pen.limb([(0, -0.03), (0, 0.06)], [0.075, 0.064], skin.darker(0.85))
    for side in (-1, 1):
        pen.ellipse(0.089 * side, 0.125, 0.015, 0.024, skin.darker(0.9))
    pen.blob(
        [(-0.088, 0.15), (-0.082, 0.095), (-0.05, 0.042), (0, 0.024), (0.05, 0.042),
         (0.082, 0.095), (0.088, 0.15), (0.05, 0.205), (-0.05, 0.205)],
        skin,
    )  # fmt: skip
    if wardrobe.hat != "fur":
        pen.blob(
            [(-0.096, 0.115), (-0.096, 0.115), (-0.104, 0.19), (-0.05, 0.24), (0.03, 0.245),
             (0.098, 0.2), (0.096, 0.115), (0.096, 0.115), (0.072, 0.17), (0, 0.182),
             (-0.058, 0.17)],
            hair,
        )  # fmt: skip
    if wardrobe.hair == "long":
        for side in (-1, 1):
            pen.limb(
                [(0.075 * side, 0.2), (0.106 * side, 0.12), (0.118 * side, -0.02)],
                [0.03, 0.036, 0.03],
                hair,
            )
    dark = Material(hex_colour("1c1513"), "gloss")
    for side in (-1, 1):
        pen.ellipse(0.034 * side, 0.118, 0.0105, 0.0135, dark)
        pen.limb(
            [(0.018 * side, 0.144), (0.036 * side, 0.151), (0.052 * side, 0.144)],
            [0.006, 0.009, 0.006],
            hair.darker(0.8),
            line=False,
        )
        pen.ellipse(
            0.056 * side, 0.088, 0.017, 0.011, Material(hex_colour("e07a6a")).flat(0.1), line=False
        )
    pen.limb([(0.0, 0.112), (0.006, 0.09)], [0.008, 0.014], skin.darker(0.86), line=False)
    pen.blob(
        [(-0.034, 0.072), (0, 0.066), (0.034, 0.072), (0.02, 0.047), (-0.02, 0.047)],
        Material(hex_colour("6b1f24")).flat(0.2),
    )
    pen.limb(
        [(-0.027, 0.069), (0, 0.064), (0.027, 0.069)],
        [0.008, 0.011, 0.008],
        Material(hex_colour("fdf6ee")),
        line=False,
    )
    _hat(pen, wardrobe)


def _hat(pen: Pen, wardrobe: Wardrobe) -> None:
    accent = Material(wardrobe.accent)
    if wardrobe.hat == "fur":
        fur = Material(hex_colour("4a3326"), "fur")
        pen.blob([(-0.115, 0.165), (-0.12, 0.22), (-0.09, 0.29), (0, 0.305), (0.09, 0.29),
                  (0.12, 0.22), (0.115, 0.165), (0, 0.15)], fur)  # fmt: skip
        pen.ellipse(0, 0.225, 0.02, 0.02, Material(wardrobe.accent, "metal"))
    elif wardrobe.hat == "cap":
        pen.blob([(-0.105, 0.175), (-0.1, 0.235), (0, 0.268), (0.1, 0.235), (0.105, 0.175)], accent)
        pen.limb([(0.02, 0.178), (0.155, 0.168)], [0.03, 0.02], accent.darker(0.8))
    elif wardrobe.hat == "band":
        pen.limb([(-0.098, 0.17), (0, 0.185), (0.098, 0.17)], [0.032, 0.036, 0.032], accent)
    elif wardrobe.hat == "hat":
        pen.ellipse(0, 0.178, 0.15, 0.024, accent.darker(0.85))
        pen.blob([(-0.085, 0.18), (-0.08, 0.265), (0, 0.28), (0.08, 0.265), (0.085, 0.18)], accent)
    elif wardrobe.hat == "glasses":
        dark = Material(hex_colour("14131a"), "gloss")
        for side in (-1, 1):
            pen.box(0.008 * side, 0.1, 0.068 * side, 0.138, dark, corner=0.014)
        pen.limb([(-0.09, 0.132), (0.09, 0.132)], [0.008, 0.008], dark)


def _helmet(pen: Pen, shell: Material, wardrobe: Wardrobe) -> None:
    """A robot's visor or an astronaut's."""
    pen.limb([(0, -0.03), (0, 0.05)], [0.08, 0.08], shell.darker(0.5))
    if wardrobe.body == "robot":
        body = Material(wardrobe.top, "metal")
        pen.limb([(0, 0.24), (0, 0.29)], [0.014, 0.01], shell)
        pen.ellipse(0, 0.295, 0.018, 0.018, Material(hex_colour("ff6a4d"), "light"))
        pen.box(-0.15, 0.02, 0.15, 0.25, body, corner=0.08)
        pen.box(-0.12, 0.07, 0.12, 0.2, Material(hex_colour("15181f"), "gloss"), corner=0.055)
        for side in (-1, 1):
            pen.ellipse(0.05 * side, 0.14, 0.026, 0.03, Material(hex_colour("7fe9ff"), "light"))
        return
    pen.ellipse(0, 0.14, 0.155, 0.15, Material(wardrobe.top, "gloss"))
    pen.ellipse(0, 0.135, 0.118, 0.102, Material(hex_colour("8d96a6")))
    pen.ellipse(0, 0.135, 0.11, 0.094, Material(hex_colour("b5782a"), "metal"))


def _bend(
    start: Point, end: Point, first: float, second: float, side: int, open_: float
) -> tuple[Point, Point]:
    """The joint between two bones from start towards end, and how far end can be reached.

    open_: how much of the bend is seen; the rest of it comes towards us, and is foreshortened.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1e-6
    reach = min(max(length, abs(first - second) + 0.01), 0.998 * (first + second))
    # Along the line to the foot of the joint, then out to the side.
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    out = open_ * math.sqrt(max(0.0, first**2 - along**2))
    ux, uy = dx / length, dy / length
    nx, ny = (-uy, ux)
    # Knees and elbows point away from the body's middle line.
    if nx * side < 0:
        nx, ny = -nx, -ny
    joint = (start[0] + ux * along + nx * out, start[1] + uy * along + ny * out)
    return joint, (start[0] + ux * reach, start[1] + uy * reach)


def _along(start: Point, end: Point, length: float) -> FloatArray:
    """Puts a part painted hanging down from its joint, so long, between two points."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    seen = math.hypot(dx, dy) or 1e-6
    c, s, shorter = -dy / seen, dx / seen, seen / length
    return _matrix3(c, -s * shorter, s, c * shorter, start[0], start[1])


def _matrix3(a: float, b: float, c: float, d: float, x: float, y: float) -> FloatArray:
    return np.array([[a, b, x], [c, d, y], [0, 0, 1]], np.float32)
