"""Selecting things by boxes or points. Places are shares of the picture, 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from studio.media.image.cutout import Cut, things_of
from studio.media.image.grabcut import (
    cut_again,
    cut_size,
    disc,
    filled,
    gathered,
    grab,
    refined,
    tidy,
)
from studio.media.image.saliency import clusters, edge_share, lab_of, separation, standing_out
from studio.media.raster import ByteArray, FloatArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]

# How unlike its neighbourhood a region may be, in Lab, and still belong to the point in it.
TOLERANCES = (7.0, 13.0, 22.0)
# What stands out less surely than this is no thing to point at.
TRUSTED = 0.4
# How unlike its neighbour a pixel may be and still go with it: shading changes little by little.
STEPS = (1.6, 3.2)


@dataclass(slots=True)
class Ground:
    """A picture to select in, with the small copy the cutting is done on."""

    image: ByteArray
    small: ByteArray = field(init=False)

    def __post_init__(self) -> None:
        self.small = cut_size(self.image)

    def pixel(self, point: Point) -> tuple[int, int]:
        """Column and row on the small copy."""
        height, width = self.small.shape[:2]
        return min(width - 1, int(point[0] * width)), min(height - 1, int(point[1] * height))

    def cut(self, mask: FloatArray, *, sure: float = 1.0) -> Cut:
        """A selection of the picture's size. sure: how far the request itself can be trusted."""
        score = separation(self.small, mask) * (0.7 + 0.3 * edge_share(self.small, mask)) * sure
        return Cut(refined(self.image, mask), score)


