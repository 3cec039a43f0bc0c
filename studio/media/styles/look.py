"""What every style of video is."""

from __future__ import annotations

import numpy as np

from studio.media.raster import Frame


class Look:
    """One way of rendering. `draw` takes (height, width, 3) uint8 RGB pictures in order.

    width, height: pixels of the pictures. seed: of what is drawn at random. at: how far into the
    clip a picture is, 0 to 1.
    """

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.rng = np.random.default_rng(seed)
        self.prepare()

    def prepare(self) -> None:
        """Draw what stays the same throughout the clip."""

    def draw(self, frame: Frame, at: float) -> Frame:
        raise NotImplementedError
