"""Taking away what damaged a picture: noise, scratches, dust, fading, blur; and making it clearer.

Pictures are (h, w, 3) uint8 RGB. Everything keeps the size and the structure.
"""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.tones import noise_level
from studio.media.raster import ByteArray, FloatArray, blur, guided

# Non-local means of a picture this large takes about a second and a half here.
NLM_PIXELS = 1_300_000
# More than this share of a picture is no scratch but what it shows.
MOST_DAMAGE = 0.05


def denoised(picture: ByteArray, amount: float = 1.0, *, thorough: bool = True) -> ByteArray:
    """Without its noise. amount: 1 takes what is measured; thorough: non-local means on brightness.

    Color noise is taken harder than that of brightness: the eye sees no loss in it.
    """
    sigma = noise_level(picture) * amount
    if sigma < 0.4 or min(picture.shape[:2]) < 8:
        return picture
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    planes = list(cv2.split(ycc))
    planes[0] = _denoised_luma(np.asarray(planes[0], np.uint8), sigma, thorough)
    guide = planes[0].astype(np.float32) / 255
    for index in (1, 2):
        plane = planes[index].astype(np.float32) / 255
        smooth = guided(plane, guide, max(2, round(1 + sigma / 4)), 1e-3 + (sigma / 255) ** 2)
        planes[index] = np.asarray(np.clip(smooth * 255 + 0.5, 0, 255), np.uint8)
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2RGB), np.uint8)


def _denoised_luma(luma: ByteArray, sigma: float, thorough: bool) -> ByteArray:
    if not thorough or luma.size > NLM_PIXELS:
        calm = cv2.bilateralFilter(luma, 5, min(90.0, 2.6 * sigma), 2.2)
        return np.asarray(cv2.bilateralFilter(calm, 5, min(60.0, 1.3 * sigma), 3), np.uint8)
    window = 13 if luma.size < NLM_PIXELS // 2 else 9
    return np.asarray(
        cv2.fastNlMeansDenoising(luma, None, float(min(40.0, 0.95 * sigma + 0.5)), 5, window),
        np.uint8,
    )


def clarified(picture: ByteArray, amount: float) -> ByteArray:
    """Local contrast: what is light or dark in its surroundings becomes more so, without halos.

    amount: 0 to about 1; below 0 hazy.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    light = lab[..., 0].astype(np.float32) / 255
    height, width = light.shape
    base = guided(light, light, max(2, round(min(height, width) / 24)), 0.02)
    # Least at the ends, where it would clip.
    room = 4 * light * (1 - light) * 0.7 + 0.3
    light = light + (light - base) * room * (1.1 * amount)
    lab[..., 0] = np.asarray(np.clip(light * 255 + 0.5, 0, 255), np.uint8)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def sharpened(picture: ByteArray, amount: float, radius: float | None = None) -> ByteArray:
    """Crisper edges; noise below what was measured is not lifted, and halos are held short."""
    height, width = picture.shape[:2]
    sigma = radius or max(0.7, min(height, width) / 700)
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    luma = np.ascontiguousarray(ycc[..., 0])
    exact = luma.astype(np.float32)
    fine = exact - cv2.GaussianBlur(exact, (0, 0), sigma)
    quiet = 1.2 * noise_level(picture) + 0.4
    # Soft threshold: what is smaller than noise stays as it is.
    fine = np.sign(fine) * np.maximum(np.abs(fine) - quiet, 0)
    square = np.ones((3, 3), np.uint8)
    ceiling = cv2.dilate(luma, square).astype(np.float32) + 10 * amount
    floor = cv2.erode(luma, square).astype(np.float32) - 10 * amount
    crisp = np.clip(exact + 1.6 * amount * fine, floor, ceiling)
    ycc[..., 0] = np.asarray(np.clip(crisp + 0.5, 0, 255), np.uint8)
    return np.asarray(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB), np.uint8)


def dehazed(picture: ByteArray, amount: float) -> ByteArray:
    """Haze taken off by the dark channel (He, Sun and Tang 2009). amount: 0 to 1."""
    exact = picture.astype(np.float32) / 255
    height, width = exact.shape[:2]
    radius = max(3, round(min(height, width) / 50))
    dark = cv2.erode(exact.min(axis=2), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    air = float(np.percentile(exact.max(axis=2)[dark >= np.percentile(dark, 99)], 50))
    grey = cv2.cvtColor(exact, cv2.COLOR_RGB2GRAY)
    thickness = guided(np.asarray(dark / max(0.3, air), np.float32), grey, radius * 3, 1e-3)
    through = np.clip(1 - 0.85 * amount * thickness, 0.25, 1)[..., None]
    clear = (exact - air) / through + air
    return np.asarray(np.clip(clear * 255 + 0.5, 0, 255), np.uint8)


def damage(picture: ByteArray) -> ByteArray:
    """Where scratches and dust are, (h, w) 0 or 255: thin marks far lighter or darker than around.

    A line must be long, thin and straight, a speck small and alone on something smooth; what there
    is more of than damage would be is part of the picture.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    if min(height, width) < 24:
        return np.zeros_like(grey)
    reach = max(5, round(min(height, width) / 45)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    sigma = noise_level(picture)
    light, dark = (
        cv2.morphologyEx(grey, operation, kernel)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)
    )
    found = np.zeros_like(grey)
    # What has light and dark marks side by side is drawn that way: eyes, letters, leaves.
    limit = 24 + 4 * sigma
    crowd = _crowded(light, dark, limit, reach)
    # Where emulsion is gone a print is white, dirt on it is black; gray lines are in the scene.
    white, black = np.percentile(grey, 95), np.percentile(grey, 3)
    for marks, extreme in ((light, grey >= white), (dark, grey <= black)):
        seen = np.where(extreme, marks, 0).astype(np.uint8)
        found |= _scratches(seen, reach, sigma)
        found |= _specks(np.asarray((seen > limit) * 255, np.uint8), crowd, reach)
    if float((found > 0).mean()) > MOST_DAMAGE:
        return np.zeros_like(grey)
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), np.uint8)


