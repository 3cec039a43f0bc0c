"""Selecting things by boxes, points or words. Places are shares of the picture, 0 to 1.

Words go as far as colours, places in the picture and the sky; everything else is what stands out,
and the caller is told so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from tools.providers.studio.pictures.cutout import Cut, subject_of, things_of
from tools.providers.studio.pictures.cutting import cut_size, filled, grab, refined, tidy
from tools.providers.studio.pictures.evidence import (
    clusters,
    edge_share,
    lab_of,
    separation,
)
from tools.providers.studio.scenes import words
from tools.providers.studio.scenes.raster import ByteArray, Colour, FloatArray
from tools.providers.studio.scenes.subjects import SUBJECT_WORDS

Point = tuple[float, float]
Box = tuple[float, float, float, float]

# How unlike its neighbourhood a region may be, in Lab, and still belong to the point in it.
TOLERANCES = (7.0, 13.0, 22.0)
# How unlike its neighbour a pixel may be and still go with it: shading changes little by little.
STEPS = (1.6, 3.2)
# A part of a selection smaller than this is dirt, not a thing of its own.
SMALLEST_PART = 0.0015
PLACES = {
    "left": (-1.0, 0.0),
    "leftmost": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "rightmost": (1.0, 0.0),
    "top": (0.0, -1.0),
    "upper": (0.0, -1.0),
    "bottom": (0.0, 1.0),
    "lower": (0.0, 1.0),
}
MIDDLES = frozenset({"middle", "centre", "center", "central"})
LARGE = frozenset({"largest", "biggest", "big", "large"})
SMALL = frozenset({"smallest", "small", "little", "tiny"})
BEHIND = frozenset({"background", "backdrop", "surroundings"})
SKY = frozenset({"sky", "skies"})
SUBJECT = frozenset({"subject", "foreground", "object", "thing", "item", "product"})
SMALL_TALK = frozenset(
    [
        "the",
        "a",
        "an",
        "all",
        "every",
        "of",
        "in",
        "on",
        "at",
        "to",
        "and",
        "with",
        "thing",
        "things",
        "one",
        "ones",
        "object",
        "objects",
        "part",
        "parts",
        "select",
        "segment",
        "mask",
        "side",
        "half",
        "picture",
        "image",
        "photo",
        "coloured",
        "colored",
        "please",
        "only",
        "that",
        "is",
        "are",
        "which",
        "its",
        "shape",
    ]
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text names. unknown: words that were not understood, as written."""

    colours: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    sky: bool = False
    behind: bool = False


def read_wish(text: str) -> Wish:
    """The wish a text makes; names are those of subjects the studio draws."""
    tokens = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower())
    colours = tuple(token for token in tokens if token in words.COLOURS)
    places = tuple(token for token in tokens if token in PLACES or token in MIDDLES | LARGE | SMALL)
    named = tuple(
        SUBJECT_WORDS.get(token) or SUBJECT_WORDS.get(_one(token), "") for token in tokens
    )
    known = SMALL_TALK | SUBJECT | SKY | BEHIND | set(colours) | set(places)
    unknown = tuple(token for token in tokens if token not in known)
    return Wish(
        colours,
        places,
        tuple(name for name in named if name),
        unknown,
        bool(SKY & set(tokens)),
        bool(BEHIND & set(tokens)),
    )


def _one(word: str) -> str:
    return word[:-1] if word.endswith("s") else word


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
    for guess in (strict, loose):
        _mark(ground, guess, (left, top), on, cv2.GC_FGD)
        _mark(ground, guess, (left, top), off, cv2.GC_BGD)
        found.append(filled(window, tidy(grab(window, guess))))
    held = max(found, key=lambda mask: _fills(mask[inside]) * separation(window, mask))
    if held[inside].mean() < 0.05:
        held = tidy(ahead)
    mask = np.zeros((height, width), np.float32)
    mask[top : top + held.shape[0], left : left + held.shape[1]] = held
    return ground.cut(mask)


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
    """Where a box holds colours that its surroundings do not have."""
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
    found: list[tuple[float, Cut]] = []
    for mask in masks:
        if any(_like(mask, cut.mask) for _, cut in found):
            continue
        fits = _fit(ground, mask, on, off)
        cut = ground.cut(mask, sure=fits)
        area = float(mask.mean())
        # What fills most of the picture is seldom what somebody points at.
        found.append((cut.score * (1.0 if area < 0.6 else 0.6), cut))
    found.sort(key=lambda pair: -pair[0])
    return [cut for _, cut in found]


