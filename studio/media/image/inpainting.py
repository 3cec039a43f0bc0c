"""Taking things out of a picture and drawing again what was behind them.

The hole is covered with pieces of the picture itself, moved as a whole (a shift map, Pritch and
others 2009, chosen greedily), and their light is bent to what surrounds the hole.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from studio.media.image.resizing import resized
from studio.media.raster import ByteArray, FloatArray, blur, smoothstep

Bools = npt.NDArray[np.bool_]
# The longer side of the picture in which pieces are looked for.
LOOKED_FOR_IN = 224
# How many pieces cover a hole, and what a piece must cover of what is left.
PIECES = 5
LEAST = 0.06
# Beyond it unlike is unlike: one bright window decides nothing. Squared steps, three channels.
MOST_UNLIKE = 5000.0
# Up to about so many steps a difference is one of light.
UNLIKE = 28.0


def removed(picture: ByteArray, mask: FloatArray) -> ByteArray:
    """What a mask, (h, w) 0 to 1, covers painted over with what fits around it; (h, w, 3) RGB."""
    height, width = picture.shape[:2]
    reach = max(3, round(min(height, width) / 110))
    hole = cv2.dilate(np.asarray(mask > 0.1, np.uint8), np.ones((reach, reach), np.uint8))
    if not hole.any() or hole.all():
        return picture
    factor = min(1.0, LOOKED_FOR_IN / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small_hole = np.asarray(
        cv2.resize(hole * 255, size, interpolation=cv2.INTER_AREA) > 2, np.bool_
    )
    rough = _rough(picture, small, small_hole)
    drawn = _in_pieces(picture, hole, small, small_hole, rough)
    calm = cv2.resize(_calm(small, small_hole), (1, height))[:, :, None]
    drawn = drawn + (rough - drawn) * calm
    share = np.clip(blur(hole.astype(np.float32), reach * 0.6) * 1.6, 0, 1)[..., None]
    share = np.maximum(share, hole[..., None].astype(np.float32))
    mixed = picture + (drawn - picture) * share
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _in_pieces(
    picture: ByteArray, hole: ByteArray, small: ByteArray, small_hole: Bools, drawn: FloatArray
) -> FloatArray:
    """`drawn` with the hole covered by moved pieces, each where it has something to show."""
    height, width = hole.shape
    rows, columns = small_hole.shape
    # What is left of the hole at both sizes; pieces are chosen small and laid at full size.
    left, large_left = small_hole.copy(), hole.copy()
    known = small.astype(np.float32)
    for _ in range(PIECES):
        offset = _best_offset(known, left, small_hole)
        if offset is None:
            break
        piece, valid = _moved(known, small_hole, offset)
        covered = left & valid
        light = _light_between(known - piece, left, valid)
        full = (round(offset[0] * height / rows), round(offset[1] * width / columns))
        large_piece, large_valid = _moved(picture.astype(np.float32), hole > 0, full)
        part = (large_left > 0) & large_valid
        bent = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
        drawn = np.where(part[..., None], large_piece + bent, drawn)
        known = np.where(covered[..., None], piece + light, known)
        left, large_left = left & ~covered, np.asarray((large_left > 0) & ~part, np.uint8)
        if not left.any():
            break
    return drawn


def _rough(picture: ByteArray, small: ByteArray, hole: Bools) -> FloatArray:
    """Smooth colors; rows of a wide hole continue what lies left and right: skies run across."""
    height, width = picture.shape[:2]
    painted = cv2.inpaint(small, np.asarray(hole, np.uint8) * 255, 5, cv2.INPAINT_TELEA)
    out = painted.astype(np.float32)
    for row in np.flatnonzero(hole.any(axis=1)):
        columns = np.flatnonzero(hole[row])
        first, last = int(columns[0]), int(columns[-1])
        if first < 3 or last > hole.shape[1] - 4:
            continue
        left = out[row, max(0, first - 6) : first].mean(axis=0)
        right = out[row, last + 1 : last + 7].mean(axis=0)
        ramp = np.linspace(0, 1, last - first + 1, dtype=np.float32)[:, None]
        inside = hole[row, first : last + 1, None]
        part = out[row, first : last + 1]
        across = 0.35 * part + 0.65 * (left + (right - left) * ramp)
        out[row, first : last + 1] = np.where(inside, across, part)
    soft = np.where(hole[..., None], cv2.GaussianBlur(out, (0, 0), 1.2), out)
    return resized(np.asarray(soft + 0.5, np.uint8), width, height).astype(np.float32)


def _calm(small: ByteArray, hole: Bools) -> FloatArray:
    """For each row how smooth what is beside the hole there is, 0 to 1, (rows, 1)."""
    exact = small.astype(np.float32)
    detail = np.abs(exact - blur(exact, 3)).max(axis=2)
    wide = np.ones((1, 31), np.uint8)
    # Next to the hole the blur has something of it.
    near = cv2.dilate(hole.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    beside = (cv2.dilate(near.astype(np.uint8), wide) > 0) & ~near
    # As restless as the more restless rows near it.
    total = np.array([
        np.quantile(values[held], 0.9) if held.any() else 99.0
        for values, held in zip(detail, beside, strict=True)
    ], np.float32)  # fmt: skip
    rows = cv2.dilate(total[:, None], np.ones((7, 1), np.uint8))
    return smoothstep(9, 4, blur(rows, 2.0).reshape(-1, 1))


def _best_offset(known: FloatArray, left: Bools, hole: Bools) -> tuple[int, int] | None:
    """Rows and columns from where what is left of the hole is best taken; None when nowhere.

    The surroundings of the hole must look like those of the source, most of it must be open, and
    it should be near, at the same height: skies and floors run across.
    """
    rows, columns = left.shape
    ring = cv2.dilate(left.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    y, x = np.nonzero(ring & ~left)
    inner_y, inner_x = np.nonzero(left)
    if not y.size or not inner_y.size:
        return None
    # Some hundred places say as much as thousands.
    every, each = max(1, y.size // 300), max(1, inner_y.size // 400)
    y, x, inner_y, inner_x = y[::every], x[::every], inner_y[::each], inner_x[::each]
    best, best_cost = None, np.inf
    deep = max(2, rows // 16)
    for down in range(-deep, deep + 1, 2 if deep < 8 else 3):
        for across in range(-columns + 4, columns - 3, 2):
            if abs(across) < 4 and abs(down) < 4:
                continue
            open_ = _open_at(hole, inner_y + down, inner_x + across)
            share = float(open_.mean())
            if share < LEAST:
                continue
            seen = _open_at(hole, y + down, x + across)
            if seen.mean() < 0.4:
                continue
            own, other = known[y[seen], x[seen]], known[y[seen] + down, x[seen] + across]
            unlike = np.minimum(np.square(own - other).sum(axis=1), MOST_UNLIKE).mean()
            away = 1 + 0.25 * abs(across) / columns + 14.0 * abs(down) / rows
            cost = (unlike + 60) * away / share**1.5
            if cost < best_cost:
                best, best_cost = (down, across), cost
    return best


def _open_at(hole: Bools, y: npt.NDArray[np.int64], x: npt.NDArray[np.int64]) -> Bools:
    rows, columns = hole.shape
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    return inside & ~hole[np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)]


def _moved(picture: FloatArray, hole: Bools, offset: tuple[int, int]) -> tuple[FloatArray, Bools]:
    """The picture taken from so many rows and columns further, and where that shows no hole."""
    height, width = hole.shape
    matrix = np.array([[1, 0, offset[1]], [0, 1, offset[0]]], np.float32)
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(picture, matrix, (width, height), flags=how)
    closed = cv2.warpAffine(
        hole.astype(np.uint8), matrix, (width, height), flags=how, borderValue=1
    )
    return np.asarray(moved, np.float32), np.asarray(closed == 0, np.bool_)


def _light_between(unlike: FloatArray, left: Bools, valid: Bools) -> FloatArray:
    """How much lighter or darker a piece must be to meet what is around: far inside hardly less.

    Known at the rim alone and spread from there, wider and wider.
    """
    rim = cv2.dilate(left.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    apart = np.linalg.norm(unlike, axis=2)
    # Where other things meet, their difference is no light: a dark tree beside a pale sky.
    weight = np.asarray((rim & ~left & valid) / (1 + (apart / UNLIKE) ** 4), np.float32)
    total = np.zeros_like(unlike)
    shares = np.full_like(weight, 1e-7)
    limited = unlike * weight[..., None]
    for sigma, trust in ((3.0, 1.0), (8.0, 0.08), (20.0, 0.006), (60.0, 0.0004)):
        total += trust * blur(limited, sigma)
        shares += trust * blur(weight, sigma)
    return np.asarray(total / shares[..., None], np.float32)
