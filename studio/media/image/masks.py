"""Masks drawn by people: which pixels may change, and how strongly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mediakit.decode import open_image
from studio.media.raster import ByteArray, FloatArray

Box = tuple[float, float, float, float]


def open_marks(path: str | Path, width: int, height: int) -> ByteArray:
    """Where a picture is to be repainted, (height, width), 0 not at all to 255 fully.

    Transparent parts are repainted; in a mask without any transparency the white ones. A mask of
    another size is scaled to the picture's. Raises what `open_image` raises.
    """
    picture = open_image(path)
    if picture.shape[2] == 4 and int(picture[..., 3].min()) < 255:
        marked = 255 - picture[..., 3]
    else:
        marked = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    if marked.shape != (height, width):
        shrinks = marked.size > width * height
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        marked = cv2.resize(marked, (width, height), interpolation=method)
    # A JPEG's or a brush's almost-nothing is nothing.
    ends = np.arange(256)
    table = np.where(ends < 0.04 * 255, 0, np.where(ends > 0.96 * 255, 255, ends))
    return np.asarray(cv2.LUT(np.asarray(marked, np.uint8), np.uint8(table)), np.uint8)


def weighted(marks: ByteArray) -> FloatArray:
    """Marks as weights, 0 to 1."""
    return np.asarray(marks / np.float32(255), np.float32)


def feathered(mask: FloatArray) -> FloatArray:
    """The mask with soft edges that lie inside it: what was 0 stays exactly 0."""
    if not mask.any() or mask.min() > 0:
        return mask
    reach = max(1.5, min(mask.shape) / 90)
    inside = np.asarray(mask > 0, np.uint8)
    # The picture's own border is no edge of the mask.
    framed = cv2.copyMakeBorder(inside, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[2:-2, 2:-2]
    return np.asarray(mask * np.clip(depth / reach, 0, 1), np.float32)


def painted_in(before: ByteArray, after: ByteArray, weight: FloatArray) -> ByteArray:
    """`after` where the weight says so; where it is 0, `before` to the last bit.

    Both (h, w, 3 or 4) uint8 with as many channels; weight: (h, w), 0 to 1.
    """
    share = weight[..., None]
    # Where the weight is 0 the sum is `before` exactly: eight bits lie exactly in a float.
    mixed = before + (after.astype(np.float32) - before) * share
    return np.asarray(mixed + 0.5, np.uint8)


def box_of(held: npt.NDArray[np.bool_]) -> Box | None:
    """Left, top, right, bottom of what is held, as shares of the picture; None for nothing."""
    columns, rows = np.flatnonzero(held.any(axis=0)), np.flatnonzero(held.any(axis=1))
    if not columns.size:
        return None
    height, width = held.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )
