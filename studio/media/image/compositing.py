"""Laying premultiplied RGBA sheets over RGB pictures, in place."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.media.raster import ByteArray, FloatArray


def lay(frame: ByteArray, pixels: ByteArray, matrix: FloatArray, *, extends: bool) -> None:
    """Put a premultiplied RGBA sheet over the frame, touching only what it reaches."""
    height, width = frame.shape[:2]
    rows, columns = pixels.shape[:2]
    corners = matrix @ np.array(
        [[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]], np.float32
    )
    x0, x1 = math.floor(corners[0].min()) - 1, math.ceil(corners[0].max()) + 1
    y0, y1 = math.floor(corners[1].min()) - 1, math.ceil(corners[1].max()) + 1
    if extends:
        x0, x1, y1 = 0, width, height
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    if x1 <= x0 or y1 <= y0:
        return
    local = matrix.copy()
    local[0, 2] -= x0
    local[1, 2] -= y0
    sheet = cv2.warpAffine(
        pixels,
        local,
        (x1 - x0, y1 - y0),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if extends else cv2.BORDER_CONSTANT,
    )
    over(frame[y0:y1, x0:x1], sheet)


def over(window: ByteArray, sheet: ByteArray) -> None:
    """Premultiplied RGBA over RGB, in place."""
    alpha = cv2.extractChannel(sheet, 3)
    through = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2RGB)
    colour = cv2.cvtColor(sheet, cv2.COLOR_RGBA2RGB)
    window[:] = cv2.add(cv2.multiply(window, through, scale=1 / 255), colour)
