"""Turning, cutting, extending and framing pictures, (h, w, 3 or 4) uint8."""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.resizing import on_colours
from studio.media.raster import ByteArray, Colour, FloatArray, Frame, blur

SMALLEST_CROP = 8


def flipped(picture: ByteArray, upright: bool) -> ByteArray:
    return np.ascontiguousarray(picture[::-1] if upright else picture[:, ::-1])


def rotated(picture: ByteArray, degrees: float) -> ByteArray:
    """Turned counter-clockwise. Quarter turns keep every pixel; others are cut to stay filled."""
    quarters = degrees / 90
    if quarters == round(quarters):
        return np.ascontiguousarray(np.rot90(picture, round(quarters) % 4))
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turned = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    inner_width, inner_height = _largest_upright(width, height, abs(np.radians(degrees)))
    x, y = (width - inner_width) // 2, (height - inner_height) // 2
    return np.ascontiguousarray(turned[y : y + inner_height, x : x + inner_width])


def _largest_upright(width: int, height: int, angle: float) -> tuple[int, int]:
    """Width and height of the largest rectangle without empty corners in a turned one."""
    sine, cosine = abs(np.sin(angle)), abs(np.cos(angle))
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        half = 0.5 * short
        sides = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        spread = cosine**2 - sine**2
        sides = (
            (width * cosine - height * sine) / spread,
            (height * cosine - width * sine) / spread,
        )
    return max(1, min(width, int(sides[0]))), max(1, min(height, int(sides[1])))


def tilt_of(picture: ByteArray) -> float:
    """How far the picture's horizon or uprights lean, degrees counter-clockwise; 0 when unsure."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    factor = min(1.0, 800 / max(grey.shape))
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.GaussianBlur(small, (0, 0), 1.2), 40, 120)
    lines = cv2.HoughLinesP(
        edges, 1, np.pi / 720, 50, minLineLength=max(small.shape) // 7, maxLineGap=6
    )
    if lines is None:
        return 0.0
    votes: list[tuple[float, float]] = []
    for x0, y0, x1, y1 in lines.reshape(-1, 4):
        angle = float(np.degrees(np.arctan2(-(y1 - y0), x1 - x0)))
        lean = (angle + 45) % 90 - 45
        if abs(lean) < 15:
            # Level lines say more than uprights: those converge.
            level = abs((angle + 90) % 180 - 90) < 45
            votes.append((lean, float(np.hypot(x1 - x0, y1 - y0)) * (2 if level else 1)))
    if not votes:
        return 0.0
    leans, weights = np.array([v[0] for v in votes]), np.array([v[1] for v in votes])
    support = [weights[np.abs(leans - lean) < 0.6].sum() for lean in leans]
    near = np.abs(leans - leans[int(np.argmax(support))]) < 0.6
    return float(np.average(leans[near], weights=weights[near]))


def cropped_to_shape(
    picture: ByteArray, ratio: float, centre: tuple[float, float] = (0.5, 0.5)
) -> ByteArray:
    """The largest part of that width to height, about a place given in shares of the picture."""
    height, width = picture.shape[:2]
    inner = (
        (max(1, round(height * ratio)), height)
        if width / height > ratio
        else (width, max(1, round(width / ratio)))
    )
    return _window(picture, centre, inner)


def cropped_around(
    picture: ByteArray, box: tuple[float, float, float, float], room: float
) -> ByteArray:
    """Cut about a box of shares, with `room` of its size around it, in the picture's shape."""
    height, width = picture.shape[:2]
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    share = max(box[2] - box[0], box[3] - box[1]) * (1 + room)
    share = float(np.clip(share, 0.15, 1))
    return _window(picture, centre, (round(width * share), round(height * share)))


def cropped_tighter(picture: ByteArray, amount: float) -> ByteArray:
    height, width = picture.shape[:2]
    share = 1 - 0.28 * amount
    return _window(picture, (0.5, 0.5), (round(width * share), round(height * share)))


def _window(picture: ByteArray, centre: tuple[float, float], size: tuple[int, int]) -> ByteArray:
    height, width = picture.shape[:2]
    inner_width = min(width, max(min(SMALLEST_CROP, width), size[0]))
    inner_height = min(height, max(min(SMALLEST_CROP, height), size[1]))
    x = int(np.clip(round(centre[0] * width - inner_width / 2), 0, width - inner_width))
    y = int(np.clip(round(centre[1] * height - inner_height / 2), 0, height - inner_height))
    return np.ascontiguousarray(picture[y : y + inner_height, x : x + inner_width])


