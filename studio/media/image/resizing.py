"""Scaling pictures, (h, w, 3 or 4) uint8, and how large they may be."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from studio.media.raster import ByteArray

LARGEST_SIDE = 8192

# What results may have; a changed phone picture is enlarged to it at most.
LARGEST_PIXELS = 12_600_000

# What is worked on: 4K stays whole, and no tool needs more than 1.5 GB for it.
WORKED_ON = 8_900_000


def working_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which a picture of that size is worked on."""
    return within_limits(width, height, WORKED_ON)


def resized(picture: ByteArray, width: int, height: int) -> ByteArray:
    """Scaled to exactly that size: averaged when it shrinks, Lanczos when it grows."""
    rows, columns = picture.shape[:2]
    if (columns, rows) == (width, height):
        return picture
    shrinks = width * height < columns * rows
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    if picture.shape[2] == 4:
        return _resized_with_alpha(picture, width, height, method)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)


def _resized_with_alpha(picture: ByteArray, width: int, height: int, method: int) -> ByteArray:
    """Colors weighted by how opaque they are, or what hides under transparency would show."""
    alpha = picture[..., 3].astype(np.float32)
    weight = np.maximum(cv2.resize(alpha, (width, height), interpolation=method), 0)
    out = np.empty((height, width, 4), np.uint8)
    plain = cv2.resize(
        np.ascontiguousarray(picture[..., :3]), (width, height), interpolation=method
    )
    for channel in range(3):
        coloured = cv2.resize(picture[..., channel] * alpha, (width, height), interpolation=method)
        exact = coloured / np.maximum(weight, 1)
        out[..., channel] = np.clip(np.where(weight > 1, exact, plain[..., channel]), 0, 255) + 0.5
    out[..., 3] = np.clip(weight + 0.5, 0, 255)
    return out


def fitted(picture: ByteArray, width: int, height: int) -> ByteArray:
    """Scaled and cut evenly to fill width × height; transparency is kept."""
    rows, columns = picture.shape[:2]
    factor = max(width / columns, height / rows)
    inner = (max(width, round(columns * factor)), max(height, round(rows * factor)))
    picture = resized(picture, *inner)
    x, y = (inner[0] - width) // 2, (inner[1] - height) // 2
    return np.ascontiguousarray(picture[y : y + height, x : x + width])


def on_colours(picture: ByteArray, change: Callable[[ByteArray], ByteArray]) -> ByteArray:
    """The picture with its colors changed by `change` (RGB to RGB); transparency is kept."""
    if picture.shape[2] == 3:
        return change(picture)
    return np.dstack([change(np.ascontiguousarray(picture[..., :3])), picture[..., 3]])


def within_limits(width: int, height: int, pixels: int) -> tuple[int, int]:
    factor = min(
        1.0,
        LARGEST_SIDE / max(width, height),
        (pixels / (width * height)) ** 0.5,
    )
    if factor == 1.0:
        return width, height
    return max(1, int(width * factor)), max(1, int(height * factor))


def no_larger(picture: ByteArray, side: int, least: int = 1) -> ByteArray:
    """Scaled down to at most that many pixels on its longer side; smaller pictures as they are.

    least: of the shorter side, in pixels.
    """
    height, width = picture.shape[:2]
    factor = min(1.0, side / max(width, height))
    if factor == 1.0:
        return picture
    size = (max(least, round(width * factor)), max(least, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
