"""Taking things out of a picture and drawing anew what was behind them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from tools.providers.studio.pictures.canvas import resized
from tools.providers.studio.pictures.tones import noise_level
from tools.providers.studio.scenes.raster import ByteArray, FloatArray, blur


def removed(picture: ByteArray, mask: FloatArray) -> ByteArray:
    """What a mask covers painted over from its surroundings, coarse to fine, with their texture.

    The middle of a large hole is filled small first: inpainting reaches only so far.
    """
    height, width = picture.shape[:2]
    reach = max(3, round(min(height, width) / 110))
    hole = cv2.dilate(np.asarray(mask > 0.1, np.uint8), np.ones((reach, reach), np.uint8))
    if not hole.any() or hole.all():
        return picture
    factor = min(1.0, 220 / max(height, width))
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole * 255, size, interpolation=cv2.INTER_LINEAR)
    small_hole = np.asarray((small_hole > 8) * 255, np.uint8)
    filled = _patched(cv2.inpaint(small, small_hole, 5, cv2.INPAINT_TELEA), small_hole > 0)
    coarse = resized(np.asarray(filled, np.uint8), width, height).astype(np.float32)
    texture = _texture(picture, hole)
    share = np.clip(blur(hole.astype(np.float32), reach * 0.6) * 1.6, 0, 1)[..., None]
    share = np.maximum(share, hole[..., None].astype(np.float32))
    mixed = picture + (coarse + texture - picture) * share
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _patched(small: ByteArray, hole: npt.NDArray[np.bool_]) -> ByteArray:
    """Rows of a wide hole continue what lies left and right of it: skies and floors run across."""
    out = small.astype(np.float32)
    width = small.shape[1]
    for row in np.flatnonzero(hole.any(axis=1)):
        columns = np.flatnonzero(hole[row])
        first, last = int(columns[0]), int(columns[-1])
        if first < 3 or last > width - 4:
            continue
        left = out[row, max(0, first - 6) : first].mean(axis=0)
        right = out[row, last + 1 : last + 7].mean(axis=0)
        ramp = np.linspace(0, 1, last - first + 1, dtype=np.float32)[:, None]
        across = left + (right - left) * ramp
        inside = hole[row, first : last + 1, None]
        part = out[row, first : last + 1]
        out[row, first : last + 1] = np.where(inside, 0.35 * part + 0.65 * across, part)
    soft = cv2.GaussianBlur(out, (0, 0), 1.2)
    return np.asarray(np.where(hole[..., None], soft, out) + 0.5, np.uint8)


def _texture(picture: ByteArray, hole: ByteArray) -> FloatArray:
    """Fine detail of the neighbourhood, taken from beside the hole and laid into it."""
    height, width = picture.shape[:2]
    exact = picture.astype(np.float32)
    fine = exact - cv2.GaussianBlur(exact, (0, 0), max(1.0, min(height, width) / 160))
    columns = np.flatnonzero(hole.any(axis=0))
    span = int(columns[-1] - columns[0]) + 1 if columns.size else 1
    # From the side with room for it; mirrored, so that no seam repeats.
    shift = span if columns[0] > width - 1 - columns[-1] else -span
    borrowed = np.roll(fine, shift, axis=1)
    # Grain and grass, but no outlines: those would be the ghosts of other things.
    most = 2 + 1.2 * noise_level(picture)
    seen = np.roll(hole, shift, axis=1) == 0
    return np.asarray(
        np.where(seen[..., None], np.clip(borrowed, -most, most), 0) * 0.9, np.float32
    )
