"""The only ways to open an outsider's picture, video or sound. Child process only.

Formats are allow-listed, sizes are checked before memory is taken, and what a header promises is
checked again while decoding. Everything that is wrong with the material raises Refused.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import av
import av.error
import numpy as np
import PIL.ExifTags
import PIL.Image
import PIL.ImageCms
import PIL.ImageOps
import PIL.PngImagePlugin
import pillow_heif

from mediakit.errors import Refused
from mediakit.file_type import HEAD_BYTES, IMAGES, Sniffed, sniff
from mediakit.lengths import extent_of_pictures, extent_of_sound
from mediakit.pixels import as_rgb, as_srgb, shrink
from mediakit.png_chunks import without_long_notes
from mediakit.tiff_pages import with_largest_first

MAX_IMAGE_PIXELS = 40_000_000
MAX_FRAME_PIXELS = 4096 * 2160
MAX_DURATION_S = 600
MAX_FRAMES = MAX_DURATION_S * 120
MAX_STREAMS = 32
MAX_PACKETS = 4 * MAX_FRAMES
# Encoders fill up the first packet and the last one; of MP3 at 8 kHz that is 0.28 s at most.
FILLED_S = 0.3

IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "HEIF", "AVIF", "TIFF")
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,mp3,ogg,flac"
# FFmpeg's name of a container → its type, for a file whose first bytes say nothing.
_TYPE_OF_FORMAT = {
    "mov,mp4,m4a,3gp,3g2,mj2": "video/quicktime",
    "matroska,webm": "video/x-matroska",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}
# In so many, Matroska says which kind of it the file is.
_DOCTYPE_BYTES = 64
# `protocol_whitelist`: a container that names other files or addresses gets none of them.
# `max_pixels`: FFmpeg refuses before it allocates the frame, also when the header lied.
AV_OPTIONS = {
    "format_whitelist": CONTAINERS,
    "protocol_whitelist": "file",
    "max_pixels": str(MAX_FRAME_PIXELS),
}
# Labels that aren't UTF-8. PyAV 19, of Python 3.12 and newer, takes no such argument: it keeps
# their bytes as surrogates, which studio/media/video/metadata.py takes out.
_AV_ARGUMENTS: dict[str, Any] = {}
if int(av.__version__.split(".")[0]) < 19:
    _AV_ARGUMENTS["metadata_errors"] = "replace"

_DAMAGED_IMAGE = "This image is damaged or incomplete."
_DAMAGED_AV = "This file is damaged or its format isn't supported."


class TooManyPixels(Refused):
    """An image of more pixels than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"This image is over {most // 1_000_000} megapixels. Use a smaller one.")


# HEIC is what phones take. Of its many parts only the main image is wanted.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=2
)


def sniff_file(path: str | Path) -> Sniffed:
    """Return the file's type by its first bytes, or where they say nothing, by what a decoder makes
    of it. Raises Refused for what is never taken."""
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    file_type = sniff(head)
    if file_type.is_unknown:
        file_type = replace(file_type, mime=_decoded_type(path, head))
    if not file_type.mime:
        raise Refused(file_type.refusal)
    return file_type


def _decoded_type(path: str | Path, head: bytes) -> str:
    """Return the type of video or sound that can be decoded, else ""."""
    try:
        with av.open(str(path), options=AV_OPTIONS, **_AV_ARGUMENTS) as container:
            streams = (*container.streams.video, *container.streams.audio)
            if next(container.decode(*streams[:1]), None) is None:
                return ""
            name = container.format.name
    except av.error.FFmpegError:
        return ""
    is_webm = b"webm" in head[:_DOCTYPE_BYTES]
    return "video/webm" if is_webm else _TYPE_OF_FORMAT.get(name, "")


def open_image(path: str | Path) -> np.ndarray:
    """The picture upright, in sRGB: (height, width, 3 or 4) uint8, RGB or RGBA.

    Four channels only when the picture has transparency. Of an animation, the first frame. Raises
    Refused for other formats, more than MAX_IMAGE_PIXELS, or damage.
    """
    return np.asarray(_picture_of(path))


def open_reduced(path: str | Path, most_pixels: int) -> np.ndarray | None:
    """Open an image of more pixels than `open_image` takes, reduced until it would take it.

    None for an image that needs nothing. Raises Refused above `most_pixels`.
    """
    picture = _load(path, most_pixels, only_larger=True)
    return None if picture is None else np.asarray(picture)


