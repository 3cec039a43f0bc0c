"""Telling a subject from what surrounds it: soft masks, from the picture alone or from our layers.

Nothing here knows what a thing is: it goes by color, edges and where things usually stand.
Masks are (h, w) float32, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.media.image.grabcut import (
    cut_again,
    cut_size,
    disc,
    filled,
    gathered,
    grab,
    main_part,
    refined,
    tidy,
)
from studio.media.image.masks import box_of
from studio.media.image.saliency import (
    centred,
    edge_share,
    roundness,
    sensible,
    separation,
    standing_out,
    unlike_border,
)
from studio.media.raster import GUIDE_SIDE, ByteArray, FloatArray, bands, blur

# Below this a subject is a guess that should not be trusted.
SURE = 0.5
# So little unlike the border that there is nothing to cut, and GrabCut would take for ever.
NOTHING = 0.5
# How large a thing beside the largest must be: to be a thing at all, and to belong to the subject.
OTHER = 0.12
COMPANION = 0.4
# A circle's outline has a roundness of 1, a star's a third, glitter's next to none.
SMOOTH = 0.15
# Where the two maps of `standing_out` are cut, in the order they have.
LEVELS = ((0.4, 0.55, 0.7), (0.4, 0.6))


@dataclass(frozen=True, slots=True)
class Cut:
    """A selection. mask: see above. score: how far it can be trusted, 0 to 1. name: what it is."""

    mask: FloatArray
    score: float
    name: str = ""

    @property
    def area(self) -> float:
        """The share of the picture it covers."""
        return float(self.mask.mean())

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom as shares of the picture; None when nothing is selected."""
        return box_of(self.mask > 0.5)

    def facts(self) -> dict[str, Any]:
        """For an artifact's notes."""
        box = self.box
        return {
            "area": round(self.area, 4),
            "bbox": [round(side, 4) for side in box] if box else None,
            "score": round(self.score, 3),
            **({"name": self.name} if self.name else {}),
        }


def subject_of(image: ByteArray) -> Cut:
    """What stands out of a foreign picture; a low score where nothing does.

    image: (h, w, 3) RGB uint8. Things nearly as large as the largest belong to it.
    """
    main, *others = things_of(image)
    along = [cut.mask for cut in others if cut.area > COMPANION * main.area]
    if not along:
        return main
    return Cut(np.asarray(np.max([main.mask, *along], axis=0), np.float32), main.score)


def things_of(image: ByteArray) -> list[Cut]:
    """The things that stand out of a foreign picture, the likeliest subject first, at least one.

    Of it several guesses are cut out; the one is taken that has the best edge and leaves little
    out. Others are what else stands out and has a smooth outline: no glitter on water.
    """
    nothing = [Cut(np.ones(image.shape[:2], np.float32), 0.0)]
    small = cut_size(image)
    if min(small.shape[:2]) < 8:
        return nothing
    away = unlike_border(small)
    if float(away.max()) < NOTHING:
        return nothing
    maps = standing_out(small)
    main = max(_guesses(small, away, maps), key=lambda mask: _merit(small, mask, maps[0]))
    found = [main, *_others(small, main, maps[0])]
    return [Cut(refined(image, mask), _score(small, mask)) for mask in found]


def _score(small: ByteArray, mask: FloatArray) -> float:
    # A subject has an outline; a patch of sky has none.
    outlined = 0.2 + 0.8 * min(1.0, edge_share(small, mask) / 0.4)
    return separation(small, mask) * sensible(mask) * outlined


def _others(small: ByteArray, main: FloatArray, shown: FloatArray) -> list[FloatArray]:
    """What else stands out, apart from the main thing, the largest first, at most three."""
    taken = np.asarray(cv2.dilate(main, disc(0.02 * max(main.shape))) > 0, bool)
    held = tidy(np.asarray((shown > 0.55) & ~taken, np.float32))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(held > 0, np.uint8))
    found = []
    for part in np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:3] + 1:
        if stats[part, cv2.CC_STAT_AREA] < OTHER * float(main.sum()):
            break
        mask = cut_again(small, np.asarray(labels == part, np.float32), shown)
        mask = np.asarray(np.where(taken, 0, mask), np.float32)
        if mask.any() and roundness(mask) > SMOOTH and edge_share(small, mask) > 0.6:
            found.append(mask)
    return found if count > 1 else []


