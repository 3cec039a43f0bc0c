"""A stage: curtains, boards, and spotlights whose cones meet where the leading figure stands."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.effects import Pulse, light_sheet, trimmed
from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel, Setting
from studio.media.raster import Colour, clouds, hex_colour, mix, paint, shade, smoothstep

VELVET, BOARDS = hex_colour("8e1f2c"), hex_colour("7a4f30")
EDGE = 0.76
# Where the spots hang, as u, and which way round they glow.
SPOTS = (0.14, 0.5, 0.86)
GELS = (hex_colour("ffe2b0"), hex_colour("fff6e4"), hex_colour("b9c8ff"))


def paint_theatre(easel: Easel) -> Setting:
    aim = 0.5 + 0.06 * easel.side
    back: list[Element] = [_backcloth(easel, aim), _boards(easel, aim)]
    back.extend(_spot(easel, index, aim) for index in range(len(SPOTS)))
    return Setting(
        back=back,
        front=[_curtain(easel, -1), _curtain(easel, 1)],
        light=Light(
            lamp=(-0.25 * easel.side, 0.85, 0.5),
            key=(1.0, 0.96, 0.88),
            sky=(0.3, 0.27, 0.33),
            floor=shade(BOARDS, 0.5),
            rim=easel.brief.accent or GELS[2],
            rim_strength=1.1,
            rim_side=float(easel.side),
        ),
        floor=0.9,
        haze=hex_colour("2a1822"),
        reflection=0.16,
        shadow=0.6,
        air="dust",
        sounds=("room",),
        bloom=0.9,
        vignette=0.36,
    )


def _colour(easel: Easel) -> Colour:
    return easel.brief.tint or VELVET


def _folds(easel: Easel, purpose: str, width: float) -> np.ndarray:
    """Hanging cloth: light on the folds, dark between. (h, w), about 0.3 to 1."""
    wander = clouds(easel.rng(purpose), easel.height, easel.width, cells=2, octaves=3, stretch=0.6)
    wave = np.sin((easel.u * easel.aspect / width + 0.5 * wander) * 2 * np.pi)
    return np.asarray(0.62 + 0.3 * wave + 0.08 * np.sin(2.7 * wave), np.float32)


def _backcloth(easel: Easel, aim: float) -> Element:
    cloth = _folds(easel, "backcloth", 0.11)
    pool = np.exp(-((np.hypot((easel.u - aim) * easel.aspect, easel.v - 0.5) / 0.55) ** 2))
    rgb = paint(shade(_colour(easel), 0.62)) * (cloth * (0.3 + 0.75 * pool))[..., None]
    return easel.layer(np.asarray(rgb, np.float32), None, 0.08, "backcloth")


def _boards(easel: Easel, aim: float) -> Element:
    """Planks towards us, and the round of light on them."""
    down = np.clip((easel.v - EDGE) / (1 - EDGE), 0, 1.6)
    across = (easel.u - 0.5) * easel.aspect / (0.6 + 0.9 * down) * 9
    gap = smoothstep(0.06, 0.0, np.abs(across - np.round(across)))
    tone = 0.88 + 0.14 * np.sin(np.round(across) * 12.9898)
    grain = clouds(easel.rng("boards"), easel.height, easel.width, cells=26, octaves=3)
    pool = np.hypot((easel.u - aim) * easel.aspect / 0.5, (easel.v - 0.9) / 0.085)
    lit = 0.32 + 0.95 * smoothstep(1.08, 0.8, pool)
    rgb = paint(BOARDS) * (tone * (0.8 + 0.4 * grain) * (1 - 0.5 * gap) * lit)[..., None]
    alpha = np.clip((easel.v - EDGE) * easel.space.height + 0.5, 0, 1)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "boards")


def _spot(easel: Easel, index: int, aim: float) -> Element:
    """The cone of one lamp, from above the picture to the boards."""
    u, top, foot = SPOTS[index], -0.1, 0.93
    along = np.clip((easel.v - top) / (foot - top), 0, 1)
    middle = u + (aim - u) * along
    half = 0.018 + 0.22 * along
    inside = np.abs(easel.u - middle) * easel.aspect / half
    dust = clouds(easel.rng(f"spot {index}"), easel.height, easel.width, cells=3, octaves=4)
    cone = smoothstep(1.05, 0.45, inside) * (1.0 - 0.72 * along) * (0.7 + 0.6 * dust)
    cone = cone * np.clip((foot - easel.v) / 0.1, 0, 1)
    lamp = np.exp(-((np.hypot((easel.u - u) * easel.aspect, easel.v - 0.015) / 0.028) ** 2))
    colour = mix(GELS[index], easel.brief.accent, 0.6) if easel.brief.accent else GELS[index]
    light = paint(colour) * (0.42 * cone + 1.1 * lamp)[..., None]
    sheet, left, row = trimmed(light_sheet(np.asarray(light, np.float32)))
    return Pulse(sheet, 0.34, 0.7, 1.0, 3.0 + 0.7 * index, 2.1 * index, left, row)


def _curtain(easel: Easel, side: int) -> Element:
    """A drawn curtain at the edge of the stage, nearer than anyone on it."""
    edge = 0.095 + 0.03 * np.sin(np.clip(easel.v, 0, 1) * 2.2) * np.clip(easel.v, 0, 1)
    reach = easel.u if side < 0 else 1 - easel.u
    alpha = np.clip((edge - reach) * easel.space.width + 0.5, 0, 1)
    cloth = _folds(easel, f"curtain {side}", 0.045)
    rgb = paint(shade(_colour(easel), 0.75)) * (cloth * (0.9 - 0.35 * easel.v))[..., None]
    motion = Motion(sway=0.008, period_s=4.6, phase=1.3 * side, hinge=easel.space.y(0.0))
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.9, f"curtain {side}", motion)
