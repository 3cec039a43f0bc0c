"""A city street: towers behind towers with lit windows, a wet street that mirrors them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, Twinkle, trimmed, trimmed_alike
from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.sky import paint_sky
from studio.media.raster import ByteArray, blur, clouds, hex_colour, mix, paint, shade, smoothstep

HORIZON = 0.72
ROWS = 3
NEON = tuple(hex_colour(code) for code in ("ff3fa4", "32d6ff", "8a5bff", "ffb03a", "4dff9e"))
NO_ALPHA = np.array([255, 255, 255, 0], np.uint8)
WARM = hex_colour("ffd699")


def paint_city(easel: Easel) -> Setting:
    hour = easel.hour
    back: list[Element] = [*paint_sky(easel, HORIZON)]
    glow = np.zeros((easel.height, easel.width, 3), np.uint8)
    for row in range(ROWS):
        near = (row + 1) / ROWS
        back.extend(_towers(easel, row, near, glow))
    back.extend(_street(easel, glow))
    light = easel.outdoor_light()
    if hour.dark:
        accent = easel.brief.accent or NEON[int(easel.rng("neon").integers(3))]
        light = replace(
            light,
            key=mix(hour.sun, WARM, 0.6),
            sky=shade(mix(hour.horizon, hour.top, 0.3), 0.75),
            rim=accent,
            rim_strength=1.0,
            lamp=(0.45 * -easel.side, 0.55, 0.75),
        )
    wet = bool(easel.brief.weather & {"rain", "storm"}) or hour.dark
    return Setting(
        back=back,
        front=[],
        light=light,
        floor=0.91,
        haze=hour.horizon,
        reflection=0.34 if wet else 0.08,
        shadow=0.55,
        air="dust",
        sounds=("street", "rain") if "rain" in easel.brief.weather else ("street",),
        bloom=1.0 if hour.dark else 0.7,
    )


def _towers(easel: Easel, row: int, near: float, glow: ByteArray) -> list[Element]:
    """One row of buildings and the lights in it."""
    rng = easel.rng(f"towers {row}")
    hour = easel.hour
    height, width = easel.height, easel.width
    unit = easel.space.height
    mask = np.zeros((height, width), np.uint8)
    tone = np.zeros((height, width), np.float32)
    windows = np.zeros((3, height, width, 3), np.uint8)
    signs = np.zeros((height, width, 3), np.uint8)
    foot = int(easel.space.y(HORIZON + 0.06 * near))
    x = -unit * 0.05 * rng.random()
    while x < width:
        wide = unit * (0.07 + 0.11 * rng.random()) * (0.6 + 0.6 * near)
        tall = unit * (0.18 + 0.42 * rng.random() ** 1.3) * (1.0 - 0.12 * row)
        # Room for sky and figure between the nearest buildings.
        middle = (x + wide / 2 - easel.space.left) / easel.space.width
        if row == ROWS - 1 and 0.18 < middle < 0.82:
            tall *= 0.25 + 0.5 * rng.random()
        left, right, top = int(x), int(x + wide), int(foot - tall)
        mask[max(0, top) : foot, max(0, left) : right] = 255
        face = 0.8 + 0.4 * rng.random()
        tone[max(0, top) : foot, max(0, left) : right] = face
        if rng.random() < 0.3:
            mast = int((left + right) / 2)
            cv2.line(
                mask, (mast, top), (mast, int(top - unit * 0.05)), 255, max(1, int(unit / 400))
            )
        _windows(easel, rng, windows, signs, (left, top, right, foot), near)
        x += wide * (1.0 + 0.25 * rng.random())
    alpha = mask.astype(np.float32) / 255
    body = mix(shade(hour.top, 0.5), hex_colour("6f7884"), 0.0 if hour.dark else 0.6)
    colour = mix(hour.horizon, body, 0.25 + 0.7 * near)
    up = np.clip((HORIZON - easel.v) / 0.5, 0, 1)[..., None]
    rgb = paint(colour) * tone[..., None]
    rgb = rgb + (paint(hour.horizon) - rgb) * (1 - up) * 0.42 * (1.15 - near)
    depth = 0.14 + 0.34 * near
    elements: list[Element] = []
    lit = windows.max(axis=0)
    glass = (lit.max(axis=2) > 0)[..., None]
    rgb *= 1 - 0.4 * glass.astype(np.float32)
    rgb += lit * np.float32((0.47 if hour.dark else 0.14) / 255)
    elements.append(easel.layer(rgb, alpha, depth, f"towers {row}"))
    strength = 0.75 if hour.dark else 0.18
    groups = tuple(_shining(group, strength, unit) for group in windows)
    lights, above = trimmed_alike(groups)
    elements.append(Twinkle(lights, depth, 0.35, 2.3, top=above))
    glow[:] = cv2.add(glow, cv2.convertScaleAbs(lit, alpha=strength))
    if signs.any():
        halo = cv2.addWeighted(blur(signs, unit * 0.012), 1.2, blur(signs, unit * 0.045), 0.9, 0)
        bright = np.asarray(cv2.add(signs, halo), np.uint8)
        light, left, top = trimmed(_four(bright))
        elements.append(Pulse(light, depth, 0.72, 1.0, 1.6 + 0.5 * row, row, left, top))
        glow[:] = cv2.add(glow, bright)
    return elements


def _shining(windows: ByteArray, strength: float, unit: float) -> ByteArray:
    """Lit windows with a little halo each."""
    soft = cv2.GaussianBlur(windows, (0, 0), max(0.5, unit / 260))
    lit = cv2.addWeighted(windows, 0.6 * strength, soft, 0.9 * strength, 0)
    return _four(np.asarray(lit, np.uint8))


def _four(light: ByteArray) -> ByteArray:
    """With the empty fourth channel that light sheets have."""
    return np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2RGBA) & NO_ALPHA, np.uint8)


def _windows(
    easel: Easel,
    rng: np.random.Generator,
    windows: ByteArray,
    signs: ByteArray,
    box: tuple[int, int, int, int],
    near: float,
) -> None:
    left, top, right, foot = box
    unit = easel.space.height
    pane = max(2, round(unit * 0.0075 * (0.55 + 0.6 * near)))
    step_x, step_y = round(pane * 2.1), round(pane * 2.4)
    neon = easel.brief.hour == "neon"
    share = 0.5 if easel.hour.dark else 0.25
    for y in range(top + step_y, foot - step_y, step_y):
        for x in range(left + pane, right - pane, step_x):
            if rng.random() > share or x < 0 or x + pane > windows.shape[2] or y < 0:
                continue
            tint = NEON[int(rng.integers(len(NEON)))] if neon and rng.random() < 0.35 else WARM
            level = 255 * (0.35 + 0.65 * rng.random())
            windows[int(rng.integers(3)), y : y + round(pane * 1.3), x : x + pane] = [
                int(c * level) for c in tint
            ]
    if easel.hour.dark and near > 0.5 and rng.random() < (0.75 if neon else 0.3):
        accent = easel.brief.accent or NEON[int(rng.integers(len(NEON)))]
        colour = tuple(int(255 * c) for c in accent)
        x = int(left + (right - left) * (0.25 + 0.5 * rng.random()))
        y = int(top + (foot - top) * (0.15 + 0.3 * rng.random()))
        tall, thick = int(unit * (0.05 + 0.08 * rng.random())), max(1, round(unit * 0.006))
        if rng.random() < 0.6:
            cv2.rectangle(signs, (x, y), (x + thick * 3, y + tall), colour, max(1, thick // 3))
            for stroke in range(4):
                level = y + round(tall * (0.15 + 0.2 * stroke))
                cv2.line(
                    signs,
                    (x + thick, level),
                    (x + thick * 2, level + thick),
                    colour,
                    max(1, thick // 2),
                )
        else:
            cv2.line(signs, (x, y), (x + tall, y), colour, thick)


def _street(easel: Easel, glow: ByteArray) -> list[Element]:
    """Asphalt with the lights of the buildings smeared downwards on it."""
    hour = easel.hour
    top = int(easel.space.y(HORIZON + 0.02))
    rows = easel.height - top
    wet = 1.0 if hour.dark or easel.brief.weather & {"rain", "storm"} else 0.25
    mirrored = glow[max(0, top - rows) : top][::-1].astype(np.float32) / 255
    if mirrored.shape[0] < rows:
        mirrored = np.pad(mirrored, ((0, rows - mirrored.shape[0]), (0, 0), (0, 0)))
    tall = max(2, rows // 10)
    smeared = cv2.resize(
        cv2.resize(mirrored, (easel.width, tall), interpolation=cv2.INTER_AREA), (easel.width, rows)
    )
    smeared = cv2.GaussianBlur(
        smeared, (0, 0), sigmaX=easel.space.height / 160, sigmaY=easel.space.height / 50
    )
    noise = clouds(
        easel.rng("asphalt"), rows, easel.width, cells=6, octaves=5, gain=0.62, stretch=4
    )
    puddle = smoothstep(0.35, 0.7, noise)[..., None]
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    asphalt = mix(shade(hour.top, 0.55), hex_colour("5c6168"), 0.1 if hour.dark else 0.65)
    rgb = paint(asphalt) * (0.7 + 0.5 * noise[..., None])
    rgb = rgb + (paint(hour.horizon) - rgb) * (1 - down) * (0.45 if hour.dark else 0.3)
    rgb = rgb + smeared * (0.35 + 0.75 * puddle) * wet * 1.1
    full = np.zeros((easel.height, easel.width, 3), np.float32)
    full[top:] = rgb
    alpha = np.zeros((easel.height, easel.width), np.float32)
    alpha[top:] = 1
    return [easel.layer(full, alpha, 0.56, "street")]
