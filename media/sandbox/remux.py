"""Copies of films and sounds without what rides along in the file. Child process only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import av.error

from mediakit.decode import MAX_FRAMES, open_av
from mediakit.errors import Refused

# The container that is written for what a file is. Others have no place on a public page.
FORMATS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "matroska",
    "video/3gpp": "3gp",
    "audio/mp4": "mp4",
    "audio/webm": "webm",
    "audio/x-matroska": "matroska",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "video/ogg": "ogg",
}


def remux(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, mime, target, out. Writes the same pictures and sound into a new file.

    Phones write where they were into tags and cameras into whole data tracks; neither is copied,
    nor are titles, chapters and cover pictures. Nothing is encoded again. Returns an empty dict.
    Raises Refused.
    """
    container = FORMATS.get(arguments["mime"])
    if container is None:
        raise Refused("This format can't be published. Use MP4, WebM, MP3, WAV or FLAC.")
    options = {"fflags": "+bitexact"}
    if container in ("mp4", "mov"):
        options["movflags"] = "+faststart"
    with open_av(Path(arguments["path"])) as source:
        try:
            with av.open(arguments["target"], "w", format=container, options=options) as target:
                _copy(source, target)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("This file is damaged and can't be published.") from error
    return {}


def _copy(source: Any, target: Any) -> None:
    cover = av.stream.Disposition.attached_pic
    outputs = {
        stream.index: target.add_stream_from_template(stream)
        for stream in (*source.streams.video, *source.streams.audio)
        if not stream.disposition & cover
    }
    streams = [stream for stream in source.streams if stream.index in outputs]
    for count, packet in enumerate(source.demux(streams)):
        # The demuxer ends with empty packets, which flush decoders and are nothing to write.
        if packet.dts is None and packet.size == 0:
            continue
        if count > 4 * MAX_FRAMES:
            raise Refused("This video has too many frames to be published. Use a shorter one.")
        packet.stream = outputs[packet.stream.index]
        target.mux(packet)
