"""What looks are painted with: curves, blurs, outlines, grain. On 8-bit pictures, to be fast."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.raster import Frame

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # BT.709


class Grade:
    """Curves by channel and a saturation: points are (in, out), 0 to 255."""

    def __init__(self, *, saturation: float = 1.0, **curves: tuple[tuple[int, int], ...]) -> None:
        same = curves.get("all", ((0, 0), (255, 255)))
        channels = [lut(curves.get(name, same)) for name in ("red", "green", "blue")]
        self._table = np.stack(channels, axis=-1)[None]
        self._mixer = saturation_matrix(saturation)

    def __call__(self, frame: Frame) -> Frame:
        return array(cv2.LUT(cv2.transform(frame, self._mixer), self._table))


class Calm:
    """Holds still what hardly moves, so that thresholds do not flicker with the codec's noise."""

    def __init__(self, strength: float = 0.7) -> None:
        self._last: Any = None
        # What changed by more than noise is taken as it is: motion leaves no ghosts.
        least = round((1 - strength) * 255)
        self._taken = lut(((0, least), (4, least), (24, 255), (255, 255)))

    def __call__(self, frame: Any) -> Any:
        if self._last is None:
            self._last = frame
            return frame
        moved = cv2.absdiff(frame, self._last)
        if frame.ndim == 3:
            red, green, blue = cv2.split(moved)
            taken = cv2.merge([cv2.LUT(cv2.max(cv2.max(red, green), blue), self._taken)] * 3)
        else:
            taken = cv2.LUT(moved, self._taken)
        kept = cv2.multiply(self._last, 255 - taken, scale=1 / 255)
        self._last = cv2.add(kept, cv2.multiply(frame, taken, scale=1 / 255))
        return self._last


class Grain:
    """Film grain from a few fixed sheets: alive, and cheap to encode."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, sigma: float) -> None:
        sheets = (noise(rng, width, height, 0.8) * sigma for _ in range(3))
        self._sheets = [cv2.merge([sheet.astype(np.int16)] * 3) for sheet in sheets]
        self._shown = 0

    def __call__(self, frame: Frame) -> Frame:
        self._shown += 1
        return array(cv2.add(frame, self._sheets[self._shown // 2 % 3], dtype=cv2.CV_8U))


def lut(points: tuple[tuple[int, int], ...]) -> npt.NDArray[np.uint8]:
    places, values = zip(*points, strict=True)
    return np.rint(np.interp(np.arange(256), places, values)).astype(np.uint8)


def soft_steps(count: int, hard: float = 3.0) -> npt.NDArray[np.uint8]:
    """A staircase of that many levels with sloped risers: hard ones make noise dance."""
    place = np.arange(256) / 255 * (count - 1)
    step = np.floor(place)
    rise = np.clip((place - step - 0.5) * hard + 0.5, 0, 1)
    return np.rint((step + rise) / (count - 1) * 255).astype(np.uint8)


def saturation_matrix(amount: float) -> Floats:
    return (np.tile(_LUMA, (3, 1)) * (1 - amount) + np.eye(3) * amount).astype(np.float32)


def saturate(frame: Frame, amount: float) -> Frame:
    return array(cv2.transform(frame, saturation_matrix(amount)))


def grey_of(frame: Frame) -> Grey:
    return array(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))


def half(frame: Any) -> Any:
    height, width = frame.shape[:2]
    size = (max(1, width // 2), max(1, height // 2))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def scaled(frame: Any, width: int, height: int) -> Any:
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR)


def simplify(frame: Frame, *, rounds: int) -> Frame:
    """Half the size, with texture smoothed away and edges kept."""
    small = half(frame)
    for _ in range(rounds):
        small = cv2.bilateralFilter(small, 5, 45, 5)
    return array(small)


def ink_lines(frame: Frame, width: int, height: int, *, strength: float, floor: int = 0) -> Frame:
    """Dark outlines on white, (height, width, 3): a soft difference of two blurs, so still."""
    grey = grey_of(frame)
    sigma = frame.shape[0] / 360 + 0.5
    fine = cv2.GaussianBlur(grey, (0, 0), sigma).astype(np.float32)
    wide = cv2.GaussianBlur(grey, (0, 0), sigma * 2.2).astype(np.float32)
    line = np.clip((wide - fine - 1.2) * strength, 0, 255 - floor)
    ink = scaled((255 - line).astype(np.uint8), width, height)
    return array(cv2.cvtColor(ink, cv2.COLOR_GRAY2RGB))


def bloom(frame: Frame, threshold: int, amount: float) -> Frame:
    """Bright parts spill over their surroundings."""
    height, width = frame.shape[:2]
    small = cv2.resize(
        frame, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA
    )
    # By brightness, not by channel: a strong red is not a light.
    share = cv2.LUT(grey_of(small), lut(((0, 0), (threshold, 0), (255, 255))))
    bright = times(small, cv2.merge([share] * 3))
    spill = cv2.GaussianBlur(bright, (0, 0), height / 100)
    spill = cv2.convertScaleAbs(spill, alpha=amount * 2)
    return array(cv2.add(frame, scaled(spill, width, height)))


def glints(frame: Frame, height: int) -> Frame:
    """Streaks of light through the brightest points, as of a cut edge."""
    small = cv2.resize(
        frame,
        (max(1, frame.shape[1] // 4), max(1, frame.shape[0] // 4)),
        interpolation=cv2.INTER_AREA,
    )
    # Points only: what stands out from its surroundings, not a bright wall or sky.
    grey = grey_of(small)
    point = cv2.subtract(grey, cv2.GaussianBlur(grey, (0, 0), max(1.0, height / 160)))
    share = cv2.LUT(point, lut(((0, 0), (40, 0), (140, 110), (255, 150))))
    bright = times(small, cv2.merge([share] * 3))
    long = max(3, height // 12) | 1
    streak = cv2.GaussianBlur(bright, (long, 1), 0)
    upright = cv2.GaussianBlur(bright, (1, max(3, long // 2) | 1), 0)
    star = cv2.addWeighted(streak, 0.7, upright, 0.5, 0)
    return array(scaled(star, frame.shape[1], frame.shape[0]))


def vignette(width: int, height: int, amount: float) -> Frame:
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    dark = amount * np.clip(np.hypot(x, y) - 0.45, 0, 1) ** 1.5
    return array(cv2.merge([((1 - dark) * 255).astype(np.uint8)] * 3))


def noise(rng: np.random.Generator, width: int, height: int, sigma: float) -> Floats:
    """Smooth noise with mean 0 and deviation 1; sigma: its grain in pixels."""
    # Large grain is drawn small and enlarged: blurring a big sheet that far is slow.
    shrink = max(1, int(sigma / 2))
    sheet = rng.standard_normal((height // shrink + 2, width // shrink + 2)).astype(np.float32)
    sheet = cv2.GaussianBlur(sheet, (0, 0), sigma / shrink)
    sheet = scaled(sheet, width, height)
    return (sheet - sheet.mean()) / (sheet.std() + 1e-6)


def times(frame: Frame, mask: Frame) -> Frame:
    return array(cv2.multiply(frame, mask, scale=1 / 255))


def array(frame: Any) -> Any:
    """OpenCV's stubs answer more types than it does."""
    return frame
