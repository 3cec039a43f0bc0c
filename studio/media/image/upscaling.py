"""Enlarging a picture so that it agrees with the small one it came from.

Lanczos first; then what the enlargement, made small again, lacks of the original is put back
(iterative back-projection, Irani and Peleg 1991). Nothing is invented.
"""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.raster import ByteArray, FloatArray

ROUNDS = 2
# How far a pixel may leave the range of those it came from, in steps of 255: more is a halo.
SLACK = 6


def enlarge(picture: ByteArray, width: int, height: int) -> ByteArray:
    """picture: (h, w, 3 or 4) uint8, of at most width × height. Returns as many channels.

    One channel at a time, so that eight thousand columns need few bytes beyond the result.
    """
    out = np.empty((height, width, picture.shape[2]), np.uint8)
    opaque = picture.shape[2] == 3
    weight = None if opaque else np.ascontiguousarray(picture[..., 3])
    for channel in range(picture.shape[2]):
        plane = np.ascontiguousarray(picture[..., channel])
        if weight is not None and channel < 3:
            plane = _bled(plane, weight)
        out[..., channel] = enlarge_plane(plane, width, height)
    return out


def enlarge_plane(plane: ByteArray, width: int, height: int) -> ByteArray:
    """One channel, (h, w) uint8, as `enlarge` does it."""
    small = plane.astype(np.float32)
    rows, columns = small.shape
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LANCZOS4)
    for _ in range(ROUNDS):
        seen = cv2.resize(large, (columns, rows), interpolation=cv2.INTER_AREA)
        large += cv2.resize(small - seen, (width, height), interpolation=cv2.INTER_CUBIC)
    _without_halos(large, plane)
    return np.asarray(large + 0.5, np.uint8)


def _without_halos(large: FloatArray, plane: ByteArray) -> None:
    """Keep every pixel near the range of those around its place in the small one, in place."""
    height, width = large.shape
    square = np.ones((3, 3), np.uint8)
    for extreme, keep, slack in (
        (cv2.dilate(plane, square), np.minimum, SLACK),
        (cv2.erode(plane, square), np.maximum, -SLACK),
    ):
        bound = cv2.resize(extreme, (width, height), interpolation=cv2.INTER_LINEAR)
        keep(large, bound.astype(np.float32) + slack, out=large)
    np.clip(large, 0, 255, out=large)


def _bled(plane: ByteArray, alpha: ByteArray) -> ByteArray:
    """Where nothing is seen, the nearest seen colors: else the edge mixes with hidden ones."""
    seen = (alpha > 0).astype(np.float32)
    if seen.all():
        return plane
    spread = max(plane.shape) / 100 + 2
    total = cv2.GaussianBlur(plane * seen, (0, 0), spread)
    share = cv2.GaussianBlur(seen, (0, 0), spread)
    near = total / np.maximum(share, 1e-3)
    return np.asarray(np.where(seen > 0, plane, np.clip(near, 0, 255)), np.uint8)
