"""Effects that are asked for by name: vignettes, flares, blurs, pixels. On (h, w, 3) uint8 RGB."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from studio.media.image import cleanup, tones
from studio.media.image.filters import bloom, times, vignette
from studio.media.image.refining import read_refinement, refined
from studio.media.raster import ByteArray, Colour, FloatArray, blur, seeded_rng, smoothstep


def flourished(
    picture: ByteArray, name: str, amount: float, colour: Colour | None, seed: int
) -> ByteArray:
    """name: of `vocabulary.EFFECTS`. amount: 1 as usual."""
    return _FLOURISHES[name](picture, amount, colour or (1.0, 0.82, 0.55), seed)


def blurred(picture: ByteArray, amount: float, kind: str = "") -> ByteArray:
    """kind: "" all round, "motion" sideways, "radial" outwards from the middle."""
    height, width = picture.shape[:2]
    if kind == "motion":
        long = max(3, round(width * 0.035 * amount)) | 1
        return np.asarray(cv2.blur(picture, (long, 1)), np.uint8)
    if kind == "radial":
        total = picture.astype(np.float32)
        steps = 12
        for step in range(1, steps):
            zoom = 1 + 0.11 * amount * step / steps
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0, zoom)
            total += cv2.warpAffine(picture, matrix, (width, height))
        return np.asarray(total / steps + 0.5, np.uint8)
    return np.asarray(blur(picture, max(0.6, min(height, width) / 75 * amount)), np.uint8)


def lens_blurred(picture: ByteArray, sharp: FloatArray, amount: float) -> ByteArray:
    """Everything but `sharp` (h, w, 0 to 1) out of focus; the sharp does not bleed into it.

    Highlights become discs, as in a lens.
    """
    height, width = picture.shape[:2]
    radius = max(1, round(min(height, width) / 42 * amount))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = np.asarray(x * x + y * y <= radius * radius + 0.5, np.float32)
    disc /= disc.sum()
    away = 1 - sharp
    exact = (picture.astype(np.float32) / 255) ** 2.2
    total = cv2.filter2D(exact * away[..., None], -1, disc)
    share = cv2.filter2D(away, -1, disc)
    lit = np.maximum(total, 0) / np.maximum(share, 1e-3)[..., None]
    behind = np.minimum(lit, 1) ** (1 / 2.2) * 255
    # Deep inside the sharp part nothing of the rest is left to spread; no one sees it there.
    mixed = behind + (picture - behind) * np.clip(sharp, 0, 1)[..., None]
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _vignette(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    return times(picture, vignette(width, height, min(1.5, 0.8 * amount)))


def _grain(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    rng = seeded_rng("grain", seed, "flourish")
    noise = blur(rng.normal(0, 1, (height, width)).astype(np.float32), max(0.4, height / 1400))
    noise = noise / (noise.std() + 1e-6)
    light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    # Film grain is strongest in the mid-tones.
    room = 0.45 + 2.2 * light * (1 - light)
    return np.asarray(np.clip(picture + (noise * room * 13 * amount)[..., None], 0, 255), np.uint8)


def _glow(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    soft = blur(picture, min(picture.shape[:2]) / 45)
    screened = 255 - cv2.multiply(255 - picture, 255 - np.asarray(soft, np.uint8), scale=1 / 255)
    share = min(0.8, 0.32 * amount)
    lit = cv2.addWeighted(picture, 1 - share, screened, share, 0)
    return bloom(np.asarray(lit, np.uint8), 200, 0.3 * amount)


def _brightest(picture: ByteArray) -> tuple[float, float]:
    """Where light comes from, as shares of width and height."""
    height, width = picture.shape[:2]
    grey = blur(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), min(height, width) / 12
    )
    rows = np.linspace(1.15, 0.8, grey.shape[0], dtype=np.float32)[:, None]
    y, x = np.unravel_index(int((grey * rows).argmax()), grey.shape)
    return float(x) / width, float(y) / height


def _flare(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    u, v = _brightest(picture)
    u, v = min(max(u, 0.12), 0.88), min(max(v, 0.1), 0.5)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = np.zeros((height, width, 3), np.float32)
    away = np.hypot(x - u * width, y - v * height) / height
    angle = np.arctan2(y - v * height, x - u * width)
    rays = 0.75 + 0.25 * np.cos(angle * 14 + 1.3) * np.cos(angle * 5)
    warm = np.array(colour, np.float32)
    light += (np.exp(-away / 0.045) * 1.2 + np.exp(-away / 0.22) * 0.5 * rays)[..., None] * (
        warm * 0.6 + 0.4
    )
    streak = np.exp(-np.abs(y - v * height) / (height * 0.006)) * np.exp(
        -np.abs(x - u * width) / (width * 0.35)
    )
    light += streak[..., None] * np.array((0.5, 0.65, 1.0), np.float32) * 0.5
    tints = ((0.4, 1.0, 0.5), (1.0, 0.5, 0.3), (0.5, 0.6, 1.0), (1.0, 0.9, 0.4))
    for place, size, tint in zip(
        (0.5, 1.0, 1.35, 1.75), (0.035, 0.07, 0.028, 0.1), tints, strict=True
    ):
        centre_x, centre_y = u + (0.5 - u) * place * 1.3, v + (0.5 - v) * place * 1.3
        ring = np.hypot(x - centre_x * width, y - centre_y * height) / height
        light += (smoothstep(size, size * 0.8, ring) * 0.16)[..., None] * np.array(tint, np.float32)
    return _screened(picture, light * amount)


def _rays(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    """Beams fanning out from where it is brightest, as through leaves or a window."""
    height, width = picture.shape[:2]
    u, v = _brightest(picture)
    v = min(v, 0.25) - 0.15
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = np.arctan2(y - v * height, x - u * width)
    away = np.hypot(x - u * width, y - v * height) / np.hypot(height, width)
    rng = seeded_rng("rays", seed, "flourish")
    beams = np.zeros((height, width), np.float32)
    for frequency in (9, 17, 31):
        beams += np.cos(angle * frequency + float(rng.uniform(0, 6.28))).astype(np.float32)
    beams = smoothstep(-0.2, 2.2, beams) * np.exp(-away * 1.7) * smoothstep(0.0, 0.12, away)
    beams = blur(np.asarray(beams, np.float32), height / 250)
    return _screened(picture, beams[..., None] * np.array(colour, np.float32) * 0.85 * amount)


def _leak(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    rng = seeded_rng("leak", seed, "flourish")
    side = 0.0 if rng.random() < 0.5 else 1.0
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    spread = np.exp(-(((x - side) / 0.28) ** 2) - (((y - float(rng.uniform(0.2, 0.8))) / 0.6) ** 2))
    tint = np.array((1.0, 0.42, 0.12), np.float32)
    return _screened(picture, np.asarray(spread, np.float32)[..., None] * tint * 0.85 * amount)


def _bokeh(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    rng = seeded_rng("bokeh", seed, "flourish")
    light = np.zeros((height, width, 3), np.float32)
    for _ in range(round(26 * amount)):
        centre = (int(rng.random() * width), int(rng.random() ** 1.3 * height))
        radius = max(3, round(height * float(rng.uniform(0.02, 0.065))))
        tint = np.clip(np.array(colour) * rng.uniform(0.7, 1.2, 3), 0, 1) * float(
            rng.uniform(0.15, 0.4)
        )
        disc = np.zeros((height, width), np.float32)
        cv2.circle(disc, centre, radius, 1.0, -1, cv2.LINE_AA)
        cv2.circle(disc, centre, radius, 1.5, max(1, radius // 9), cv2.LINE_AA)
        light += disc[..., None] * tint.astype(np.float32)
    return _screened(picture, np.asarray(cv2.GaussianBlur(light, (0, 0), height / 400), np.float32))


def _stars(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    rng = seeded_rng("stars", seed, "flourish")
    field = np.zeros((height, width), np.float32)
    count = round(height * width / 2200 * amount)
    y = (rng.random(count) ** 1.4 * height * 0.75).astype(int)
    field[y, (rng.random(count) * width).astype(int)] = rng.random(count).astype(np.float32) ** 2
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    # Only where it is dark and empty enough to see stars.
    room = smoothstep(150, 60, blur(grey, height / 60))
    shine = blur(field, max(0.5, height / 900)) * 6 * room
    return _screened(picture, np.clip(shine, 0, 1)[..., None] * np.ones(3, np.float32))


def _rainbow(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot((x - width * 0.55) / width, (y - height * 1.02) / height * 0.9)
    band = (away - 0.62) / 0.075
    hue = np.clip(1 - band, 0, 1) * 270
    hsv = np.dstack([hue, np.full_like(hue, 0.75), np.ones_like(hue)])
    arc = cv2.cvtColor(np.asarray(hsv, np.float32), cv2.COLOR_HSV2RGB)
    inside = (
        smoothstep(0.0, 0.25, band)
        * smoothstep(1.0, 0.75, band)
        * smoothstep(0.95, 0.6, y / height)
    )
    return _screened(picture, arc * (inside * 0.5 * amount)[..., None])


def _pixelated(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    step = max(2, round(min(height, width) / 28 * amount))
    small = cv2.resize(
        picture, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _posterised(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    levels = max(2, round(7 - 2 * amount))
    steps = np.rint(np.arange(256) / 255 * (levels - 1)) / (levels - 1) * 255
    hsv = cv2.cvtColor(cv2.bilateralFilter(picture, 7, 50, 7), cv2.COLOR_RGB2HSV)
    # By brightness alone: cutting each channel would turn skies violet.
    hsv[..., 2] = cv2.LUT(np.ascontiguousarray(hsv[..., 2]), np.asarray(steps, np.uint8))
    return tones.vibrant(np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8), 0.5)


def _solarised(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    level = np.arange(256)
    return tones.curves(picture, [np.where(level < 140, level, 280 - level)])


def _tilt_shift(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    sharp = smoothstep(0.34, 0.12, np.abs(rows - 0.58))
    sharp = np.asarray(np.broadcast_to(sharp, (height, width)), np.float32)
    return tones.vibrant(lens_blurred(picture, sharp, 0.8 * amount), 0.6)


def _letterboxed(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    height, width = picture.shape[:2]
    bar = max(1, round((height - width / 2.39) / 2)) if width / height < 2.3 else height // 12
    framed = picture.copy()
    framed[:bar] = framed[-bar:] = 0
    return framed


def _enhanced(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    return refined(picture, read_refinement("enhance it"))


def _balanced(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    return tones.balanced(tones.stretched(picture, 0.4), min(1.0, amount))


def _smooth_skin(picture: ByteArray, amount: float, colour: Colour, seed: int) -> ByteArray:
    from studio.media.image.restoration import skin_of

    share = blur(skin_of(picture), min(picture.shape[:2]) / 150)[..., None] * min(
        1.0, 0.75 * amount
    )
    smooth = cv2.bilateralFilter(picture, 9, 38, 7)
    return np.asarray(picture + (smooth.astype(np.float32) - picture) * share + 0.5, np.uint8)


def _screened(picture: ByteArray, light: FloatArray) -> ByteArray:
    """Light added as on film: bright stays below white. light: 0 to about 1."""
    base = picture.astype(np.float32) / 255
    lit = 1 - (1 - base) * (1 - np.clip(light, 0, 1))
    return np.asarray(lit * 255 + 0.5, np.uint8)


_FLOURISHES: Mapping[str, Callable[[ByteArray, float, Colour, int], ByteArray]] = {
    "vignette": _vignette,
    "grain": _grain,
    "glow": _glow,
    "flare": _flare,
    "rays": _rays,
    "leak": _leak,
    "bokeh": _bokeh,
    "stars": _stars,
    "rainbow": _rainbow,
    "pixelate": _pixelated,
    "posterise": _posterised,
    "invert": lambda picture, amount, colour, seed: np.asarray(255 - picture, np.uint8),
    "solarise": _solarised,
    "denoise": lambda picture, amount, colour, seed: cleanup.denoised(picture, max(1.0, amount)),
    "dehaze": lambda picture, amount, colour, seed: cleanup.dehazed(picture, min(1.0, amount)),
    "mend": lambda picture, amount, colour, seed: cleanup.filled(picture, cleanup.damage(picture)),
    "sepia": lambda picture, amount, colour, seed: tones.sepia(picture),
    "grey": lambda picture, amount, colour, seed: tones.black_and_white(picture),
    "smooth skin": _smooth_skin,
    "balance": _balanced,
    "enhance": _enhanced,
    "tilt shift": _tilt_shift,
    "letterbox": _letterboxed,
}
