"""Setting a title, a caption or a watermark on a picture."""

from __future__ import annotations

import cv2
import numpy as np

from studio.artist.instructions.vocabulary import PLACES
from studio.media.image.lettering import Lettering, is_whole, letter, wrap
from studio.media.raster import ByteArray, Colour, FloatArray, blur

# Height of a line as a share of the picture's shorter side, and where it goes by itself.
KINDS = {"title": (0.12, "top"), "caption": (0.06, "bottom"), "watermark": (0.04, "bottom right")}
LONGEST = 300


# Where a title or caption may go when no one says where, the usual place first.
FREE = {"title": ("top", "bottom", "left", "right"), "caption": ("bottom", "top")}
# A text that stands at a side is narrow.
BESIDE = 0.36
# Another place than the usual one must be so much calmer.
CALMER = 0.7
# The next size of a text that does not fit.
SMALLER = 0.85


def lettered(
    picture: ByteArray,
    text: str,
    *,
    kind: str = "title",
    place: str = "",
    colour: Colour | None = None,
    size: float = 1.0,
    subject: FloatArray | None = None,
) -> ByteArray:
    """The picture, (h, w, 3) RGB, with text on it, wrapped and as small as it must be to fit.

    kind: of KINDS. place: of `vocabulary.PLACES`; "" for where it covers least of the subject,
    (h, w) 0 to 1, and of what else there is to see. Without a color white or nearly black,
    whatever reads better there; a soft shadow or glow sets it off.
    """
    text = text.strip()[:LONGEST]
    options = [place] if place or kind not in FREE else FREE[kind]
    laid = [_laid(picture, text, kind, option, size) for option in options]
    found = [one for one in laid if one is not None]
    if not found:
        return picture
    chosen = found[0]
    if len(found) > 1:
        busy = _busy(picture, subject)
        loads = [_load(busy, sheet, x, y) for sheet, x, y in found]
        least = int(np.argmin(loads))
        chosen = found[least] if loads[least] < CALMER * loads[0] else found[0]
    return _inked(picture, *chosen, colour, 0.55 if kind == "watermark" else 1.0)


def _laid(
    picture: ByteArray, text: str, kind: str, place: str, size: float
) -> tuple[FloatArray, int, int] | None:
    """The text as coverage with its left and top; None when the picture has no room for it."""
    height, width = picture.shape[:2]
    share, usual = KINDS[kind]
    free = place in ("left", "right") and kind in FREE
    sheet = _sheet(text, width, height, share * size, BESIDE if free else 0.9)
    if sheet is None:
        return None
    rows, columns = sheet.shape
    across, down = PLACES[place or usual]
    pad = round(min(height, width) * 0.06)
    x = round(pad + across * max(0, width - 2 * pad - columns))
    y = round(pad + down * max(0, height - 2 * pad - rows))
    x, y = min(max(0, x), max(0, width - columns)), min(max(0, y), max(0, height - rows))
    return sheet[: height - y, : width - x], x, y


def _busy(picture: ByteArray, subject: FloatArray | None) -> FloatArray:
    """How much there is to see at each place, (h, w)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    fine = np.abs(grey - blur(grey, max(1.0, min(grey.shape) / 60)))
    return np.asarray(fine + 0.01 + (0 if subject is None else 2.0 * subject), np.float32)


def _load(busy: FloatArray, sheet: FloatArray, x: int, y: int) -> float:
    rows, columns = sheet.shape
    return float(busy[y : y + rows, x : x + columns].mean())


def _inked(
    picture: ByteArray,
    sheet: FloatArray,
    x: int,
    y: int,
    colour: Colour | None,
    strength: float,
) -> ByteArray:
    """The text in ink that reads there, with a halo."""
    height, width = picture.shape[:2]
    rows, columns = sheet.shape
    cover = np.zeros((height, width), np.float32)
    cover[y : y + rows, x : x + columns] = sheet
    behind = picture[y : y + rows, x : x + columns].mean(axis=(0, 1))
    light = float(behind @ (0.299, 0.587, 0.114)) / 255
    ink = colour or ((0.98, 0.97, 0.94) if light < 0.8 else (0.09, 0.09, 0.11))
    inkish = 0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2]
    halo = 0.0 if inkish > 0.16 else 255.0
    spread = np.clip(blur(cover, max(1.0, rows * 0.05)) * 1.5, 0, 1)[..., None] * 0.5
    under = picture + (halo - picture.astype(np.float32)) * spread * strength
    shown = under + (np.array(ink, np.float32) * 255 - under) * cover[..., None] * strength
    return np.asarray(np.clip(shown + 0.5, 0, 255), np.uint8)


def _sheet(text: str, width: int, height: int, share: float, across: float) -> FloatArray | None:
    """The text as coverage, 0 to 1; None when the picture is too small to hold any."""
    largest = size = min(height, width) * share
    while size >= 5:
        # No outline and no shadow: the halo sets it off.
        style = Lettering(size, outline=(0, 0, 0, 0), weight=500, shade=0)
        lines = wrap(text, style, width * across)
        # Smaller rather than with a word broken, and rather than over the edge.
        if is_whole(text, lines) or size < largest / 3:
            cover = letter(lines, style)[..., 3]
            left, top, columns, rows = cv2.boundingRect(cover)
            if columns <= width * across and rows <= height * 0.85:
                pad = max(2, round(size * 0.1))
                drawn = cover[top : top + rows, left : left + columns].astype(np.float32) / 255
                return np.asarray(np.pad(drawn, pad), np.float32)
        size *= SMALLER
    return None
