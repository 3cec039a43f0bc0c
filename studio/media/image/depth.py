"""Guessing how near the parts of a picture are, and filling in what a subject hid.

Depth is (h, w) float32, 0 far to 1 near. Pictures are (h, w, 3) RGB uint8.
"""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.grabcut import disc
from studio.media.raster import ByteArray, FloatArray, blur, guided, smoothstep

# Where the ground begins in a picture nothing is known about, from the top.
HORIZON = 0.42

DEPTH_SIDE = 512


def ground_depth(rows: FloatArray) -> FloatArray:
    """How near the ground is at rows (0 top, 1 bottom) of an ordinary picture."""
    return np.asarray(0.9 * np.clip((rows - HORIZON) / (1 - HORIZON), 0, 1), np.float32)


def background_depth(image: ByteArray) -> FloatArray:
    """Depth of a picture without its subject: ground below, far above, edges kept."""
    height, width = image.shape[:2]
    factor = min(1.0, DEPTH_SIDE / max(height, width))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    rows = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    guess = np.ascontiguousarray(np.broadcast_to(ground_depth(rows), size[::-1]), np.float32)
    near = guided(guess, small, max(3, size[0] // 26), 3e-3)
    # Thin things bent by their own depth look broken: better a little too smooth.
    smooth = blur(np.clip(near, 0, 1), size[0] / 120)
    return np.asarray(cv2.resize(smooth, (width, height)), np.float32)


def upright(depth: FloatArray, mask: FloatArray, near: float) -> FloatArray:
    """The depth with all of a subject as near as its foot, and what is around it led up to that."""
    unit = max(mask.shape)
    held = cv2.dilate(np.asarray(mask > 0.3, np.uint8), disc(0.025 * unit))
    share = np.asarray(blur(held.astype(np.float32), 0.03 * unit), np.float32)
    return np.asarray(depth + (near - depth) * share, np.float32)


def filled_in(image: ByteArray, mask: FloatArray) -> ByteArray:
    """The picture without what the mask holds, filled in from around it."""
    height, width = image.shape[:2]
    reach = max(3, round(max(height, width) / 90) | 1)
    hidden = cv2.dilate(np.asarray(mask > 0.03, np.uint8), np.ones((reach, reach), np.uint8))
    factor = min(1.0, 320 / max(height, width))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small_hidden = cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST)
    small_hidden = cv2.dilate(small_hidden, np.ones((3, 3), np.uint8))
    patch = cv2.inpaint(small, small_hidden, 4, cv2.INPAINT_TELEA)
    # Strokes of the filling run to the middle; softened they pass for out of focus.
    soft = cv2.GaussianBlur(patch, (0, 0), max(1.0, size[0] / 160))
    patch = np.where(small_hidden[..., None] > 0, soft, patch)
    large = cv2.resize(patch, (width, height), interpolation=cv2.INTER_CUBIC)
    weight = blur(np.asarray(hidden, np.float32), reach / 4)[..., None]
    return np.asarray(image * (1 - weight) + large * weight + 0.5, np.uint8)


def widened(image: ByteArray, x: int, y: int) -> ByteArray:
    """With a border of x and y pixels made of what lies inside the edge, blurring outwards."""
    grown = cv2.copyMakeBorder(image, y, y, x, x, cv2.BORDER_REFLECT_101)
    height, width = grown.shape[:2]
    across = np.abs(np.arange(width) - (width - 1) / 2) - (width / 2 - x)
    down = np.abs(np.arange(height) - (height - 1) / 2) - (height / 2 - y)
    out = np.maximum(across[None] / max(1, x), down[:, None] / max(1, y))
    share = np.asarray(smoothstep(0.0, 0.5, out), np.float32)[..., None]
    soft = blur(grown, max(height, width) / 110)
    return np.asarray(grown * (1 - share) + soft * share + 0.5, np.uint8)


def premultiplied(image: ByteArray, mask: FloatArray) -> ByteArray:
    """RGBA for `over`. image: (h, w, 3); mask: (h, w), 0 to 1."""
    alpha = np.asarray(np.clip(mask, 0, 1) * 255 + 0.5, np.uint8)
    colour = image.astype(np.float32) * (alpha.astype(np.float32) / 255)[..., None]
    return np.dstack([np.asarray(colour + 0.5, np.uint8), alpha])


def inflated(mask: FloatArray) -> FloatArray:
    """How far a subject's middle comes out towards the camera, in depth."""
    inside = cv2.distanceTransform(np.asarray(mask > 0.5, np.uint8), cv2.DIST_L2, 5)
    deepest = float(inside.max())
    if deepest <= 0:
        return np.zeros(mask.shape, np.float32)
    rounded = np.sqrt(np.clip(inside / deepest * (2 - inside / deepest), 0, 1))
    return np.asarray(0.22 * blur(rounded.astype(np.float32), deepest / 6), np.float32)


def estimate_depth(image: ByteArray) -> FloatArray:
    """How near each pixel may be, 0 to 1: low is near, what stands out is near; edges are kept."""
    height, width = image.shape[:2]
    small_size = (max(8, width // 4), max(8, height // 4))
    small = cv2.resize(image, small_size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    away = np.linalg.norm(lab - blur(lab, small_size[0] / 6), axis=2)
    salient = blur(np.asarray(away, np.float32), small_size[0] / 30)
    salient = salient / (salient.max() + 1e-6)
    rows = np.linspace(0, 1, small_size[1], dtype=np.float32)[:, None]
    guess = 0.6 * rows**1.2 + 0.4 * salient
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    smooth = guided(np.asarray(guess, np.float32), grey, max(4, small_size[0] // 28))
    return np.asarray(np.clip(cv2.resize(smooth, (width, height)), 0, 1), np.float32)
