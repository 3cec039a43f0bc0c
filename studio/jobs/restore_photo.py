"""Fix an old or damaged photograph: scratches, dust, fading, casts, noise, a little blur."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediakit.job_protocol import Report
from studio.job_io.images import open_source, variations, wanted_size
from studio.job_io.order import Order
from studio.media.image.resizing import fitted, on_colours
from studio.media.image.restoration import Restoration, read_restoration, restored
from studio.media.image.tones import measured
from studio.media.raster import ByteArray


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. Port `image`; a file for each variation.

    meta: `fixed`, what was done; `damage`, the share of the picture under scratches and dust;
    `before` and `after`, the measures of both. Raises Refused without a picture.
    """
    order = Order(arguments)
    source = open_source(order, "restore")
    width, height = wanted_size(order, source)
    before = measured(source[..., :3].copy())
    quality = str(order.params.get("quality") or "")

    def make(index: int) -> tuple[ByteArray, Mapping[str, Any]]:
        wish = read_restoration(order.prompt(index), quality, index)
        noted: dict[str, Any] = {}

        def mend(rgb: ByteArray) -> ByteArray:
            picture, done = restored(rgb, wish)
            noted.update(done)
            return picture

        # Fixed at its own size: enlarging first would enlarge the scratches and slow the work.
        picture = fitted(on_colours(source, mend), width, height)
        order.warn_all(_warnings(wish, noted))
        return picture, {
            **noted,
            "quality": quality or "hq",
            "before": before,
            "after": measured(picture[..., :3].copy()),
        }

    return variations(order, report, make)


def _warnings(wish: Restoration, noted: Mapping[str, Any]) -> list[str]:
    warnings = list(wish.warnings)
    if wish.colourise and not noted["monochrome"]:
        warnings.append("The photo is in color already. Colors were restored, not replaced.")
    elif wish.colourise:
        warnings.append("Colors are estimated from position and brightness.")
    return warnings
