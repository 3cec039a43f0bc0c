"""Sheets to lay over frames: (h, w, 4) premultiplied RGBA bytes. Shapes, borders, shadows, keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw

from studio.media.image.compositing import over
from studio.media.image.lettering import Colour
from studio.media.raster import ByteArray, FloatArray, Frame

Frames: TypeAlias = Iterator[ByteArray]

_SHAPES_DRAWN = 4  # edges of shapes are drawn so many times larger, then averaged
_KEY_NEAR, _KEY_FAR = 28.0, 62.0  # distance in chroma: nearer is gone, farther stays


def of_picture(picture: ByteArray) -> ByteArray:
    """An RGB or RGBA picture as a sheet."""
    if picture.shape[2] == 3:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)
    alpha = cv2.merge([picture[..., 3]] * 3)
    colour = cv2.multiply(picture[..., :3], alpha, scale=1 / 255)
    return np.dstack([colour, picture[..., 3]])


def scaled(sheet: ByteArray, factor: float) -> ByteArray:
    rows, columns = sheet.shape[:2]
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    return np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.uint8)


def lay_at(frame: Frame, sheet: ByteArray, left: int, top: int, opacity: float = 1.0) -> None:
    """Lay a sheet over a frame, in place; what lies outside is cut off."""
    height, width = frame.shape[:2]
    rows, columns = sheet.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + columns), min(height, top + rows)
    if x0 >= x1 or y0 >= y1 or opacity <= 0:
        return
    part = sheet[y0 - top : y1 - top, x0 - left : x1 - left]
    if opacity < 1:
        part = np.asarray(cv2.convertScaleAbs(part, alpha=opacity), np.uint8)
    over(frame[y0:y1, x0:x1], np.ascontiguousarray(part))


def keyed(sheet: ByteArray, key: Colour) -> ByteArray:
    """Without what has the key's color, in any light; what is left loses the key's cast."""
    pixels = np.ascontiguousarray(sheet[..., :3])
    tones = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)[..., 1:].astype(np.float32)
    wanted = cv2.cvtColor(np.array([[key[:3]]], np.uint8), cv2.COLOR_RGB2YCrCb)[0, 0, 1:]
    away = np.linalg.norm(tones - wanted.astype(np.float32), axis=2)
    keep = np.clip((away - _KEY_NEAR) / (_KEY_FAR - _KEY_NEAR), 0, 1)
    keep = cv2.GaussianBlur(np.asarray(keep, np.float32), (0, 0), 0.7)
    out = pixels.astype(np.float32)
    # Spill: the key's strongest channel may not outshine the others.
    strongest = int(np.argmax(key[:3]))
    others = [channel for channel in range(3) if channel != strongest]
    limit = np.maximum(out[..., others[0]], out[..., others[1]])
    out[..., strongest] = np.minimum(out[..., strongest], limit)
    coloured = np.dstack([out * keep[..., None], sheet[..., 3] * keep])
    return np.asarray(np.rint(coloured), np.uint8)


def framed(
    sheet: ByteArray, shape: str, border: Colour | None, shadow: bool, unit: int
) -> tuple[ByteArray, float]:
    """A sheet cut to shape, with a border and a shadow; and by how much it grew on each side.

    shape: "circle", "rounded", anything else keeps the corners. unit: the frame's shorter side.
    """
    if shape == "circle":
        side = min(sheet.shape[:2])
        top, left = (sheet.shape[0] - side) // 2, (sheet.shape[1] - side) // 2
        sheet = sheet[top : top + side, left : left + side]
    rows, columns = sheet.shape[:2]
    line = max(1, round(unit * 0.006)) if border else 0
    reach = line + (round(unit * 0.03) if shadow else 0)
    inner = _shape(shape, columns, rows, min(rows, columns) * 0.12)
    canvas = np.zeros((rows + 2 * reach, columns + 2 * reach, 4), np.float32)
    whole = canvas[reach : reach + rows, reach : reach + columns]
    solid = np.zeros(canvas.shape[:2], np.float32)
    radius = min(rows, columns) * 0.12 + line
    outer = _shape(shape, columns + 2 * line, rows + 2 * line, radius)
    edge = reach - line
    plate = solid[edge : edge + outer.shape[0], edge : edge + outer.shape[1]]
    plate[:] = outer
    alpha = sheet[..., 3] / 255 * inner
    if border is None and alpha.min() < 1:
        # A picture with a shape of its own throws that shadow.
        solid[reach : reach + rows, reach : reach + columns] = alpha
    if shadow:
        fall = np.roll(cv2.GaussianBlur(solid, (0, 0), unit * 0.011), round(unit * 0.006), axis=0)
        canvas[..., 3] = fall * 0.55
    if border is not None:
        ring = solid * (border[3] / 255)
        canvas *= 1 - ring[..., None]
        canvas += ring[..., None] * (np.array([*border[:3], 255], np.float32) / 255)
    whole *= 1 - alpha[..., None].astype(np.float32)
    whole += sheet.astype(np.float32) / 255 * inner[..., None]
    return np.asarray(np.rint(canvas * 255), np.uint8), float(reach)


def _shape(shape: str, width: int, height: int, radius: float) -> FloatArray:
    """How much of each pixel lies in the shape, 0 to 1."""
    if shape not in ("circle", "rounded"):
        return np.ones((height, width), np.float32)
    n = _SHAPES_DRAWN
    large = PIL.Image.new("L", (width * n, height * n))
    pen = PIL.ImageDraw.Draw(large)
    box = (0, 0, width * n - 1, height * n - 1)
    if shape == "circle":
        pen.ellipse(box, 255)
    else:
        pen.rounded_rectangle(box, radius * n, 255)
    small = cv2.resize(np.asarray(large), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)
