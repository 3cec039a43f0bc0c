"""Things laid over a film: what each looks like, where it stands, and how it comes and goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mediakit.decode import open_image
from mediakit.errors import Refused
from studio.media.image.lettering import Colour, Lettering, letter, read_colour, wrap
from studio.media.raster import ByteArray, Frame, ease
from studio.media.video.overlay_sheets import Frames, framed, keyed, lay_at, of_picture, scaled
from studio.media.video.reader import Film, open_film

_WHITE: Colour = (255, 255, 255, 255)
_BLACK: Colour = (0, 0, 0, 255)
MARGIN = 0.04  # of the shorter side, where no offset is given
_FADE_S = 0.25
_ENTRANCES = ("none", "fade", "rise", "slide", "pop")


@dataclass(frozen=True, slots=True)
class Place:
    """A named position, with pixels inward from the rim; in the middle, pixels right and down."""

    position: str
    offset_x: float | None
    offset_y: float | None

    def of(self, size: tuple[int, int], frame: tuple[int, int]) -> tuple[float, float]:
        """Left and top of something so large on a frame, both (width, height)."""
        margin = round(min(frame) * MARGIN)
        row, _, column = self.position.partition("-")
        sides = (column or "center", row)
        offsets = (self.offset_x, self.offset_y)
        at = []
        for side, offset, own, whole in zip(sides, offsets, size, frame, strict=True):
            room = whole - own
            if side == "center":
                at.append(room / 2 + (offset or 0))
            else:
                inward = margin if offset is None else offset
                at.append(inward if side in ("left", "top") else room - inward)
        return at[0], at[1]


@dataclass(slots=True)
class Overlay:
    """One overlay, ready to draw.

    first, end: numbers of the first picture with it and without it. looks: its sheet for each of
    its pictures in order, premultiplied RGBA. left, top: of the sheet. fade: pictures over which it
    comes and goes. clip, volume: of a film whose sound is heard.
    """

    first: int
    end: int
    looks: Frames
    left: float
    top: float
    opacity: float
    fade: int
    entrance: str
    stays: bool
    clip: Film | None = None
    volume: float = 0.0
    _sheet: ByteArray | None = None

    def draw(self, frame: Frame, number: int) -> None:
        """Lay it over the picture with that number, in place; pictures come in order."""
        if not self.first <= number < self.end:
            return
        sheet = self._sheet = next(self.looks, self._sheet)
        if sheet is None:
            return
        share = self._presence(number)
        left, top = self.left, self.top
        rows, columns = sheet.shape[:2]
        height, width = frame.shape[:2]
        if self.entrance == "rise":
            top += (1 - share) * height * 0.06
        elif self.entrance == "slide":
            # From the nearer side.
            outside = -columns if left + columns / 2 < width / 2 else width
            left = outside + (left - outside) * share
        elif self.entrance == "pop" and share < 1:
            smaller = scaled(sheet, 0.6 + 0.4 * share)
            left += (columns - smaller.shape[1]) / 2
            top += (rows - smaller.shape[0]) / 2
            sheet = smaller
        opacity = self.opacity * (1.0 if self.entrance in ("none", "slide") else share)
        lay_at(frame, sheet, round(left), round(top), opacity)

    def _presence(self, number: int) -> float:
        """How much of it is there: eased from 0 to 1 and back."""
        if not self.fade or self.entrance == "none":
            return 1.0
        come = (number - self.first + 1) / (self.fade + 1)
        go = 1.0 if self.stays else (self.end - number) / (self.fade + 1)
        return ease(min(1.0, come, go))


class OverlayReader:
    """Reads the overlays of a call for a film of `size` pixels."""

    def __init__(
        self,
        film: Film,
        size: tuple[int, int],
        pictures: Sequence[Mapping[str, Any]],
        clips: Sequence[Mapping[str, Any]],
        warnings: list[str],
    ) -> None:
        self._film, self._size = film, size
        self._pictures, self._clips = pictures, clips
        self._warnings = warnings
        self._next = 0
        # Lengths in the call are pixels of the clip as it came.
        self._scale = size[0] / film.width

    def read(self, items: Sequence[Any]) -> list[Overlay]:
        """The overlays in order, without those that are never seen.

        Raises Refused where one cannot be meant, naming it.
        """
        found = []
        for index, item in enumerate(item for item in items if isinstance(item, Mapping)):
            overlay = self._read(f"overlays[{index}]", item)
            if overlay is not None:
                found.append(overlay)
        return found

    def _read(self, name: str, item: Mapping[str, Any]) -> Overlay | None:
        first, end = self._span(name, item)
        if first >= end:
            self._warnings.append(f"{name} starts after the end of the video and is never visible.")
            return None
        clip: Film | None = None
        pad = 0.0
        if item.get("kind") == "text":
            sheet, pad = self._words(name, item)
            looks: Frames = iter((sheet,))
            size = (sheet.shape[1], sheet.shape[0])
        elif item.get("overlayVideoIndex") is not None:
            chosen = self._medium(name, "overlayVideoIndex", item, self._clips)
            clip = open_film(chosen["path"], self._warnings)
            size, pad, looks = self._moving(name, item, clip)
        else:
            picture = self._medium(name, "sourceImageIndex", item, self._pictures)
            sheet, pad = self._still(name, item, of_picture(open_image(picture["path"])))
            looks = iter((sheet,))
            size = (sheet.shape[1], sheet.shape[0])
        left, top = self._place(item, (round(size[0] - 2 * pad), round(size[1] - 2 * pad)))
        entrance = str(item.get("entrance") or "fade")
        if entrance not in _ENTRANCES:
            self._warnings.append(f"{name}.entrance “{entrance[:30]}” is unknown, so it fades in.")
            entrance = "fade"
        fade_s = float(_FADE_S if item.get("fadeSeconds") is None else item["fadeSeconds"])
        return Overlay(
            first,
            end,
            looks,
            left - pad,
            top - pad,
            min(max(float(1 if item.get("opacity") is None else item["opacity"]), 0.0), 1.0),
            min(round(max(0.0, fade_s) * self._film.fps), (end - first) // 3),
            entrance,
            end >= self._film.frame_count(),
            clip,
            min(max(float(item.get("volume") or 0), 0.0), 1.0),
        )

    def _span(self, name: str, item: Mapping[str, Any]) -> tuple[int, int]:
        rate, total = self._film.fps, self._film.frame_count()
        start = float(item.get("startSeconds") or 0)
        end = item.get("endSeconds")
        end = None if end is None else float(end)
        length = self._film.duration_s
        start = max(0.0, start + length) if start < 0 else start
        if end is not None:
            end = end + length if end < 0 else end
            if end <= start:
                raise Refused(
                    f"{name}.endSeconds is {end:.6g} s, not after its start at {start:.6g} s."
                )
        last = total if end is None else min(total, max(round(start * rate) + 1, round(end * rate)))
        return round(start * rate), last

    def _place(self, item: Mapping[str, Any], size: tuple[int, int]) -> tuple[float, float]:
        offsets = [item.get("offsetX"), item.get("offsetY")]
        x, y = (None if o is None else float(o) * self._scale for o in offsets)
        left, top = Place(str(item.get("position") or "center"), x, y).of(size, self._size)
        # Percentages place the middle.
        if item.get("xPct") is not None:
            left = float(item["xPct"]) / 100 * self._size[0] - size[0] / 2
        if item.get("yPct") is not None:
            top = float(item["yPct"]) / 100 * self._size[1] - size[1] / 2
        return left, top

    def _medium(
        self, name: str, argument: str, item: Mapping[str, Any], given: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """The file an overlay names by its position; the next one where it names none."""
        position = item.get(argument)
        if position is None:
            position, self._next = self._next, self._next + 1
        if not 0 <= int(position) < len(given):
            raise Refused(
                f"{name}.{argument} is {position}, but there are {len(given)} overlays"
                " of this kind.",
                "ASSET_NOT_FOUND",
            )
        return given[int(position)]

    def _words(self, name: str, item: Mapping[str, Any]) -> tuple[ByteArray, float]:
        text = str(item.get("text") or "").strip()
        if not text:
            raise Refused(f"{name}.text is empty. Add text to overlay.")
        warnings = self._warnings
        box = item.get("backgroundColor")
        size = min(max(float(item.get("fontSizePct") or 6), 1), 30) / 100 * self._size[1]
        position = str(item.get("position") or "center")
        align = (
            "left" if position.endswith("left") else "right" if "right" in position else "center"
        )
        plain = (0, 0, 0, 0) if item.get("outlineColor") == "" else _BLACK
        style = Lettering(
            max(6.0, size),
            read_colour(item.get("color"), _WHITE, f"{name}.color", warnings),
            read_colour(item.get("outlineColor"), plain, f"{name}.outlineColor", warnings),
            read_colour(box, (0, 0, 0, 160), f"{name}.backgroundColor", warnings) if box else None,
            weight=780 if item.get("fontWeight") == "bold" else 560,
            align=align,  # type: ignore[arg-type]
        )
        room = self._size[0] - 2 * round(min(self._size) * MARGIN) - style.size
        sheet = letter(wrap(text, style, max(room, style.size)), style)
        # A plate is placed by its rim; bare words by themselves, without the room for a shadow.
        return sheet, 0.0 if style.box else style.size * 0.45

    def _still(
        self, name: str, item: Mapping[str, Any], sheet: ByteArray
    ) -> tuple[ByteArray, float]:
        width, height = self._box(item, (sheet.shape[1], sheet.shape[0]))
        resized = cv2.resize(
            sheet,
            (width, height),
            interpolation=cv2.INTER_AREA if width < sheet.shape[1] else cv2.INTER_CUBIC,
        )
        # Cubic may overshoot: premultiplied color above its alpha would shine.
        resized[..., :3] = np.minimum(resized[..., :3], resized[..., 3:])
        if item.get("fit") == "cover":
            resized = _middle(resized, self._size)
        return self._finished(name, item, np.asarray(resized, np.uint8))

    def _moving(
        self, name: str, item: Mapping[str, Any], clip: Film
    ) -> tuple[tuple[int, int], float, Frames]:
        box = self._box(item, (clip.width, clip.height))
        cover = item.get("fit") == "cover"
        size = self._size if cover else (max(2, box[0] // 2 * 2), max(2, box[1] // 2 * 2))
        blank = np.zeros((size[1], size[0], 3), np.uint8)
        first, pad = self._finished(name, item, of_picture(blank))

        def looks() -> Iterator[ByteArray]:
            frames = clip.frames(
                fps=self._film.fps,
                size=size,
                fit="cover" if cover else "pad",
                with_alpha=clip.has_alpha,
            )
            for frame in frames:
                yield self._finished(name, item, of_picture(frame))[0]

        return (first.shape[1], first.shape[0]), pad, looks()

    def _finished(
        self, name: str, item: Mapping[str, Any], sheet: ByteArray
    ) -> tuple[ByteArray, float]:
        """Keyed, cut to shape, with its border and shadow; and how far that reaches out."""
        if item.get("keyColor"):
            key = read_colour(
                item["keyColor"], (0, 255, 0, 255), f"{name}.keyColor", self._warnings
            )
            sheet = keyed(sheet, key)
        border = item.get("borderColor")
        colour = (
            read_colour(border, _WHITE, f"{name}.borderColor", self._warnings) if border else None
        )
        shape = str(item.get("shape") or "none")
        if shape == "none" and colour is None and not item.get("shadow"):
            return sheet, 0.0
        return framed(sheet, shape, colour, bool(item.get("shadow")), min(self._size))

    def _box(self, item: Mapping[str, Any], own: tuple[int, int]) -> tuple[int, int]:
        """How large a picture of that size is shown."""
        frame = self._size
        if item.get("fit") == "cover":
            scale = max(frame[0] / own[0], frame[1] / own[1])
        else:
            share = min(max(float(item.get("widthPct") or 15), 1), 100) / 100
            # Its width as asked, but never higher than the frame.
            scale = min(share * frame[0] / own[0], frame[1] / own[1])
        return max(1, round(own[0] * scale)), max(1, round(own[1] * scale))


def _middle(sheet: ByteArray, size: tuple[int, int]) -> ByteArray:
    top, left = (sheet.shape[0] - size[1]) // 2, (sheet.shape[1] - size[0]) // 2
    top, left = max(0, top), max(0, left)
    return np.ascontiguousarray(sheet[top : top + size[1], left : left + size[0]])