def extended(picture: ByteArray, left: int, top: int, right: int, bottom: int) -> ByteArray:
    """More picture on each side, in pixels: mirrored outwards, and softer the farther out."""
    height, width = picture.shape[:2]
    if not (left or top or right or bottom):
        return picture
    # Reflecting by more than the picture's own size goes back and forth, as OpenCV does it.
    grown = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REFLECT)
    rows, columns = grown.shape[:2]
    x = np.maximum(left - np.arange(columns), np.arange(columns) - (left + width - 1))
    y = np.maximum(top - np.arange(rows), np.arange(rows) - (top + height - 1))
    outside = np.maximum(np.maximum(x[None, :], y[:, None]), 0).astype(np.float32)
    reach = min(height, width)
    soft = on_colours(grown, lambda rgb: np.asarray(blur(rgb, reach / 30), np.uint8))
    share = np.clip(outside / (reach * 0.12), 0, 1)[..., None]
    mixed = grown + (soft.astype(np.float32) - grown) * share
    return np.asarray(mixed + 0.5, np.uint8)


def bordered(picture: ByteArray, colour: Colour, amount: float, *, polaroid: bool) -> ByteArray:
    """A frame around the picture; of a polaroid it is white and deeper below."""
    height, width = picture.shape[:2]
    side = max(2, round(min(height, width) * 0.045 * amount))
    below = side * 4 if polaroid else side
    framed = cv2.copyMakeBorder(picture, side, below, side, side, cv2.BORDER_CONSTANT, value=0)
    outside = np.ones(framed.shape[:2], bool)
    outside[side : side + height, side : side + width] = False
    framed[outside] = [round(c * 255) for c in colour] + [255] * (picture.shape[2] - 3)
    return np.asarray(framed, np.uint8)


def cut_to(picture: ByteArray, shape: str) -> ByteArray:
    """A circle, or rounded corners, with transparency outside."""
    if shape == "circle":
        picture = cropped_to_shape(picture, 1.0)
    height, width = picture.shape[:2]
    radius = min(height, width) * (0.5 if shape == "circle" else 0.09)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.maximum(np.abs(x - (width - 1) / 2) - (width / 2 - radius), 0)
    down = np.maximum(np.abs(y - (height - 1) / 2) - (height / 2 - radius), 0)
    return with_alpha(picture, np.clip(radius - np.hypot(across, down) + 0.5, 0, 1))


def with_alpha(picture: ByteArray, share: FloatArray) -> ByteArray:
    """The picture as visible as `share` (h, w), 0 to 1, says, and no more than it was."""
    before = picture[..., 3] / 255 if picture.shape[2] == 4 else 1.0
    alpha = np.asarray(before * share * 255 + 0.5, np.uint8)
    return np.dstack([picture[..., :3], alpha])


def widen_canvas(frame: Frame, canvas: tuple[int, int], place: tuple[int, int]) -> Frame:
    """The picture on a larger canvas, mirrored outwards and softer the farther out."""
    left, top = place
    height, width = frame.shape[:2]
    right, bottom = canvas[0] - width - left, canvas[1] - height - top
    # Reflecting by more than the picture's own size goes back and forth, which copyMakeBorder does.
    mirrored = cv2.copyMakeBorder(frame, top, bottom, left, right, cv2.BORDER_REFLECT)
    soft = cv2.GaussianBlur(
        cv2.resize(mirrored, (max(1, canvas[0] // 4), max(1, canvas[1] // 4))), (0, 0), height / 120
    )
    soft = cv2.resize(soft, canvas)
    x = np.maximum(left - np.arange(canvas[0]), np.arange(canvas[0]) - (left + width - 1))
    y = np.maximum(top - np.arange(canvas[1]), np.arange(canvas[1]) - (top + height - 1))
    outside = np.maximum(np.maximum(x[None, :], y[:, None]), 0).astype(np.float32)
    share = np.clip(outside / (height * 0.08), 0, 1)[..., None]
    grown = mirrored + (soft.astype(np.float32) - mirrored) * share
    return grown.astype(np.uint8)
