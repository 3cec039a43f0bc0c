"""Bringing a foreign still to life: an estimated depth, a camera moving through it, air, light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from studio.artist.drawing.stage import Element, Shot, Space
from studio.media.image.depth import estimate_depth
from studio.media.raster import ByteArray, FloatArray

# How much a foreign still may bend: its depth is a guess, so moves are smaller than on a stage.
CAUTION = 0.6


@dataclass(slots=True)
class Still:
    """A picture and its estimated depth; frames of it have the picture's size.

    image: (h, w, 3) RGB uint8. depth: (h, w), 0 far to 1 near. overlay: elements drawn on top.
    """

    image: ByteArray
    overlay: Sequence[Element] = ()
    depth: FloatArray = field(init=False)
    _grid: tuple[FloatArray, FloatArray] = field(init=False, repr=False)
    _light: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.depth = estimate_depth(self.image)
        height, width = self.image.shape[:2]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        self._grid = (x, y)
        self._light = np.asarray(
            np.clip(1 - np.hypot(x / width - 0.3, y / height - 0.25), 0, 1) ** 2, np.float32
        )

    @property
    def space(self) -> Space:
        return Space(self.image.shape[1], self.image.shape[0])

    def frame(self, shot: Shot) -> ByteArray:
        height, width = self.image.shape[:2]
        x, y = self._grid
        pose = shot.pose
        near = 0.35 + 0.8 * self.depth
        slide = 0.5 + 0.55 * self.depth if pose.pivot == 0 else (self.depth - 0.6) * 1.1
        zoom = 1 + (pose.zoom - 1) * near
        # Room to move in: a pan needs pixels beyond the edge, so the picture grows as it pans.
        zoom = zoom + 1.7 * CAUTION * (abs(pose.x) + abs(pose.y))
        breath = self._breath(shot)
        map_x = (x - width / 2) / zoom + width / 2 + pose.x * slide * width * CAUTION + breath
        map_y = (y - height * 0.54) / zoom + height * 0.54 - pose.y * slide * height * CAUTION
        frame = cv2.remap(
            self.image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        frame = self._lit(frame, shot)
        for element in self.overlay:
            element.draw(frame, shot)
        return np.asarray(frame, np.uint8)

    def _breath(self, shot: Shot) -> FloatArray:
        """Near things sway by a pixel or two, so that nothing stands quite still."""
        height = self.image.shape[0]
        swing = np.float32(np.sin(2 * np.pi * shot.seconds / 3.7)) * height * 0.004
        return np.asarray(self.depth * swing, np.float32)

    def _lit(self, frame: ByteArray, shot: Shot) -> ByteArray:
        """Light that comes and goes a little, as through leaves or clouds."""
        swing = 0.5 - 0.5 * np.cos(2 * np.pi * shot.seconds / 4.3)
        if swing < 0.01:
            return frame
        gain = np.asarray(self._light * (18 * swing), np.uint8)
        return np.asarray(cv2.add(frame, cv2.merge([gain, gain, gain])), np.uint8)