def _like(mask: FloatArray, other: FloatArray) -> bool:
    resized = cv2.resize(other, mask.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    held = mask > 0.5
    union = np.logical_or(held, resized).sum()
    return bool(union) and np.logical_and(held, resized).sum() / union > 0.93


def _spread(
    ground: Ground, lab: FloatArray, on: Sequence[Point], off: Sequence[Point], tolerance: float
) -> FloatArray:
    """What is joined to the points by colours like theirs."""
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


def by_words(ground: Ground, wish: Wish, figures: Sequence[Cut] | None) -> list[Cut]:
    """What a wish names, one selection for each thing, the likeliest first.

    figures: those of a picture our studio drew, None of any other.
    """
    if wish.sky:
        return [_sky(ground, figures)]
    if wish.behind:
        front = union(figures) if figures else subject_of(ground.image)
        return [Cut(np.asarray(1 - front.mask, np.float32), front.score)]
    if figures:
        named = [cut for cut in figures if cut.name in wish.names] or list(figures)
        if wish.names or not wish.colours:
            return _placed(named, wish.places)
    found = _coloured(ground, wish.colours) if wish.colours else things_of(ground.image)
    return _placed(found, wish.places)


def union(cuts: Sequence[Cut]) -> Cut:
    """All of them as one; trusted as far as the best."""
    mask = np.max([cut.mask for cut in cuts], axis=0)
    return Cut(np.asarray(mask, np.float32), max(cut.score for cut in cuts), cuts[0].name)


def parts_of(cut: Cut) -> list[Cut]:
    """A selection's separate parts, the largest first."""
    held = np.asarray(cut.mask > 0.5, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=8)
    found = []
    for part in range(1, count):
        if stats[part, cv2.CC_STAT_AREA] < SMALLEST_PART * held.size:
            continue
        near = cv2.dilate(np.asarray(labels == part, np.uint8), np.ones((5, 5), np.uint8))
        found.append(replace(cut, mask=np.asarray(cut.mask * near, np.float32)))
    return sorted(found, key=lambda one: -one.area) or [cut]


def _coloured(ground: Ground, names: Sequence[str]) -> list[Cut]:
    """The things of a colour, by hue for bright colours and by lightness for greys."""
    lab = lab_of(cv2.bilateralFilter(ground.small, 7, 30, 5))
    near = np.zeros(lab.shape[:2], np.float32)
    for name in names:
        near = np.maximum(near, likeness(lab, words.COLOURS[name]))
    mask = tidy(np.asarray(near > 0.5, np.float32))
    found = []
    for part in parts_of(Cut(mask, 1.0)):
        inside = part.mask > 0.5
        if inside.mean() >= SMALLEST_PART:
            found.append(ground.cut(part.mask, sure=min(1.0, float(near[inside].mean()) + 0.2)))
    return sorted(found, key=lambda cut: -cut.score * np.sqrt(cut.area))


def likeness(lab: FloatArray, colour: Colour) -> FloatArray:
    """How much each pixel is of a colour, 0 to 1. lab: (h, w, 3), L 0 to 100."""
    wanted = lab_of(np.array([[colour]]) * 255)[0, 0]
    strength, wanted_strength = np.hypot(lab[..., 1], lab[..., 2]), float(np.hypot(*wanted[1:]))
    if wanted_strength < 14:
        aside = np.abs(lab[..., 0] - wanted[0]) / 32
        return np.asarray(np.clip(1.5 - aside - strength / 24, 0, 1), np.float32)
    turn = np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(wanted[2], wanted[1])
    turn = np.abs((turn + np.pi) % (2 * np.pi) - np.pi)
    close = 1.5 - turn / 0.32
    lightness = 1.4 - np.abs(lab[..., 0] - wanted[0]) / 70
    strong = strength / (0.45 * wanted_strength)
    return np.asarray(np.clip(np.minimum(np.minimum(close, strong), lightness), 0, 1), np.float32)


def _sky(ground: Ground, figures: Sequence[Cut] | None) -> Cut:
    """From the upper edge down to the first strong edges."""
    small = ground.small
    lab = cv2.GaussianBlur(lab_of(small), (0, 0), 1.5)
    height, width = lab.shape[:2]
    slope = np.zeros((height, width), np.float32)
    for channel in range(3):
        plane = lab[..., channel]
        slope = np.maximum(
            slope, np.hypot(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
        )
    calm = np.asarray(slope < 14, np.uint8)
    _, labels = cv2.connectedComponents(calm, connectivity=4)
    at_top = [label for label in np.unique(labels[: max(1, height // 40)]) if label]
    sizes = np.bincount(labels.ravel())
    wide = [label for label in at_top if sizes[label] > 0.01 * labels.size]
    mask = tidy(np.asarray(np.isin(labels, wide), np.float32))
    cut = ground.cut(mask)
    if figures:
        return replace(cut, mask=np.asarray(cut.mask * (1 - union(figures).mask), np.float32))
    return cut


def _placed(found: Sequence[Cut], places: Sequence[str]) -> list[Cut]:
    """In the order of the places named: of several things "the left one" is the first."""
    if not places or len(found) < 2:
        return list(found)

    def rank(cut: Cut) -> float:
        box = cut.box or (0.0, 0.0, 0.0, 0.0)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        value = 0.0
        for place in places:
            if place in PLACES:
                value += PLACES[place][0] * x + PLACES[place][1] * y
            elif place in MIDDLES:
                value -= float(np.hypot(x - 0.5, y - 0.5))
            else:
                value += cut.area * (1 if place in LARGE else -1)
        return value

    return [max(found, key=rank)]
