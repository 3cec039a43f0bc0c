"""Open country: ranges of hills, each paler than the last; forest, dunes, snow, lava."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.artist.drawing.stage import Element, Motion
from studio.artist.places import woods
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.sky import paint_sky
from studio.artist.subjects import SUBJECTS
from studio.media.raster import (
    Colour,
    FloatArray,
    blur,
    clouds,
    hex_colour,
    mix,
    paint,
    ridge,
    shade,
    smoothstep,
)

RANGES = 4
# The v at which a road is lost to sight.
ROAD_END = 0.66


@dataclass(frozen=True, slots=True)
class Ground:
    """near, far: colors in plain daylight. relief: how mountainous. trees: conifers on the ranges.
    grass: blades in the foreground. dunes: smooth crests."""

    far: Colour
    near: Colour
    relief: float
    roughness: float = 0.5
    trees: bool = False
    grass: Colour | None = None
    dunes: bool = False


GROUNDS: dict[str, Ground] = {
    "meadow": Ground(hex_colour("7fa98c"), hex_colour("5f9440"), 0.5, grass=hex_colour("78b04a")),
    "forest": Ground(
        hex_colour("7ba595"), hex_colour("2f5a38"), 0.55, trees=True, grass=hex_colour("3f6f3a")
    ),
    "autumn": Ground(
        hex_colour("b99a78"), hex_colour("9a5a2a"), 0.5, trees=True, grass=hex_colour("c08a3c")
    ),
    "desert": Ground(hex_colour("e0b88a"), hex_colour("d9984f"), 0.45, 0.4, dunes=True),
    "mars": Ground(hex_colour("c98a68"), hex_colour("a24a2a"), 0.8, 0.5, dunes=True),
    "snow": Ground(hex_colour("b9cce4"), hex_colour("eef4fb"), 0.9, 0.55),
    "mountain": Ground(
        hex_colour("8fa3c4"), hex_colour("54704e"), 1.25, 0.58, grass=hex_colour("6a8a4e")
    ),
    "lava": Ground(hex_colour("5a3434"), hex_colour("2a1f20"), 1.0, 0.6),
    "moon": Ground(hex_colour("8e939c"), hex_colour("b6bac2"), 0.5, 0.5, dunes=True),
}


def paint_land(easel: Easel) -> Setting:
    name = easel.brief.ground
    if easel.mentions("snowy", "snow", "winter") or "snow" in easel.brief.weather:
        # "A snowy forest" has both: the snow lies, the trees stand.
        name = name if name in ("mountain", "lava", "mars", "moon") else "snow"
    ground = GROUNDS.get(name) or GROUNDS["meadow"]
    horizon = 0.60
    hour = easel.hour
    foggy = bool(easel.brief.weather & {"fog", "storm", "rain"})
    back: list[Element] = [*paint_sky(easel, horizon)]
    for index in range(RANGES):
        near = (index + 1) / RANGES
        back.append(_range(easel, ground, index, near, horizon, 1.35 if foggy else 1.0))
        if index < RANGES - 1 and (foggy or index % 2 == 0):
            back.append(mist(easel, horizon + 0.05 + 0.07 * near, near, 0.75 if foggy else 0.3))
    back.append(_floor(easel, ground, horizon))
    if easel.mentions("road", "roads", "highway", "track", "route") and easel.allows("road"):
        back.append(_road(easel))
    if woods.wanted(easel):
        back.extend(woods.trees(easel, paint(lit(easel, (1.0, 1.0, 1.0)))))
    front: list[Element] = []
    if ground.grass and easel.allows("grass"):
        front.append(_grass(easel, lit(easel, shade(ground.grass, 0.62))))
    return Setting(
        back=back,
        front=front,
        light=easel.outdoor_light(),
        floor=0.88,
        haze=hour.horizon,
        shadow=0.5,
        air="fireflies" if hour.dark and ground.grass else "dust",
        sounds=("night", "wind") if hour.dark else ("birds", "wind") if ground.grass else ("wind",),
    )


def lit(easel: Easel, colour: Colour) -> Colour:
    """A daylight color under this hour's light."""
    hour = easel.hour
    light = mix(hour.sun, hour.horizon, 0.4)
    key = 0.34 if hour.dark else hour.key
    seen = (colour[0] * light[0] * key, colour[1] * light[1] * key, colour[2] * light[2] * key)
    return mix(seen, shade(hour.top, 0.8), 0.32 if hour.dark else 0.1)


def _profile(easel: Easel, ground: Ground, index: int, near: float, horizon: float) -> FloatArray:
    """The v of a range's crest along the canvas."""
    rng = easel.rng(f"range {index}")
    width = easel.width
    if ground.dunes and index >= 1:
        along = np.linspace(0, 2 + 2 * rng.random(), width) + rng.random() * 4
        wave = np.abs(np.sin(along * 1.7)) ** 1.4 * 0.11 + 0.02 * ridge(rng, width, octaves=3)
        return np.asarray(horizon + 0.10 * near - wave * (1.2 - 0.5 * near), np.float32)
    crest = ridge(rng, width, peaks=2 + index, roughness=ground.roughness)
    crest = np.abs(crest) if ground.relief > 1 and index < 2 else crest
    rise = (0.16 - 0.10 * near) * ground.relief
    base = horizon + 0.13 * near**1.5
    return np.asarray(base - rise * (0.35 + crest) - 0.01, np.float32)


