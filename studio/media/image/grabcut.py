"""Cutting on a small copy: GrabCut and the mending of its masks, (h, w) float32, 0 to 1."""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.saliency import centred, clusters, lab_of
from studio.media.raster import ByteArray, FloatArray, guided

# GrabCut's time grows with pixels, and its edge is redrawn at full size afterwards.
CUT_SIDE = 384
ROUNDS = 4


def cut_size(image: ByteArray) -> ByteArray:
    """A copy small enough to cut."""
    height, width = image.shape[:2]
    factor = min(1.0, CUT_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def grab(image: ByteArray, labels: ByteArray) -> FloatArray:
    """GrabCut from labels; what was not foreground and background at once stays as labelled."""
    mask = labels.copy()
    front = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not front.any() or front.all():
        return np.asarray(front, np.float32)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    picture = np.ascontiguousarray(image[..., ::-1])
    try:
        cv2.grabCut(picture, mask, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        # Too few pixels on one side for its color models.
        return np.asarray(front, np.float32)
    return np.asarray(np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)), np.float32)


def tidy(mask: FloatArray) -> FloatArray:
    """Without specks and pinholes: parts much smaller than the largest go, so do small holes."""
    side = max(3, round(min(mask.shape) / 110) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    held = cv2.morphologyEx(np.asarray(mask > 0.5, np.uint8), cv2.MORPH_OPEN, kernel)
    held = _large_parts(held, 0.12)
    holes = _large_parts(np.asarray(1 - held, np.uint8), 0.006)
    return np.asarray(1 - holes, np.float32)


def _large_parts(held: ByteArray, share: float) -> ByteArray:
    """The parts at least `share` as large as the largest one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=4)
    if count <= 2:
        return held
    sizes = stats[1:, cv2.CC_STAT_AREA]
    keep = np.flatnonzero(sizes >= share * sizes.max()) + 1
    return np.asarray(np.isin(labels, keep), np.uint8)


def filled(image: ByteArray, mask: FloatArray) -> FloatArray:
    """With those holes closed that look unlike what is outside: a visor, not a handle's ring."""
    held = np.asarray(mask > 0.5, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - held, connectivity=4)
    lab = lab_of(image)
    rim = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])))
    outside = np.isin(labels, list(rim - {0})) & (held == 0)
    if not outside.any():
        return mask
    centres = clusters(lab[outside], 6)
    for part in range(1, count):
        if part in rim or stats[part, cv2.CC_STAT_AREA] > 0.5 * held.sum():
            continue
        colour = np.median(lab[labels == part], axis=0)
        if np.linalg.norm(centres - colour, axis=1).min() > 9:
            held[labels == part] = 1
    return np.asarray(held, np.float32)


def disc(radius: float) -> ByteArray:
    """A round kernel of so many pixels to each side of its middle."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def main_part(mask: FloatArray) -> FloatArray:
    """The part that is largest and most central, and those within its outline's box."""
    held = np.asarray(mask > 0.5, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=8)
    if count <= 2:
        return mask
    main = _weightiest(labels, count)
    left, top, wide, tall, area = (int(value) for value in stats[main])
    kept = [
        part
        for part, (x, y, across, down, size) in enumerate(stats)
        if part
        and size > 0.02 * area
        and left - 4 < x + across
        and x < left + wide + 4
        and top - 4 < y + down
        and y < top + tall + 4
    ]
    return np.asarray(np.isin(labels, [main, *kept]), np.float32)


def _weightiest(labels: ByteArray, count: int) -> int:
    weights = np.bincount(labels.ravel(), centred(labels.shape).ravel(), minlength=count)
    return int(weights[1:].argmax()) + 1


def gathered(held: ByteArray) -> FloatArray:
    """One thing of the many pieces that stand out: joined where they nearly touch, holes closed.

    Thin parts stay where they grow out of thick ones; what merely brushes the thing goes.
    """
    unit = max(held.shape)
    rim = round(0.05 * unit)
    open_part = cv2.morphologyEx(held, cv2.MORPH_OPEN, disc(unit / 200))
    padded = np.pad(open_part, rim)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc(0.02 * unit))[rim:-rim, rim:-rim]
    count, labels = cv2.connectedComponents(np.ascontiguousarray(closed), connectivity=4)
    if count < 2:
        return np.zeros(held.shape, np.float32)
    core = np.asarray(labels == _weightiest(labels, count), np.uint8)
    core = _thick_core(core)
    near = cv2.dilate(core, disc(0.03 * unit))
    _, labels = cv2.connectedComponents((held & near) | core, connectivity=8)
    whole = np.isin(labels, np.unique(labels[core > 0]))
    _, holes = cv2.connectedComponents(np.asarray(~whole, np.uint8), connectivity=4)
    outside = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    return np.asarray(whole | ~np.isin(holes, outside), np.float32)


def _thick_core(core: ByteArray) -> ByteArray:
    """What is near the core's thick parts that stand above or below each other."""
    unit = max(core.shape)
    thick = cv2.morphologyEx(core, cv2.MORPH_OPEN, disc(unit / 64))
    count, labels, stats, middles = cv2.connectedComponentsWithStats(thick, connectivity=4)
    if count < 2:
        return core
    main = _weightiest(labels, count)
    breadths, areas = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    reach = 0.375 * np.maximum(breadths, breadths[main]) + 0.5 * breadths
    aside = np.abs(middles[:, 0] - middles[main, 0])
    kept = np.flatnonzero((areas > 0.06 * areas[main]) & (aside < reach))
    thick = np.asarray(np.isin(labels, [main, *kept[kept > 0]]), np.uint8)
    return np.asarray(core & cv2.dilate(thick, disc(0.05 * unit)), np.uint8)


def cut_again(image: ByteArray, mask: FloatArray, shown: FloatArray) -> FloatArray:
    """The mask with its edge found by GrabCut near it. shown: of `standing_out`."""
    hard = np.asarray(mask > 0.5, np.uint8)
    if not hard.any():
        return mask
    unit = max(mask.shape)
    labels = np.full(mask.shape, cv2.GC_BGD, np.uint8)
    labels[cv2.dilate(hard, disc(0.02 * unit)) > 0] = cv2.GC_PR_BGD
    labels[(hard > 0) & (shown > 0.2)] = cv2.GC_PR_FGD
    labels[(cv2.erode(hard, disc(0.012 * unit)) > 0) & (shown > 0.3)] = cv2.GC_FGD
    # Only what surrounds it matters, and costs time.
    x, y, wide, tall = cv2.boundingRect(hard)
    pad = round(0.08 * unit)
    window = np.s_[max(0, y - pad) : y + tall + pad, max(0, x - pad) : x + wide + pad]
    found = np.zeros_like(mask)
    found[window] = tidy(grab(image[window], labels[window]))
    return filled(image, main_part(found))


def refined(image: ByteArray, mask: FloatArray) -> FloatArray:
    """The mask at the picture's size, its edge laid along the picture's by a guided filter."""
    height, width = image.shape[:2]
    large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    scale = max(height, width) / max(1, max(mask.shape))
    radius = max(2, round(2.5 * scale))
    edge = guided(np.asarray(large, np.float32), image, radius, 4e-4)
    # Steeper than it came out, or everything near the edge is half transparent.
    steep = np.clip((edge - 0.5) * 1.7 + 0.5, 0, 1)
    # Far from the edge the filter has no say.
    band = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    hard = np.asarray(large > 0.5, np.uint8)
    core, reach = cv2.erode(hard, band), cv2.dilate(hard, band)
    return np.asarray(np.where(core > 0, 1.0, np.where(reach > 0, steep, 0.0)), np.float32)
