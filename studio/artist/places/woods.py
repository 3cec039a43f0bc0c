"""Trees that stand around anyone who is in the picture: firs, bare or leafy trunks, under snow."""

from __future__ import annotations

import cv2
import numpy as np

from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel
from studio.media.raster import ByteArray, Colour, FloatArray, clouds, hex_colour, mix, paint, shade

WOODED = ("forest", "woods", "woodland", "jungle", "rainforest", "grove", "pine", "pines")
PARKS = ("park", "orchard")
# Rows of trees from far to near: (v of their feet, height, depth, how many to a picture's width).
ROWS = ((0.74, 0.42, 0.5, 11), (0.8, 0.62, 0.6, 7))
FIR, BARK, SNOW = hex_colour("2c5a3a"), hex_colour("4a382b"), hex_colour("f2f6fb")
AUTUMN = tuple(hex_colour(code) for code in ("d9762b", "c2502a", "e2aa3a"))
GREEN = tuple(hex_colour(code) for code in ("4f8f3f", "3f7a3a", "6aa04a"))


def wanted(easel: Easel) -> bool:
    """Whether the words ask for trees."""
    return easel.mentions(*WOODED, *PARKS) and easel.allows("tree", "trees", "forest")


def trees(easel: Easel, lit: FloatArray) -> list[Element]:
    """Two rows of them behind the figures. lit: the hour's light, which colors are multiplied by.

    The middle of the nearer row is a clearing.
    """
    return [_row(easel, lit, index) for index in range(len(ROWS))]


def _row(easel: Easel, lit: FloatArray, index: int) -> Element:
    foot, tall, depth, count = ROWS[index]
    rng = easel.rng(f"woods {index}")
    height, width = easel.height, easel.width
    rgb = np.zeros((height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    snowy = easel.mentions("snowy", "snow", "winter") or "snow" in easel.brief.weather
    leafy = easel.mentions(*PARKS, "autumn", "autumnal", "jungle", "rainforest") and not snowy
    leaves = AUTUMN if easel.mentions("autumn", "autumnal", "october") else GREEN
    unit = easel.space.height
    step = easel.space.width / (count * max(1.0, easel.aspect / 1.78))
    x = -step * rng.random()
    while x < width + step:
        u = (x - easel.space.left) / easel.space.width
        size = unit * tall * (0.75 + 0.5 * rng.random())
        y = easel.space.y(foot + 0.015 * rng.random())
        tone = 0.78 + 0.4 * rng.random()
        leaf = leaves[int(rng.integers(len(leaves)))]
        if index == 0 or not 0.3 < u < 0.8:
            if leafy:
                _leafy(rgb, mask, x, y, size, shade(leaf, tone), rng)
            else:
                _fir(rgb, mask, x, y, size, shade(FIR, tone), snowy)
        x += step * (0.6 + 0.8 * rng.random())
    noise = clouds(rng, height, width, cells=24, octaves=3)
    colour = rgb.astype(np.float32) / 255 * lit * (0.75 + 0.5 * noise[..., None])
    veil = 0.34 - 0.22 * index
    colour = colour + (paint(easel.hour.horizon) - colour) * veil
    motion = Motion(sway=0.006, period_s=4.2, phase=index, hinge=easel.space.y(foot))
    return easel.layer(
        np.asarray(colour, np.float32), mask.astype(np.float32) / 255, depth, f"w{index}", motion
    )


def _put(rgb: ByteArray, mask: ByteArray, points: list[tuple[float, float]], c: Colour) -> None:
    path = np.rint(np.array(points) * 16).astype(np.int32)
    cv2.fillPoly(rgb, [path], tuple(255 * min(1.0, part) for part in c), cv2.LINE_AA, 4)
    cv2.fillPoly(mask, [path], 255, cv2.LINE_AA, 4)


def _fir(
    rgb: ByteArray, mask: ByteArray, x: float, y: float, size: float, colour: Colour, snowy: bool
) -> None:
    trunk = size * 0.022
    _put(rgb, mask, [(x - trunk, y), (x + trunk, y), (x + trunk, y - size * 0.2),
                     (x - trunk, y - size * 0.2)], BARK)  # fmt: skip
    for tier in range(6):
        low = y - size * (0.1 + 0.14 * tier)
        top = low - size * 0.27
        half = size * (0.2 - 0.028 * tier)
        _put(rgb, mask, [(x - half, low), (x, top), (x + half, low),
                         (x + half * 0.5, low - 0.02 * size),
                         (x, low + 0.012 * size), (x - half * 0.5, low - 0.02 * size)],
             shade(colour, 0.8 + 0.06 * tier))  # fmt: skip
        if snowy:
            _put(rgb, mask, [(x - half * 0.95, low - 0.004 * size), (x, top),
                             (x + half * 0.95, low - 0.004 * size),
                             (x + half * 0.4, low - 0.08 * size),
                             (x, low - 0.05 * size), (x - half * 0.45, low - 0.085 * size)],
                 SNOW)  # fmt: skip


def _leafy(
    rgb: ByteArray,
    mask: ByteArray,
    x: float,
    y: float,
    size: float,
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    trunk = size * 0.035
    _put(rgb, mask, [(x - trunk * 1.4, y), (x + trunk * 1.4, y), (x + trunk * 0.7, y - size * 0.6),
                     (x - trunk * 0.7, y - size * 0.6)], BARK)  # fmt: skip
    for index in range(14):
        light = 0.75 + 0.5 * index / 14
        a = x + size * 0.26 * (2 * rng.random() - 1)
        b = y - size * (0.5 + 0.42 * rng.random()) - size * 0.05 * (index > 8)
        radius = size * (0.09 + 0.07 * rng.random())
        fill = tuple(255 * min(1.0, part) for part in shade(mix(colour, (1, 0.9, 0.5), 0.1), light))
        place, far = (round(a * 16), round(b * 16)), round(radius * 16)
        cv2.circle(rgb, place, far, fill, -1, cv2.LINE_AA, 4)
        cv2.circle(mask, place, far, 255, -1, cv2.LINE_AA, 4)
