"""Night over a picture that exists: dark and blue, its lamps lit, its sun a moon.

Pictures are (h, w, 3) uint8 RGB.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.image import tones
from studio.media.raster import ByteArray, FloatArray, blur, seeded_rng, smoothstep

WARM = np.array((255, 190, 96), np.float32)
CORE = np.array((255, 236, 186), np.float32)
MOON = np.array((226, 232, 246), np.float32)
# Things with windows that someone may be in; one in three of the others is dark.
LIVED_IN = frozenset({"lighthouse", "house", "castle", "train", "rocket", "car", "boat"})
SHARE_LIT = 0.66
# As shares of the picture.
SMALLEST_LAMP, LARGEST_LAMP = 1.2e-4, 0.006


def darkened(picture: ByteArray, amount: float) -> ByteArray:
    """Moonlight: dark, little color, blue."""
    dark = tones.saturated(tones.exposed(picture, -1.35 * amount), -0.45)
    tables = [np.arange(256) * factor + lift for factor, lift in ((0.62, 4), (0.78, 8), (1.12, 20))]
    return tones.curves(dark, tables)


def lamps_of(picture: ByteArray, dimmest: float = 150) -> FloatArray:
    """Small bright places that could be windows or lamps, (h, w) 0 to 1. dimmest: of 255."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    reach = max(4, round(min(height, width) / 12))
    size = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    stands_out = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, np.ones((reach, reach), np.uint8))
    stands_out = cv2.resize(stands_out, (width, height)).astype(np.float32)
    light = smoothstep(45, 95, stands_out) * smoothstep(
        dimmest, dimmest + 40, grey.astype(np.float32)
    )
    panes, _ = _panes(np.asarray(light > 0.4, np.uint8), SMALLEST_LAMP)
    return np.asarray(light * cv2.dilate(panes, np.ones((3, 3), np.uint8)), np.float32)


def windows_of(
    picture: ByteArray, walls: FloatArray, seed: int, smallest: float = SMALLEST_LAMP
) -> FloatArray:
    """Small dark openings in walls, (h, w) 0 to 1; in most of them someone is at home.

    smallest: as a share of the picture.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    reach = max(5, round(min(grey.shape) / 22)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    sunk = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, kernel)
    inner = cv2.erode(walls, np.ones((3, 3), np.uint8)) > 0.6
    panes, labels = _panes(np.asarray((sunk > 26) & inner, np.uint8), smallest)
    lit = seeded_rng("windows", seed, "night").random(int(labels.max()) + 1) < SHARE_LIT
    return blur(np.asarray(panes * lit[labels], np.float32), 0.5)


def _panes(found: ByteArray, smallest: float) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Of found pieces the filled and compact ones, 0 or 1; gaps, outlines and walls are neither.

    Returns them and the number of each piece. smallest: as a share of the picture.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=4)
    columns, rows, area = (stats[:, i].astype(np.float32) for i in (2, 3, 4))
    compact = np.maximum(columns, rows) < 5 * np.minimum(columns, rows)
    keep = (area > 0.68 * columns * rows) & compact & (area < LARGEST_LAMP * found.size)
    keep &= area >= max(4, smallest * found.size)
    keep[0] = False
    return np.asarray(keep[labels], np.float32), np.asarray(labels, np.int32)


def lit_by(dark: ByteArray, lights: FloatArray, strength: float = 1.0) -> ByteArray:
    """A dark picture with lights, (h, w) 0 to 1, burning in it and shining on what is near."""
    side = min(lights.shape)
    lit = dark.astype(np.float32)
    burning = WARM + (CORE - WARM) * blur(lights, max(0.6, side / 160))[..., None]
    lit += (burning - lit) * np.clip(lights * 1.15, 0, 1)[..., None]
    near, far = blur(lights, side / 45), blur(lights, side / 12)
    spill = np.clip(near * 1.1 + far * 3.2, 0, 1.3)[..., None] * strength
    # Surfaces give back more light the lighter they are; some of it hangs in the air.
    surface = 0.2 + dark.astype(np.float32).mean(axis=2, keepdims=True) / 240
    lit += (255 - lit) / 255 * spill * WARM * surface * (1 - lights[..., None])
    return np.asarray(np.clip(lit + 0.5, 0, 255), np.uint8)


def moon_for_sun(
    picture: ByteArray, before: ByteArray, sky: FloatArray, things: FloatArray
) -> ByteArray:
    """A round sun in the sky, as it was `before`, painted as a moon.

    sky, things: (h, w), 0 to 1; what belongs to a thing is no sun.
    """
    shorter = min(sky.shape)
    grey = cv2.cvtColor(before, cv2.COLOR_RGB2GRAY)
    # What was too bright to be sky is a hole in it.
    side = max(5, round(0.3 * shorter)) | 1
    above = cv2.morphologyEx(sky, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)) > 0.2
    # The glow around it may be as bright as another sun.
    for brightness in (238, 222, 205):
        bright = np.asarray((grey > brightness) & above & (things < 0.1), np.uint8)
        _, _, stats, centres = cv2.connectedComponentsWithStats(bright)
        for (_, _, columns, rows, area), centre in zip(stats[1:], centres[1:], strict=True):
            radius = float(area / np.pi) ** 0.5
            fits = 0.012 * shorter < radius < 0.14 * shorter
            if fits and 0.8 < columns / rows < 1.25 and 0.68 < area / (columns * rows) < 0.88:
                return _with_moon(picture, centre, radius)
    return picture


def _with_moon(picture: ByteArray, centre: Sequence[float], radius: float) -> ByteArray:
    height, width = picture.shape[:2]
    y, x = np.ogrid[:height, :width]
    away = np.hypot(x - centre[0], y - centre[1]).astype(np.float32) / radius
    # A little larger than the sun was: its rim is under it.
    disc = smoothstep(1.16, 1.08, away)[..., None]
    halo = np.exp(-np.maximum(away - 1, 0) / 1.1)[..., None] * 0.28
    glowing = picture + (MOON - picture.astype(np.float32)) * halo
    return np.asarray(glowing + (MOON - glowing) * disc + 0.5, np.uint8)


def starry(picture: ByteArray, sky: FloatArray, seed: int) -> ByteArray:
    """Stars over the sky, denser near the top."""
    height, width = sky.shape
    rng = seeded_rng("stars", seed, "night")
    field = np.zeros((height, width), np.float32)
    count = round(height * width / 2600)
    y = (rng.random(count) ** 1.3 * height).astype(int)
    x = (rng.random(count) * width).astype(int)
    field[y, x] = rng.random(count).astype(np.float32) ** 2
    stars = np.clip(blur(field, max(0.5, height / 900)) * 5, 0, 1) * sky
    lit = picture + stars[..., None] * np.array((235, 240, 255), np.float32)
    return np.asarray(np.clip(lit + 0.5, 0, 255), np.uint8)
