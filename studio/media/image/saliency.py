"""What speaks for a place in a picture being its subject: colors, edges, where things stand.

Masks are (h, w) float32, 0 to 1; pictures (h, w, 3) RGB uint8, small ones: see `cutting.cut_size`.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.raster import ByteArray, FloatArray

SMALLEST_SHARE = 0.004
LARGEST_SHARE = 0.9
# Slopes in Lab units a pixel: what shading and grain reach, and a way over so many is a wall.
CALM = 1.5
WALL = 16.0
# The same after a blur in which glitter and leaves run together.
SOFT = 2.5
SOFT_WALL = 7.0
# So far from the colors at its height along both sides a pixel is surely something else.
FOREIGN = 22.0


def lab_of(image: npt.NDArray[Any]) -> FloatArray:
    """CIE Lab, L 0 to 100, of RGB 0 to 255: distances are about as large as they look."""
    return np.asarray(
        cv2.cvtColor(image[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32
    )


def clusters(samples: FloatArray, count: int) -> FloatArray:
    """Centres of the samples, (at most count, channels); the same for the same samples."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    samples = np.ascontiguousarray(samples[:: max(1, len(samples) // 4000)], np.float32)
    # Of one flat color there are no several centres.
    different = np.unique(samples[:64].round(1), axis=0)
    if len(different) < count:
        different = np.unique(samples.round(1), axis=0)
    count = max(1, min(count, len(different)))
    if count == 1:
        return samples.mean(axis=0, keepdims=True)
    _, _, centres = cv2.kmeans(
        samples, count, np.zeros((0,), np.int32), stop, 2, cv2.KMEANS_PP_CENTERS
    )
    return np.asarray(centres, np.float32)


def unlike_border(image: ByteArray) -> FloatArray:
    """How far each pixel's color is from all the colors along the top and the sides; 0 to 1."""
    height, width = image.shape[:2]
    lab = lab_of(image)
    lab = cv2.GaussianBlur(lab, (0, 0), max(0.8, min(height, width) / 150))
    edge = max(1, min(height, width) // 40)
    rim = np.concatenate(
        [
            lab[:edge].reshape(-1, 3),
            lab[:, :edge].reshape(-1, 3),
            lab[:, -edge:].reshape(-1, 3),
        ]
    )
    centres = clusters(rim, min(6, len(rim)))
    distance = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)
    return np.asarray(np.clip(distance / max(12.0, float(distance.max())), 0, 1), np.float32)


def slope_of(lab: FloatArray) -> FloatArray:
    """The steepest change of any channel, in Lab units a pixel."""
    slope = np.zeros(lab.shape[:2], np.float32)
    for channel in range(3):
        plane = lab[..., channel]
        across, down = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
        slope = np.maximum(slope, np.hypot(across, down) / 8)
    return np.asarray(slope, np.float32)


def standing_out(image: ByteArray) -> tuple[FloatArray, FloatArray]:
    """Two maps, 0 to 1, of what is walled off from the border and foreign to its height.

    The first keeps thin parts, the second leaves out glitter. A sunset's glow and hills that reach
    both sides are in neither.
    """
    foreign = np.minimum(1, _foreign(image) / FOREIGN)
    fine = np.sqrt(np.minimum(1, _walled(image) / WALL) * foreign)
    soft = cv2.GaussianBlur(image, (0, 0), SOFT)
    coarse = np.sqrt(np.minimum(1, _walled(soft, wider=False) / SOFT_WALL) * foreign)
    return np.asarray(fine, np.float32), np.asarray((fine + coarse) / 2, np.float32)


def _walled(image: ByteArray, *, wider: bool = True) -> FloatArray:
    """How much must be climbed on the easiest way in from the top or the sides.

    wider: edges are made broader, so that gaps of a pixel in them are no doors.
    """
    slope = slope_of(lab_of(cv2.bilateralFilter(image, 7, 30, 5)))
    if wider:
        slope = np.asarray(cv2.dilate(slope, np.ones((3, 3), np.uint8)), np.float32)
    start = np.full(slope.shape, np.float32(1e6))
    # At the bottom subjects often leave the picture.
    start[:2] = start[:, :2] = start[:, -2:] = 0
    return _easiest(np.maximum(0, slope - CALM), start)