def _range(
    easel: Easel, ground: Ground, index: int, near: float, horizon: float, haze: float
) -> Element:
    hour = easel.hour
    profile = _profile(easel, ground, index, near, horizon)
    colour = mix(lit(easel, ground.far), lit(easel, ground.near), near**1.3)
    veil = min(0.9, (1 - near) * 0.62 * haze + 0.06)
    colour = mix(colour, hour.horizon, veil)
    if ground.trees and index >= 1:
        profile = _with_conifers(easel, profile, index, near)
    row = easel.space.height
    below = (easel.v - profile[None]) * row
    alpha = np.clip(below + 0.5, 0, 1)
    texture = clouds(
        easel.rng(f"texture {index}"), easel.height, easel.width, cells=5, octaves=5, gain=0.6
    )
    rgb = paint(colour) * (0.86 + 0.36 * (texture - 0.5) * near)[..., None]
    depth_in = np.clip(below / (0.2 * row), 0, 1)[..., None]
    # Valleys fill with the color of the air.
    rgb = rgb + (paint(hour.horizon) - rgb) * depth_in * (1 - near) * 0.55 * min(1.0, haze)
    near_sun = np.exp(-np.abs(easel.u - easel.sun[0]) / 0.35)
    crest = np.exp(-np.clip(below, 0, None) / (0.012 * row)) * near_sun
    rgb = rgb + paint(hour.sun) * (crest * 0.28 * hour.key)[..., None]
    if ground is GROUNDS["snow"] or (ground is GROUNDS["mountain"] and index < 2):
        rgb = _snow_caps(easel, rgb, below, texture, near)
    if ground is GROUNDS["lava"]:
        cracks = smoothstep(0.035, 0.0, np.abs(texture - 0.5)) * (0.4 + 0.6 * near)
        rgb = rgb + paint(hex_colour("ff6a1f")) * (cracks * 0.9)[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.12 + 0.42 * near, f"range {index}")


def _snow_caps(
    easel: Easel, rgb: FloatArray, below: FloatArray, texture: FloatArray, near: float
) -> FloatArray:
    line = (0.10 + 0.22 * (texture - 0.4)) * easel.space.height
    snow = smoothstep(0.02 * easel.space.height, -0.02 * easel.space.height, below - line)[
        ..., None
    ]
    white = paint(mix(lit(easel, hex_colour("f6f9ff")), easel.hour.horizon, 0.45 * (1 - near)))
    return np.asarray(rgb + (white - rgb) * snow * 0.75, np.float32)


def _with_conifers(easel: Easel, profile: FloatArray, index: int, near: float) -> FloatArray:
    """Pointed trees standing on the crest."""
    rng = easel.rng(f"conifers {index}")
    width, crest = easel.width, profile.copy()
    unit = easel.space.height
    x = 0.0
    while x < width:
        half = unit * (0.012 + 0.014 * rng.random()) * (0.45 + 1.1 * near)
        tall = half * (3.6 + 2.2 * rng.random()) / unit
        a, b = max(0, int(x - half)), min(width, int(x + half) + 1)
        if b > a:
            columns = np.arange(a, b)
            slope = np.clip(1 - np.abs(columns - x) / half, 0, 1)
            tiers = 1 + 0.14 * np.sin(slope * 26)
            top = profile[min(width - 1, int(x))] + 0.01 - tall * slope**1.1 * tiers
            crest[a:b] = np.minimum(crest[a:b], top)
        x += half * (0.55 + 1.1 * rng.random())
    return np.asarray(crest, np.float32)


def mist(easel: Easel, level: float, near: float, strength: float) -> Element:
    """A bank of mist lying in a valley, drifting."""
    noise = clouds(
        easel.rng(f"mist {near}"), easel.height, easel.width, cells=2, octaves=4, stretch=3.5
    )
    bank = np.exp(-(((easel.v - level) / 0.05) ** 2)) * smoothstep(0.25, 0.75, noise)
    rgb = np.broadcast_to(
        paint(mix(easel.hour.horizon, (1, 1, 1), 0.2 * (not easel.hour.dark))), (*bank.shape, 3)
    )
    motion = Motion(drift=0.012 * (1 + near) * -easel.side)
    return easel.layer(
        np.asarray(rgb, np.float32), bank * strength, 0.14 + 0.42 * near, f"mist {near}", motion
    )


