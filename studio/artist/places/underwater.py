"""Under water: light from above in moving shafts, coral and weed, bubbles."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, light_sheet
from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel, Setting
from studio.media.raster import (
    Colour,
    blur,
    clouds,
    hex_colour,
    mix,
    paint,
    ridge,
    shade,
    smoothstep,
)


def paint_underwater(easel: Easel) -> Setting:
    tint = easel.brief.tint or hex_colour("1f7fa8")
    bright, deep = mix(tint, (0.75, 0.95, 1.0), 0.55), shade(tint, 0.22)
    down = np.clip(easel.v, 0, 1)[..., None] ** 0.8
    middle = np.exp(-(((easel.u - 0.5 + 0.15 * easel.side) / 0.4) ** 2))[..., None]
    rgb = paint(bright) * (1 - down) + paint(deep) * down
    rgb = rgb + paint(bright) * middle * (1 - down) * 0.3
    back: list[Element] = [
        easel.layer(np.asarray(rgb, np.float32), None, 0.0, "water"),
        *_shafts(easel, bright),
    ]
    for index, (level, depth) in enumerate(((0.80, 0.3), (0.90, 0.6))):
        back.append(_bed(easel, index, level, depth, mix(deep, tint, 0.35 * (1 - depth)), bright))
        back.append(
            _weed(
                easel,
                index,
                level,
                depth,
                mix(shade(hex_colour("2f8a5a"), 0.6), deep, 0.5 * (1 - depth)),
            )
        )
    return Setting(
        back=back,
        front=[],
        light=Light(
            lamp=(-0.25 * easel.side, 0.9, 0.5),
            key=mix((1, 1, 1), bright, 0.3),
            sky=shade(bright, 0.6),
            floor=shade(deep, 1.2),
            rim=bright,
            rim_strength=0.6,
            rim_side=-float(easel.side),
        ),
        floor=0.92,
        haze=tint,
        shadow=0.25,
        sky=0.48,
        air="bubbles",
        sounds=("underwater",),
    )


def _shafts(easel: Easel, colour: Colour) -> list[Element]:
    rng = easel.rng("shafts")
    groups: list[Element] = []
    for group in range(2):
        light = np.zeros((easel.height, easel.width), np.float32)
        for _ in range(4):
            u, wide, lean = (
                rng.random(),
                0.02 + 0.05 * rng.random(),
                (0.1 + 0.3 * rng.random()) * easel.side,
            )
            light += np.exp(-(((easel.u - u - lean * easel.v) / (wide * (0.6 + easel.v))) ** 2))
        light = np.clip(light, 0, 1) * np.clip(1 - easel.v / 0.95, 0, 1)
        sheet = light_sheet(np.asarray(light[..., None] * paint(colour) * 0.32, np.float32))
        motion = Motion(sway=0.03, period_s=5.0, phase=2.0 * group)
        groups.append(Pulse(sheet, 0.1, 0.35, 1.0, 3.0 + group, 2.2 * group, motion=motion))
    return groups


def _bed(
    easel: Easel, index: int, level: float, depth: float, colour: Colour, bright: Colour
) -> Element:
    rng = easel.rng(f"bed {index}")
    profile = level + 0.035 * ridge(rng, easel.width, peaks=3, octaves=6)
    below = easel.v - profile[None]
    noise = clouds(rng, easel.height, easel.width, cells=12, octaves=4, gain=0.6)
    ripple = smoothstep(
        0.06, 0.0, np.abs(clouds(rng, easel.height, easel.width, cells=9, octaves=2) - 0.5)
    )
    rgb = (
        paint(colour) * (0.75 + 0.5 * noise)[..., None] + paint(bright) * (ripple * 0.12)[..., None]
    )
    return easel.layer(
        np.asarray(rgb, np.float32),
        np.clip(below * easel.space.height + 0.5, 0, 1),
        depth,
        f"bed {index}",
    )


def _weed(easel: Easel, index: int, level: float, depth: float, colour: Colour) -> Element:
    """Fronds and fan corals at both sides, swaying."""
    rng = easel.rng(f"weed {index}")
    unit = easel.space.height
    mask = np.zeros((easel.height, easel.width), np.uint8)
    foot = easel.space.y(level + 0.05)
    for _ in range(26):
        u = rng.random() ** 0.8 * 0.34
        x = easel.space.x(u if rng.random() < 0.5 else 1 - u)
        tall = unit * (0.1 + 0.24 * rng.random()) * (0.6 + depth)
        phase, thick = rng.random() * 6.28, unit * (0.006 + 0.008 * rng.random())
        steps = 14
        for step in range(steps):
            t = step / steps
            bend = math.sin(phase + 3.2 * t) * tall * 0.09
            cv2.circle(
                mask,
                (round((x + bend) * 8), round((foot - tall * t) * 8)),
                round(thick * (1 - 0.75 * t) * 8),
                255,
                -1,
                cv2.LINE_AA,
                3,
            )
            if step % 3 == 1:
                for side in (-1, 1):
                    tip = (round(x + bend + side * thick * 3.4), round(foot - tall * (t + 0.09)))
                    cv2.line(
                        mask,
                        (round(x + bend), round(foot - tall * t)),
                        tip,
                        255,
                        max(1, round(thick * 0.9)),
                        cv2.LINE_AA,
                    )
    alpha = blur(mask.astype(np.float32) / 255, max(0.6, unit / 700))
    tone = 0.7 + 0.9 * np.clip((level - easel.v) / 0.3, 0, 1)
    rgb = paint(colour) * tone[..., None]
    motion = Motion(sway=0.09, period_s=4.2, phase=1.3 * index, hinge=foot)
    return easel.layer(np.asarray(rgb, np.float32), alpha, depth + 0.04, f"weed {index}", motion)
