"""Deep space: stars, a nebula, the lit limb of a world below, now and then a moonscape."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.sky import stars
from studio.media.raster import blur, clouds, hex_colour, mix, paint, smoothstep

NEBULAE = (("3b1e6e", "c24a9e"), ("123f6e", "3fb7c8"), ("5a1f3a", "f08a5a"), ("1d2a6e", "8a6cff"))
WORLDS = ("2f6fb0", "b0623f", "6a8f5a", "8a7fb0")


def paint_space(easel: Easel) -> Setting:
    rng = easel.rng("nebula")
    deep = (0.012, 0.016, 0.04)
    pair = NEBULAE[int(rng.integers(len(NEBULAE)))]
    first, second = (hex_colour(code) for code in pair)
    if easel.brief.tint:
        first, second = mix(easel.brief.tint, deep, 0.5), easel.brief.tint
    gas = clouds(rng, easel.height, easel.width, cells=2, octaves=6, gain=0.56)
    veins = clouds(rng, easel.height, easel.width, cells=3, octaves=6, gain=0.6)
    slope = easel.v - 0.45 + 0.35 * easel.side * (easel.u - 0.5)
    band = np.exp(-((slope / 0.34) ** 2))
    body = smoothstep(0.38, 0.85, gas) * band
    core = smoothstep(0.5, 0.95, gas * 0.6 + veins * 0.5) * band
    rgb = (
        paint(deep) + paint(first) * body[..., None] * 0.75 + paint(second) * core[..., None] * 0.85
    )
    rgb = rgb * (1 - 0.45 * smoothstep(0.55, 0.8, veins)[..., None] * band[..., None])
    dusting = easel.rng("star dust").random((easel.height, easel.width), dtype=np.float32)
    points = blur(np.where(dusting > 0.9985, 1.0, 0.0).astype(np.float32), 0.6) * 2.0
    rgb = rgb + points[..., None] * (0.5 + band[..., None])
    back: list[Element] = [easel.layer(np.asarray(rgb, np.float32), None, 0.0, "nebula")]
    if easel.allows("stars", "star"):
        back.extend(stars(easel, 1.1, amount=1.3))
    back.append(_drifting_gas(easel, second))
    moonscape = easel.mentions("lunar", "moonscape", "crater", "craters")
    if moonscape:
        back.append(_regolith(easel))
    elif easel.allows("planet", "earth"):
        back.append(_limb(easel))
    lamp_side = -easel.side
    return Setting(
        back=back,
        front=[],
        light=Light(
            lamp=(0.75 * lamp_side, 0.5, 0.5),
            key=(1.0, 0.98, 0.94),
            sky=mix((0.2, 0.22, 0.3), first, 0.35),
            floor=mix((0.12, 0.14, 0.2), second, 0.25),
            rim=easel.brief.accent or mix(second, (1, 1, 1), 0.35),
            rim_strength=0.9,
            rim_side=-lamp_side,
        ),
        floor=0.9,
        haze=first,
        shadow=0.6 if moonscape else 0.0,
        sky=0.5,
        air="dust",
        sounds=("space",),
        bloom=1.0,
    )


def _drifting_gas(easel: Easel, colour: tuple[float, float, float]) -> Element:
    noise = clouds(easel.rng("gas"), easel.height, easel.width, cells=2, octaves=4, stretch=1.8)
    alpha = smoothstep(0.5, 0.95, noise) * 0.28
    rgb = np.broadcast_to(paint(colour), (*alpha.shape, 3)).astype(np.float32)
    motion = Motion(drift=0.010 * easel.side)
    return easel.layer(rgb, alpha, 0.1, "gas", motion)


def _limb(easel: Easel) -> Element:
    """A world seen from orbit: its curved edge below, with air."""
    rng = easel.rng("world")
    colour = hex_colour(WORLDS[int(rng.integers(len(WORLDS)))])
    if easel.mentions("earth", "orbit"):
        colour = hex_colour(WORLDS[0])
    if easel.mentions("mars", "martian"):
        colour = hex_colour(WORLDS[1])
    radius = 2.1
    far = (
        np.hypot((easel.u - 0.5 + 0.2 * easel.side) * easel.aspect, easel.v - 0.84 - radius)
        - radius
    )
    alpha = smoothstep(0.0025, -0.0025, far)
    land = clouds(rng, easel.height, easel.width, cells=5, octaves=6, gain=0.56, stretch=2)
    weather = clouds(rng, easel.height, easel.width, cells=5, octaves=6, gain=0.6, stretch=3)
    rgb = paint(colour) * (0.35 + 0.7 * land[..., None])
    rgb = rgb + smoothstep(0.55, 0.8, weather)[..., None] * 0.45
    lit = 0.3 + 0.75 * smoothstep(1.1, 0.0, easel.u if easel.side > 0 else 1 - easel.u)
    rgb = rgb * lit[..., None]
    air = np.exp(-np.abs(far) / 0.018)
    sky = paint(mix(colour, (0.75, 0.9, 1.0), 0.6))
    rgb = rgb + sky * (air * 0.75 * lit)[..., None]
    alpha = np.clip(alpha + np.exp(-np.clip(far, 0, None) / 0.02) * 0.55 * (far > 0) * lit, 0, 1)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.2, "world")


def _regolith(easel: Easel) -> Element:
    rng = easel.rng("regolith")
    noise = clouds(rng, easel.height, easel.width, cells=8, octaves=5, gain=0.62, stretch=2)
    below = easel.v - 0.78 - 0.02 * np.sin(easel.u * 4 + 1)
    alpha = np.clip(below * easel.space.height + 0.5, 0, 1)
    rgb = paint(hex_colour("9a9ca2")) * (0.45 + 0.75 * noise[..., None])
    rgb = rgb * (1.0 - 0.5 * np.clip(below / 0.35, 0, 1))[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.66, "regolith")
