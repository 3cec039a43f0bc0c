"""Burning subtitles in: where lines stand, how they break, and when each is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from studio.media.image.compositing import over
from studio.media.image.lettering import Colour, Lettering, letter, read_colour, text_width, wrap
from studio.media.raster import ByteArray, Frame
from studio.media.video.cues import Cue

Position = Literal["bottom", "top", "center"]

_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
_MARGIN = 0.055  # of the height, below and above: what players and phones may cover
_LINE = 42  # characters a line, as broadcasters have it
_LINES = 2
_SMALLEST = 11.0  # pixels: below that no one can read it


@dataclass(frozen=True, slots=True)
class SubtitleLook:
    """size: share of the height."""

    size: float = 0.06
    colour: Colour = _WHITE
    outline: Colour = _BLACK
    position: Position = "bottom"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sheet on the frame. first, end: numbers of the first picture with it and without it."""

    first: int
    end: int
    lines: tuple[str, ...]


def read_style(style: Mapping[str, Any], warnings: list[str]) -> SubtitleLook:
    """What `style` asks for; what it does not say is white on black outline, at the bottom."""
    position = str(style.get("position") or "bottom").lower()
    if position not in ("bottom", "top", "center"):
        warnings.append(f"Unknown position “{position[:40]}”. The lines are at the bottom.")
        position = "bottom"
    return SubtitleLook(
        size=min(max(float(style.get("fontSizePct") or 6), 1), 30) / 100,
        colour=read_colour(style.get("color"), _WHITE, "The color", warnings),
        outline=read_colour(style.get("outlineColor"), _BLACK, "The outline color", warnings),
        position=position,  # type: ignore[arg-type]
    )


class Subtitler:
    """Draws cues, ordered and one at a time, on pictures taken in order."""

    def __init__(
        self, cues: Sequence[Cue], look: SubtitleLook, size: tuple[int, int], fps: Fraction
    ) -> None:
        self._look = look
        self._width, self._height = size
        # Upright pictures are narrow: there the width rules, else every word were a line.
        em = look.size * min(self._height, 1.25 * self._width)
        self._style = Lettering(
            max(_SMALLEST, em), look.colour, look.outline, weight=620, shade=0.5
        )
        self._shown = [shown for cue in cues for shown in self._parts(cue, fps)]
        self._next = 0
        self._sheet: tuple[int, ByteArray] | None = None

    def draw(self, frame: Frame, number: int) -> Frame:
        """The picture with that number, with the line that is read then."""
        while self._next < len(self._shown) and self._shown[self._next].end <= number:
            self._next += 1
        if self._next == len(self._shown) or number < self._shown[self._next].first:
            return frame
        if self._sheet is None or self._sheet[0] != self._next:
            self._sheet = (self._next, letter(self._shown[self._next].lines, self._style))
        self._lay(frame, self._sheet[1])
        return frame

    def _lay(self, frame: Frame, sheet: ByteArray) -> None:
        height, width = frame.shape[:2]
        margin = round(_MARGIN * height)
        rows, columns = min(sheet.shape[0], height), min(sheet.shape[1], width)
        sheet = sheet[:rows, (sheet.shape[1] - columns) // 2 :][:, :columns]
        slack = round(self._style.size * 0.5)  # the sheet's own room for its shadow
        top = {
            "bottom": height - margin - rows + slack,
            "top": margin - slack,
            "center": (height - rows) // 2,
        }[self._look.position]
        top = min(max(0, top), height - rows)
        left = (width - columns) // 2
        over(frame[top : top + rows, left : left + columns], sheet)

    def _parts(self, cue: Cue, fps: Fraction) -> list[_Shown]:
        """A cue in pieces of at most two lines, each for its share of the time."""
        lines = self._lines(cue.text)
        pieces = [lines[i : i + _LINES] for i in range(0, len(lines), _LINES)]
        letters = [sum(map(len, piece)) or 1 for piece in pieces]
        at, shown = cue.start, []
        for piece, share in zip(pieces, letters, strict=True):
            until = at + (cue.end - cue.start) * share / sum(letters)
            first, end = round(at * fps), max(round(at * fps) + 1, round(until * fps))
            shown.append(_Shown(first, end, tuple(piece)))
            at = until
        return shown

    def _lines(self, text: str) -> list[str]:
        room = (0.9 if self._width < self._height else 0.84) * self._width
        widest = min(room, _LINE * text_width("n", self._style))
        lines = wrap(text, self._style, widest)
        if len(lines) > _LINES and "\n" in text:
            # Written for another shape: its own breaks are let go before time is split.
            joined = wrap(text.replace("\n", " "), self._style, widest)
            lines = joined if len(joined) < len(lines) else lines
        return lines
