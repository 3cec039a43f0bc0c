"""Draw pictures from words, or from words over a starting picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from mediakit.decode import open_image
from mediakit.job_protocol import Report
from studio.artist.scenes.build import build
from studio.artist.scenes.rendering import cover
from studio.job_io.images import picture_file
from studio.job_io.order import Order
from studio.media.raster import ByteArray, on_white
from studio.media.sizes import picture_size


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. A file for each variation, seeds counting up."""
    order = Order(arguments)
    if order.params.get("gptImageBackground") == "transparent":
        order.warn("Transparent backgrounds aren't supported.")
    source = _source(order)
    size = (source.shape[1], source.shape[0]) if source is not None else None
    width, height, warnings = picture_size(order.params, order.studio, size)
    order.warn_all(warnings)
    files = []
    for index in range(order.variations):
        brief = order.brief(order.prompt(index), index)
        picture = build(brief, width, height).still()
        if source is not None:
            picture = _over_source(picture, source, _strength(order))
        files.append(picture_file(order, picture, order.meta(brief), index))
        report((index + 1) / order.variations, f"Picture {index + 1} of {order.variations}")
    return order.answer(files)


def _source(order: Order) -> ByteArray | None:
    """The starting picture, when a strength asks for it."""
    given = order.media("image", "source")
    if not given:
        return None
    if len(given) > 1:
        order.warn("Only the first starting image was used.")
    return on_white(open_image(given[0]["path"]))


def _strength(order: Order) -> float:
    asked = order.params.get("starting_image_strength")
    return min(1.0, max(0.0, float(0.6 if asked is None else asked)))


def _over_source(drawn: ByteArray, source: ByteArray, strength: float) -> ByteArray:
    """The source graded towards the drawing's colors, the drawing shining through it.

    strength: 1 leaves the source as it is, 0 leaves nothing of it.
    """
    height, width = drawn.shape[:2]
    base = cover(source, width, height)
    lab = cv2.cvtColor(base, cv2.COLOR_RGB2LAB).astype(np.float32)
    target = cv2.cvtColor(drawn, cv2.COLOR_RGB2LAB).astype(np.float32)
    moved = (lab - lab.mean((0, 1))) * (target.std((0, 1)) + 1) / (
        lab.std((0, 1)) + 1
    ) + target.mean((0, 1))
    graded = lab + (moved - lab) * (1 - strength) * 0.8
    toned = cv2.cvtColor(np.clip(graded, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return np.asarray(cv2.addWeighted(toned, strength, drawn, 1 - strength, 0), np.uint8)
