"""The only ways to open an outsider's picture, video or sound. Child process only.

Formats are allow-listed, sizes are checked before memory is taken, and what a header promises is
checked again while decoding. Everything that is wrong with the material raises Refused.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
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
from mediakit.png_chunks import without_long_notes

MAX_IMAGE_PIXELS = 40_000_000
# What is made smaller instead of refused where it is paid for; Pillow takes 4 bytes for each.
MAX_PAID_PIXELS = 200_000_000
MAX_FRAME_PIXELS = 4096 * 2160
MAX_DURATION_S = 600
MAX_FRAMES = MAX_DURATION_S * 120
MAX_STREAMS = 32

IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "HEIF", "AVIF", "TIFF")
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,mp3,ogg,flac"
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


# HEIC is what phones take. Of its many parts only the main image is wanted.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=2
)


def sniff_file(path: str | Path) -> Sniffed:
    """Return the file's type by its first bytes. Raises Refused for what is never taken."""
    with open(path, "rb") as file:
        file_type = sniff(file.read(HEAD_BYTES))
    if not file_type.mime:
        raise Refused(file_type.refusal)
    return file_type


def open_image(path: str | Path) -> np.ndarray:
    """The picture upright, in sRGB: (height, width, 3 or 4) uint8, RGB or RGBA.

    Four channels only when the picture has transparency. Of an animation, the first frame. Raises
    Refused for other formats, more than MAX_IMAGE_PIXELS, or damage.
    """
    return np.asarray(_picture_of(path))


def open_reduced(path: str | Path) -> np.ndarray | None:
    """Open an image of more pixels than `open_image` takes, reduced until it would take it.

    None for an image that needs nothing. Raises Refused above `MAX_PAID_PIXELS`.
    """
    picture = _load(path, MAX_PAID_PIXELS, only_larger=True)
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

    duration_s: what the container says, None when it says nothing; `decode` stops at the cap.
    """

    def __init__(self, path: str | Path) -> None:
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

    @property
    def duration_s(self) -> float | None:
        ticks = self.container.duration
        return None if ticks is None else ticks / av.time_base

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
        if (self.duration_s or 0) > MAX_DURATION_S:
            raise Refused(_too_long())
        for stream in streams.video:
            if stream.codec_context is None:
                continue
            _check_pixels(stream.codec_context.width, stream.codec_context.height)
            stream.codec_context.options = {"max_pixels": AV_OPTIONS["max_pixels"]}


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
            with PIL.Image.open(without_long_notes(path), formats=IMAGE_FORMATS) as picture:
                pixels = picture.width * picture.height
                if pixels > most_pixels:
                    raise Refused(_too_many_pixels())
                if only_larger and pixels <= MAX_IMAGE_PIXELS:
                    return None
                whole: PIL.Image.Image = _reduce(picture) if only_larger else picture
                whole.load()
                upright = PIL.ImageOps.exif_transpose(whole)
                return _as_rgb(_as_srgb(upright))
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise Refused(_too_many_pixels()) from error
    except (MemoryError, Refused):
        raise
    # Pillow's parsers raise whatever the bytes made them stumble over.
    except Exception as error:
        raise Refused(_DAMAGED_IMAGE) from error


def _reduce(picture: PIL.Image.Image) -> PIL.Image.Image:
    scale = math.sqrt(MAX_IMAGE_PIXELS / (picture.width * picture.height))
    size = (int(picture.width * scale), int(picture.height * scale))
    turn = picture.getexif().get(PIL.ExifTags.Base.Orientation)
    # JPEG is made smaller while it is decoded.
    picture.draft(None, size)
    if picture.mode in ("1", "P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    small = picture.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn:
        small.getexif()[PIL.ExifTags.Base.Orientation] = turn
    return small


def _as_srgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Colors as everyone shows them; phones write wider spaces. A broken profile is ignored."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    try:
        srgb = PIL.ImageCms.profileToProfile(
            picture,
            PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            PIL.ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
    except (PIL.ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return srgb or picture


def _as_rgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    if picture.mode in ("RGB", "RGBA"):
        return picture
    if picture.mode.startswith("I"):
        # 16 bits a sample; Pillow would clip at 255 instead of scaling.
        grey = np.clip(np.asarray(picture, dtype=np.int64) // 257, 0, 255).astype(np.uint8)
        return PIL.Image.fromarray(grey).convert("RGB")
    if picture.mode == "F":
        raise Refused("Floating-point images aren't supported. Use PNG or JPEG.")
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_FRAME_PIXELS:
        raise Refused("This video is over 4096×2160. Use a smaller one.")


def _start_s(media: GuardedContainer) -> float:
    """Recordings may start at any time of a clock; the cap counts from there."""
    return (media.container.start_time or 0) / av.time_base + 1


def _too_long() -> str:
    return f"This is over {MAX_DURATION_S // 60} minutes long. Use a shorter one."


def _too_many_pixels() -> str:
    return f"This image is over {MAX_IMAGE_PIXELS // 1_000_000} megapixels. Use a smaller one."