def _floor(easel: Easel, ground: Ground, horizon: float) -> Element:
    """The ground people stand on."""
    rng = easel.rng("floor")
    profile = 0.79 + 0.02 * ridge(rng, easel.width, peaks=2, octaves=4, roughness=0.4)
    row = easel.space.height
    below = (easel.v - profile[None]) * row
    alpha = np.clip(below + 0.5, 0, 1)
    fine = clouds(rng, easel.height, easel.width, cells=16, octaves=4, gain=0.6, stretch=2.2)
    broad = clouds(rng, easel.height, easel.width, cells=3, octaves=3, stretch=3)
    colour = paint(lit(easel, ground.near))
    if easel.brief.surface.colour:
        colour = paint(lit(easel, easel.brief.surface.colour))
    rgb = colour * (0.78 + 0.32 * (fine - 0.5) + 0.34 * (broad - 0.5))[..., None]
    if ground.dunes:
        ripples = np.sin((easel.v * 90 + 9 * broad + 14 * easel.u) * 2)
        rgb = rgb * (1 + 0.045 * ripples[..., None])
    towards_sun = np.exp(-np.abs(easel.u - easel.sun[0]) / 0.3) * np.exp(
        -np.clip(below, 0, None) / (0.14 * row)
    )
    rgb = rgb + paint(easel.hour.sun) * (towards_sun * 0.2 * easel.hour.key)[..., None]
    rgb = rgb * (1.05 - 0.35 * np.clip(below / (0.3 * row), 0, 1))[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.66, "floor")


def _road(easel: Easel) -> Element:
    """A road: across the picture under what drives along it, else away to the horizon."""
    roles = easel.brief.roles
    crossing = bool(roles) and SUBJECTS[roles[0].name].gesture == "drive"
    if crossing:
        middle, half = 0.885, 0.062
        across = (easel.v - middle) / half
        along, stroke = easel.u * easel.aspect * 3, 0.06
    else:
        down = np.clip(easel.v - ROAD_END, 1e-3, None)
        middle_u = 0.5 - 0.12 * easel.side + 0.05 * easel.side * np.sin(6 * down)
        across = (easel.u - middle_u) * easel.aspect / (0.004 + 0.95 * down)
        along, stroke = 1.1 / down, 0.04
    row = easel.space.height
    edge = half * row if crossing else 0.5 * row * np.clip(easel.v - ROAD_END, 1e-3, None)
    alpha = np.clip((1 - np.abs(across)) * edge + 0.5, 0, 1)
    if not crossing:
        alpha = alpha * np.clip((easel.v - ROAD_END) * row + 0.5, 0, 1)
    noise = clouds(easel.rng("road"), easel.height, easel.width, cells=40, octaves=3, stretch=2)
    rgb = paint(lit(easel, hex_colour("66635f"))) * (0.8 + 0.4 * noise)[..., None]
    dashes = smoothstep(stroke * 1.4, stroke, np.abs(across)) * (np.sin(along * np.pi * 2) > 0)
    borders = smoothstep(0.05, 0.02, np.abs(np.abs(across) - 0.9))
    lines = np.clip(dashes + 0.8 * borders, 0, 1)[..., None]
    rgb = rgb + (paint(lit(easel, hex_colour("ece6d2"))) - rgb) * (0.85 * lines)
    veil = np.clip(1 - (easel.v - ROAD_END) / 0.25, 0, 1)[..., None] * 0.5
    rgb = rgb + (paint(easel.hour.horizon) - rgb) * veil * (0.3 if crossing else 1.0)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.66, "road")


def _grass(easel: Easel, colour: Colour) -> Element:
    """Blades along the lower edge, out of focus, swaying."""
    rng = easel.rng("grass")
    height, width = easel.height, easel.width
    mask = np.zeros((height, width), np.uint8)
    tone = np.zeros((height, width), np.uint8)
    unit = easel.space.height
    foot = easel.space.y(1.02)
    for _ in range(int(210 * max(1.0, easel.aspect / 1.78))):
        x = rng.random() * width
        # Sparser in the middle, where the figure stands.
        tall = unit * (0.04 + 0.11 * rng.random() ** 2)
        lean = (rng.random() - 0.5) * tall * 0.9
        thick = max(1.0, unit * (0.002 + 0.004 * rng.random()))
        tip = (x + lean, foot - tall)
        middle = (x + lean * 0.3, foot - tall * 0.6)
        blade = np.array(
            [
                (x - thick, foot),
                (middle[0] - thick * 0.7, middle[1]),
                tip,
                (middle[0] + thick * 0.7, middle[1]),
                (x + thick, foot),
            ]
        )
        points = np.rint(blade * 16).astype(np.int32)
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, 4)
        cv2.fillPoly(tone, [points], int(110 + 130 * rng.random()), cv2.LINE_AA, 4)
    mask[min(height - 1, int(foot)) :] = 255
    alpha = blur(mask.astype(np.float32) / 255, max(0.6, unit / 480))
    rgb = paint(colour) * (0.45 + 0.75 * tone.astype(np.float32)[..., None] / 255)
    motion = Motion(sway=0.06, period_s=3.1, hinge=foot)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 1.0, "grass", motion)
