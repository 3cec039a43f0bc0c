"""Copies of films and sounds without what rides along in the file. Child process only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av

from media.sandbox.source_types import BOX_CONTAINERS, append_box, tag_of
from mediakit.decode import MAX_PACKETS, GuardedContainer, open_av
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
# Codecs of sounds in MOV, which is called audio/mp4 where there are no pictures.
QUICKTIME_ONLY = frozenset({"adpcm_ima_qt", "pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8"})


def remux(path: str, mime: str, target: str, source_type: str) -> None:
    """Write the same pictures and sound into a new file, with the type of its source if it has one.

    Phones write where they were into tags and cameras into whole data tracks; neither is copied,
    nor are titles, chapters, cover pictures and tracks that nothing here can decode. Nothing is
    encoded again. Raises Refused.
    """
    container = FORMATS.get(mime)
    if container is None:
        raise Refused("This format can't be published. Use MP4, WebM, MP3, WAV or FLAC.")
    with open_av(Path(path)) as source:
        codecs = {track.codec_context.codec.canonical_name for track in source.tracks}
        if container == "mp4" and codecs & QUICKTIME_ONLY:
            container = "mov"
        if container == "mp3" and "mp2" in codecs:
            container = "mp2"
        has_box = container in BOX_CONTAINERS
        try:
            with av.open(target, "w", format=container, options=_options(container)) as output:
                if source_type and not has_box:
                    output.metadata.update(tag_of(source_type))
                _copy(source, output)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused(
                "This file can't be written without its notes. Convert it to MP4 (H.264, AAC)."
            ) from error
    if source_type and has_box:
        append_box(target, source_type)


def _options(container: str) -> dict[str, str]:
    options = {"fflags": "+bitexact"}
    if container in ("mp4", "mov"):
        options["movflags"] = "+faststart"
        # MP3 of fewer than 16,000 samples a second: QuickTime has it, MP4 doesn't name it.
        options["strict"] = "unofficial"
    return options


def _copy(source: GuardedContainer, target: Any) -> None:
    # Opaque: a copy needs no encoder.
    outputs = {
        track.index: target.add_stream_from_template(track, opaque=True) for track in source.tracks
    }
    for count, packet in enumerate(_playable(_packets(source, source.tracks))):
        if count > MAX_PACKETS:
            raise Refused("This video has too many frames to be published. Use a shorter one.")
        packet.stream = outputs[packet.stream.index]
        target.mux(packet)


def _playable(packets: Iterable[Any]) -> Iterator[Any]:
    """Leave out what lies behind the end of a track's edit list. What lies before its beginning
    stays: decoders need it."""
    waiting: dict[int, list[Any]] = {}
    for packet in packets:
        track = packet.stream.index
        # The demuxer ends with empty packets, which flush decoders and are nothing to write.
        if packet.dts is None and packet.size == 0:
            continue
        if packet.is_discard and track in waiting:
            waiting[track].append(packet)
            continue
        if not packet.is_discard:
            # Pictures are stored out of order: one that isn't shown may be needed by one that is.
            yield from waiting.get(track, ())
            waiting[track] = []
        yield packet


def _packets(source: GuardedContainer, tracks: Sequence[Any]) -> Iterator[Any]:
    has_begun = False
    try:
        for packet in source.container.demux(tracks):
            yield packet
            has_begun = True
    except av.error.FFmpegError as error:
        # What was readable is published, as it was taken.
        if not has_begun:
            raise Refused("This file is damaged and can't be published.") from error
