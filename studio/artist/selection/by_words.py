"""Selecting what words name. Places are shares of the picture, 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from studio.artist import art_vocabulary
from studio.artist.selection.descriptions import LARGE, MIDDLES, PLACES, Wish
from studio.media.image.cutout import SURE, Cut, subject_of, things_of
from studio.media.image.grabcut import tidy
from studio.media.image.point_selection import Ground
from studio.media.image.saliency import lab_of, sensible, slope_of
from studio.media.raster import Colour, FloatArray

# A part of a selection smaller than this is dirt, not a thing of its own.
SMALLEST_PART = 0.0015
# How much of a thing must be of a color to have some of it, and to be of it.
OF_COLOUR = 0.12
MAINLY = 0.6


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
    things = things_of(ground.image)
    found = _coloured(ground, wish, things) if wish.colours else things
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


def _coloured(ground: Ground, wish: Wish, things: Sequence[Cut]) -> list[Cut]:
    """The things of a color, by hue for bright colors and by lightness for greys.

    What stands out comes first: an orange sky is no red coat, and a blue night no blue car.
    """
    lab = lab_of(cv2.bilateralFilter(ground.small, 7, 30, 5))
    near = np.zeros(lab.shape[:2], np.float32)
    for name in wish.colours:
        near = np.maximum(near, likeness(lab, art_vocabulary.COLOURS[name]))
    size = (lab.shape[1], lab.shape[0])
    masks = [cv2.resize(one.mask, size, interpolation=cv2.INTER_AREA) > 0.5 for one in things]
    shares = [float((near[mask] > 0.5).mean()) if mask.any() else 0.0 for mask in masks]
    trusted = [
        (thing, mask, share)
        for thing, mask, share in zip(things, masks, shares, strict=True)
        if thing.score >= SURE / 2 and share > max(OF_COLOUR, 0.5 * max(shares))
    ]
    # Who names a subject means all of it; who names a coat, its part of that colour.
    whole = [thing for thing, _, share in trusted if share > MAINLY]
    if wish.names and trusted:
        return [thing for thing, _, _ in sorted(trusted, key=lambda one: -one[2])]
    if whole:
        return whole
    held = np.max([mask for _, mask, _ in trusted], axis=0) if trusted else None
    if held is not None:
        near = near * cv2.dilate(np.asarray(held, np.float32), np.ones((5, 5), np.uint8))
    return _patches(ground, near, spared=held is not None)


def _patches(ground: Ground, near: FloatArray, *, spared: bool) -> list[Cut]:
    """The parts of a colour. spared: scenery was taken out already."""
    mask = tidy(np.asarray(near > 0.5, np.float32))
    found = []
    for part in parts_of(Cut(mask, 1.0)):
        inside = part.mask > 0.5
        if inside.mean() >= SMALLEST_PART:
            sure = min(1.0, float(near[inside].mean()) + 0.2)
            found.append(
                ground.cut(part.mask, sure=sure * (1.0 if spared else sensible(part.mask)))
            )
    return sorted(found, key=lambda cut: -cut.score * np.sqrt(cut.area))


def likeness(lab: FloatArray, colour: Colour) -> FloatArray:
    """How much each pixel is of a color, 0 to 1. lab: (h, w, 3), L 0 to 100."""
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
    height = lab.shape[0]
    calm = np.asarray(slope_of(lab) < 1.75, np.uint8)
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
