"""Light and color of a picture as dials, and measuring them. Pictures are (h, w, 3) uint8 RGB."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from studio.media.image.filters import saturate
from studio.media.raster import ByteArray, Colour, FloatArray

# Above this spread of the two color axes a picture counts as coloured.
MONOCHROME = 5.0


def curves(picture: ByteArray, tables: Sequence[np.ndarray]) -> ByteArray:
    """One curve for all channels, or three; each 256 values, 0 to 255."""
    table = np.stack([np.clip(t, 0, 255) for t in tables], axis=-1)
    flat = np.rint(table).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, flat[None] if len(tables) == 3 else flat[:, 0]), np.uint8)


def _levels() -> np.ndarray:
    return np.arange(256, dtype=np.float32) / 255


def exposed(picture: ByteArray, amount: float) -> ByteArray:
    """Brighter above 0, darker below; 1 is about one stop. Black and white stay where they are."""
    level = _levels()
    curve = level ** (2.0 ** (-0.75 * amount))
    # Some plain gain, so that white fog becomes gray as well when it is to be dark.
    curve = curve * (1 + 0.22 * min(0.0, amount)) if amount < 0 else curve
    return curves(picture, [curve * 255])


def contrasted(picture: ByteArray, amount: float) -> ByteArray:
    """More contrast above 0, less below; about the picture's own middle."""
    level = _levels()
    middle = float(np.clip(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).mean() / 255, 0.25, 0.7))
    if amount < 0:
        return curves(picture, [(middle + (level - middle) * max(0.15, 1 + 0.6 * amount)) * 255])
    steep = 1.2 + 5.0 * amount
    curve = 1 / (1 + np.exp(-steep * (level - middle)))
    low, high = 1 / (1 + np.exp(steep * middle)), 1 / (1 + np.exp(-steep * (1 - middle)))
    return curves(picture, [(curve - low) / (high - low) * 255])


def saturated(picture: ByteArray, amount: float) -> ByteArray:
    """More color above 0, less below; -1 is grey."""
    return saturate(picture, max(0.0, 1 + amount))


def vibrant(picture: ByteArray, amount: float) -> ByteArray:
    """More color where there is little, hardly any where there is much."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    level = _levels()
    curve = level + amount * 1.4 * level * (1 - level) ** 1.5
    hsv[..., 1] = cv2.LUT(np.ascontiguousarray(hsv[..., 1]), np.uint8(np.clip(curve, 0, 1) * 255))
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def warmed(picture: ByteArray, amount: float) -> ByteArray:
    """Warmer above 0, cooler below; the brightness stays about the same."""
    level = _levels()
    red, blue = 2.0 ** (-0.34 * amount), 2.0 ** (0.42 * amount)
    green = 2.0 ** (-0.05 * amount)
    gain = (1 + 0.06 * amount, 1 + 0.01 * amount, 1 - 0.08 * amount)
    return curves(
        picture,
        [level**power * scale * 255 for power, scale in zip((red, green, blue), gain, strict=True)],
    )


def tinted(picture: ByteArray, colour: Colour, amount: float) -> ByteArray:
    """Drawn towards a color, light and dark kept. color: RGB, 0 to 1; amount: 0 to 1."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    toned = duotone(grey, tuple(0.1 * c for c in colour), colour)
    return np.asarray(cv2.addWeighted(picture, 1 - amount, toned, amount, 0), np.uint8)


def leaning(picture: ByteArray, colour: Colour, amount: float) -> ByteArray:
    """More of a color above 0, less below; light stays. color: RGB, 0 to 1."""
    return _shifted(picture, (colour, colour), 14 * amount)


def split_toned(picture: ByteArray, dark: Colour, light: Colour, amount: float) -> ByteArray:
    """Shadows towards one color, highlights towards another; light stays."""
    return _shifted(picture, (dark, light), 24 * min(1.5, amount))


