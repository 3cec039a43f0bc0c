"""The part of a large picture that a mask marks: edited by itself and laid back exactly."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.job_io.order import Order
from studio.media.image.masks import feathered, painted_in, weighted
from studio.media.image.resizing import WORKED_ON, resized, working_size
from studio.media.raster import ByteArray, FloatArray

# How much of its surroundings a marked part is edited with, of its longer side and in pixels.
AROUND, LEAST_AROUND = 0.5, 96
# Rows that are laid back at a time: floats of a whole large picture would take a gigabyte.
STRIP = 256


@dataclass(frozen=True, slots=True)
class Window:
    """picture: all of it, (h, w, 3 or 4); marks: (h, w), 0 to 255, where it may change.

    source, mask: the marked part with its surroundings, no larger than the studio works on.
    """

    picture: ByteArray
    marks: ByteArray
    inside: tuple[slice, slice]
    source: ByteArray
    mask: FloatArray

    def laid_back(self, edited: ByteArray) -> ByteArray:
        """All of the picture with the edited part in it; where nothing is marked, to the bit."""
        inside = self.inside
        rows, columns = self.marks[inside].shape
        part = resized(edited, columns, rows)
        out = self.picture.copy()
        if edited.shape[:2] == (rows, columns):
            # Editing has kept what is not marked already.
            out[inside] = part
            return out
        weight = feathered(weighted(self.marks[inside]))
        for start in range(0, rows, STRIP):
            strip = slice(start, min(rows, start + STRIP))
            window = out[inside][strip]
            window[:] = painted_in(window, part[strip], weight[strip])
        return out


def window_on(order: Order, picture: ByteArray, marks: ByteArray) -> Window | None:
    """The part to work on; None for a picture that is small enough to be edited whole.

    Warns when even the part is too large to be worked on as it is.
    """
    height, width = picture.shape[:2]
    if height * width <= WORKED_ON:
        return None
    top, left, bottom, right = _box(marks)
    inside = slice(top, bottom), slice(left, right)
    part = np.ascontiguousarray(picture[inside])
    size = working_size(part.shape[1], part.shape[0])
    if size != (part.shape[1], part.shape[0]):
        order.warn(
            f"The marked area is large, so it was repainted at {size[0]}×{size[1]} and enlarged."
        )
    source = resized(part, *size)
    shrunk = cv2.resize(marks[inside], size, interpolation=cv2.INTER_AREA)
    return Window(picture, marks, inside, source, weighted(np.asarray(shrunk, np.uint8)))


def _box(marks: ByteArray) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what is marked and its surroundings."""
    height, width = marks.shape
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if not rows.size:
        return 0, 0, min(height, LEAST_AROUND), min(width, LEAST_AROUND)
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    around = max(LEAST_AROUND, round(AROUND * float(longer)))
    return (
        max(0, int(rows[0]) - around), max(0, int(columns[0]) - around),
        min(height, int(rows[-1]) + 1 + around), min(width, int(columns[-1]) + 1 + around),
    )  # fmt: skip
