"""Copies for services that ignore what a file says about showing it. Child process only.

Phones store images and videos as the sensor lay and note the turn; many programs, such as ComfyUI's
Load Video, ignore the note, know no HDR, or cannot open HEIC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import PIL.Image

from mediakit.decode import GuardedContainer, open_av, open_image, sniff_file
from mediakit.encoding import VideoTrack
from mediakit.errors import Refused
from mediakit.file_type import IMAGES
from mediakit.frames import ToRgb, Turn, colors_of, turn_of
from mediakit.png_chunks import without_long_notes

# Every program opens these; others are written as PNG.
_COMMON = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_ORIENTATION = 0x0112
_COPIED_CODECS = frozenset({"aac", "mp3"})
# x264's quality of a copy.
_CRF = 18


def upright(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, target, out. Writes a copy that every program shows as people see the file.

    Images become PNG in sRGB; videos H.264 in MP4, BT.709, square pixels, at their own times, with
    their sound. Returns mime, width and height of the copy; {} when the file is such a one itself,
    and nothing is written then. Raises Refused.
    """
    path, target = Path(arguments["path"]), Path(arguments["target"])
    mime = sniff_file(path).mime
    if mime in IMAGES:
        return _image(path, target, mime)
    return _video(path, target, report)


def _image(path: Path, target: Path, mime: str) -> dict[str, Any]:
    picture = open_image(path)
    if mime in _COMMON and _is_plain(path):
        return {}
    PIL.Image.fromarray(np.ascontiguousarray(picture)).save(target, "PNG", compress_level=3)
    return {"mime": "image/png", "width": picture.shape[1], "height": picture.shape[0]}


def _is_plain(path: Path) -> bool:
    with PIL.Image.open(without_long_notes(path)) as image:
        is_turned = image.getexif().get(_ORIENTATION, 1) != 1
        return not is_turned and not image.info.get("icc_profile")


def _video(path: Path, target: Path, report: Callable[[float, str], None]) -> dict[str, Any]:
    with open_av(path) as media:
        stream = media.pictures
        first = next(media.decode(stream), None) if stream is not None else None
        if stream is None:
            return {}
        if first is None:
            raise Refused("This video can't be read. Export it again as MP4.")
        turn, colors = turn_of(first), colors_of(first)
        pixel = Fraction(stream.sample_aspect_ratio or 1)
    if turn == Turn() and not colors.conversion and pixel == 1:
        return {}
    # Two readers, so that neither pictures nor sound wait in memory for the other.
    with (
        open_av(path) as pictures,
        open_av(path) as sound,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as output,
    ):
        try:
            return _Copy(pictures, sound, output, turn, pixel).write(report)
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("This video is damaged and can't be converted.") from error


class _Copy:
    """Writes one video again. Pictures are encoded; sound is copied where MP4 takes it."""

    def __init__(
        self,
        pictures: GuardedContainer,
        sound: GuardedContainer,
        output: Any,
        turn: Turn,
        pixel: Fraction,
    ) -> None:
        self._source, self._turn = pictures, turn
        self._stream = pictures.pictures
        self._stream.codec_context.thread_count = 2
        self._stream.thread_type = "AUTO"
        width = round(self._stream.codec_context.width * pixel)
        self._stored = (_even(width), _even(self._stream.codec_context.height))
        self._size = self._stored[::-1] if turn.quarters % 2 else self._stored
        self._to_rgb = ToRgb()
        # Equal files give equal bytes: services know an upload by its content.
        self._video = VideoTrack(
            output,
            rate=self._stream.average_rate or Fraction(30),
            size=self._size,
            crf=_CRF,
            time_base=self._stream.time_base,
        )
        self._sound = _Sound(sound, output)

    def write(self, report: Callable[[float, str], None]) -> dict[str, Any]:
        duration = self._source.duration_s or 0
        last: int | None = None
        for frame in self._source.decode(self._stream):
            at = frame.pts if frame.pts is not None else (last or 0) + 1
            if last is not None and at <= last:
                continue
            last = at
            self._video.write(self._turn.apply(self._to_rgb(frame, *self._stored)), at)
            self._sound.write_until(float(at * self._stream.time_base))
            if duration:
                report(min(1.0, float(at * self._stream.time_base) / duration), "Converting")
        self._video.finish()
        self._sound.write_until(None)
        return {"mime": "video/mp4", "width": self._size[0], "height": self._size[1]}


class _Sound:
    """The first sound track of a file, moved into another beside its pictures."""

    def __init__(self, source: GuardedContainer, output: Any) -> None:
        self._output = output
        self._track: Any = None
        self._is_copied = False
        parts: Iterator[Any] = iter(())
        stream = source.sound
        if stream is not None and stream.codec_context.name in _COPIED_CODECS:
            self._is_copied = True
            self._track = output.add_stream_from_template(stream, opaque=True)
            parts = (part for part in source.demux(stream) if part.dts is not None)
        elif stream is not None:
            self._track = output.add_stream("aac", rate=stream.codec_context.sample_rate)
            parts = source.decode(stream)
        self._parts = parts
        self._next = next(parts, None)

    def write_until(self, seconds: float | None) -> None:
        """Write what is heard before that time; all that is left for None."""
        while (part := self._next) is not None:
            at = part.dts if self._is_copied else part.pts
            if seconds is not None and at is not None and at * part.time_base > seconds:
                return
            self._write(part)
            self._next = next(self._parts, None)
        if seconds is None and self._track is not None and not self._is_copied:
            self._output.mux(self._track.encode(None))

    def _write(self, part: Any) -> None:
        if self._is_copied:
            part.stream = self._track
            self._output.mux(part)
        else:
            self._output.mux(self._track.encode(part))


def _even(side: int) -> int:
    return max(2, side - side % 2)