def _shifted(picture: ByteArray, ends: tuple[Colour, Colour], chroma: float) -> ByteArray:
    """Moved by so much chroma in Lab: by the first color's hue in the dark, the other's in light.

    Black and white themselves stay neutral.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    wanted = cv2.cvtColor(np.array([ends], np.float32), cv2.COLOR_RGB2LAB)[0, :, 1:]
    hues = wanted / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1.0) * chroma
    level = _levels()
    bright = (level**2 * (3 - 2 * level))[:, None]
    room = np.clip(4 * level * (1 - level) + 0.25, 0, 1) * np.minimum(level * 12, 1)
    table = (hues[0] * (1 - bright) + hues[1] * bright) * room[:, None]
    for channel in (1, 2):
        shift = cv2.LUT(np.ascontiguousarray(lab[..., 0]), np.float32(table[:, channel - 1]))
        lab[..., channel] = np.clip(lab[..., channel] + shift + 0.5, 0, 255)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def duotone(grey: ByteArray, dark: Sequence[float], light: Sequence[float]) -> ByteArray:
    """Gray (h, w) as a ramp from one color over its mixture to white-ish light, 0 to 1 each."""
    level = _levels()[:, None]
    middle = np.array(light, np.float32)
    top = middle * 0.35 + 0.65
    table = np.where(
        level < 0.55,
        np.array(dark, np.float32) + (middle - np.array(dark, np.float32)) * (level / 0.55),
        middle + (top - middle) * ((level - 0.55) / 0.45),
    )
    flat = np.rint(np.clip(table, 0, 1) * 255).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(cv2.merge([grey] * 3), flat), np.uint8)


def sepia(picture: ByteArray) -> ByteArray:
    """Brown tones of an old print."""
    return duotone(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0.10, 0.06, 0.03), (0.66, 0.52, 0.36)
    )


def black_and_white(picture: ByteArray) -> ByteArray:
    return np.asarray(
        cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8
    )


def stretched(picture: ByteArray, amount: float = 1.0, *, by_channel: bool = True) -> ByteArray:
    """Faded blacks and whites brought back to where they belong. amount: 0 to 1.

    by_channel: every channel by itself, which takes a cast away as well.
    """
    small = _sampled(picture)
    low = np.percentile(small, 0.6, axis=(0, 1))
    high = np.percentile(small, 99.4, axis=(0, 1))
    if not by_channel:
        low, high = np.full(3, low.min()), np.full(3, high.max())
    # A picture that is dark or light on purpose has room for no more than this.
    low, high = np.minimum(low, 90), np.maximum(high, 150)
    level = np.arange(256, dtype=np.float32)
    tables = []
    for channel in range(3):
        full = (level - low[channel]) / max(24.0, high[channel] - low[channel]) * 247 + 4
        tables.append(level + (full - level) * amount)
    return curves(picture, tables)


def recoloured(picture: ByteArray, where: FloatArray, colour: Colour) -> ByteArray:
    """A region in another color, its light and shade and texture kept. where: (h, w), 0 to 1."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    wanted = cv2.cvtColor(np.array([[colour]], np.float32), cv2.COLOR_RGB2LAB)[0, 0]
    held = where > 0.5
    if not held.any():
        return picture
    light = lab[..., 0]
    middle = float(np.median(light[held]))
    # Towards the color's own lightness, but not all the way: a white wall gives a pale red.
    offset = float(np.clip(wanted[0] - middle, -45, 45)) * (
        0.85 if wanted[0] > 85 or wanted[0] < 25 else 0.6
    )
    room = np.clip(light / max(20.0, middle), 0.2, 1.4)
    toned = np.dstack(
        [np.clip(light + offset * np.clip(room, 0, 1), 0, 100), wanted[1] * room, wanted[2] * room]
    )
    # Highlights stay lights.
    gloss = np.clip((light - max(80.0, middle + 22)) / 15, 0, 1)[..., None]
    toned[..., 1:] *= 1 - 0.8 * gloss
    share = where[..., None]
    mixed = lab + (toned - lab) * share
    rgb = cv2.cvtColor(np.asarray(mixed, np.float32), cv2.COLOR_LAB2RGB) * 255
    out = np.asarray(np.clip(rgb + 0.5, 0, 255), np.uint8)
    return np.asarray(np.where(share > 0, out, picture), np.uint8)


def cast_of(picture: ByteArray) -> np.ndarray:
    """How far grays lean, RGB factors about 1: what to multiply by to make them neutral.

    Bright and little colored pixels speak most (shades of gray, Finlayson and Trezzi 2004).
    """
    small = _sampled(picture).astype(np.float32)
    spread = small.max(axis=2) - small.min(axis=2)
    weight = (np.exp(-spread / 60) * (small.mean(axis=2) > 20))[..., None] + 1e-6
    mean = ((small**4 * weight).sum(axis=(0, 1)) / weight.sum()) ** 0.25 + 1
    return np.asarray(np.clip(mean.mean() / mean, 0.6, 1.6), np.float64)


def balanced(picture: ByteArray, amount: float = 1.0) -> ByteArray:
    """Grays made neutral. amount: 0 to 1."""
    factors = 1 + (cast_of(picture) - 1) * amount
    level = np.arange(256, dtype=np.float32)
    return curves(picture, [level * factor for factor in factors])


def is_monochrome(picture: ByteArray) -> bool:
    """Whether it has one hue at most, like a black-and-white or sepia print."""
    lab = cv2.cvtColor(_sampled(picture), cv2.COLOR_RGB2LAB).astype(np.float32)
    light = lab[..., 0].ravel()
    # A toned print leans more in the middle than at its ends: what is left after that is colour.
    degree = 3 if np.unique(light).size > 8 else 0
    rest = 0.0
    for channel in (1, 2):
        plane = lab[..., channel].ravel()
        fit = np.polynomial.Polynomial.fit(light, plane, degree)
        rest += float(np.std(plane - fit(light)) ** 2)
    return rest**0.5 < MONOCHROME


def measured(picture: ByteArray) -> dict[str, float]:
    """Brightness, contrast, color, sharpness and noise of a picture, for comparing two."""
    small = _sampled(picture, 640)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    cast = cast_of(picture)
    return {
        "brightness": round(float(grey.mean()), 1),
        "contrast": round(float(grey.std()), 1),
        "saturation": round(float(hsv[..., 1].mean()), 1),
        "sharpness": round(float(cv2.Laplacian(grey, cv2.CV_32F).std()), 2),
        "noise": round(noise_level(picture), 2),
        "cast": round(float(np.ptp(cast)), 3),
    }


def noise_level(picture: ByteArray) -> float:
    """Deviation of the fine noise in 8-bit steps, from the smooth parts (after Immerkær 1996)."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    if min(height, width) < 5:
        return 0.0
    # The middle alone of a large picture: the noise is the same everywhere.
    y, x = max(0, (height - 900) // 2), max(0, (width - 900) // 2)
    part = grey[y : y + 900, x : x + 900].astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rest = np.abs(cv2.filter2D(part, -1, kernel))
    # Texture answers as well, but smooth parts do not: the quieter half is noise.
    return float(np.percentile(rest, 40) / 0.5244 / 6)


def _sampled(picture: ByteArray, side: int = 256) -> ByteArray:
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
