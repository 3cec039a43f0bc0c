"""The sky: gradient, sun or moon, stars that twinkle, clouds that drift."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.effects import Twinkle, light_sheet, trimmed_alike
from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel
from studio.media.raster import ByteArray, FloatArray, blur, clouds, mix, paint, smoothstep

STAR_GROUPS = 3


def paint_sky(easel: Easel, horizon: float = 0.6, *, disc: bool = True) -> list[Element]:
    """Everything above the horizon (as v), back to front."""
    elements: list[Element] = [easel.layer(_gradient(easel, horizon, disc), None, 0.0, "sky")]
    if easel.hour.dark and easel.allows("stars", "star"):
        elements.extend(stars(easel, horizon, amount=0.5 if easel.brief.hour == "neon" else 1.0))
    if easel.allows("cloud", "clouds"):
        elements.extend(cloud_layers(easel, horizon))
    return elements


def _gradient(easel: Easel, horizon: float, disc: bool) -> FloatArray:
    hour = easel.hour
    down = np.clip(easel.v / horizon, 0, 1)[..., None] ** 1.3
    rgb = paint(hour.top) * (1 - down) + paint(hour.horizon) * down
    if not disc:
        return np.asarray(rgb, np.float32)
    far = easel.distance_to_sun()
    glow = np.exp(-far / 0.2)[..., None]
    rgb = rgb + paint(hour.sun) * glow * 0.3
    radius = (0.06 if hour.dark else 0.05) * (1.3 if hour.height < 0.3 else 1.0)
    if easel.allows("sun", "moon") and easel.brief.hour != "storm":
        edge = smoothstep(radius + 0.004, radius - 0.004, far)[..., None]
        face = np.ones_like(far)
        if hour.dark:
            craters = clouds(easel.rng("moon"), easel.height, easel.width, cells=14, octaves=3)
            face = 0.8 + 0.3 * craters
        rgb = rgb * (1 - edge) + paint(hour.sun) * face[..., None] * edge
    return np.asarray(rgb, np.float32)


def stars(easel: Easel, below: float, *, amount: float = 1.0) -> list[Element]:
    """Points that twinkle in groups."""
    rng = easel.rng("stars")
    groups: list[ByteArray] = []
    for _ in range(STAR_GROUPS):
        count = int(130 * amount * max(1.0, easel.aspect))
        map_ = np.zeros((easel.height, easel.width, 3), np.float32)
        rows = (
            rng.random(count) ** 1.2 * min(easel.height - 2, easel.space.y(below) * 0.95)
        ).astype(int)
        columns = (rng.random(count) * (easel.width - 1)).astype(int)
        bright = rng.random(count).astype(np.float32) ** 2
        warm = rng.random((count, 1)).astype(np.float32)
        tints = paint((0.75, 0.84, 1.0)) * (1 - warm) + paint((1.0, 0.92, 0.8)) * warm
        map_[rows, columns] = tints * (0.4 + 2.2 * bright)[:, None]
        scale = easel.space.height / 576
        points = blur(map_, max(0.55, 0.75 * scale)) * (2.2 * scale + 1.0)
        halo = blur(map_ * (bright.max() > 0), max(1.0, 2.6 * scale)) * 1.6
        groups.append(light_sheet(points + halo))
    lights, above = trimmed_alike(tuple(groups))
    return [Twinkle(lights, 0.0, 0.45, 1.7, top=above)]


def cloud_layers(easel: Easel, horizon: float) -> list[Element]:
    """Two sheets of cloud at their own pace; heavier in bad weather."""
    brief, hour = easel.brief, easel.hour
    heavy = bool(brief.weather & {"storm", "rain", "clouds", "snow"}) or brief.hour == "storm"
    wind = 2.0 if brief.weather & {"wind", "storm"} else 1.0
    layers: list[Element] = []
    for index, (cells, depth, drift) in enumerate(((2, 0.03, 0.008), (3, 0.08, 0.015))):
        noise = clouds(
            easel.rng(f"clouds {index}"),
            easel.height,
            easel.width,
            cells=cells,
            octaves=6,
            gain=0.54,
            stretch=2.6,
        )
        cover = 0.42 if heavy else 0.55
        body = smoothstep(cover, cover + 0.22, noise)
        band = smoothstep(-0.15, 0.25, easel.v) * smoothstep(horizon * 1.02, horizon * 0.6, easel.v)
        alpha = body * band * (0.85 if heavy else 0.6) * (0.55 if hour.dark else 1.0)
        lit = smoothstep(cover, cover + 0.4, noise)[..., None]
        near_sun = np.exp(-easel.distance_to_sun() / 0.35)[..., None]
        white = paint(mix(hour.horizon, (1, 1, 1), 0.15 if hour.dark else 0.6))
        under = paint(mix(hour.top, hour.horizon, 0.45)) * (0.75 if heavy else 0.95)
        rgb = under * (1 - lit) + white * lit + paint(hour.sun) * near_sun * 0.35
        motion = Motion(drift=drift * wind * easel.side)
        layers.append(
            easel.layer(np.asarray(rgb, np.float32), alpha, depth, f"clouds {index}", motion)
        )
    return layers
