"""What the tools that work on a picture share: opening it, its new size, a file per variation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mediakit.decode import open_image
from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.job_results import image_file
from studio.job_io.order import Order
from studio.media.image.resizing import LARGEST_PIXELS, resized, within_limits, working_size
from studio.media.image.writer import FORMATS, save_image
from studio.media.raster import ByteArray, on_white
from studio.media.sizes import picture_size

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
    largest = within_limits(*size, LARGEST_PIXELS)
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


def picture_file(
    order: Order, picture: ByteArray, meta: Mapping[str, Any], index: int
) -> dict[str, Any]:
    """Write one variation in the wanted format; the answer's entry for it.

    picture: (h, w, 3 or 4) RGB or RGBA uint8. Reads outputFormat and gptImageOutputCompression.
    """
    wanted = str(order.params.get("outputFormat") or "png").lower().replace("jpeg", "jpg")
    if wanted not in FORMATS:
        order.warn(f"Saved as PNG. “{wanted}” isn't supported.")
        wanted = "png"
    if wanted == "jpg" and picture.shape[2] == 4:
        order.warn("JPEG has no transparency, so transparent areas are white.")
        picture = on_white(picture)
    compression = order.params.get("gptImageOutputCompression")
    quality = 92 if compression is None else max(1, 100 - int(compression))
    path = order.out / f"image-{index + 1}.{wanted}"
    save_image(picture, path, meta, quality=quality)
    height, width = picture.shape[:2]
    return image_file(path, FORMATS[wanted][1], (width, height), meta)
