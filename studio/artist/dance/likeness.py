"""Someone out of a picture, made to dance: cut out and bent, feet on the floor."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from studio.artist.dance.moves import Posture
from studio.media.image.compositing import lay
from studio.media.raster import ByteArray, FloatArray

_TALLEST = 760  # pixels of the cut-out: every frame bends all of them
_MARGIN = 0.24  # of the height, on each side: room to sway in
_THINNEST = 0.3
# Wider than this, by its height, and more than a person was cut out.
_SUSPICIOUS = 0.85


class CutOut:
    """A dancer made of a picture. image: (h, w, 3); mask: (h, w), 0 to 1, the person in it."""

    def __init__(self, image: ByteArray, mask: FloatArray) -> None:
        mask = upright(mask)
        held = mask > 0.5
        rows, columns = np.flatnonzero(held.any(axis=1)), np.flatnonzero(held.any(axis=0))
        window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        rgb, alpha = image[window], np.clip(mask[window], 0, 1)
        factor = min(1.0, _TALLEST / max(rgb.shape[:2]))
        size = (max(2, round(rgb.shape[1] * factor)), max(2, round(rgb.shape[0] * factor)))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        pad = round(_MARGIN * size[1])
        sheet = np.dstack([rgb * alpha[..., None], alpha * 255]).astype(np.uint8)
        self._sheet: ByteArray = cv2.copyMakeBorder(
            sheet, pad, 0, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
        )
        self._pad, self._tall, self._wide = pad, size[1], size[0]
        grid_rows, grid_columns = self._sheet.shape[:2]
        x, y = np.meshgrid(
            np.arange(grid_columns, dtype=np.float32), np.arange(grid_rows, dtype=np.float32)
        )
        self._x, self._y = x, y
        # 0 at the feet, 1 at the head.
        self._up = np.clip((grid_rows - y) / size[1], 0, 1.3)
        self._shape = size[0] / size[1]
        # Whose legs are not in the picture must not hover: they are set larger, and lower.
        self._bust = bool(rows[-1] >= 0.975 * mask.shape[0] and self._shape > 0.42)

    def draw(self, frame: ByteArray, posture: Posture, place: FloatArray) -> None:
        """As `Puppet.draw`; hips, shoulders and knees are where they usually are."""
        bent = self._bent(posture)
        turn = math.copysign(max(_THINNEST, abs(posture.turn)), posture.turn)
        # A bust or someone sitting is wider than a standing figure, and made smaller for it.
        unit = min(1.0, 0.72 / self._shape) / self._tall
        rows, columns = bent.shape[:2]
        sunk = 0.0
        if self._bust:
            unit, sunk = 1.3 * unit, 0.28
        local = np.array(
            [
                [turn * unit, 0, -turn * unit * columns / 2],
                [0, -unit, rows * unit + posture.lift - sunk],
                [0, 0, 1],
            ],
            np.float32,
        )
        lay(frame, bent, np.asarray((place @ local)[:2], np.float32), extends=False)

    def _bent(self, posture: Posture) -> ByteArray:
        up, tall = self._up, self._tall
        bend = math.radians(posture.lean) * 0.9
        nod = math.radians(posture.nod) * 0.6
        hips = np.clip(np.sin(np.clip(up / 0.9, 0, 1) * math.pi), 0, 1) ** 1.2
        above = np.clip(up - 0.45, 0, None)
        neck = np.clip(up - 0.8, 0, None)
        # Arms reaching to one side pull the shoulders after them.
        pull = 0.16 * (posture.lhx + posture.rhx) + 0.1 * (posture.rhy - posture.lhy)
        shift = posture.x * hips * 1.1 + bend * above + nod * neck + pull * above
        # One foot off the ground: that side of the lower half is drawn up and in.
        side = np.clip((self._x - self._sheet.shape[1] / 2) / max(1, self._wide) * 2, -1, 1)
        low = np.clip(1 - up / 0.5, 0, 1)
        right, left = np.clip(side, 0, 1), np.clip(-side, 0, 1)
        step = (right * posture.rfy + left * posture.lfy) * low
        spread = (right * (posture.rfx - 0.08) + left * (posture.lfx + 0.08)) * low * 0.8
        raised = 0.35 * (right * max(0.0, posture.rhy) + left * max(0.0, posture.lhy))
        raised = raised * np.clip((up - 0.5) * 2, 0, 1)
        dip = 1 + 0.9 * posture.y * np.clip(up / 0.55, 0, 1)
        map_x = self._x - (shift + spread) * tall
        floor = self._sheet.shape[0]
        map_y = floor - (floor - self._y - (step + 0.25 * raised) * tall) / dip
        return np.asarray(
            cv2.remap(
                self._sheet,
                np.asarray(map_x, np.float32),
                np.asarray(map_y, np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=(0, 0, 0, 0),
            ),
            np.uint8,
        )


def upright(mask: FloatArray) -> FloatArray:
    """The mask without what was cut out beside the person: a horizon, a fence."""
    held = mask > 0.5
    rows, columns = np.flatnonzero(held.any(axis=1)), np.flatnonzero(held.any(axis=0))
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    if wide < _SUSPICIOUS * tall:
        return mask
    heights = held.sum(axis=0).astype(np.float32)
    heights = np.convolve(heights, np.ones(7) / 7, mode="same")
    peak = int(heights.argmax())
    low = np.flatnonzero(heights < 0.25 * heights[peak])
    left = int(low[low < peak].max(initial=-1)) + 1
    right = int(low[low > peak].min(initial=mask.shape[1]))
    kept = np.zeros_like(mask)
    kept[:, left:right] = mask[:, left:right]
    if kept.sum() < 0.3 * mask.sum():
        return mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats((kept > 0.5).astype(np.uint8))
    if len(stats) < 2:
        return mask
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    near = cv2.dilate((labels == largest).astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(kept * near, np.float32)


def without(image: ByteArray, mask: FloatArray) -> ByteArray:
    """The picture with the person painted out; it is seen out of focus, so roughly will do."""
    height, width = image.shape[:2]
    factor = 220 / max(height, width)
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    hole = cv2.resize((mask > 0.15).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    hole = cv2.dilate(hole, np.ones((7, 7), np.uint8))
    filled: Any = cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA)
    # Inpainting leaves streaks where the hole is wide.
    smooth = cv2.GaussianBlur(filled, (0, 0), 7)
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 3)[..., None]
    filled = filled * (1 - soft) + smooth * soft
    large = cv2.resize(filled.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    share = cv2.resize(soft, (width, height))[..., None]
    return np.asarray(image * (1 - share) + large * share, np.uint8)
