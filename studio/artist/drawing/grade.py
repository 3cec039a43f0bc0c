"""Developing a frame: bloom, tint, vignette, grain. All in 8 bits, to be fast in films."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.raster import ByteArray

GrainArray: TypeAlias = npt.NDArray[np.int16]

# Enough different grains that the eye sees no loop, few enough to make at once.
GRAINS = 4


@dataclass(slots=True)
class Finish:
    """How the film stock looks.

    bloom: how much bright places glow. vignette: darkening of the corners. grain: its spread in
    8-bit steps. fade: lifted blacks. saturation: 0 gray, 1 as painted. warmth: -1 cool to 1 warm.
    contrast: 1 as painted.
    """

    rng: np.random.Generator
    bloom: float = 0.8
    vignette: float = 0.28
    grain: float = 1.5
    fade: float = 0.0
    saturation: float = 1.0
    warmth: float = 0.0
    contrast: float = 1.06
    _shade: ByteArray | None = field(default=None, repr=False)
    _grains: list[GrainArray] = field(default_factory=list, repr=False)
    _curves: ByteArray | None = field(default=None, repr=False)

    def develop(self, frame: ByteArray, seconds: float) -> ByteArray:
        """frame: (h, w, 3) RGB uint8. Returns the same shape. Always the same size per Finish."""
        shade, curves = self._prepared(*frame.shape[:2])
        height, width = frame.shape[:2]
        if self.bloom > 0:
            small = cv2.resize(
                frame, (max(2, width // 4), max(2, height // 4)), interpolation=cv2.INTER_AREA
            )
            bright = cv2.subtract(small, (168, 168, 168, 0))
            glow = cv2.GaussianBlur(bright, (0, 0), max(0.6, height * 0.009))
            glow = cv2.multiply(glow, (1.0, 1.0, 1.0, 0), scale=self.bloom)
            frame = cv2.add(frame, cv2.resize(glow, (width, height)))
        if self.saturation != 1.0:
            grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            frame = cv2.addWeighted(frame, self.saturation, grey, 1 - self.saturation, 0)
        frame = cv2.LUT(frame, curves)
        frame = cv2.multiply(frame, shade, scale=1 / 255)
        if self._grains:
            grain = self._grains[int(seconds * 24) % len(self._grains)]
            frame = cv2.add(frame, grain, dtype=cv2.CV_8U)
        return np.asarray(frame, np.uint8)

    def _prepared(self, height: int, width: int) -> tuple[ByteArray, ByteArray]:
        """Vignette and curves, made once per frame size, and the grain with them."""
        if (
            self._shade is not None
            and self._curves is not None
            and self._shade.shape[:2] == (height, width)
        ):
            return self._shade, self._curves
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        corner = np.clip(np.hypot(x, y) - 0.45, 0, 1) ** 1.5
        dark = np.asarray(255 * (1 - self.vignette * corner) + 0.5, np.uint8)
        self._shade = cv2.merge([dark, dark, dark])
        self._grains = []
        if self.grain > 0:
            for _ in range(GRAINS):
                noise = self.rng.standard_normal((height, width), dtype=np.float32) * self.grain
                single = np.rint(noise).astype(np.int16)
                self._grains.append(cv2.merge([single, single, single]))
        level = np.arange(256, dtype=np.float32) / 255
        curve = 0.5 + (level - 0.5) * self.contrast
        curve = self.fade + curve * (1 - self.fade)
        tints = (1 + 0.06 * self.warmth, 1 + 0.01 * self.warmth, 1 - 0.06 * self.warmth)
        curves = np.stack([np.clip(curve * tint, 0, 1) for tint in tints], axis=-1)
        self._curves = np.asarray(curves * 255 + 0.5, np.uint8).reshape(1, 256, 3)
        return self._shade, self._curves
