"""Repaint a picture in another style: its scene stays, its medium, light and palette change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediakit.job_protocol import Report
from studio.job_io.images import open_source, variations, wanted_size
from studio.job_io.order import Order
from studio.media.image.resizing import fitted, on_colours
from studio.media.image.upscaling import enlarge
from studio.media.raster import ByteArray
from studio.media.styles.image_styles import read_style, styled

# Larger pictures are painted at this size and enlarged: strokes are as coarse as the picture.
PAINTED_PIXELS = 3_000_000


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. Port `image`; one file.

    meta: `looks`, what was painted, and `palette`, the colors it was drawn towards. Raises
    Refused without a picture.
    """
    order = Order(arguments)
    source = open_source(order, "restyle")
    width, height = wanted_size(order, source)

    def make(index: int) -> tuple[ByteArray, Mapping[str, Any]]:
        style = read_style(order.prompt(index), order.negative)
        if style.warning:
            order.warn(style.warning)
        factor = min(1.0, (PAINTED_PIXELS / (width * height)) ** 0.5)
        inner = (max(1, round(width * factor)), max(1, round(height * factor)))
        picture = on_colours(
            fitted(source, *inner), lambda rgb: styled(rgb, style, order.seed + index)
        )
        if inner != (width, height):
            picture = enlarge(picture, width, height)
        return picture, {"looks": list(style.looks), "palette": [list(c) for c in style.colours]}

    return variations(order, report, make)
