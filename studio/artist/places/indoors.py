"""Tabletop and studio sets, and rooms: a backdrop, a surface that mirrors, lights out of focus."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, light_sheet, trimmed
from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.furnishing import furniture
from studio.media.raster import (
    Colour,
    FloatArray,
    blur,
    clouds,
    hex_colour,
    luminance,
    mix,
    paint,
    shade,
    smoothstep,
)

EDGE = 0.70

# Backdrop, surface and accent that go together.
SCHEMES = (
    ("24304a", "10131c", "ff9d5c"),
    ("4a2c44", "16101a", "ff6fb1"),
    ("1f4648", "0d1819", "ffd07a"),
    ("5a4632", "1c140e", "ffc98a"),
    ("3a3550", "131120", "8fb4ff"),
)
BRIGHT_SCHEMES = (
    ("e9d9cf", "d8c2b4", "ffffff"),
    ("cfe0ea", "b9cedb", "ffffff"),
    ("efe3bd", "e0cf9d", "ffffff"),
    ("dcd3ea", "c6bade", "ffffff"),
)


def paint_tabletop(easel: Easel) -> Setting:
    backdrop, surface, accent = _scheme(easel)
    gloss = _gloss(easel)
    bright = luminance(paint(backdrop)[None])[0] > 0.5
    back: list[Element] = [_backdrop(easel, backdrop, accent, bright)]
    back.append(_table(easel, backdrop, surface, accent, gloss, bright))
    if not bright:
        back.extend(_bokeh(easel, accent, 0.2))
        back.extend(_light_tubes(easel, accent))
    return Setting(
        back=back,
        front=[],
        light=Light(
            lamp=(-0.55 * easel.side, 0.7, 0.6),
            key=(1.0, 0.97, 0.93),
            sky=shade(mix(backdrop, (1, 1, 1), 0.3 if bright else 0.22), 0.45 if bright else 0.75),
            floor=shade(surface, 0.4 if bright else 1.1),
            rim=accent,
            rim_strength=0.25 if bright else 1.25,
            rim_side=float(easel.side),
        ),
        floor=0.86,
        haze=backdrop,
        reflection=gloss,
        shadow=0.42 if bright else 0.75,
        air="dust",
        sounds=("room",),
        sweep=True,
        figure_scale=1.08,
    )


def paint_room(easel: Easel) -> Setting:
    """A room with a tall window: sunlight falls through it onto wall and floor."""
    hour = easel.hour
    wall = easel.brief.tint or hex_colour("b8a48c")
    wood = easel.brief.surface.colour or hex_colour("7a5438")
    dim = 0.42 if hour.dark else 1.0
    back: list[Element] = [_wall(easel, shade(wall, dim)), *furniture(easel), *_window(easel)]
    back.append(_boards(easel, shade(wood, dim)))
    lamp_side = -easel.side
    light = Light(
        lamp=(0.8 * lamp_side, 0.55, 0.5),
        key=mix(hour.sun, (1, 0.93, 0.82), 0.5),
        sky=shade(wall, 0.5 * dim + 0.1),
        floor=shade(wood, 0.5),
        rim=easel.brief.accent or hour.sun,
        rim_strength=0.7,
        rim_side=lamp_side,
    )
    return Setting(
        back=back,
        front=[],
        light=light,
        floor=0.91,
        haze=wall,
        reflection=0.12,
        shadow=0.55,
        air="dust",
        sounds=("fire",) if easel.mentions("fireplace", "fire") else ("room",),
    )


def _scheme(easel: Easel) -> tuple[Colour, Colour, Colour]:
    """(backdrop, surface, accent), from the words where they say."""
    brief, rng = easel.brief, easel.rng("scheme")
    dark = not (
        brief.grade == "pastel"
        or brief.hour == "day"
        or easel.mentions("bright", "white", "clean", "minimal", "minimalist", "airy")
    )
    if brief.surface.colour and sum(brief.surface.colour) < 0.9:
        dark = True
    table = SCHEMES if dark else BRIGHT_SCHEMES
    codes = table[int(rng.integers(len(table)))]
    backdrop, surface, accent = (hex_colour(code) for code in codes)
    if brief.hour == "neon" or easel.mentions("neon"):
        backdrop, surface = hex_colour("1c1438"), hex_colour("0c0a16")
        accent = NEON_ACCENTS[int(rng.integers(len(NEON_ACCENTS)))]
    if brief.tint:
        backdrop = (
            mix(shade(brief.tint, 0.55), backdrop, 0.25)
            if dark
            else mix(brief.tint, (1, 1, 1), 0.25)
        )
        surface = shade(backdrop, 0.5 if dark else 0.9)
    if brief.surface.colour:
        surface = shade(brief.surface.colour, 0.55 if sum(brief.surface.colour) < 0.9 else 0.95)
    return backdrop, surface, brief.accent or accent


NEON_ACCENTS = tuple(hex_colour(code) for code in ("ff3fb0", "35d8ff", "8f5bff"))


def _gloss(easel: Easel) -> float:
    finish = easel.brief.surface.finish
    if finish == "matte" or easel.mentions("wooden", "wood", "concrete", "stone"):
        return 0.14
    if finish in ("gloss", "glass", "metal") or easel.mentions(
        "reflection", "reflections", "glossy", "glass", "marble"
    ):
        return 0.5
    return 0.3


def _backdrop(easel: Easel, colour: Colour, accent: Colour, bright: bool) -> Element:
    centre = 0.5 + 0.1 * easel.side
    far = np.hypot((easel.u - centre) * easel.aspect, (easel.v - 0.42) * 1.15)
    pool = np.exp(-((far / 0.55) ** 2))[..., None]
    rgb = (
        paint(shade(colour, 0.74 if bright else 0.42)) * (1 - pool)
        + paint(mix(shade(colour, 0.92), (1, 1, 1), 0.1 if bright else 0.12)) * pool
    )
    corner = np.exp(
        -((np.hypot((easel.u - 0.5 - 0.55 * easel.side) * easel.aspect, easel.v - 0.3) / 0.5) ** 2)
    )
    rgb = rgb + paint(accent) * (corner * (0.05 if bright else 0.26))[..., None]
    haze = clouds(easel.rng("backdrop"), easel.height, easel.width, cells=2, octaves=4)
    rgb = rgb * (0.93 + 0.14 * haze[..., None])
    return easel.layer(np.asarray(rgb, np.float32), None, 0.05, "backdrop")


def _table(
    easel: Easel, backdrop: Colour, surface: Colour, accent: Colour, gloss: float, bright: bool
) -> Element:
    row = easel.space.height
    below = easel.v - EDGE
    # The far edge lies out of focus.
    alpha = smoothstep(-0.006, 0.008, below)
    down = np.clip(below / (1 - EDGE), 0, 1.2)
    mirror = paint(mix(backdrop, surface, 0.35)) * np.exp(-down * 2.4)[..., None] * (0.35 + gloss)
    rgb = paint(surface) * (0.75 + 0.35 * down[..., None]) + mirror
    if (easel.brief.surface.colour is not None and gloss < 0.2) or easel.mentions(
        "wooden", "wood", "oak", "walnut"
    ):
        rgb = rgb * _grain(easel)[..., None]
    if easel.mentions("marble"):
        noise = clouds(
            easel.rng("marble"),
            easel.height,
            easel.width,
            cells=4,
            octaves=6,
            gain=0.6,
            stretch=2.5,
        )
        vein = smoothstep(0.03, 0.0, np.abs(noise - 0.5))
        rgb = paint(easel.brief.surface.colour or hex_colour("d3d0cb")) * (
            0.8 + 0.2 * noise[..., None]
        ) * (1 - 0.4 * vein[..., None]) + (
            0.3 * vein[..., None] if sum(easel.brief.surface.colour or (1, 1, 1)) < 0.9 else 0
        )
    centre = 0.5 + 0.1 * easel.side
    sheen = np.exp(-(((easel.u - centre) / 0.35) ** 2)) * np.exp(-(((below - 0.13) / 0.12) ** 2))
    rgb = rgb + (0.10 if bright else 0.07 + 0.1 * gloss) * sheen[..., None]
    streak = np.exp(-(((easel.u - 0.5 - 0.42 * easel.side) / 0.16) ** 2)) * np.exp(
        -np.clip(below, 0, None) / 0.16
    )
    rgb = rgb + paint(accent) * (streak * gloss * (0.12 if bright else 0.5))[..., None]
    line = np.exp(-(((below - 0.004) * row / (0.004 * row)) ** 2))
    rgb = rgb + paint(mix(accent, (1, 1, 1), 0.4)) * (line * (0.05 if bright else 0.2))[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "table")


def _grain(easel: Easel) -> FloatArray:
    """Wood: long fibres with slow bends."""
    noise = clouds(easel.rng("wood"), easel.height, easel.width, cells=3, octaves=5, stretch=9)
    rings = 0.5 + 0.5 * np.sin(easel.v * 60 + noise * 26)
    fibre = clouds(easel.rng("fibre"), easel.height, easel.width, cells=60, octaves=2, stretch=24)
    return np.asarray(0.8 + 0.22 * rings * noise + 0.24 * (fibre - 0.5), np.float32)


def _bokeh(easel: Easel, accent: Colour, strength: float) -> list[Element]:
    """Lamps far out of focus behind the table."""
    rng = easel.rng("bokeh")
    groups: list[Element] = []
    for group in range(2):
        light = np.zeros((easel.height, easel.width, 3), np.float32)
        for _ in range(11):
            colour = mix(accent, (1.0, 0.86, 0.66), 0.3 + 0.6 * rng.random())
            radius = easel.space.height * (0.012 + 0.03 * rng.random())
            x, y = rng.random() * easel.width, easel.space.y(0.1 + 0.5 * rng.random())
            disc = np.zeros((easel.height, easel.width), np.uint8)
            cv2.circle(
                disc, (round(x * 8), round(y * 8)), round(radius * 8), 255, -1, cv2.LINE_AA, 3
            )
            level = strength * (0.35 + 0.65 * rng.random())
            np.add(light, (disc[..., None] / 255 * level * paint(colour)), out=light)
        sheet, left, top = trimmed(light_sheet(blur(light, easel.space.height / 300)))
        groups.append(Pulse(sheet, 0.12, 0.55, 1.0, 3.4 + group, 2.5 * group, left, top))
    return groups


def _light_tubes(easel: Easel, accent: Colour) -> list[Element]:
    """A soft upright tube of light at the side the rim light comes from, mirrored in the table."""
    light = np.zeros((easel.height, easel.width, 3), np.float32)
    unit = easel.space.height
    u = 0.5 + 0.40 * easel.side
    tube = np.zeros((easel.height, easel.width), np.uint8)
    x = easel.space.x(u)
    cv2.line(
        tube,
        (round(x), round(easel.space.y(0.08))),
        (round(x), round(easel.space.y(0.6))),
        255,
        max(2, round(unit * 0.012)),
        cv2.LINE_AA,
    )
    solid = tube.astype(np.float32) / 255
    light += (blur(solid, unit * 0.004) * 0.8)[..., None] * paint(mix(accent, (1, 1, 1), 0.55))
    light += (blur(solid, unit * 0.02) * 0.7 + blur(solid, unit * 0.07) * 1.3)[..., None] * paint(
        accent
    )
    edge = int(easel.space.y(EDGE))
    rows = easel.height - edge
    mirrored = (
        light[edge - rows : edge][::-1]
        * np.linspace(0.45, 0.0, rows, dtype=np.float32)[:, None, None]
    )
    light[edge:] += cv2.GaussianBlur(mirrored, (0, 0), sigmaX=unit / 130, sigmaY=unit / 60)
    sheet, left, top = trimmed(light_sheet(light * 0.9))
    return [Pulse(sheet, 0.3, 0.82, 1.0, 2.6, 0.5, left, top)]


def _wall(easel: Easel, colour: Colour) -> Element:
    noise = clouds(easel.rng("wall"), easel.height, easel.width, cells=4, octaves=5)
    side = np.clip(0.5 + (easel.u - 0.5) * easel.side, 0, 1)
    rgb = paint(colour) * (0.98 - 0.42 * side + 0.1 * (noise - 0.5))[..., None]
    rgb = rgb * (1.0 - 0.25 * np.clip(0.3 - easel.v, 0, 1))[..., None]
    skirting = (np.abs(easel.v - 0.735) < 0.02).astype(np.float32)[..., None]
    rgb = rgb * (1 - 0.3 * skirting)
    return easel.layer(np.asarray(rgb, np.float32), None, 0.1, "wall")


def _window(easel: Easel) -> list[Element]:
    """The window on the side the light comes from, and the light it throws across the room."""
    hour = easel.hour
    space = easel.space
    unit = space.height
    centre = space.x(0.5 - 0.3 * easel.side)
    half, top, bottom = unit * 0.19, space.y(0.08), space.y(0.6)
    glass = np.zeros((easel.height, easel.width), np.float32)
    glass[int(top) : int(bottom), max(0, int(centre - half)) : int(centre + half)] = 1
    frame = cv2.dilate(glass, np.ones((3, 3), np.uint8), iterations=max(1, round(unit * 0.006)))
    bar = max(2, round(unit * 0.011))
    bars = glass.copy()
    bars[:, round(centre) - bar // 2 : round(centre) + bar - bar // 2] = 0
    for level in (0.36, 0.68):
        y = round(top + (bottom - top) * level)
        bars[y : y + bar] = 0
    sky = np.clip((easel.v - 0.08) / 0.52, 0, 1)[..., None]
    outside = (
        paint(mix(hour.top, hour.horizon, 0.35)) * (1 - sky)
        + paint(mix(hour.horizon, hour.sun, 0.35)) * sky
    )
    wood = paint(shade(hex_colour("efe6d8"), 0.5 if hour.dark else 0.95))
    rgb = wood * (1 - bars[..., None]) + outside * bars[..., None]
    elements: list[Element] = [easel.layer(np.asarray(rgb, np.float32), frame, 0.14, "window")]
    # The same panes, sheared and blurred: light on wall and floor, and shafts in the air.
    slant = 0.75 * easel.side
    shear = np.array(
        [
            [1.25, slant * 0.55, -slant * 0.55 * top - 0.25 * centre + slant * unit * 0.42],
            [0, 0.75, unit * 0.42],
        ],
        np.float32,
    )
    patch = cv2.warpAffine(bars, shear, (easel.width, easel.height))
    patch = blur(patch, unit * 0.008)
    shaft = blur(
        np.maximum(
            bars,
            cv2.warpAffine(
                bars,
                np.array(
                    [
                        [1.1, slant * 0.3, -slant * 0.3 * top + slant * unit * 0.2 - 0.1 * centre],
                        [0, 1, unit * 0.2],
                    ],
                    np.float32,
                ),
                (easel.width, easel.height),
            ),
        ),
        unit * 0.05,
    )
    strength = 0.16 if hour.dark else 0.4
    light = (patch * strength + shaft * strength * 0.35)[..., None] * paint(hour.sun)
    sheet, left, top_row = trimmed(light_sheet(np.asarray(light, np.float32)))
    elements.append(Pulse(sheet, 0.3, 0.7, 1.0, 5.0, math.pi / 2, left, top_row))
    return elements


def _boards(easel: Easel, colour: Colour) -> Element:
    down = np.clip((easel.v - 0.75) / 0.25, 0, 1.4)
    across = (easel.u - 0.5) / (0.55 + 0.9 * down) * 9
    line = smoothstep(0.05, 0.0, np.abs(across - np.round(across)) - 0.0)
    tone = 0.85 + 0.3 * np.sin(np.round(across) * 12.9898) * 0.4
    fibre = clouds(easel.rng("boards"), easel.height, easel.width, cells=30, octaves=3, stretch=0.4)
    rgb = paint(colour) * (tone * (0.85 + 0.3 * fibre) * (1 - 0.45 * line))[..., None]
    lit = np.exp(-(((easel.u - 0.5 + 0.1 * easel.side) / 0.4) ** 2))
    rgb = rgb * (0.75 + 0.4 * lit)[..., None]
    alpha = np.clip((easel.v - 0.75) * easel.space.height + 0.5, 0, 1)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "boards")
