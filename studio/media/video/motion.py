"""How a film moves: what the camera does between two pictures, and what moves by itself."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.media.raster import ByteArray, FloatArray, Frame

_WIDTH = 128  # flow is estimated on pictures so wide
_TEXTURE = 6.0  # where light changes less than so many steps, nothing tells how it moved


@dataclass(frozen=True, slots=True)
class Motion:
    """From one picture to the next. dx, dy: how far what is seen moves, in picture widths, right
    and down. zoom: how many times larger it becomes. own: what moves differently, in widths."""

    dx: float = 0.0
    dy: float = 0.0
    zoom: float = 1.0
    own: float = 0.0


STILL = Motion()


def small_grey(frame: Frame) -> ByteArray:
    """A picture as `between` takes it."""
    height, width = frame.shape[:2]
    size = (_WIDTH, max(16, round(_WIDTH * height / width)))
    return np.asarray(
        cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY),
        np.uint8,
    )


def between(first: ByteArray, second: ByteArray) -> Motion:
    """The motion from one small gray picture to another of one size.

    A shift and a zoom about the middle are fitted to dense optical flow, leaving out, twice, what
    moves otherwise.
    """
    flow = cv2.calcOpticalFlowFarneback(
        first, second, np.zeros((*first.shape, 2), np.float32), 0.5, 3, 15, 3, 5, 1.1, 0
    )
    rows, columns = first.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    textured = _texture(first) > _TEXTURE
    # Flow at the rim guesses what came from outside.
    rim = 6
    textured[:rim] = textured[-rim:] = False
    textured[:, :rim] = textured[:, -rim:] = False
    if textured.sum() < 40:
        return STILL
    place = np.stack([x[textured] - columns / 2, y[textured] - rows / 2], axis=1)
    moved = np.asarray(flow[textured], np.float32)
    kept = np.ones(len(place), bool)
    shift, growth = np.zeros(2, np.float32), 0.0
    for _ in range(3):
        shift, growth = _fitted(place[kept], moved[kept])
        rest = np.linalg.norm(moved - shift - growth * place, axis=1)
        kept = rest <= max(0.15, 1.5 * float(np.median(rest)))
        if kept.sum() < 20:
            break
    own = float(np.linalg.norm(moved - shift - growth * place, axis=1).mean())
    return Motion(
        float(shift[0]) / columns, float(shift[1]) / columns, 1 + float(growth), own / columns
    )


def _fitted(place: FloatArray, moved: FloatArray) -> tuple[FloatArray, float]:
    """Shift and growth that explain the flow best: moved ≈ shift + growth × place."""
    middle, mean = place.mean(axis=0), moved.mean(axis=0)
    spread = float(((place - middle) ** 2).sum())
    growth = float(((place - middle) * (moved - mean)).sum()) / max(spread, 1e-6)
    return np.asarray(mean - growth * middle, np.float32), growth


def _texture(grey: ByteArray) -> FloatArray:
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    return np.asarray(cv2.blur(np.hypot(across, down) / 4, (5, 5)), np.float32)
