"""Pictures between two pictures: along the way things move, where that can be told."""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.raster import ByteArray, FloatArray, Frame

_WIDTH = 384  # flow is estimated on pictures so wide
# How much of the difference the flow must explain, or how little, of 255, it may leave.
_EXPLAINED, _LITTLE = 0.5, 2.5


class Between:
    """The pictures between two of one size. moves: whether they were found to be one scene."""

    def __init__(self, first: Frame, second: Frame) -> None:
        self._pair = (first, second)
        self._flow: FloatArray | None = None
        small = (_small(first), _small(second))
        forwards = _flow(*small)
        seen = _moved(small[0], -forwards)
        left, all_ = (float(cv2.absdiff(image, small[1]).mean()) for image in (seen, small[0]))
        self.moves = left < max(_EXPLAINED * all_, _LITTLE)
        if self.moves:
            height, width = first.shape[:2]
            scale = np.array([width / small[0].shape[1], height / small[0].shape[0]], np.float32)
            self._flow = np.asarray(cv2.resize(forwards, (width, height)) * scale, np.float32)

    def at(self, share: float) -> Frame:
        """The picture that is `share` of the way, 0 to 1; without one scene, both mixed."""
        first, second = self._pair
        if self._flow is not None:
            first = _moved(first, -share * self._flow)
            second = _moved(second, (1 - share) * self._flow)
        return np.asarray(cv2.addWeighted(first, 1 - share, second, share, 0), np.uint8)


def _flow(first: ByteArray, second: ByteArray) -> FloatArray:
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = finder.calc(first, second, np.zeros((*first.shape, 2), np.float32))
    # A field that changes slowly bends pictures, one that jumps tears them.
    return np.asarray(cv2.GaussianBlur(flow, (0, 0), 2.0), np.float32)


def _moved(image: ByteArray, by: FloatArray) -> ByteArray:
    """Each pixel taken from where `by` points."""
    rows, columns = image.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.asarray(
        cv2.remap(
            image, x + by[..., 0], y + by[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def _small(frame: Frame) -> ByteArray:
    height, width = frame.shape[:2]
    factor = min(1.0, _WIDTH / width)
    size = (max(16, round(width * factor)), max(16, round(height * factor)))
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
