"""What a file says about itself, and what can be measured of it. Facts are JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import PIL.ExifTags
import PIL.Image

from mediakit.decode import IMAGE_FORMATS, open_av, open_image, sniff_file
from mediakit.png_chunks import without_long_notes
from studio.media.audio.loudness import SILENT, measure_lufs
from studio.media.image.palette import main_colours
from studio.media.raster import Frame
from studio.media.video.reader import open_film, read_sound

LONGEST_NOTE = 2000

_MOST_NOTES = 40

# Named one by one: places, serial numbers and owners' names must never come along by themselves.
_EXIF = (
    "Make", "Model", "LensModel", "DateTime", "DateTimeOriginal", "ExposureTime", "FNumber",
    "ISOSpeedRatings", "FocalLength", "FocalLengthIn35mmFilm", "Flash", "WhiteBalance",
    "Orientation", "Software", "Artist", "Copyright", "ImageDescription",
)  # fmt: skip

_PRIVATE_NOTES = ("location", "gps", "xyz", "serial", "xmp", "exif", "raw profile", "icc")


def _read_image(path: Path) -> dict[str, Any]:
    pixels = open_image(path)
    # Opened a second time for its header alone, now that the pixels have passed the guards.
    with PIL.Image.open(without_long_notes(path), formats=IMAGE_FORMATS) as picture:
        exif = _exif(picture)
        notes = _notes({key: value for key, value in picture.info.items() if key != "exif"})
        frames = int(getattr(picture, "n_frames", 1))
    return {
        **_file_facts(path),
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "transparent": pixels.shape[2] == 4,
        "frames": frames,
        "palette": _palette(np.ascontiguousarray(pixels[..., :3])),
        "exif": exif,
        "notes": notes,
    }


def _read_video(path: Path) -> dict[str, Any]:
    film = open_film(path)
    facts = {
        **_container_facts(path),
        "width": film.width,
        "height": film.height,
        "duration_s": round(film.duration_s, 3),
        "fps": round(float(film.fps), 3),
        "frames": film.frame_count(),
        "rotation": film.turn.quarters * 90,
        "mirrored": film.turn.mirrored,
        "color": {
            "hdr": film.colors.hdr,
            "transfer": film.colors.transfer,
            "primaries": film.colors.primaries,
            "matrix": film.colors.matrix,
            "range": film.colors.range,
            "bit_depth": film.colors.bit_depth,
        },
        "palette": _palette(next(film.frames())),
    }
    return {**facts, **(_loudness(path) if film.has_sound else {})}


def _read_audio(path: Path) -> dict[str, Any]:
    return {**_container_facts(path), **_loudness(path)}


READERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "image": _read_image,
    "video": _read_video,
    "audio": _read_audio,
}


def _file_facts(path: Path) -> dict[str, Any]:
    return {"mime": sniff_file(path).mime, "size_bytes": path.stat().st_size}


def _container_facts(path: Path) -> dict[str, Any]:
    with open_av(path) as container:
        seconds = container.duration_s
        return {
            **_file_facts(path),
            "container": container.format.name,
            "duration_s": None if seconds is None else round(seconds, 3),
            "bit_rate": container.bit_rate or None,
            "streams": [_stream(stream) for stream in container.streams],
            "notes": _notes(container.metadata),
        }


def _stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    facts: dict[str, Any] = {"type": stream.type}
    if context is None:
        return facts
    facts |= {"codec": context.name, "bit_rate": getattr(context, "bit_rate", None) or None}
    if stream.language:
        facts["language"] = _utf8(stream.language)
    if stream.type == "video":
        facts |= {
            # As stored: before turning and before pixels are made square.
            "width": context.width,
            "height": context.height,
            "pixel_format": context.pix_fmt,
            "profile": context.profile,
            "frame_rate": round(float(stream.average_rate), 3) if stream.average_rate else None,
        }
    elif stream.type == "audio":
        facts |= {
            "sample_rate": context.sample_rate,
            "channels": context.channels,
            "layout": context.layout.name,
        }
    return facts


def _loudness(path: Path) -> dict[str, Any]:
    sound = read_sound(path)
    lufs = measure_lufs(sound)
    peak = float(np.abs(sound).max()) if sound.size else 0.0
    return {
        "loudness_lufs": round(lufs, 1) if lufs > SILENT else None,
        "peak_dbfs": round(20 * float(np.log10(peak)), 1) if peak > 0 else None,
    }


def _palette(picture: Frame) -> list[dict[str, Any]]:
    return [swatch.facts() for swatch in main_colours(picture)]


def _exif(picture: PIL.Image.Image) -> dict[str, Any]:
    try:
        exif = picture.getexif()
        tags = {**exif, **exif.get_ifd(PIL.ExifTags.IFD.Exif)}
    # Hand-made EXIF makes Pillow stumble in many ways; the picture itself is fine.
    except Exception:
        return {}
    named = {PIL.ExifTags.TAGS.get(number, ""): value for number, value in tags.items()}
    return {name: _plain(named[name]) for name in _EXIF if name in named}


def _notes(notes: Mapping[Any, Any]) -> dict[str, str]:
    """Text the maker left, without what tells where or by whom it was taken."""
    kept: dict[str, str] = {}
    for key, value in notes.items():
        name = _utf8(str(key))[:100]
        private = any(part in name.lower() for part in _PRIVATE_NOTES)
        if isinstance(value, str) and value.strip() and not private and len(kept) < _MOST_NOTES:
            kept[name] = _text(_utf8(value))
    return kept


def _utf8(text: str) -> str:
    """The text with U+FFFD for bytes that PyAV couldn't read and left as surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _plain(value: Any) -> int | float | str:
    """An EXIF value as JSON can hold it; fractions as numbers."""
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return _text(value)
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return _text(str(value))
    return round(number, 6) if np.isfinite(number) else "unknown"


def _text(value: str) -> str:
    # Neither JSON nor Postgres takes lone surrogates or NUL.
    clean = value.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    return clean[:LONGEST_NOTE]
