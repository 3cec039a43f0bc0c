"""A harbour: a stone quay across the water, hulls and masts moored along it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from studio.artist.drawing.stage import Element, Motion
from studio.artist.places.easel import Easel
from studio.artist.places.land import lit
from studio.media.raster import FloatArray, hex_colour, mix, paint

WALL, ROOF = hex_colour("8b8378"), hex_colour("9a4f3c")
HOUSES = tuple(hex_colour(code) for code in ("d9c7a6", "c98f6b", "a9b7bd", "e3ddd0", "b56a58"))
HULLS = tuple(hex_colour(code) for code in ("f0ece2", "27496d", "8e3f2b", "2f6a5c", "e2b23c"))
# The row of the quay's edge, and of the water it stands in.
QUAY, WATER = 0.575, 0.6


def moorings(easel: Easel) -> list[Element]:
    """Houses on a quay, and before it boats that rock."""
    return [_town(easel), _boats(easel, 0), _boats(easel, 1)]


def _town(easel: Easel) -> Element:
    rng, space = easel.rng("harbour town"), easel.space
    rgb = np.zeros((easel.height, easel.width, 3), np.float32)
    mask = np.zeros((easel.height, easel.width), np.float32)
    unit, x = space.height, -0.02 * space.width
    foot = space.y(QUAY)
    while x < easel.width:
        wide, tall = unit * (0.06 + 0.06 * rng.random()), unit * (0.06 + 0.09 * rng.random())
        colour = HOUSES[int(rng.integers(len(HOUSES)))]
        box = [(x, foot), (x, foot - tall), (x + wide, foot - tall), (x + wide, foot)]
        _fill(rgb, mask, box, paint(lit(easel, colour)))
        peak = [(x - 0.006 * unit, foot - tall), (x + wide / 2, foot - tall - 0.3 * wide)]
        peak.append((x + wide + 0.006 * unit, foot - tall))
        _fill(rgb, mask, peak, paint(lit(easel, ROOF)))
        pane = paint((1.0, 0.83, 0.5) if easel.hour.dark else lit(easel, hex_colour("465563")))
        size = unit * 0.008
        for level in np.arange(foot - tall + 2 * size, foot - 2 * size, 4 * size):
            for left in np.arange(x + 1.5 * size, x + wide - 2 * size, 3.6 * size):
                window = [(left, level), (left + size, level)]
                window += [(left + size, level + 1.6 * size), (left, level + 1.6 * size)]
                _fill(rgb, mask, window, pane)
        x += wide
    edge = [(0, space.y(QUAY)), (easel.width, space.y(QUAY))]
    edge += [(easel.width, space.y(WATER)), (0, space.y(WATER))]
    _fill(rgb, mask, edge, paint(lit(easel, WALL)))
    rgb = rgb + (paint(easel.hour.horizon) - rgb) * 0.3
    return easel.layer(np.asarray(rgb, np.float32), mask, 0.24, "harbour town")


def _boats(easel: Easel, row: int) -> Element:
    rng, space = easel.rng(f"moorings {row}"), easel.space
    rgb = np.zeros((easel.height, easel.width, 3), np.float32)
    mask = np.zeros((easel.height, easel.width), np.float32)
    size = space.height * (0.1 + 0.045 * row)
    line = space.y(0.625 + 0.04 * row)
    x = size * float(rng.random())
    while x < easel.width:
        middle = (x - space.left) / space.width
        # The middle stays open for anyone who is in the picture.
        if row == 0 or not 0.2 < middle < 0.75:
            hull = paint(lit(easel, HULLS[int(rng.integers(len(HULLS)))]))
            half, deep = size * 0.5, size * 0.16
            shape = [(x - half, line - deep), (x + half * 1.1, line - deep * 1.15)]
            shape += [(x + half * 0.75, line), (x - half * 0.8, line)]
            _fill(rgb, mask, shape, hull)
            cabin = [(x - half * 0.3, line - deep), (x - half * 0.25, line - 1.9 * deep)]
            cabin += [(x + half * 0.3, line - 1.9 * deep), (x + half * 0.4, line - deep)]
            _fill(rgb, mask, cabin, paint(lit(easel, HULLS[0])))
            thin, tall = max(0.6, size * 0.012), size * (1.1 + 0.5 * rng.random())
            mast = [(x - thin, line - deep), (x - thin, line - tall)]
            mast += [(x + thin, line - tall), (x + thin, line - deep)]
            _fill(rgb, mask, mast, paint(lit(easel, mix(WALL, (0.2, 0.2, 0.2), 0.5))))
        x += size * (1.2 + 1.1 * float(rng.random()))
    rgb = rgb + (paint(easel.hour.horizon) - rgb) * (0.24 - 0.1 * row)
    motion = Motion(bob=0.003, sway=0.006, period_s=3.1 + row, phase=row, hinge=line)
    return easel.layer(np.asarray(rgb, np.float32), mask, 0.28 + 0.1 * row, f"boats {row}", motion)


def _fill(
    rgb: FloatArray, mask: FloatArray, points: Sequence[tuple[float, float]], colour: FloatArray
) -> None:
    corners = np.rint(np.array(points) * 16).astype(np.int32)
    cv2.fillPoly(rgb, [corners], [float(c) for c in colour], cv2.LINE_8, 4)
    cv2.fillPoly(mask, [corners], 1.0, cv2.LINE_8, 4)