def _easiest(cost: FloatArray, start: FloatArray) -> FloatArray:
    """Geodesic distances by sweeps: of all ways along a row, one running minimum is the best."""
    reached = start
    for _ in range(6):
        before = reached
        for axis in (0, 1):
            for turn in (False, True):
                way, step = (
                    (np.flip(reached, axis), np.flip(cost, axis)) if turn else (reached, cost)
                )
                climbed = np.cumsum(step, axis=axis)
                found = climbed + np.minimum.accumulate(way - climbed, axis=axis)
                reached = np.minimum(reached, np.flip(found, axis) if turn else found)
        if float(np.abs(before - reached).max()) < 1e-3:
            break
    return np.asarray(reached, np.float32)


def _foreign(image: ByteArray) -> FloatArray:
    """How far each pixel's color is from those at about its height along both sides, in Lab."""
    lab = cv2.GaussianBlur(lab_of(image), (0, 0), 1.5)
    height, width = lab.shape[:2]
    edge, step, reach = max(1, width // 24), max(2, height // 36), max(3, height // 9) // 2
    away = np.empty((height, width), np.float32)
    for top in range(0, height, step):
        rows = slice(max(0, top - reach), top + step + reach)
        sides = np.concatenate([lab[rows, :edge].reshape(-1, 3), lab[rows, -edge:].reshape(-1, 3)])
        here = lab[top : top + step]
        away[top : top + step] = np.min(
            [np.linalg.norm(here - centre, axis=2) for centre in clusters(sides, 8)], axis=0
        )
    return away


def centred(shape: tuple[int, ...]) -> FloatArray:
    """1 where subjects usually are, a little below the middle, less towards the corners."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    return np.asarray(np.exp(-0.7 * (x**2 + (0.8 * y - 0.1) ** 2)), np.float32)


def separation(image: ByteArray, mask: FloatArray) -> float:
    """How unlike a selection is to the ring around it, 0 to 1."""
    held = np.asarray(mask > 0.5, np.uint8)
    reach = max(3, round(0.06 * max(mask.shape)) | 1)
    ring = cv2.dilate(held, np.ones((reach, reach), np.uint8)) - held
    lab = lab_of(image)
    inside, around = lab[held > 0], lab[ring > 0]
    if len(inside) < 4 or len(around) < 4:
        return 0.0
    inner, outer = clusters(inside, 4), clusters(around, 4)
    # A tip cut off and left in the ring is no surrounding.
    outer = outer[_shares(around, outer) > 0.12]
    # Each color inside against the nearest outside: a subject of many colors is still one.
    away = np.linalg.norm(inner[:, None] - outer[None], axis=2).min(axis=1)
    shares = _shares(inside, inner)
    return float(1 - np.exp(-float((away * shares).sum()) / 14))


def _shares(samples: FloatArray, centres: FloatArray) -> FloatArray:
    """How many of the samples are nearest to each center, as shares."""
    some = samples[:: max(1, len(samples) // 2000)]
    nearest = np.linalg.norm(some[:, None] - centres[None], axis=2).argmin(axis=1)
    return np.asarray(np.bincount(nearest, minlength=len(centres)) / len(some), np.float32)


def edge_share(image: ByteArray, mask: FloatArray) -> float:
    """How much of a selection's outline runs along an edge of the picture, 0 to 1."""
    held = np.asarray(mask > 0.5, np.uint8)
    outline = cv2.morphologyEx(held, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    outline[[0, -1]] = False
    outline[:, [0, -1]] = False
    if not outline.any():
        return 0.0
    return float((slope_of(lab_of(image))[outline] > 3).mean())


def sensible(mask: FloatArray) -> float:
    """1 for what could be a subject, less for specks and for nearly everything."""
    area = float(mask.mean())
    if area < SMALLEST_SHARE or area > LARGEST_SHARE:
        return 0.1
    held = mask > 0.5
    rim = np.concatenate([held[0], held[:, 0], held[:, -1]])
    # A thing seen from here to there along three edges is the place, not something in it.
    return float(np.clip(1.25 - 1.6 * rim.mean(), 0.1, 1.0))


def roundness(mask: FloatArray) -> float:
    """4π × area / outline², 1 for a circle and less the more ragged a selection is."""
    outlines, _ = cv2.findContours(
        np.asarray(mask > 0.5, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    length = sum(cv2.arcLength(outline, True) for outline in outlines)
    area = sum(cv2.contourArea(outline) for outline in outlines)
    return float(4 * np.pi * area / max(1.0, length**2))
