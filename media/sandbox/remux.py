"""Copies of films and sounds without what rides along in the file. Child process only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import av.error

from media.sandbox.source_types import BOX_CONTAINERS, append_box, tag_of
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


def remux(path: str, mime: str, target: str, source_type: str) -> None:
    """Write the same pictures and sound into a new file, with the type of its source if it has one.

    Phones write where they were into tags and cameras into whole data tracks; neither is copied,
    nor are titles, chapters and cover pictures. Nothing is encoded again. Raises Refused.
    """
    container = FORMATS.get(mime)
    if container is None:
        raise Refused("This format can't be published. Use MP4, WebM, MP3, WAV or FLAC.")
    has_box = container in BOX_CONTAINERS
    options = {"fflags": "+bitexact"}
    if container in ("mp4", "mov"):
        options["movflags"] = "+faststart"
    with open_av(Path(path)) as source:
        try:
            with av.open(target, "w", format=container, options=options) as output:
                if source_type and not has_box:
                    output.metadata.update(tag_of(source_type))
                _copy(source, output)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("This file is damaged and can't be published.") from error
    if source_type and has_box:
        append_box(target, source_type)


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
