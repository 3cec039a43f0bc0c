"""What can be measured in a picture without understanding it. Pictures are (h, w, 3) RGB uint8."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from studio.media.image.resizing import no_larger
from studio.media.image.saliency import lab_of
from studio.media.raster import ByteArray, FloatArray

# What pictures are looked at in: finer than this, sharpness and noise are still those of the file.
LOOK_SIDE = 1600
# The blur put on top to see how much is there already, in pixels.
TRIAL_BLUR = 2.0
BLURRED_PX = 1.5
NOISY = 4.0


def brightness(picture: ByteArray) -> dict[str, Any]:
    """mean: luma 0 to 255; shadows and highlights: shares that are lost in black and in white."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    mean = float(grey.mean())
    shadows, highlights = float((grey <= 4).mean()), float((grey >= 251).mean())
    word = "dark" if mean < 70 else "bright" if mean > 175 else "balanced"
    return {
        "mean": round(mean, 1),
        "shadows": round(shadows, 4),
        "highlights": round(highlights, 4),
        "word": word,
    }


def contrast(picture: ByteArray) -> dict[str, Any]:
    """rms: standard deviation of the luma; low, high: what 98 % of the picture lies between."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    low, high = (float(value) for value in np.percentile(grey, (1, 99)))
    rms = float(grey.std())
    word = "low" if rms < 28 else "high" if rms > 68 else "medium"
    return {"rms": round(rms, 1), "low": round(low), "high": round(high), "word": word}


def colourfulness(picture: ByteArray) -> dict[str, Any]:
    """saturation: mean chroma in Lab; warmth: mean of yellow against blue; word for both."""
    lab = lab_of(no_larger(picture, LOOK_SIDE))
    chroma = float(np.hypot(lab[..., 1], lab[..., 2]).mean())
    warmth = float(lab[..., 2].mean())
    word = "colorless" if chroma < 3 else "muted" if chroma < 16 else "colorful"
    if chroma >= 3:
        word += ", warm" if warmth > 6 else ", cool" if warmth < -6 else ""
    return {"saturation": round(chroma, 1), "warmth": round(warmth, 1), "word": word}


def sharpness(picture: ByteArray) -> dict[str, Any]:
    """blur_px: how far the sharpest edges are spread, as a Gaussian's sigma in pixels.

    From how much more blur changes them (Zhuo and Sim 2011); None where there are no edges.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    # The finest noise would pass for sharpness.
    level = noise_level(picture)
    slope = _slope(grey)
    threshold = max(2.5 + 3.5 * level, float(np.quantile(slope, 0.97)))
    edges = slope >= threshold
    edges[[0, -1]] = False
    edges[:, [0, -1]] = False
    if edges.sum() < 20:
        return {"blur_px": None, "word": "without edges"}
    again = _slope(cv2.GaussianBlur(grey, (0, 0), TRIAL_BLUR))
    ratio = float(np.median(slope[edges] / np.maximum(again[edges], 1e-3)))
    blur = float(np.clip(TRIAL_BLUR / np.sqrt(max(ratio**2 - 1, 1e-4)), 0, 99))
    # A Sobel slope sees even a perfect step as spread over a good half pixel.
    blur = float(np.sqrt(max(0.0, blur**2 - 0.6)))
    word = "sharp" if blur < BLURRED_PX else "soft" if blur < 2 * BLURRED_PX else "blurred"
    return {"blur_px": round(blur, 2), "word": word}


def noise(picture: ByteArray) -> dict[str, Any]:
    """sigma: spread of the fine grain in 8-bit steps."""
    level = noise_level(picture)
    word = "clean" if level < NOISY / 2 else "slightly grainy" if level < NOISY else "noisy"
    return {"sigma": round(level, 2), "word": word}


def noise_level(picture: ByteArray) -> float:
    """Immerkær's estimate (1996), over the calmer half of the picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rest = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))
    activity = cv2.blur(_slope(cv2.GaussianBlur(grey, (0, 0), 1.5)), (7, 7))
    calm = activity <= np.median(activity)
    return float(np.sqrt(np.pi / 2) / 6 * rest[calm].mean())


def text_lines(picture: ByteArray) -> list[list[float]]:
    """Boxes (left, top, right, bottom, as shares) of rows of small strokes of one height."""
    small = no_larger(picture, 960)
    height, width = small.shape[:2]
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    strokes = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    level = max(40.0, float(cv2.threshold(strokes, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]))
    edges = np.asarray(strokes > level, np.uint8)
    joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((1, max(5, width // 60)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for part in range(1, count):
        left, top, wide, tall, _area = (int(value) for value in stats[part])
        if not (6 <= tall <= height // 4 and wide > 2.2 * tall):
            continue
        window = np.s_[top : top + tall, left : left + wide]
        inside = edges[window] * np.asarray(labels[window] == part, np.uint8)
        filled = float(inside.mean())
        # Letters change from stroke to gap again and again along their row, but not evenly, as
        # windows and bars do.
        runs = np.diff(np.flatnonzero(np.diff(inside[tall // 2].astype(np.int8))))
        if len(runs) < 8 or runs.std() < 0.42 * runs.mean():
            continue
        changes = len(runs) / (wide / tall)
        if _paned(grey[window]):
            continue
        if 0.2 < filled < 0.85 and changes > 2.2 and inside.any(axis=1).mean() > 0.8:
            found.append(
                [
                    round(left / width, 3),
                    round(top / height, 3),
                    round((left + wide) / width, 3),
                    round((top + tall) / height, 3),
                ]
            )
    return found


def _paned(row: ByteArray) -> bool:
    """Whether a row is mostly of panes: solid rectangles neither as thin as an I nor long as a bar.

    Lit windows are; letters have bows, gaps and slants.
    """
    large = cv2.resize(row, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    _, bright = cv2.threshold(large, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for held in (bright, 1 - bright):
        count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(held, np.uint8))
        # The ground between them is one large piece along the whole row.
        parts = [one for one in stats[1:count] if one[4] > 12 and one[2] < 0.6 * large.shape[1]]
        panes = [one for one in parts if one[4] > 0.84 * one[2] * one[3]]
        squarish = [one for one in panes if 0.3 < one[2] / one[3] < 4]
        if len(parts) >= 2 and len(squarish) > 0.55 * len(parts):
            return True
    return False


def symmetry(picture: ByteArray) -> float:
    """How alike the left half and the mirrored right half are, -1 to 1."""
    small = cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey -= grey.mean()
    return float((grey * grey[:, ::-1]).sum() / max(1e-6, float((grey**2).sum())))


def _slope(grey: FloatArray) -> FloatArray:
    return np.asarray(
        np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4,
        np.float32,
    )
