"""Setting a title, a caption or a watermark on a picture."""

from __future__ import annotations

import textwrap

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tools.providers.studio.pictures.phrasebook import PLACES
from tools.providers.studio.scenes.raster import ByteArray, Colour, blur

# Height of a line as a share of the picture's shorter side, and where it goes by itself.
KINDS = {"title": (0.12, "top"), "caption": (0.06, "bottom"), "watermark": (0.04, "bottom right")}
LONGEST = 300


def lettered(
    picture: ByteArray,
    text: str,
    *,
    kind: str = "title",
    place: str = "",
    colour: Colour | None = None,
    size: float = 1.0,
) -> ByteArray:
    """The picture, (h, w, 3) RGB, with text on it, wrapped and as small as it must be to fit.

    kind: of KINDS. place: of `phrasebook.PLACES`. Without a colour white or nearly black, whatever
    reads better there; a soft shadow or glow sets it off.
    """
    height, width = picture.shape[:2]
    share, usual = KINDS[kind]
    sheet = _sheet(text.strip()[:LONGEST], width, height, share * size)
    if sheet is None:
        return picture
    rows, columns = sheet.shape
    across, down = PLACES[place or usual]
    pad = round(min(height, width) * 0.06)
    x = round(pad + across * max(0, width - 2 * pad - columns))
    y = round(pad + down * max(0, height - 2 * pad - rows))
    x, y = min(max(0, x), max(0, width - columns)), min(max(0, y), max(0, height - rows))
    sheet = sheet[: height - y, : width - x]
    rows, columns = sheet.shape
    cover = np.zeros((height, width), np.float32)
    cover[y : y + rows, x : x + columns] = sheet
    behind = picture[y : y + rows, x : x + columns].mean(axis=(0, 1))
    light = float(behind @ (0.299, 0.587, 0.114)) / 255
    ink = colour or ((0.98, 0.97, 0.94) if light < 0.8 else (0.09, 0.09, 0.11))
    inkish = 0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2]
    halo = 0.0 if inkish > 0.16 else 255.0
    spread = np.clip(blur(cover, max(1.0, rows * 0.05)) * 1.5, 0, 1)[..., None] * 0.5
    strength = 0.55 if kind == "watermark" else 1.0
    under = picture + (halo - picture.astype(np.float32)) * spread * strength
    shown = under + (np.array(ink, np.float32) * 255 - under) * cover[..., None] * strength
    return np.asarray(np.clip(shown + 0.5, 0, 255), np.uint8)


def _sheet(text: str, width: int, height: int, share: float) -> np.ndarray | None:
    """The text as coverage, 0 to 1; None when the picture is too small to hold any."""
    size = min(height, width) * share
    room = (width * 0.9, height * 0.85)
    while size >= 5:
        font = ImageFont.load_default(size)
        for columns in (len(text), *range(max(4, len(text) - 1), 3, -max(1, len(text) // 12))):
            lines = textwrap.wrap(text, columns) or [text]
            joined = "\n".join(lines)
            box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox(
                (0, 0), joined, font=font, spacing=size * 0.2, align="center"
            )
            if box[2] - box[0] <= room[0] and box[3] - box[1] <= room[1]:
                pad = max(2, round(size * 0.1))
                paper = Image.new(
                    "L", (round(box[2] - box[0]) + 2 * pad, round(box[3] - box[1]) + 2 * pad)
                )
                ImageDraw.Draw(paper).multiline_text(
                    (pad - box[0], pad - box[1]),
                    joined,
                    fill=255,
                    font=font,
                    spacing=size * 0.2,
                    align="center",
                )
                heavy = cv2.dilate(np.asarray(paper), np.ones((2, 2), np.uint8))
                drawn = heavy if size > 28 else np.asarray(paper)
                return drawn.astype(np.float32) / 255
        size *= 0.85
    return None
