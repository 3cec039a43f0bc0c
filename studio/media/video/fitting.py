"""Decoded pictures in a size: letterboxed, cropped, or on their own blurred enlargement."""

from __future__ import annotations

from typing import Any, Literal, cast

import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from mediakit.frames import ToRgb, Turn
from studio.media.raster import Frame

Fit = Literal["pad", "cover", "blur"]
_DIMMED = 0.6


def fit_box(source: tuple[int, int], target: tuple[int, int], fit: Fit) -> tuple[int, int]:
    """The size a (width, height) takes when scaled, unstretched, into ("pad", "blur") or over
    ("cover")."""
    ratios = (target[0] / source[0], target[1] / source[1])
    scale = max(ratios) if fit == "cover" else min(ratios)
    sides = (round(source[0] * scale), round(source[1] * scale))
    # A ratio off by less than half a percent must leave neither a hairline bar nor a crop.
    width, height = (
        whole if abs(side - whole) <= max(2, whole // 200) else max(1, side)
        for side, whole in zip(sides, target, strict=True)
    )
    return width, height


class Upright:
    """Turns decoded pictures into upright RGB arrays of one size, or RGBA."""

    def __init__(
        self,
        source: tuple[int, int],
        turn: Turn,
        size: tuple[int, int],
        fit: Fit,
        *,
        with_alpha: bool = False,
    ) -> None:
        """source: the size of the pictures as they are shown."""
        self._to_rgb = ToRgb()
        self._scaler = VideoReformatter() if with_alpha else None
        self._turn = turn
        self._size = size
        self._is_blurred = fit == "blur"
        box = fit_box(source, size, fit)
        self._box = box
        # Scaled before turning: the scaler sees the picture as it is stored.
        self._stored_box = box[::-1] if turn.quarters % 2 else box

    def __call__(self, picture: Any) -> Frame:
        width, height = self._stored_box
        converted = self._to_rgb(picture, width, height)
        if self._scaler is not None:
            plane = self._scaler.reformat(picture, width, height, "rgba", threads=1)
            converted = np.dstack((converted, plane.to_ndarray()[..., 3]))
        return self._place(self._turn.apply(converted))

    def _place(self, frame: Frame) -> Frame:
        width, height = self._size
        if frame.shape[:2] == (height, width):
            return np.ascontiguousarray(frame)
        box_width, box_height = self._box
        canvas = (
            _backdrop(frame, width, height)
            if self._is_blurred
            else np.zeros((height, width, frame.shape[2]), np.uint8)
        )
        left, top = (width - box_width) // 2, (height - box_height) // 2
        inner = frame[max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width]
        left, top = max(0, left), max(0, top)
        canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        return canvas


def _backdrop(frame: Frame, width: int, height: int) -> Frame:
    """The middle of a picture, blurred and dimmed, over the whole size."""
    rows, columns = frame.shape[:2]
    scale = max(width / columns, height / rows)
    wide, high = round(width / scale), round(height / scale)
    left, top = (columns - wide) // 2, (rows - high) // 2
    middle = frame[top : top + high, left : left + wide]
    # Small first: what is blurred has no detail, and a small picture is blurred quickly.
    size = max(8, width // 16), max(8, height // 16)
    small = cv2.resize(middle, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(1.0, min(small.shape[:2]) / 12))
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return cast(Frame, cv2.convertScaleAbs(large, alpha=_DIMMED))