def whole_share(image: ByteArray, mask: FloatArray) -> float:
    """How far a cut-out can stand alone, 0 to 1: nothing of it left behind, no thin bridges in it.

    image: (h, w, 3) RGB uint8; mask: its subject's.
    """
    small = cut_size(image)
    size = (small.shape[1], small.shape[0])
    held = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0.5, np.uint8)
    area = float(held.sum())
    if min(size) < 8 or not area:
        return 0.0
    unit = max(size)
    shown = np.asarray(standing_out(small)[0] > 0.35, np.uint8)
    # Joined to it by what stands out as well, and broader than an edge's own slope.
    more = cv2.morphologyEx(shown & (1 - held), cv2.MORPH_OPEN, disc(unit / 190))
    near = cv2.dilate(held, disc(0.015 * unit))
    _, labels = cv2.connectedComponents(more)
    left = np.isin(labels, np.setdiff1d(labels[(near > 0) & (more > 0)], [0])).sum() / area
    thick = cv2.morphologyEx(held, cv2.MORPH_OPEN, disc(unit / 64))
    count, _, stats, _ = cv2.connectedComponentsWithStats(thick)
    main = stats[1:, cv2.CC_STAT_AREA].max() / area if count > 1 else 0.0
    return float(np.clip(1.08 - 1.5 * left, 0, 1) * np.clip(main / 0.6, 0, 1))


def _guesses(
    small: ByteArray, away: FloatArray, maps: tuple[FloatArray, FloatArray]
) -> list[FloatArray]:
    found = [filled(small, main_part(tidy(grab(small, _by_colour(away)))))]
    for shown, levels in zip(maps, LEVELS, strict=True):
        for level in levels:
            joined = gathered(np.asarray(shown > level, np.uint8))
            found.append(cut_again(small, joined, maps[0]))
    kept = [mask for mask in found if mask.any()]
    return kept or [filled(small, tidy(grab(small, _by_place(away))))]


def _merit(small: ByteArray, mask: FloatArray, shown: FloatArray) -> float:
    return edge_share(small, mask) * float(np.sqrt(_complete(mask, shown) * sensible(mask)))


def _complete(mask: FloatArray, shown: FloatArray) -> float:
    """How much is held of what stands out within the mask's hull and close to it, 0 to 1."""
    held = np.asarray(mask > 0.5, np.uint8)
    outlines, _ = cv2.findContours(held, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = np.zeros_like(held)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.concatenate(outlines)), 1)
    hull = np.asarray(cv2.dilate(hull, disc(0.03 * max(mask.shape))), np.uint8)
    weight = shown * centred(mask.shape)
    return float(weight[held > 0].sum() / max(1e-6, float(weight[hull > 0].sum())))


def _by_colour(away: FloatArray) -> ByteArray:
    """GrabCut's labels from how unlike the border things are, more so in the middle."""
    height, width = away.shape
    scored = away * centred(away.shape)
    level = cv2.threshold(
        np.asarray(scored * 255, np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )[0]
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[scored * 255 > level] = cv2.GC_PR_FGD
    labels[scored > float(np.quantile(scored, 0.97))] = cv2.GC_FGD
    return _framed(labels)


def _by_place(away: FloatArray) -> ByteArray:
    """The same from where a portrait's or a product's subject is: an ellipse on the lower edge."""
    height, width = away.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    inside = (x / 0.62) ** 2 + ((y - 0.12) / 0.9) ** 2
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[inside < 1] = cv2.GC_PR_FGD
    labels[(inside < 0.12) & (away > 0.15)] = cv2.GC_FGD
    return _framed(labels)


def _framed(labels: ByteArray) -> ByteArray:
    """The top and the sides are background; at the bottom subjects often leave the picture."""
    edge = max(1, min(labels.shape) // 60)
    labels[:edge] = cv2.GC_BGD
    labels[:, :edge] = labels[:, -edge:] = cv2.GC_BGD
    return labels


def without_fringe(image: ByteArray, mask: FloatArray) -> ByteArray:
    """The picture with the background's color taken out of the subject's soft edge.

    Where a pixel is partly background, it takes the color of the nearest pixels that are not.
    """
    height, width = mask.shape
    factor = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    near = _colours_nearby(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32),
        np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0.96, np.float32),
    )
    if near is None:
        return image
    near = cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR)
    out = np.empty_like(image)
    for rows in bands(height):
        colour = image[rows].astype(np.float32)
        keep = np.clip(mask[rows] * 1.6 - 0.6, 0, 1)
        keep[mask[rows] > 0.96] = 1
        fill = near[rows].astype(np.float32)
        out[rows] = np.clip(fill + (colour - fill) * keep[..., None], 0, 255) + 0.5
    return out


def _colours_nearby(colour: FloatArray, sure: FloatArray) -> ByteArray | None:
    """The colors of the nearest sure pixels everywhere; None when there are none."""
    if not sure.any():
        return None
    radius = max(1.0, max(sure.shape) / 300)
    total, share = blur(colour * sure[..., None], radius), blur(sure, radius)
    wide, wide_share = blur(colour * sure[..., None], 6 * radius), blur(sure, 6 * radius)
    near = np.where(
        (share > 0.02)[..., None],
        total / np.maximum(share, 1e-4)[..., None],
        wide / np.maximum(wide_share, 1e-4)[..., None],
    )
    return np.asarray(np.clip(near, 0, 255) + 0.5, np.uint8)
