"""Words on pictures in any script: wrapped, outlined, with a shadow or a box.

A piece of lettering is drawn once, as a sheet: (h, w, 4) premultiplied RGBA, laid over frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

import cv2
import numpy as np
import PIL.Image
import PIL.ImageColor
import PIL.ImageDraw
import PIL.ImageFont

from mediakit.reading_order import direction, from_left, is_right_to_left
from mediakit.typefaces import Typeface, clusters, in_typefaces
from studio.media.raster import ByteArray, FloatArray

Colour = tuple[int, int, int, int]
Align = Literal["left", "center", "right"]

_LEADING = 1.22
# Marks that let a line run like its paragraph, whichever letter it begins with.
_RUNS_LEFT, _RUNS_RIGHT = "\u200f", "\u200e"
# What no typeface draws and no one misses. Joiners stay: letters look different beside them.
_INVISIBLE = dict.fromkeys((0x200B, *range(0x202A, 0x202F), 0xFE0E, 0xFE0F, 0xFEFF))


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words look. size: the em in pixels. box: a plate behind them. shade: how dark a soft
    shadow lies behind them, 0 to 1."""

    size: float
    colour: Colour = (255, 255, 255, 255)
    outline: Colour = (0, 0, 0, 255)
    box: Colour | None = None
    weight: int = 600
    align: Align = "center"
    shade: float = 0.45


def read_colour(value: Any, default: Colour, name: str, warnings: list[str]) -> Colour:
    """A color as people write it: #rgb, #rrggbbaa, a name, rgb(), hsl()."""
    if value is None or value == "":
        return default
    try:
        found = PIL.ImageColor.getcolor(str(value).strip(), "RGBA")
    except ValueError:
        warnings.append(
            f"{name} “{str(value)[:40]}” isn't a color. Write #RRGGBB or a name such as white."
        )
        return default
    return cast(Colour, found)


def wrap(text: str, style: Lettering, width: float) -> list[str]:
    """The text in lines no wider than `width` pixels, as few as possible and evenly long.

    Line breaks in the text stay. A word wider than the line is broken.
    """
    lines: list[str] = []
    for paragraph in text.translate(_INVISIBLE).split("\n"):
        words = [part for word in paragraph.split() for part in _broken(word, style, width)]
        runs_left = is_right_to_left(paragraph)
        mark = _RUNS_LEFT if runs_left else _RUNS_RIGHT
        lines.extend(
            line if is_right_to_left(line) == runs_left else mark + line
            for line in _balanced(words, style, width)
        )
    return lines or [""]


def is_whole(text: str, lines: Sequence[str]) -> bool:
    """Tell whether lines that a text was wrapped in break none of its words."""
    joined = " ".join(line.lstrip(_RUNS_LEFT + _RUNS_RIGHT) for line in lines)
    return joined.split() == text.translate(_INVISIBLE).split()


def text_width(text: str, style: Lettering) -> float:
    """How wide a line becomes, in pixels."""
    return sum(piece.width for piece in _pieces(text, style))


def letter(lines: Sequence[str], style: Lettering) -> ByteArray:
    """Draw lines as a sheet just large enough, with room for outline, shadow and box."""
    stroke = max(1.0, style.size * 0.055) if style.outline[3] else 0.0
    pad = round(style.size * (0.42 if style.box else 0.5) + stroke)
    leading = style.size * _LEADING
    widths = [text_width(line, style) for line in lines]
    width = round(max(widths)) + 2 * pad
    height = round(leading * len(lines)) + 2 * pad
    fill, edge = (PIL.Image.new("L", (width, height)) for _ in range(2))
    pens = (PIL.ImageDraw.Draw(fill), PIL.ImageDraw.Draw(edge))
    for row, (line, line_width) in enumerate(zip(lines, widths, strict=True)):
        left = pad + (width - 2 * pad - line_width) * _SHARES[style.align]
        # The baseline sits so that capitals stand in the middle of their line.
        base = pad + leading * row + leading / 2 + style.size * 0.36
        for piece in _pieces(line, style):
            piece.draw(pens[0], (left, base), 0)
            if stroke:
                piece.draw(pens[1], (left, base), stroke)
            left += piece.width
    return _composed(np.asarray(fill), np.asarray(edge), style, pad)


_SHARES = {"left": 0.0, "center": 0.5, "right": 1.0}