def strip_image(source: str | Path, target: str | Path, *, xmp: str = "") -> str:
    """Write the picture again without any metadata (EXIF, GPS, comments); the type written.

    JPEG and WebP stay what they are, HEIC and AVIF without transparency become JPEG, all else PNG.
    target: its ending is not looked at. xmp: the only metadata of the copy, "" for none.
    """
    picture = _picture_of(source)
    # A new picture of the same pixels: nothing rides along in `info`.
    clean = PIL.Image.fromarray(np.asarray(picture))
    match sniff_file(source).mime:
        case "image/jpeg" | "image/heic" | "image/avif" if clean.mode == "RGB":
            clean.save(target, "JPEG", quality=92, subsampling=0, xmp=xmp.encode())
            return "image/jpeg"
        case "image/webp":
            clean.save(target, "WEBP", quality=92, xmp=xmp.encode())
            return "image/webp"
    texts = PIL.PngImagePlugin.PngInfo()
    if xmp:
        texts.add_itxt("XML:com.adobe.xmp", xmp)
    clean.save(target, "PNG", pnginfo=texts)
    return "image/png"


def open_av(path: str | Path) -> GuardedContainer:
    """An outsider's video or sound, as a context manager. Raises Refused."""
    return GuardedContainer(path)


class GuardedContainer:
    """An input container of PyAV whose `decode` keeps the limits; anything else is passed through.

    duration_s: of its pictures, else of its sound; None where nothing tells. `decode` stops at the
    cap.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        if sniff_file(path).mime in IMAGES:
            raise Refused("This is an image, not a video or audio file.")
        try:
            self.container = av.open(str(path), options=AV_OPTIONS, **_AV_ARGUMENTS)
        except MemoryError:
            raise
        except av.error.FFmpegError as error:
            raise Refused(_DAMAGED_AV) from error
        try:
            self._check()
        except BaseException:
            self.container.close()
            raise

    @cached_property
    def duration_s(self) -> float | None:
        stream = self.pictures or self.sound
        if stream is None:
            return None
        with GuardedContainer(self._path) as again:
            start, end, _ = extent(again, again.streams[stream.index])
        return float(end - start) or None

    @property
    def tracks(self) -> list[Any]:
        """The pictures and sounds that can be decoded, but for the cover picture of a song."""
        cover = av.stream.Disposition.attached_pic
        streams = self.container.streams
        return [
            stream
            for stream in (*streams.video, *streams.audio)
            if stream.codec_context is not None and not stream.disposition & cover
        ]

    @property
    def pictures(self) -> Any:
        """The first track of pictures; None without one."""
        return next((track for track in self.tracks if track.type == "video"), None)

    @property
    def sound(self) -> Any:
        """The first track of sound; None without one."""
        return next((track for track in self.tracks if track.type == "audio"), None)

    @property
    def strange_sounds(self) -> int:
        """Number of tracks of sound that have no decoder here, such as a phone's spatial one."""
        return sum(stream.codec_context is None for stream in self.container.streams.audio)

    def decode(self, *streams: Any, **kinds: Any) -> Iterator[Any]:
        """Decode as PyAV does, one frame after the other. Raises Refused for damage or excess."""
        return self._within_limits(lambda: self.container.decode(*streams, **kinds))

    def decode_by(self, codec: str, stream: Any) -> Iterator[Any]:
        """Decode a track by another decoder than FFmpeg's first choice. Raises as `decode`."""

        def frames() -> Iterator[Any]:
            decoder: Any = av.CodecContext.create(codec, "r")
            decoder.options = {"max_pixels": AV_OPTIONS["max_pixels"]}
            for packet in self.container.demux(stream):
                yield from decoder.decode(packet)

        return self._within_limits(frames)

    def decode_readable(self, stream: Any) -> Iterator[Any]:
        """Decode what can be decoded of a track, and leave out the rest. Raises Refused for
        excess."""

        def frames() -> Iterator[Any]:
            packets = islice(self.container.demux(stream), MAX_PACKETS)
            while True:
                try:
                    # None also after damage that no packets come after.
                    packet = next(packets, None)
                    if packet is None:
                        return
                    parts = packet.decode()
                except MemoryError:
                    raise
                except av.error.FFmpegError:
                    continue
                yield from parts

        return self._within_limits(frames)

    def _within_limits(self, decode: Callable[[], Iterable[Any]]) -> Iterator[Any]:
        seconds: dict[int, float] = {}
        frames = 0
        try:
            for frame in decode():
                frames += 1
                if isinstance(frame, av.VideoFrame):
                    _check_pixels(frame.width, frame.height)
                    if frames > MAX_FRAMES:
                        raise Refused(_too_long())
                elif isinstance(frame, av.AudioFrame):
                    rate = frame.sample_rate or 1
                    total_s = seconds.get(rate, 0.0) + frame.samples / rate
                    seconds[rate] = total_s
                    if total_s > MAX_DURATION_S + 1:
                        raise Refused(_too_long())
                if frame.time is not None and frame.time > MAX_DURATION_S + _start_s(self):
                    raise Refused(_too_long())
                yield frame
        except MemoryError:
            raise
        except av.error.FFmpegError as error:
            raise Refused(_DAMAGED_AV) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.container, name)

    def __enter__(self) -> GuardedContainer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.container.close()

    def _check(self) -> None:
        streams = self.container.streams
        if len(streams) > MAX_STREAMS:
            raise Refused(f"This file has over {MAX_STREAMS} streams.")
        # A cover picture without a sound counts, for its reader to refuse.
        if not any(stream.codec_context for stream in (*streams.video, *streams.audio)):
            raise Refused("This file has no video or audio in it.")
        for stream in streams.video:
            if stream.codec_context is None:
                continue
            _check_pixels(stream.codec_context.width, stream.codec_context.height)
            stream.codec_context.options = {"max_pixels": AV_OPTIONS["max_pixels"]}


