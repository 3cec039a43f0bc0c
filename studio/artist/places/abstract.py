"""No place at all: ribbons of light and spheres over a mirror, in one harmony of colours."""

from __future__ import annotations

import colorsys

import numpy as np

from studio.artist.drawing.figure import Light, Material
from studio.artist.drawing.pen import Pen
from studio.artist.drawing.stage import Element, Layer, Motion, sheet
from studio.artist.places.easel import Easel, Setting
from studio.media.raster import Colour, clouds, mix, paint, ridge, shade, smoothstep

RIBBONS = 4
FLOOR = 0.80


def paint_abstract(easel: Easel) -> Setting:
    dark, warm, cool = _harmony(easel)
    light = Light(
        lamp=(-0.5 * easel.side, 0.75, 0.55),
        key=(1, 0.98, 0.95),
        sky=mix(warm, (1, 1, 1), 0.2),
        floor=shade(cool, 0.4),
        rim=cool,
        rim_strength=0.9,
        rim_side=float(easel.side),
    )
    back: list[Element] = [_ground(easel, dark, warm, cool)]
    for index in range(RIBBONS):
        share = index / (RIBBONS - 1)
        back.append(_ribbon(easel, index, mix(warm, cool, share), 0.12 + 0.16 * index))
    back.append(_mirror(easel, dark, cool))
    rng = easel.rng("spheres")
    spheres: list[Element] = []
    # The last is the largest and nearest: the eye needs somewhere to rest.
    for index, radius in enumerate((0.05, 0.035, 0.075, 0.055, 0.19)):
        leading = index == 4
        u = 0.5 + 0.1 * easel.side if leading else 0.1 + 0.8 * float(rng.random())
        v = 0.5 if leading else 0.2 + 0.5 * float(rng.random())
        colour = mix(warm, cool, float(rng.random()))
        spheres.append(
            _sphere(easel, light, index, u, v, radius, shade(mix(colour, (1, 1, 1), 0.15), 0.95))
        )
    return Setting(
        back=[*back, *spheres],
        front=[],
        light=light,
        floor=0.88,
        haze=warm,
        reflection=0.35,
        shadow=0.5,
        air="dust",
        sounds=("space",),
        bloom=1.0,
    )


def _harmony(easel: Easel) -> tuple[Colour, Colour, Colour]:
    """(ground, first, second): neighbours on the color circle, or what the prompt asks for."""
    rng = easel.rng("harmony")
    hue = float(rng.random())
    first = easel.brief.tint or easel.brief.accent or colorsys.hsv_to_rgb(hue, 0.62, 0.95)
    hue = colorsys.rgb_to_hsv(*first)[0]
    second = colorsys.hsv_to_rgb((hue + (0.12 if rng.random() < 0.5 else -0.14)) % 1, 0.68, 0.9)
    dark = colorsys.hsv_to_rgb((hue + 0.06) % 1, 0.6, 0.16)
    return dark, first, second


def _ground(easel: Easel, dark: Colour, warm: Colour, cool: Colour) -> Element:
    noise = clouds(easel.rng("air"), easel.height, easel.width, cells=2, octaves=4)
    pool = np.exp(
        -((np.hypot((easel.u - 0.5 - 0.1 * easel.side) * easel.aspect, easel.v - 0.45) / 0.6) ** 2)
    )[..., None]
    rgb = paint(dark) * (0.7 + 0.5 * noise[..., None]) + paint(warm) * pool * 0.32
    rgb = rgb + paint(cool) * (noise * np.clip(easel.v - 0.2, 0, 1))[..., None] * 0.12
    return easel.layer(np.asarray(rgb, np.float32), None, 0.0, "ground")


def _ribbon(easel: Easel, index: int, colour: Colour, depth: float) -> Element:
    """A veil of light with a bright upper hem, like an aurora lying down."""
    rng = easel.rng(f"ribbon {index}")
    crest = 0.34 + 0.1 * index + 0.1 * ridge(rng, easel.width, peaks=2, octaves=3, roughness=0.35)
    far = easel.v - crest[None]
    hem = np.exp(-((far / 0.006) ** 2))
    folds = clouds(rng, easel.height, easel.width, cells=2, octaves=4, stretch=0.5)
    veil = np.exp(-np.clip(far, 0, None) / 0.2) * (far > 0) * (0.45 + 0.9 * folds)
    alpha = np.clip(0.75 * hem + 0.7 * veil, 0, 1)
    rgb = paint(colour) * (0.8 + 0.5 * hem)[..., None] + 0.25 * hem[..., None]
    motion = Motion(
        sway=0.02, bob=0.012, period_s=4.0 + index, phase=1.1 * index, hinge=easel.space.y(0.9)
    )
    return easel.layer(np.asarray(rgb, np.float32), alpha, depth, f"ribbon {index}", motion)


def _mirror(easel: Easel, dark: Colour, cool: Colour) -> Element:
    below = easel.v - FLOOR
    alpha = smoothstep(-0.004, 0.004, below) * 0.92
    down = np.clip(below / (1 - FLOOR), 0, 1.3)[..., None]
    sheen = np.exp(-(((easel.u - 0.5 - 0.1 * easel.side) / 0.32) ** 2))[..., None]
    rgb = paint(shade(dark, 0.8)) + paint(cool) * sheen * np.exp(-down * 2.2) * 0.45
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "mirror")


def _sphere(
    easel: Easel, light: Light, index: int, u: float, v: float, radius: float, colour: Colour
) -> Layer:
    rng = easel.rng(f"sphere {index}")
    scale = easel.space.unit
    pen = Pen(scale=scale, reach=(-radius, radius, 0.0, 2 * radius), light=light, rng=rng)
    finish = ("gloss", "metal", "glass", "gloss", "gloss")[index]
    pen.ellipse(0, radius, radius, radius, Material(colour, finish))  # type: ignore[arg-type]
    figure = pen.finished()
    pixels = sheet(figure.rgb, figure.alpha, rng)
    left, top = (
        round(easel.space.x(u) - figure.foot[0]),
        round(easel.space.y(v) - pixels.shape[0] / 2),
    )
    motion = Motion(bob=0.014, period_s=3.0 + 0.7 * index, phase=1.7 * index)
    return Layer(pixels, 0.3 + 0.1 * index, motion, left, top, extends=False)