def by_box(ground: Ground, box: Box, on: Sequence[Point] = (), off: Sequence[Point] = ()) -> Cut:
    """The thing a box is drawn around; points on it and off it help."""
    small = ground.small
    height, width = small.shape[:2]
    x0, y0 = ground.pixel((box[0], box[1]))
    x1, y1 = max(x0 + 2, round(box[2] * width)), max(y0 + 2, round(box[3] * height))
    # Around the box as much again as a quarter of it: background of the same place.
    pad_x, pad_y = max(6, (x1 - x0) // 4), max(6, (y1 - y0) // 4)
    left, top = max(0, x0 - pad_x), max(0, y0 - pad_y)
    window = small[top : y1 + pad_y, left : x1 + pad_x]
    labels = np.full(window.shape[:2], cv2.GC_BGD, np.uint8)
    inside = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    labels[inside] = cv2.GC_PR_FGD
    if labels.min() == cv2.GC_PR_FGD:
        # The box is the whole picture: its rim is the best guess at a background.
        labels = _rimmed(labels)
    ahead = _unlike_outside(window, labels)
    strict, loose = labels.copy(), labels.copy()
    strict[inside] = np.where(ahead[inside] > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    loose[inside] = np.where(_oval(loose[inside].shape), cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    found = []
    found.append(_walled_in(window))
    for guess in (strict, loose):
        _mark(ground, guess, (left, top), on, cv2.GC_FGD)
        _mark(ground, guess, (left, top), off, cv2.GC_BGD)
        found.append(filled(window, tidy(grab(window, guess))))
    held = max(found, key=lambda mask: _fills(mask[inside]) * separation(window, mask))
    if held[inside].mean() < 0.05:
        held = tidy(ahead)
    held = _with_dark_parts(window, held, labels)
    mask = np.zeros((height, width), np.float32)
    mask[top : top + held.shape[0], left : left + held.shape[1]] = held
    return ground.cut(mask)


def _walled_in(window: ByteArray) -> FloatArray:
    """What stands out of a box's surroundings."""
    shown = standing_out(window)[0]
    return cut_again(window, gathered(np.asarray(shown > 0.55, np.uint8)), shown)


def _with_dark_parts(window: ByteArray, held: FloatArray, labels: ByteArray) -> FloatArray:
    """With what is darker than all around the box, touches the thing and stays inside the box.

    Tyres and boots are as dark as the shadows they stand in, but no shadow ends at the box.
    """
    lightness = cv2.GaussianBlur(lab_of(window)[..., 0], (0, 0), 1.0)
    outside = labels == cv2.GC_BGD
    if not outside.any():
        return held
    dark = np.asarray(lightness < float(np.quantile(lightness[outside], 0.05)) - 1, np.uint8)
    dark = cv2.morphologyEx(dark & (held < 0.5), cv2.MORPH_OPEN, disc(1))
    touching = cv2.dilate(held, np.ones((5, 5), np.uint8)) > 0.5
    count, parts, stats, _ = cv2.connectedComponentsWithStats(np.asarray(dark, np.uint8))
    whole = held > 0.5
    for part in range(1, count):
        area, here = stats[part, cv2.CC_STAT_AREA], parts == part
        if (
            8 < area < 0.35 * held.sum()
            and (here & touching).any()
            and (here & outside).sum() < 0.02 * area
        ):
            whole |= here
    return filled(window, np.asarray(whole, np.float32))


def _oval(shape: tuple[int, ...]) -> ByteArray:
    """What of a box a thing usually takes: all but its corners."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(np.abs(x) ** 3 + np.abs(y) ** 3 < 1, np.uint8)


def _fills(inside: FloatArray) -> float:
    """How far a selection reaches to all four sides of the box drawn around it, 0 to 1."""
    held = inside > 0.5
    if not held.any():
        return 0.0
    rows, columns = np.flatnonzero(held.any(axis=1)), np.flatnonzero(held.any(axis=0))
    reach = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / held.size
    return float(reach) * (0.5 + 0.5 * min(1.0, float(held.mean()) / 0.3))


def _rimmed(labels: ByteArray) -> ByteArray:
    edge = max(1, min(labels.shape) // 30)
    labels[:edge] = labels[-edge:] = cv2.GC_BGD
    labels[:, :edge] = labels[:, -edge:] = cv2.GC_BGD
    return labels


def _unlike_outside(window: ByteArray, labels: ByteArray) -> FloatArray:
    """Where a box holds colors that its surroundings do not have."""
    lab = cv2.GaussianBlur(lab_of(window), (0, 0), 1.0)
    outside = labels == cv2.GC_BGD
    if outside.sum() < 8:
        return np.asarray(~outside, np.float32)
    centres = clusters(lab[outside], 6)
    distance = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)
    inside = distance[~outside]
    scaled = np.asarray(np.clip(inside * 3, 0, 255), np.uint8)[None]
    level = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0] / 3
    return np.asarray((distance > max(4.0, min(level, 25.0))) & ~outside, np.float32)


def _mark(
    ground: Ground,
    labels: ByteArray,
    corner: tuple[int, int],
    points: Sequence[Point],
    label: int,
) -> None:
    radius = max(1, max(ground.small.shape[:2]) // 100)
    for point in points:
        column, row = ground.pixel(point)
        cv2.circle(labels, (column - corner[0], row - corner[1]), radius, label, -1)


def by_points(ground: Ground, on: Sequence[Point], off: Sequence[Point]) -> list[Cut]:
    """Candidates for what points mean, the likeliest first: the part, the thing, all around it."""
    smooth = cv2.bilateralFilter(ground.small, 7, 30, 5)
    lab = lab_of(smooth)
    masks = [_spread(ground, lab, on, off, tolerance) for tolerance in TOLERANCES]
    masks.extend(_flowed(ground, lab, on, off, step) for step in STEPS)
    masks.append(_grown(ground, masks[1], on, off))
    things = [cut for cut in things_of(ground.image) if cut.score > TRUSTED]
    pointed = [cut for cut in things if any(_on(cut, point) for point in on)]
    whole = pointed and not any(_on(cut, point) for cut in pointed for point in off)
    thing = (
        _joint(pointed)
        if whole and all(any(_on(cut, point) for cut in pointed) for point in on)
        else None
    )
    found: list[tuple[float, Cut]] = [(thing.score, thing)] if thing is not None else []
    for mask in masks:
        if any(_like(mask, cut.mask) for _, cut in found):
            continue
        fits = _fit(ground, mask, on, off)
        cut = ground.cut(mask, sure=fits)
        if thing is not None:
            # Of a thing that stands out a patch of one color is seldom what someone means.
            cut = replace(cut, score=min(cut.score, 0.95 * thing.score))
        area = float(mask.mean())
        # What fills most of the picture is seldom what someone points at.
        found.append((cut.score * (1.0 if area < 0.6 else 0.6), cut))
    found.sort(key=lambda pair: -pair[0])
    return [cut for _, cut in found]


def _on(cut: Cut, point: Point) -> bool:
    height, width = cut.mask.shape
    column, row = min(width - 1, int(point[0] * width)), min(height - 1, int(point[1] * height))
    return bool(cut.mask[row, column] > 0.5)


def _joint(cuts: Sequence[Cut]) -> Cut:
    mask = np.max([cut.mask for cut in cuts], axis=0)
    return Cut(np.asarray(mask, np.float32), min(cut.score for cut in cuts))


def _like(mask: FloatArray, other: FloatArray) -> bool:
    resized = cv2.resize(other, mask.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    held = mask > 0.5
    union = np.logical_or(held, resized).sum()
    return bool(union) and np.logical_and(held, resized).sum() / union > 0.93


def _spread(
    ground: Ground, lab: FloatArray, on: Sequence[Point], off: Sequence[Point], tolerance: float
) -> FloatArray:
    """What is joined to the points by colors like theirs."""
    height, width = lab.shape[:2]
    held = np.zeros((height, width), np.uint8)
    for point in on:
        column, row = ground.pixel(point)
        reach = 2
        around = lab[
            max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
        ]
        distance = np.linalg.norm(lab - np.median(around.reshape(-1, 3), axis=0), axis=2)
        near = np.asarray(distance < tolerance, np.uint8)
        near[row, column] = 1
        _, labels = cv2.connectedComponents(near, connectivity=4)
        held |= np.asarray(labels == labels[row, column], np.uint8)
    mask = np.asarray(held, np.float32)
    for point in off:
        column, row = ground.pixel(point)
        cv2.circle(mask, (column, row), max(2, width // 80), 0, -1)
    return tidy(mask)


def _flowed(
    ground: Ground, lab: FloatArray, on: Sequence[Point], off: Sequence[Point], step: float
) -> FloatArray:
    """What is joined to the points without a jump in colour."""
    height, width = lab.shape[:2]
    reached = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    for point in on:
        cv2.floodFill(lab, reached, ground.pixel(point), 0, (step,) * 3, (step,) * 3, flags)
    mask = np.ascontiguousarray(reached[1:-1, 1:-1], np.float32)
    for point in off:
        cv2.circle(mask, ground.pixel(point), max(2, width // 80), 0, -1)
    return filled(ground.small, tidy(mask))


def _grown(
    ground: Ground, seed: FloatArray, on: Sequence[Point], off: Sequence[Point]
) -> FloatArray:
    """The seed region and what belongs with it, by grabCut in its neighbourhood."""
    height, width = seed.shape
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[seed > 0.5] = cv2.GC_PR_FGD
    reach = max(5, round(0.25 * float(np.sqrt(seed.sum()))) | 1)
    near = cv2.dilate(np.asarray(seed > 0.5, np.uint8), np.ones((reach, reach), np.uint8))
    far = cv2.dilate(near, np.ones((reach, reach), np.uint8))
    labels[far == 0] = cv2.GC_BGD
    _mark(ground, labels, (0, 0), on, cv2.GC_FGD)
    _mark(ground, labels, (0, 0), off, cv2.GC_BGD)
    held = np.asarray(grab(ground.small, labels) > 0.5, np.uint8)
    _, parts = cv2.connectedComponents(held, connectivity=4)
    wanted = {int(parts[row, column]) for column, row in map(ground.pixel, on)} - {0}
    return tidy(np.asarray(np.isin(parts, list(wanted)), np.float32))


def _fit(ground: Ground, mask: FloatArray, on: Sequence[Point], off: Sequence[Point]) -> float:
    """How many of the points a selection agrees with, 0 to 1."""
    agreed = [mask[row, column] > 0.5 for column, row in map(ground.pixel, on)]
    agreed += [mask[row, column] <= 0.5 for column, row in map(ground.pixel, off)]
    return float(np.mean(agreed)) if agreed else 1.0