def extent(container: GuardedContainer, stream: Any) -> tuple[Fraction, Fraction, int]:
    """Return when the first picture or sound of a track starts and the last one ends, in seconds,
    and how many pictures are seen. All of the track is read.

    Headers may lie, about lengths and variable frame rates. Pictures are told by their packets,
    without decoding. Raises Refused for a sound that is too long.
    """
    if stream.type == "audio":
        return extent_of_sound(container.decode_readable(stream))
    return extent_of_pictures(islice(container.demux(stream), MAX_PACKETS), stream)


def check_length(seconds: float | Fraction | None) -> None:
    """Raise Refused for a length over MAX_DURATION_S, and what fills up a last packet."""
    if (seconds or 0) > MAX_DURATION_S + FILLED_S:
        raise Refused(_too_long())


def _picture_of(path: str | Path) -> PIL.Image.Image:
    return cast(PIL.Image.Image, _load(path, MAX_IMAGE_PIXELS))


def _load(
    path: str | Path, most_pixels: int, *, only_larger: bool = False
) -> PIL.Image.Image | None:
    """only_larger: None for one of at most `MAX_IMAGE_PIXELS`."""
    file_type = sniff_file(path)
    if file_type.mime not in IMAGES:
        raise Refused("This isn't an image. Use PNG, JPEG, WebP, GIF, HEIC, AVIF, TIFF or BMP.")
    try:
        with warnings.catch_warnings():
            # Between one and two times its limit Pillow only warns.
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            PIL.Image.MAX_IMAGE_PIXELS = most_pixels
            with PIL.Image.open(_source_of(path, file_type), formats=IMAGE_FORMATS) as picture:
                pixels = picture.width * picture.height
                if pixels > most_pixels:
                    raise TooManyPixels(most_pixels)
                if only_larger and pixels <= MAX_IMAGE_PIXELS:
                    return None
                whole: PIL.Image.Image = (
                    shrink(picture, MAX_IMAGE_PIXELS) if only_larger else picture
                )
                whole.load()
                upright = PIL.ImageOps.exif_transpose(whole)
                return as_rgb(as_srgb(upright))
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise TooManyPixels(most_pixels) from error
    except (MemoryError, Refused):
        raise
    # Pillow's parsers raise whatever the bytes made them stumble over.
    except Exception as error:
        raise Refused(_DAMAGED_IMAGE) from error


def _source_of(path: str | Path, file_type: Sniffed) -> str | Path | io.BytesIO:
    """Return what Pillow reads of an image file."""
    return with_largest_first(path) if file_type.mime == "image/tiff" else without_long_notes(path)


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_FRAME_PIXELS:
        raise Refused("This video is over 4096×2160. Use a smaller one.")


def _start_s(media: GuardedContainer) -> float:
    """Recordings may start at any time of a clock; the cap counts from there."""
    return (media.container.start_time or 0) / av.time_base + 1


def _too_long() -> str:
    return f"This is over {MAX_DURATION_S // 60} minutes long. Use a shorter one."
