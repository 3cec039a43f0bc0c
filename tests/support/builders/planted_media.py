"""Files of every format that people bring, with a prompt, a place, a seed and a title in each."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import av
import numpy as np
import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from media.blobs import FileFacts
from tests.support.builders.blobs import film
from tests.support.builders.models3d import with_note

pillow_heif.register_heif_opener()

PLANTED: Final[Mapping[str, str]] = {
    "comment": "prompt: an otter below the northern lights",
    "location": "+48.2000+012.5000/",
    "description": "seed 918273645",
    "title": "Otter for Mathilda",
}
SIZE: Final = (64, 48)


def words_in(data: bytes) -> list[str]:
    """Return what was planted and is in these bytes."""
    return [word for word in PLANTED.values() if word.encode() in data]


def _picture(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = " ".join(PLANTED.values())
    texts = PngInfo()
    for name, word in PLANTED.items():
        texts.add_text(name, word)
    options: dict[str, Any] = {"exif": exif if kind == "TIFF" else exif.tobytes()}
    if kind == "PNG":
        options["pnginfo"] = texts
    if kind == "GIF":
        options = {"comment": " ".join(PLANTED.values())}
    file = io.BytesIO()
    Image.new("RGB", SIZE, "teal").save(file, kind, **options)
    return file.getvalue()


def _film(container: str, codec: str) -> bytes:
    return film(PLANTED, container, codec, frames=10, size=SIZE)


def _sound(container: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata.update(PLANTED)
        stream = cast(Any, output.add_stream(codec, rate=48000))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 96000), np.int16), "s16", "mono")
        frame.sample_rate = 48000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


# By name: how it is made, and its type.
_MAKERS: Final[Mapping[str, tuple[Callable[[], bytes], str]]] = {
    "PNG": (lambda: _picture("PNG"), "image/png"),
    "JPEG": (lambda: _picture("JPEG"), "image/jpeg"),
    "WebP": (lambda: _picture("WEBP"), "image/webp"),
    "GIF": (lambda: _picture("GIF"), "image/gif"),
    "HEIC": (lambda: _picture("HEIF"), "image/heic"),
    "AVIF": (lambda: _picture("AVIF"), "image/avif"),
    "TIFF": (lambda: _picture("TIFF"), "image/tiff"),
    "MP4": (lambda: _film("mp4", "libx264"), "video/mp4"),
    "MOV": (lambda: _film("mov", "libx264"), "video/quicktime"),
    "M4A": (lambda: _sound("ipod", "aac"), "audio/mp4"),
    "MP3": (lambda: _sound("mp3", "libmp3lame"), "audio/mpeg"),
    "WAV": (lambda: _sound("wav", "pcm_s16le"), "audio/wav"),
    "FLAC": (lambda: _sound("flac", "flac"), "audio/flac"),
    "WebM": (lambda: _film("webm", "libvpx"), "video/webm"),
    "3GP": (lambda: _film("3gp", "libx264"), "video/3gpp"),
    "OGG": (lambda: _sound("ogg", "libopus"), "audio/ogg"),
    "GLB": (lambda: with_note(" ".join(PLANTED.values())), "model/gltf-binary"),
}
FORMATS: Final = tuple(_MAKERS)
# Those that can have credentials of their maker.
SIGNED_FORMATS: Final = FORMATS[: FORMATS.index("FLAC") + 1]


def planted_file(name: str) -> tuple[bytes, FileFacts]:
    """Make a file of a format of FORMATS; what it is."""
    make, mime = _MAKERS[name]
    kind = mime.partition("/")[0]
    width, height = SIZE if kind in ("image", "video") else (None, None)
    return make(), FileFacts(kind, mime, width, height)


def formats_of(kind: str) -> list[str]:
    """List the formats of a kind of media."""
    return [name for name, (_, mime) in _MAKERS.items() if mime.startswith(f"{kind}/")]
