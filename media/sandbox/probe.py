"""The facts of an outsider's file, found by really decoding some of it. Child process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mediakit.decode import (
    MAX_IMAGE_PIXELS,
    GuardedContainer,
    TooManyPixels,
    check_length,
    open_av,
    open_image,
    sniff_file,
)
from mediakit.errors import Refused
from mediakit.file_type import IMAGES, MODELS

Report = Callable[[float, str], None]

# A container that holds sound alone is served as what it is.
SOUND_ONLY = {
    "video/mp4": "audio/mp4",
    "video/3gpp": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/webm": "audio/webm",
    "video/x-matroska": "audio/x-matroska",
}


def probe(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """arguments: path; most, the pixels of an image that a refusal names. Returns kind and mime,
    and where they apply width and height (pixels, as it is shown), duration_ms, fps, has_audio.

    Raises Refused for what we do not take.
    """
    path = arguments["path"]
    mime = sniff_file(path).mime
    if mime in IMAGES:
        try:
            height, width = open_image(path).shape[:2]
        except TooManyPixels as refusal:
            raise TooManyPixels(arguments.get("most") or MAX_IMAGE_PIXELS) from refusal
        return {"kind": "image", "mime": mime, "width": width, "height": height}
    if mime in MODELS:
        return {"kind": "model", "mime": mime}
    with open_av(path) as media:
        if media.pictures is not None:
            return _probe_video(media, mime)
        if media.sound is not None:
            return _probe_audio(media, mime)
    raise Refused("This file has no video or audio in it.")


def _probe_video(media: GuardedContainer, mime: str) -> dict[str, Any]:
    stream = media.pictures
    if stream.codec_context.name == "rawvideo" and "matroska" in media.container.format.name:
        # FFmpeg reads it and writes none, so it could not be published.
        raise Refused("Uncompressed video in Matroska isn't taken. Export it as MP4.")
    first = next(media.decode(stream), None)
    if first is None:
        raise Refused("This video can't be shown.")
    # Phones film on their side and note the rotation.
    sideways = first.rotation % 180 != 0
    width, height = (first.height, first.width) if sideways else (first.width, first.height)
    rate = stream.average_rate or stream.guessed_rate
    return {
        "kind": "video",
        "mime": "video/ogg" if mime == "audio/ogg" else mime,
        "width": width,
        "height": height,
        "duration_ms": _duration_ms(media),
        "fps": round(float(rate), 3) if rate else None,
        "has_audio": media.sound is not None,
    }


def _probe_audio(media: GuardedContainer, mime: str) -> dict[str, Any]:
    stream = media.sound
    if next(media.decode(stream), None) is None:
        raise Refused("This file has no readable audio.")
    return {
        "kind": "audio",
        # Credentials in FLAC lie in a tag at its front, which looks like MP3.
        "mime": "audio/flac" if media.format.name == "flac" else SOUND_ONLY.get(mime, mime),
        "duration_ms": _duration_ms(media),
    }


def _duration_ms(media: GuardedContainer) -> int | None:
    check_length(media.duration_s)
    return None if media.duration_s is None else round(media.duration_s * 1000)