def _composed(fill: ByteArray, edge: ByteArray, style: Lettering, pad: int) -> ByteArray:
    """The layers of lettering from back to front: shadow or box, outline, words."""
    height, width = fill.shape
    sheet = np.zeros((height, width, 4), np.float32)
    if style.box is not None:
        plate = PIL.Image.new("L", (width, height))
        PIL.ImageDraw.Draw(plate).rounded_rectangle(
            (0, 0, width - 1, height - 1), style.size * 0.28, 255
        )
        _over(sheet, _share(np.asarray(plate)), style.box)
    elif style.shade:
        # Spread wide it is a soft plate, not a second outline.
        solid = _share(np.maximum(fill, edge))
        glow = cv2.GaussianBlur(solid, (0, 0), style.size * 0.16)
        fading = np.minimum(1, glow * 1.5) * _vignette(height, width, pad)
        _over(sheet, fading * style.shade, (0, 0, 0, 255))
    if style.outline[3] and style.box is None:
        _over(sheet, _share(edge), style.outline)
    _over(sheet, _share(fill), style.colour)
    return np.asarray(np.rint(sheet * 255), np.uint8)


def _share(mask: ByteArray) -> FloatArray:
    return np.asarray(mask / np.float32(255), np.float32)


def _vignette(height: int, width: int, pad: int) -> FloatArray:
    """1 inside, falling to 0 at the sheet's edges, so that a shadow never ends in a line."""
    rows = np.clip(np.minimum(np.arange(height), np.arange(height)[::-1]) / (pad * 0.5), 0, 1)
    columns = np.clip(np.minimum(np.arange(width), np.arange(width)[::-1]) / (pad * 0.5), 0, 1)
    return np.asarray(rows[:, None] * columns[None, :], np.float32)


def _over(sheet: FloatArray, coverage: FloatArray, colour: Colour) -> None:
    """Lay a color over a premultiplied sheet of 0 to 1, in place."""
    alpha = coverage[..., None] * (colour[3] / 255)
    tint = np.array([*colour[:3], 255], np.float32) / 255
    sheet *= 1 - alpha
    sheet += alpha * tint


def _balanced(words: Sequence[str], style: Lettering, width: float) -> list[str]:
    """Words in the fewest lines that fit, the longest line as short as it can be."""
    widths = [text_width(word, style) for word in words]
    space = text_width(" ", style)
    count = len(_filled(words, widths, space, width))
    low, high = max(widths, default=0.0), width
    for _ in range(12):
        middle = (low + high) / 2
        if len(_filled(words, widths, space, middle)) <= count:
            high = middle
        else:
            low = middle
    return _filled(words, widths, space, high)


def _filled(words: Sequence[str], widths: Sequence[float], space: float, width: float) -> list[str]:
    lines: list[list[str]] = []
    used = 0.0
    for word, wide in zip(words, widths, strict=True):
        if lines and used + space + wide <= width + 0.01:
            lines[-1].append(word)
            used += space + wide
        else:
            lines.append([word])
            used = wide
    return [" ".join(line) for line in lines]


def _broken(word: str, style: Lettering, width: float) -> list[str]:
    if text_width(word, style) <= width:
        return [word]
    parts = [""]
    for letter_with_marks in clusters(word):
        if parts[-1] and text_width(parts[-1] + letter_with_marks, style) > width:
            parts.append("")
        parts[-1] += letter_with_marks
    return parts


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a line in one typeface and direction. direction: as Pillow takes it."""

    text: str
    font: PIL.ImageFont.FreeTypeFont
    direction: str | None

    @property
    def width(self) -> float:
        return self.font.getlength(self.text, direction=self.direction)

    def draw(self, pen: PIL.ImageDraw.ImageDraw, at: tuple[float, float], stroke: float) -> None:
        pen.text(at, self.text, 255, self.font, "ls", direction=self.direction, stroke_width=stroke)


def _pieces(line: str, style: Lettering) -> list[_Piece]:
    """A line from left to right; what no typeface has is left out."""
    size = round(style.size * 4) / 4
    pieces = []
    for run, is_turned in from_left(line):
        parts = [
            _Piece(part, _font(face, size, style.weight), direction(is_turned))
            for part, face in in_typefaces(run)
        ]
        pieces += parts[::-1] if is_turned else parts
    return pieces


@lru_cache(maxsize=64)
def _font(face: Typeface, size: float, weight: int) -> PIL.ImageFont.FreeTypeFont:
    font = PIL.ImageFont.truetype(face.path, size, face.number)
    try:
        axes = font.get_variation_axes()
    except OSError:
        return font  # of one weight
    font.set_variation_by_axes(
        [weight if axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    )
    return font
