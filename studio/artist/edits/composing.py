"""Bringing pictures together: backgrounds, insets, collages, palettes."""

from __future__ import annotations

import cv2
import numpy as np

from studio.artist.edits.inserting import covered
from studio.artist.instructions.vocabulary import PLACES
from studio.media.image.cutout import without_fringe
from studio.media.image.resizing import fitted, resized
from studio.media.raster import ByteArray, FloatArray, blur


def on_background(
    picture: ByteArray, subject: FloatArray, behind: ByteArray, *, harmonise: bool = True
) -> ByteArray:
    """The subject (h, w, 0 to 1) of a picture before another background of the same size.

    harmonise: give it some of the background's light, and a shadow where it stands.
    """
    front = without_fringe(picture, subject).astype(np.float32)
    base = behind.astype(np.float32)
    if harmonise:
        front = _in_its_light(front, subject, base)
        base = _shadowed(base, subject)
    mixed = base + (front - base) * subject[..., None]
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _in_its_light(front: FloatArray, subject: FloatArray, base: FloatArray) -> FloatArray:
    height, width = subject.shape
    held = subject > 0.5
    if not held.any():
        return front
    own, other = front[held].mean(axis=0), base.mean(axis=(0, 1))
    level = float(np.clip((other.mean() + 40) / (own.mean() + 40), 0.55, 1.35))
    tint = (other + 30) / (other.mean() + 30)
    lit = front * (1 + (level - 1) * 0.4) * (1 + (tint - 1) * 0.35)
    # Light from behind wraps around the edge.
    rim = np.clip(blur(1 - subject, min(height, width) / 90) * 1.1, 0, 1)[..., None] * 0.3
    around = blur(base, min(height, width) / 40)
    return np.asarray(lit + (around - lit) * rim, np.float32)


def _shadowed(base: FloatArray, subject: FloatArray) -> FloatArray:
    """A soft shadow where something stands that does not leave the picture below."""
    box = covered(subject)
    if box[3] > 0.97:
        return base
    height, width = subject.shape
    foot = subject[max(0, round((box[3] - 0.08) * height)) : round(box[3] * height)]
    across = foot.max(axis=0)
    columns = np.flatnonzero(across > 0.5)
    if not columns.size:
        return base
    shadow = np.zeros((height, width), np.float32)
    centre = (int(columns.mean()), round((box[3] - 0.012) * height))
    axes = (max(2, round(len(columns) * 0.62)), max(2, round(height * 0.022)))
    cv2.ellipse(shadow, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    dark = blur(shadow, height / 70)[..., None] * 0.5
    return np.asarray(base * (1 - dark), np.float32)


def inset(picture: ByteArray, other: ByteArray, place: str, size: float) -> ByteArray:
    """Another picture laid onto this one, in a corner unless told otherwise; alpha is honoured."""
    height, width = picture.shape[:2]
    rows, columns = other.shape[:2]
    share = float(np.clip(0.34 * size, 0.1, 0.9))
    factor = min(width * share / columns, height * share / rows)
    small = resized(other, max(1, round(columns * factor)), max(1, round(rows * factor)))
    across, down = PLACES[place or "bottom right"]
    pad = round(min(height, width) * 0.04)
    x = round(pad + across * (width - 2 * pad - small.shape[1]))
    y = round(pad + down * (height - 2 * pad - small.shape[0]))
    x, y = max(0, x), max(0, y)
    out = picture.copy()
    window = out[y : y + small.shape[0], x : x + small.shape[1]]
    small = small[: window.shape[0], : window.shape[1]]
    alpha = small[..., 3:].astype(np.float32) / 255 if small.shape[2] == 4 else np.float32(1)
    window[:] = window + (small[..., :3].astype(np.float32) - window) * alpha + 0.5
    return out


def side_by_side(pictures: list[ByteArray]) -> ByteArray:
    """Pictures beside each other at the first one's height, or in rows when there are many."""
    height = pictures[0].shape[0]
    per_row = len(pictures) if len(pictures) <= 3 else int(np.ceil(len(pictures) ** 0.5))
    gap = max(2, height // 90)
    rows = []
    widest = 0
    for start in range(0, len(pictures), per_row):
        strip = [
            resized(one, max(1, round(one.shape[1] * height / one.shape[0])), height)
            for one in pictures[start : start + per_row]
        ]
        padded = [
            cv2.copyMakeBorder(one, 0, 0, 0, gap, cv2.BORDER_CONSTANT, value=(255,) * 3)
            for one in strip
        ]
        row = np.concatenate(padded, axis=1)[:, :-gap]
        widest = max(widest, row.shape[1])
        rows.append(row)
    if len(rows) == 1:
        return np.asarray(rows[0], np.uint8)
    filled = [fitted(row, widest, height) for row in rows]
    return np.asarray(np.concatenate(filled, axis=0), np.uint8)


def blended(picture: ByteArray, other: ByteArray, amount: float) -> ByteArray:
    """Two exposures on one film: light adds up, dark shows through."""
    height, width = picture.shape[:2]
    second = fitted(other, width, height).astype(np.float32) / 255
    first = picture.astype(np.float32) / 255
    screened = 1 - (1 - first * 0.9) * (1 - second * 0.8 * min(1.0, amount))
    mean = (first + second) / 2
    return np.asarray(np.clip((screened * 0.6 + mean * 0.4) * 255 + 0.5, 0, 255), np.uint8)


def toned_like(picture: ByteArray, other: ByteArray, amount: float) -> ByteArray:
    """The picture in another one's palette: the spread of its colors moved onto the other's.

    After Reinhard and others (2001), in Lab; then each channel by its quantiles, by half.
    """
    share = min(1.0, 0.85 * amount)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    sample = cv2.resize(other, (128, 128), interpolation=cv2.INTER_AREA)
    target = cv2.cvtColor(sample, cv2.COLOR_RGB2LAB).astype(np.float32)
    small = cv2.resize(lab, (128, 128), interpolation=cv2.INTER_AREA)
    quantiles = np.linspace(0, 1, 33)
    out = np.empty_like(lab)
    for channel in range(3):
        own = np.quantile(small[..., channel], quantiles)
        theirs = np.quantile(target[..., channel], quantiles)
        by_rank = np.interp(lab[..., channel], own + np.arange(33) * 1e-4, theirs)
        gain = np.clip(theirs.std() / (own.std() + 1e-3), 0.5, 2.2)
        by_spread = (lab[..., channel] - own.mean()) * gain + theirs.mean()
        # Light keeps more of its own order than color does.
        moved = 0.5 * by_rank + 0.5 * by_spread
        weight = share * (0.6 if channel == 0 else 1.0)
        out[..., channel] = lab[..., channel] + (moved - lab[..., channel]) * weight
    return np.asarray(
        cv2.cvtColor(np.asarray(np.clip(out, 0, 255), np.uint8), cv2.COLOR_LAB2RGB), np.uint8
    )
