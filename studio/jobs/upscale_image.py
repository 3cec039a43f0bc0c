"""Enlarge a picture: resampled with crisp edges, nothing invented."""

from __future__ import annotations

from typing import Any

from mediakit.decode import MAX_IMAGE_PIXELS, open_image
from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.images import picture_file
from studio.job_io.order import Order
from studio.media.image.resizing import resized
from studio.media.image.upscaling import enlarge


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. Port `image`; one picture.

    Raises Refused without a picture. A size beyond what later tools open is made smaller, and
    says so.
    """
    order = Order(arguments)
    given = order.media("image")
    if not given:
        raise Refused("Add an image to upscale.", "ASSET_NOT_FOUND")
    picture = open_image(given[0]["path"])
    before = (picture.shape[1], picture.shape[0])
    width, height = _size(order, *before)
    report(0.1, f"Enlarging to {width}×{height}")
    larger = width >= before[0] and height >= before[1]
    result = enlarge(picture, width, height) if larger else resized(picture, width, height)
    del picture
    report(0.7, "Writing")
    meta = {
        "draft": True,
        "provider": "studio",
        "method": "lanczos, back-projected" if larger else "averaged",
        "from": list(before),
        "factor": round(max(width, height) / max(before), 3),
    }
    return order.answer([picture_file(order, result, meta, 0)])


def _size(order: Order, width: int, height: int) -> tuple[int, int]:
    longest = order.params.get("targetLongestEdge")
    factor = float(longest) / max(width, height) if longest else _scale(order)
    if factor < 1:
        order.warn(f"Already {max(width, height)} pixels long. Reduced to {longest}.")
    asked = (max(1, round(width * factor)), max(1, round(height * factor)))
    most = (MAX_IMAGE_PIXELS / (asked[0] * asked[1])) ** 0.5
    if most >= 1:
        return asked
    size = (max(1, int(asked[0] * most)), max(1, int(asked[1] * most)))
    order.warn(
        f"{asked[0]}×{asked[1]} is over {MAX_IMAGE_PIXELS // 1000000} megapixels, more"
        f" than tools can open. Made at {size[0]}×{size[1]}."
    )
    return size


def _scale(order: Order) -> float:
    scale = float(order.params.get("scale") or 2)
    if not 1 <= scale <= 8:
        raise Refused("scale must be 2, 3 or 4.")
    return scale
