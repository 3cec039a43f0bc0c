"""Improve a picture in light, color, cleanliness or sharpness; what it shows stays the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediakit.job_protocol import Report
from studio.job_io.images import open_source, variations, wanted_size
from studio.job_io.order import Order
from studio.media.image.refining import Refinement, read_refinement, refined
from studio.media.image.resizing import fitted, on_colours
from studio.media.image.tones import measured
from studio.media.raster import ByteArray


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. Port `image`; a file for each variation.

    meta: `goals` with the strength of each, and `before` and `after`, the measures of both.
    Raises Refused without a picture.
    """
    order = Order(arguments)
    source = open_source(order, "improve")
    width, height = wanted_size(order, source)
    before = measured(source[..., :3].copy())

    def make(index: int) -> tuple[ByteArray, Mapping[str, Any]]:
        refinement = read_refinement(order.prompt(index), index)
        order.warn_all(refinement.warnings)
        picture = on_colours(fitted(source, width, height), lambda rgb: refined(rgb, refinement))
        return picture, _noted(refinement, before, picture)

    return variations(order, report, make)


def _noted(
    refinement: Refinement, before: Mapping[str, float], picture: ByteArray
) -> dict[str, Any]:
    return {
        "goals": dict(refinement.goals),
        "before": dict(before),
        "after": measured(picture[..., :3].copy()),
    }