def _crowded(light: ByteArray, dark: ByteArray, limit: float, reach: int) -> FloatArray:
    """The share of marks around each pixel, 0 to 1; dark ones count most beside light ones."""
    side = (8 * reach + 1, 8 * reach + 1)
    shares = [
        cv2.blur(np.asarray(marks > 0.8 * limit, np.float32), side) for marks in (light, dark)
    ]
    return np.asarray(shares[0] + shares[1] + 6 * np.minimum(*shares), np.float32)


def _scratches(marks: ByteArray, reach: int, sigma: float) -> ByteArray:
    """Long thin straight marks: those that stay when averaged along a line in some direction."""
    height, width = marks.shape
    length = max(11, round(min(height, width) / 9)) | 1
    exact = np.minimum(marks, 120).astype(np.float32)
    best = np.zeros((height, width), np.float32)
    for angle in np.linspace(0, 180, 24, endpoint=False):
        line = _line_kernel(length, float(angle))
        best = np.maximum(best, cv2.filter2D(exact, -1, line))
    limit = 14 + 2.2 * sigma
    seed = np.asarray((best > limit) & (marks > np.maximum(0.5 * limit, 0.45 * best)), np.uint8)
    seed = cv2.morphologyEx(seed, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seed, connectivity=8)
    keep = np.zeros(count, np.uint8)
    for index in range(1, count):
        x, y, columns, rows, area = (int(v) for v in stats[index])
        long = float(np.hypot(columns, rows))
        if long < length or area / long > 0.3 * reach + 1.5:
            continue
        piece = np.asarray(labels[y : y + rows, x : x + columns] == index, np.uint8)
        keep[index] = 255 if _straight(piece, long) else 0
    return np.asarray(keep[labels], np.uint8)


def _line_kernel(length: int, degrees: float) -> FloatArray:
    """A line through the middle of a square of that side, summing to 1."""
    kernel = np.zeros((length, length), np.float32)
    half = (length - 1) / 2
    x, y = np.cos(np.radians(degrees)) * half, np.sin(np.radians(degrees)) * half
    start = (round((half - x) * 16), round((half - y) * 16))
    end = (round((half + x) * 16), round((half + y) * 16))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _straight(piece: ByteArray, length: float) -> bool:
    """Whether the piece hugs one line: outlines of things wander, scratches hardly do."""
    y, x = np.nonzero(piece)
    points = np.stack([x, y]).astype(np.float64)
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(points)).clip(0))
    return bool(spread[0] < 0.025 * length + 0.8)


def _specks(mask: ByteArray, crowd: FloatArray, reach: int) -> ByteArray:
    """Small pieces with hardly any others near."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = np.zeros(count, np.uint8)
    window = (8 * reach + 1) ** 2
    for index in range(1, count):
        width, height, area = (int(v) for v in stats[index][2:5])
        x, y = (round(float(v)) for v in centres[index])
        small = max(width, height) <= reach and area >= 2
        alone = crowd[y, x] * window < 1.9 * area + 0.018 * window
        keep[index] = 255 if small and alone else 0
    return np.asarray(keep[labels], np.uint8)


def filled(picture: ByteArray, mask: ByteArray) -> ByteArray:
    """What lies under the mask (0 or 255) drawn again from its surroundings, with their grain."""
    if not mask.any():
        return picture
    height, width = picture.shape[:2]
    mended = cv2.inpaint(picture, mask, max(3.0, min(height, width) / 200), cv2.INPAINT_TELEA)
    sigma = noise_level(picture)
    if sigma > 1:
        rng = np.random.default_rng(height * 8191 + width)
        grain = blur(rng.normal(0, sigma * 1.2, (height, width, 1)).astype(np.float32), 0.5)
        grain = grain.reshape(height, width, 1)
        noisy = np.clip(mended + grain, 0, 255)
        mended = np.where(mask[..., None] > 0, noisy, mended)
    return np.asarray(mended, np.uint8)
