"""Select things in a picture by boxes, points or words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.artist.scenes.own_figures import drawn_figures
from studio.artist.selection.by_words import by_words, union
from studio.artist.selection.descriptions import read_wish
from studio.job_io.images import open_source, picture_file
from studio.job_io.order import Order
from studio.media.image.cutout import Cut, things_of, without_fringe
from studio.media.image.point_selection import Box, Ground, Point, by_box, by_points
from studio.media.raster import ByteArray, FloatArray, on_white

CANDIDATES = 3


@dataclass(slots=True)
class Asked:
    """What the order points at."""

    text: str
    on: list[Point] = field(default_factory=list)
    off: list[Point] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    without: list[Box] = field(default_factory=list)


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`. One PNG, a mask in gray or with applyMask a cut-out; with multimask several.

    meta of each: `area`, `bbox`, `score` and `segments`, the same for every thing in it. values:
    `segments`, those of all. Raises Refused without a picture or with a box that is inside out.
    """
    order = Order(arguments)
    asked = _asked(order)
    source = open_source(order, "segment")
    report(0.1, "Analyzing image")
    chosen = _chosen(order, asked, source)
    files = []
    for index, cuts in enumerate(chosen):
        files.append(_file(order, source, cuts, index))
        report(0.5 + 0.5 * (index + 1) / len(chosen), "Drawing the mask")
    segments = [segment for file in files for segment in file["meta"]["segments"]]
    return {**order.answer(files), "values": {"segments": segments}}


def _asked(order: Order) -> Asked:
    asked = Asked(str(order.params.get("text") or ""))
    for point in order.params.get("points") or ():
        side = asked.off if point.get("label") == "negative" else asked.on
        side.append((float(point["x"]), float(point["y"])))
    for box in order.params.get("boxes") or ():
        sides = (float(box["x0"]), float(box["y0"]), float(box["x1"]), float(box["y1"]))
        if sides[0] >= sides[2] or sides[1] >= sides[3]:
            raise Refused(
                "boxes: x0 must be less than x1, and y0 less than y1. Draw the box again."
            )
        (asked.without if box.get("label") == "negative" else asked.boxes).append(sides)
    return asked


def _chosen(order: Order, asked: Asked, source: ByteArray) -> list[list[Cut]]:
    """The things selected; several lists only when several candidates were asked for."""
    ground = Ground(on_white(source))
    threshold = float(order.params.get("threshold") or 0)
    several = order.params.get("multimask")
    if asked.on and not asked.boxes and not asked.text:
        candidates = [_less(cut, asked) for cut in by_points(ground, asked.on, asked.off)]
        if several:
            fit = [cut for cut in candidates[:CANDIDATES] if cut.score >= threshold]
            return [[cut] for cut in fit] or [_kept(order, candidates[:1], threshold)]
        found = candidates[:1]
    else:
        if several:
            order.warn("Multiple results work with points only. One selection was made.")
        found = [_less(cut, asked) for cut in _things(order, asked, ground)]
    return [_kept(order, found, threshold)]


def _things(order: Order, asked: Asked, ground: Ground) -> list[Cut]:
    """What boxes and words mean, a selection for each thing."""
    found = [by_box(ground, box, _within(asked.on, box), asked.off) for box in asked.boxes]
    if asked.text:
        named = _named(order, asked.text, ground)
        if not found:
            return named
        # Words beside boxes say which of the things in a box is meant.
        words = union(named).mask
        narrowed = [replace(cut, mask=np.minimum(cut.mask, words)) for cut in found]
        if any(cut.area > 0.25 * whole.area for cut, whole in zip(narrowed, found, strict=True)):
            return narrowed
        order.warn(
            f"Nothing like “{asked.text}” found in the box, so its main object was selected."
        )
    if not found:
        if not asked.off and not asked.without:
            order.warn("Nothing was named or marked, so the main subject was selected.")
        figures = drawn_figures(order.media("image")[0], ground.image)
        return figures or things_of(ground.image)
    return found


def _named(order: Order, text: str, ground: Ground) -> list[Cut]:
    wish = read_wish(text)
    figures = drawn_figures(order.media("image")[0], ground.image)
    drawn = {cut.name for cut in figures or ()}
    unseen = [name for name in wish.names if name not in drawn]
    if figures is not None and wish.names and not drawn & set(wish.names):
        order.warn(f"No {unseen[0].replace('_', ' ')} found in the image.")
    elif figures is None and wish.unknown:
        known = "its color" if wish.colours else "the main subject"
        order.warn(f"“{' '.join(wish.unknown)}” is unknown, so {known} was used.")
    return by_words(ground, wish, figures)


def _within(points: Sequence[Point], box: Box) -> list[Point]:
    return [p for p in points if box[0] <= p[0] <= box[2] and box[1] <= p[1] <= box[3]]


def _less(cut: Cut, asked: Asked) -> Cut:
    """Without what negative boxes take away."""
    if not asked.without:
        return cut
    mask = cut.mask.copy()
    height, width = mask.shape
    for x0, y0, x1, y1 in asked.without:
        mask[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)] = 0
    return replace(cut, mask=mask)


def _kept(order: Order, found: Sequence[Cut], threshold: float) -> list[Cut]:
    """The strongest ones above the threshold; a warning when there are none."""
    fit = sorted((cut for cut in found if cut.score >= threshold), key=lambda cut: -cut.score)
    fit = [cut for cut in fit if cut.box is not None]
    if not fit:
        best = max((cut.score for cut in found), default=0.0)
        order.warn(
            f"Nothing reached confidence {threshold:g} (best: {best:.2f}). The mask is empty."
        )
    return fit[: int(order.params.get("maxInstances") or len(fit) or 1)]


def _file(order: Order, source: ByteArray, cuts: Sequence[Cut], index: int) -> dict[str, Any]:
    height, width = source.shape[:2]
    whole = union(cuts) if cuts else Cut(np.zeros((height, width), np.float32), 0.0)
    meta = {
        "draft": True,
        "provider": "studio",
        **whole.facts(),
        "role": "cutout" if order.params.get("applyMask") else "mask",
        "segments": [cut.facts() for cut in cuts],
    }
    picture = _cut_out(source, whole.mask) if order.params.get("applyMask") else _grey(whole.mask)
    return picture_file(order, picture, meta, index)


def _grey(mask: FloatArray) -> ByteArray:
    return np.dstack([np.asarray(mask * 255 + 0.5, np.uint8)] * 3)


def _cut_out(source: ByteArray, mask: FloatArray) -> ByteArray:
    alpha = mask if source.shape[2] == 3 else mask * (source[..., 3].astype(np.float32) / 255)
    return np.dstack(
        [without_fringe(source[..., :3], mask), np.asarray(alpha * 255 + 0.5, np.uint8)]
    )
