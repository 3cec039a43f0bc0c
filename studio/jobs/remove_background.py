"""Cut the subject of a picture out of its background."""

from __future__ import annotations

from typing import Any

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.scenes.own_figures import drawn_figures
from studio.job_io.images import open_source, picture_file
from studio.job_io.order import Order
from studio.media.image.cutout import SURE, Cut, subject_of, without_fringe
from studio.media.raster import ByteArray, on_white

# How much of a picture must be see-through for it to count as cut out already.
ALREADY = 0.02


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`. One PNG: RGBA with applyMask, else the soft mask in grey.

    meta: `area`, `bbox`, `score` of the subject. Raises Refused without a picture.
    """
    order = Order(arguments)
    source = open_source(order, "remove the background from")
    report(0.1, "Finding the subject")
    cut = _subject(order, source)
    report(0.8, "Refining edges")
    alpha = np.asarray(cut.mask * 255 + 0.5, np.uint8)
    if order.params.get("applyMask") is False:
        picture = np.dstack([alpha] * 3)
    else:
        picture = np.dstack([without_fringe(source[..., :3], cut.mask), alpha])
    meta = {"draft": True, "provider": "studio", **cut.facts()}
    return order.answer([picture_file(order, picture, meta, 0)])


def _subject(order: Order, source: ByteArray) -> Cut:
    if source.shape[2] == 4 and (source[..., 3] < 10).mean() > ALREADY:
        order.warn("Already cut out. Its transparency was kept.")
        return Cut(np.asarray(source[..., 3].astype(np.float32) / 255), 1.0)
    image = on_white(source)
    drawn = drawn_figures(order.media("image")[0], image)
    if drawn:
        mask = np.max([cut.mask for cut in drawn], axis=0)
        return Cut(mask, 1.0, ", ".join(cut.name for cut in drawn))
    cut = subject_of(image) if drawn is None else Cut(np.zeros(image.shape[:2], np.float32), 0.0)
    if cut.score < SURE / 2:
        order.warn("No clear subject found. Nothing was removed.")
        return Cut(np.ones(image.shape[:2], np.float32), cut.score)
    if cut.score < SURE:
        order.warn("Subject and background are similar. Check the edges.")
    return cut
