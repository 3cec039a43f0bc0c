"""Putting a film's own packets into a new MP4: nothing is decoded, so nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from media.sandbox import Refused
from media.sandbox.decode import MAX_FRAMES, open_av
from tools.providers.studio.film.cues import Cue
from tools.providers.studio.film.reader import Film, picture_stream
from tools.providers.studio.film.writer import Titles

# What players take in MP4.
_PICTURES = frozenset({"h264", "hevc", "av1"})
_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})

Report = Callable[[float, str], None]


def can_copy(film: Film) -> bool:
    """Whether the film's pictures and its first sound track fit into an MP4 as they are."""
    with open_av(film.path) as source:
        sound = next(iter(source.streams.audio), None)
        return picture_stream(source).codec_context.name in _PICTURES and (
            sound is None or sound.codec_context.name in _SOUNDS
        )


def copy_with_titles(
    film: Film, path: Path, cues: Sequence[Cue], report: Report, message: str
) -> None:
    """Write the film's pictures and sound with a track of subtitles, which players switch on.

    Turns and colors stay as the film notes them; tags, titles and data tracks are left out. cues:
    on the pictures' clock. Raises Refused for damage.
    """
    lines = [(cue.start + float(film.start), cue.end + float(film.start), cue.text) for cue in cues]
    with (
        open_av(film.path) as source,
        av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as made,
    ):
        pictures, sound = picture_stream(source), next(iter(source.streams.audio), None)
        tracks: dict[int, Any] = {
            stream.index: made.add_stream_from_template(stream)
            for stream in (pictures, sound)
            if stream is not None
        }
        titles = Titles(made, lines) if lines else None
        at = Fraction(0)
        try:
            for count, packet in enumerate(source.demux([source.streams[i] for i in tracks])):
                # The demuxer ends with empty packets, which are nothing to write.
                if packet.dts is None:
                    continue
                if count > 4 * MAX_FRAMES:
                    raise Refused("This video has too many frames. Use a shorter one.")
                is_picture = packet.stream.index == pictures.index
                at = max(at, packet.dts * packet.time_base)
                packet.stream = tracks[packet.stream.index]
                made.mux(packet)
                if titles is not None and is_picture:
                    titles.write_until(at)
                    report(min(1.0, float(at - film.start) / film.duration_s), message)
            if titles is not None:
                titles.write_until(film.start + Fraction(film.duration_s))
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("This video is damaged and can't be copied.") from error
