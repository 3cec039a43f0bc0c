"""Arrays as paint: colors, blurs, noise and seeded chance. Colors are floats, 0 to 1, sRGB."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.numbers import Colour as Colour
from studio.media.numbers import ease as ease
from studio.media.numbers import hex_colour as hex_colour

FloatArray: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
Frame: TypeAlias = ByteArray  # of a video: (h, w, 3) RGB

WHITE: Colour = (1.0, 1.0, 1.0)

# What a guided filter goes by is found on a copy of this side and applied to all pixels (He and
# Sun 2015), in bands of so many rows.
GUIDE_SIDE = 1280
BAND = 512


def seeded_rng(text: str, seed: int, purpose: str = "") -> np.random.Generator:
    """The random generator for one purpose in one picture.

    Not from `hash()`: that differs from process to process.
    """
    digest = hashlib.sha256(f"{seed}\0{purpose}\0{text}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """From `a` (amount 0) to `b` (amount 1)."""
    return (
        a[0] + (b[0] - a[0]) * amount,
        a[1] + (b[1] - a[1]) * amount,
        a[2] + (b[2] - a[2]) * amount,
    )


def shade(colour: Colour, amount: float) -> Colour:
    """Darker below 1, lighter above."""
    return (
        min(1.0, colour[0] * amount),
        min(1.0, colour[1] * amount),
        min(1.0, colour[2] * amount),
    )


def paint(colour: Colour) -> FloatArray:
    """A color as an array that broadcasts over (height, width, 3)."""
    return np.array(colour, np.float32)


def fill(height: int, width: int, colour: Colour) -> FloatArray:
    return np.broadcast_to(paint(colour), (height, width, 3)).astype(np.float32)


def blur(image: Any, sigma: float) -> Any:
    """Gaussian blur. Wide ones are done on a smaller copy, where they cost next to nothing."""
    if sigma < 0.2:
        return image
    height, width = image.shape[:2]
    factor = int(sigma // 4)
    if factor <= 1 or min(height, width) < 4 * factor:
        return cv2.GaussianBlur(image, (0, 0), sigma)
    small = cv2.resize(
        image, (max(2, width // factor), max(2, height // factor)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def guided(
    values: FloatArray, guide: FloatArray | ByteArray, radius: int, least: float = 2e-3
) -> FloatArray:
    """He, Sun and Tang's guided filter: smooth, but stepping where the guide steps.

    values: (h, w) float32, 0 to 1. guide: (h, w) or (h, w, 3), float 0 to 1 or uint8.

    least: variance of the guide below which it is flat.
    """
    height, width = values.shape
    factor = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    planes = guide[..., None] if guide.ndim == 2 else guide[..., :3]
    small = _as_shares(cv2.resize(guide, size, interpolation=cv2.INTER_AREA))
    slope, offset = _coefficients(
        cv2.resize(values, size, interpolation=cv2.INTER_AREA),
        (small[..., None] if small.ndim == 2 else small[..., :3]),
        max(1, round(radius * factor)),
        least,
    )
    if factor == 1.0:
        return np.asarray((slope * _as_shares(planes)).sum(axis=2) + offset, np.float32)
    out = np.empty((height, width), np.float32)
    for rows in bands(height):
        lines = np.arange(rows.start, rows.stop, dtype=np.float32)
        columns = np.arange(width, dtype=np.float32)
        y = np.repeat(((lines + 0.5) * size[1] / height - 0.5)[:, None], width, axis=1)
        x = np.repeat(((columns + 0.5) * size[0] / width - 0.5)[None], len(lines), axis=0)
        total = _at(offset, x, y)
        for channel in range(planes.shape[2]):
            total += _at(slope[..., channel], x, y) * _as_shares(planes[rows, :, channel])
        out[rows] = total
    return out


def bands(height: int) -> list[slice]:
    """A picture's rows in pieces, so that floats of it never exist all at once."""
    return [slice(top, min(height, top + BAND)) for top in range(0, height, BAND)]


def _as_shares(values: FloatArray | ByteArray) -> FloatArray:
    if values.dtype == np.uint8:
        return np.asarray(values.astype(np.float32) / 255, np.float32)
    return np.asarray(values, np.float32)


def _coefficients(
    values: FloatArray, guide: FloatArray, radius: int, least: float
) -> tuple[FloatArray, FloatArray]:
    """Slope (h, w, channels) and offset (h, w). guide: (h, w, channels)."""
    side = (2 * radius + 1, 2 * radius + 1)
    channels = range(guide.shape[2])
    means = [cv2.blur(guide[..., i], side) for i in channels]
    mean = cv2.blur(values, side)
    covariance = np.stack(
        [cv2.blur(guide[..., i] * values, side) - means[i] * mean for i in channels], axis=2
    )
    spread = np.empty((*values.shape, len(means), len(means)), np.float32)
    for i in channels:
        for j in range(i, len(means)):
            both = cv2.blur(guide[..., i] * guide[..., j], side) - means[i] * means[j]
            spread[..., i, j] = spread[..., j, i] = both
    spread += least * np.eye(len(means), dtype=np.float32)
    if len(means) == 1:
        slope = covariance / spread[..., 0]
    else:
        slope = np.linalg.solve(spread, covariance[..., None])[..., 0].astype(np.float32)
    offset = mean - (slope * np.stack(means, axis=2)).sum(axis=2)
    smooth = [cv2.blur(np.ascontiguousarray(slope[..., i]), side) for i in channels]
    return np.stack(smooth, axis=2), cv2.blur(offset, side)


def _at(plane: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(
        cv2.remap(
            np.ascontiguousarray(plane), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def smoothstep(low: Any, high: Any, value: Any) -> Any:
    """0 below `low`, 1 above `high`, eased between. `high` below `low` runs the other way."""
    x = np.clip((value - low) / (high - low), 0.0, 1.0)
    return x * x * (3 - 2 * x)


def clouds(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cells: int = 3,
    octaves: int = 5,
    gain: float = 0.5,
    stretch: float = 1.0,
) -> FloatArray:
    """Fractal noise, about 0 to 1. cells: features down the height; stretch: wider by so much."""
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    weights = 0.0
    for octave in range(octaves):
        rows = cells * 2**octave + 2
        columns = max(3, int(cells * 2**octave * width / height / stretch) + 2)
        if rows > height or columns > width:
            break
        grid = rng.random((rows, columns), dtype=np.float32)
        total += weight * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        weights += weight
        weight *= gain
    return np.asarray(np.clip(total / max(weights, 1e-6), 0, 1), np.float32)


def ridge(
    rng: np.random.Generator,
    width: int,
    *,
    peaks: int = 2,
    roughness: float = 0.5,
    octaves: int = 8,
) -> FloatArray:
    """A skyline as `width` heights, about -1 to 1."""
    total = np.zeros(width, np.float32)
    weight = 1.0
    for octave in range(octaves):
        count = peaks * 2**octave + 2
        if count > width:
            break
        knots = rng.random(count).astype(np.float32) * 2 - 1
        row = cv2.resize(knots[None], (width, 1), interpolation=cv2.INTER_CUBIC)[0]
        total += weight * row
        weight *= roughness
    return total


def luminance(rgb: FloatArray) -> FloatArray:
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def on_white(image: ByteArray) -> ByteArray:
    """RGB of RGB or RGBA pixels; what is transparent becomes white."""
    if image.shape[2] == 3:
        return image
    alpha = image[..., 3:].astype(np.float32) / 255
    return np.asarray(image[..., :3] * alpha + 255 * (1 - alpha) + 0.5, np.uint8)
