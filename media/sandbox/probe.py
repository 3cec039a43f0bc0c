"""The facts of an outsider's file, found by really decoding some of it. Child process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av

from mediakit.decode import GuardedContainer, open_av, open_image, sniff_file
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
    """arguments: path. Returns kind and mime, and where they apply width and height (pixels, as it
    is shown), duration_ms, fps, has_audio. Raises Refused for what we do not take."""
    path = arguments["path"]
    mime = sniff_file(path).mime
    if mime in IMAGES:
        height, width = open_image(path).shape[:2]
        return {"kind": "image", "mime": mime, "width": width, "height": height}
    if mime in MODELS:
        return {"kind": "model", "mime": mime}
    with open_av(path) as media:
        # A cover picture in a music file is no video.
        pictures = [s for s in media.streams.video if not _is_cover(s)]
        if pictures:
            return _probe_video(media, pictures[0], mime)
        if media.streams.audio:
            return _probe_audio(media, mime)
    raise Refused("This file has no video or audio in it.")


def _probe_video(media: GuardedContainer, stream: Any, mime: str) -> dict[str, Any]:
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
        "duration_ms": _duration_ms(media, stream),
        "fps": round(float(rate), 3) if rate else None,
        "has_audio": bool(media.streams.audio),
    }


def _probe_audio(media: GuardedContainer, mime: str) -> dict[str, Any]:
    stream = media.streams.audio[0]
    if next(media.decode(stream), None) is None:
        raise Refused("This file has no readable audio.")
    return {
        "kind": "audio",
        # Credentials in FLAC lie in a tag at its front, which looks like MP3.
        "mime": "audio/flac" if media.format.name == "flac" else SOUND_ONLY.get(mime, mime),
        "duration_ms": _duration_ms(media, stream),
    }


def _duration_ms(media: GuardedContainer, stream: Any) -> int | None:
    if media.duration_s is not None:
        return round(media.duration_s * 1000)
    if stream.duration is not None and stream.time_base is not None:
        return round(float(stream.duration * stream.time_base) * 1000)
    return None


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
