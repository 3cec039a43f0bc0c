"""What the tools that work on a picture share: opening it, its new size, a file per variation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from media.sandbox import Refused
from media.sandbox.decode import open_image
from studio.pictures.saving import picture_file
from studio.scenes.orders import Order
from studio.scenes.raster import ByteArray
from studio.scenes.sizes import picture_size

LARGEST_SIDE = 8192
# What results may have; a changed phone picture is enlarged to it at most.
LARGEST_PIXELS = 12_600_000
# What is worked on: 4K stays whole, and no tool needs more than 1.5 GB for it.
WORKED_ON = 8_900_000

Report = Callable[[float, str], None]
# One variation: its number in, pixels and what to note about them out.
Make = Callable[[int], tuple[ByteArray, Mapping[str, Any]]]


def open_source(order: Order, purpose: str) -> ByteArray:
    """The picture to work on, (h, w, 3 or 4) uint8. Raises Refused when there is none.

    purpose: completes "Add an image to …".
    """
    return bounded(order, open_whole(order, purpose))


def open_whole(order: Order, purpose: str) -> ByteArray:
    """As `open_source`, however large it is."""
    given = order.media("image")
    if not given:
        raise Refused(f"Add an image to {purpose}.", "ASSET_NOT_FOUND")
    return open_image(given[0]["path"])


def working_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which a picture of that size is worked on."""
    return _bounded(width, height, WORKED_ON)


def bounded(order: Order, picture: ByteArray) -> ByteArray:
    """No larger than the studio works on, with a warning when that made it smaller."""
    height, width = picture.shape[:2]
    size = working_size(width, height)
    if size == (width, height):
        return picture
    order.warn(f"{width}×{height} is too large for this tool. Made at {size[0]}×{size[1]}.")
    return resized(picture, *size)


def wanted_size(order: Order, picture: ByteArray) -> tuple[int, int]:
    """Width and height asked for by width, height, aspectRatio and scale; else the picture's."""
    height, width = picture.shape[:2]
    params = order.params
    if params.get("width") or params.get("height") or params.get("aspectRatio"):
        asked_width, asked_height, warnings = picture_size(params, order.studio, (width, height))
        order.warn_all(warnings)
        # A shape that was not understood leaves the picture's own size, however small.
        if not (warnings and not (params.get("width") or params.get("height"))):
            width, height = asked_width, asked_height
    factor = float(params.get("scale") or 1)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    largest = _bounded(*size, LARGEST_PIXELS)
    if largest != size:
        order.warn(f"{size[0]}×{size[1]} isn't supported. Made at {largest[0]}×{largest[1]}.")
    return largest


def variations(order: Order, report: Report, make: Make) -> dict[str, Any]:
    """The whole answer of a job function: each variation made, written and reported."""
    files = []
    for index in range(order.variations):
        picture, noted = make(index)
        meta = {
            "draft": True,
            "provider": "studio",
            "seed": order.seed + index,
            "prompt": order.prompt(index),
            **noted,
        }
        files.append(picture_file(order, np.ascontiguousarray(picture), meta, index))
        report((index + 1) / order.variations, f"Image {index + 1} of {order.variations}")
    return order.answer(files)


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


def _bounded(width: int, height: int, pixels: int) -> tuple[int, int]:
    factor = min(
        1.0,
        LARGEST_SIDE / max(width, height),
        (pixels / (width * height)) ** 0.5,
    )
    if factor == 1.0:
        return width, height
    return max(1, int(width * factor)), max(1, int(height * factor))
