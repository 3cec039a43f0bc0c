"""Drawing a figure: smooth outlines, inflated to look round; materials, and the light on them.

Figures are drawn in their own measures: the origin is the middle of the ground they stand on, x
goes right, y goes up, and a figure is about 1 high. Every part is a closed outline and a material.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import cv2
import numpy as np

from studio.media.raster import (
    WHITE,
    ByteArray,
    Colour,
    FloatArray,
    blur,
    mix,
    shade,
)

Point: TypeAlias = tuple[float, float]
Finish: TypeAlias = Literal[
    "matte", "gloss", "metal", "glass", "fur", "light", "skin", "cloth", "lit"
]

# Sub-pixel bits of OpenCV's polygon coordinates.
SHIFT = 4


@dataclass(frozen=True, slots=True)
class Material:
    """What a part is made of. round: how far the swelling reaches in, 0 flat to 1 inflated."""

    colour: Colour
    finish: Finish = "matte"
    round: float = 1.0

    def darker(self, amount: float = 0.6) -> Material:
        return replace(self, colour=shade(self.colour, amount))

    def lighter(self, amount: float = 0.4) -> Material:
        return replace(self, colour=mix(self.colour, WHITE, amount))

    def as_finish(self, finish: Finish) -> Material:
        return replace(self, finish=finish)

    def flat(self, amount: float = 0.3) -> Material:
        return replace(self, round=amount)


@dataclass(frozen=True, slots=True)
class Light:
    """How a figure is lit. lamp: direction towards it (x right, y up, z towards the viewer)."""

    lamp: tuple[float, float, float] = (-0.55, 0.65, 0.55)
    key: Colour = (1.0, 0.97, 0.9)
    sky: Colour = (0.42, 0.46, 0.55)
    floor: Colour = (0.22, 0.2, 0.19)
    rim: Colour = (1.0, 1.0, 1.0)
    rim_strength: float = 0.6
    # The rim comes from the side away from the lamp, unless the lamp stands behind the figure.
    rim_side: float = 1.0

    def direction(self) -> FloatArray:
        lamp = np.array(self.lamp, np.float32)
        return np.asarray(lamp / np.linalg.norm(lamp), np.float32)


@dataclass(slots=True)
class Figure:
    """A drawn figure: all arrays share one size.

    rgb (h, w, 3) and alpha (h, w): 0 to 1. glow (h, w, 3): light the figure gives off. ink (h, w):
    contour lines with hidden ones removed; order (h, w): when each line is drawn, 0 to 1.
    foot: (column, row) of the origin. scale: pixels per unit.
    """

    rgb: FloatArray
    alpha: FloatArray
    glow: FloatArray
    ink: FloatArray
    order: FloatArray
    foot: tuple[float, float]
    scale: float

    def mirrored(self) -> Figure:
        width = self.alpha.shape[1]
        rgb, alpha, glow, ink, order = (
            np.ascontiguousarray(sheet[:, ::-1])
            for sheet in (self.rgb, self.alpha, self.glow, self.ink, self.order)
        )
        foot = (width - 1 - self.foot[0], self.foot[1])
        return Figure(rgb, alpha, glow, ink, order, foot, self.scale)


def smooth(points: Sequence[Point], *, closed: bool, steps: int = 10) -> FloatArray:
    """A Catmull-Rom curve through the points; a point given twice makes a corner. (n, 2)."""
    knots = np.array(points, np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        bend_in, bend_out = (c - a) * 0.5, (d - b) * 0.5
        if np.allclose(a, b):
            bend_in = (c - b) * 0.5
        if np.allclose(c, d):
            bend_out = (c - b) * 0.5
        if np.allclose(b, c):
            # The corner itself: no length, so no bend, or it would grow a thorn.
            bend_in = bend_out = np.zeros(2)
        h1, h2 = 2 * t**3 - 3 * t**2 + 1, -2 * t**3 + 3 * t**2
        h3, h4 = t**3 - 2 * t**2 + t, t**3 - t**2
        pieces.append(h1 * b + h2 * c + h3 * bend_in + h4 * bend_out)
    if not closed:
        pieces.append(knots[-1:])
    return np.concatenate(pieces).astype(np.float32)


def arc(
    x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 48
) -> list[Point]:
    """Points on an ellipse, from `start` to `end` degrees, counter-clockwise from the right."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


Contour: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.int32]]"


def inflate(
    mask: ByteArray, roundness: float, scale: float, *, limit: float | None = None
) -> FloatArray:
    """Normals of a shape blown up like a cushion: (h, w, 3), x right, y up, z to the viewer.

    roundness: 1 swells up to the middle, 0 is flat but for a soft edge. limit: in pixels, how far
    the swelling may reach in.
    """
    solid = np.asarray(mask > 127, np.uint8)
    # The frame of the window must count as outside, or a part at the sheet's edge would look cut.
    solid[0, :] = solid[-1, :] = 0
    solid[:, 0] = solid[:, -1] = 0
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    thickest = float(depth.max())
    if thickest < 1:
        flat = np.zeros((*mask.shape, 3), np.float32)
        flat[..., 2] = 1
        return flat
    reach = max(2.0, 0.02 * scale, thickest * roundness)
    if limit is not None:
        reach = min(reach, limit)
    reach = max(1.0, min(reach, thickest))
    inside = 1 - np.clip(depth / reach, 0, 1)
    height = reach * np.sqrt(np.clip(1 - inside**2, 0, 1))
    height = blur(np.asarray(height, np.float32), max(0.7, reach * 0.16))
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    return np.stack([-slope_x / length, slope_y / length, 1 / length], axis=-1).astype(np.float32)
