"""A seamless backdrop: one color from wall to floor without an edge, for what is shown alone."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel, Setting
from studio.media.raster import Colour, blur, hex_colour, luminance, mix, paint, shade, smoothstep

GREY, LIGHT, DARK = hex_colour("b9bcc1"), hex_colour("e6e7ea"), hex_colour("24262b")
# Where the paper bends from wall to floor.
BEND = 0.74


def paint_backdrop(easel: Easel) -> Setting:
    colour = _colour(easel)
    bright = float(luminance(paint(colour)[None])[0]) > 0.5
    back: list[Element] = [
        easel.layer(_paper(easel, colour, bright), None, 0.05, "backdrop"),
        _floor(easel, colour, bright),
    ]
    return Setting(
        back=back,
        front=[],
        light=Light(
            lamp=(-0.5 * easel.side, 0.75, 0.65),
            key=(1.0, 0.98, 0.95),
            sky=mix(shade(colour, 0.55), (0.4, 0.4, 0.42), 0.5),
            floor=shade(colour, 0.42),
            rim=easel.brief.accent or (1.0, 1.0, 1.0),
            rim_strength=0.25 if bright else 0.8,
            rim_side=float(easel.side),
        ),
        floor=0.87,
        haze=colour,
        reflection=0.07 if bright else 0.12,
        shadow=0.42 if bright else 0.7,
        sounds=("room",),
        bloom=0.12,
        vignette=0.06,
    )


def _colour(easel: Easel) -> Colour:
    if easel.brief.tint:
        dark = easel.mentions("dark") and not sum(easel.brief.tint) < 0.6
        return shade(easel.brief.tint, 0.4) if dark else easel.brief.tint
    if easel.mentions("dark"):
        return DARK
    return LIGHT if easel.mentions("light", "bright", "isolated") else GREY


def _paper(easel: Easel, colour: Colour, bright: bool) -> np.ndarray:
    """A little lighter where the lamp falls, nearly even everywhere."""
    centre = 0.5 - (0.06 + 0.1 * float(easel.rng("lamp").random())) * easel.side
    far = np.hypot((easel.u - centre) * easel.aspect, easel.v - 0.45)
    pool = np.exp(-((far / 0.8) ** 2))[..., None]
    low = 0.955 if bright else 0.86
    rgb = paint(shade(colour, low)) * (1 - pool) + paint(mix(colour, (1, 1, 1), 0.04)) * pool
    return np.asarray(rgb, np.float32)


def _floor(easel: Easel, colour: Colour, bright: bool) -> Element:
    """The bend is a breath of shade; before it the floor catches the lamp."""
    below = easel.v - BEND
    bend = np.exp(-((below / 0.07) ** 2)) * 0.05
    near = smoothstep(0.05, 0.32, below) * (0.05 if bright else 0.16)
    alpha = np.asarray(blur(np.maximum(bend, near), easel.space.height / 200), np.float32)
    rgb = np.broadcast_to(paint(shade(colour, 0.55)), (*alpha.shape, 3))
    return easel.layer(rgb, alpha, 0.5, "floor")
