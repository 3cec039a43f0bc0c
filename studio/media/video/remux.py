"""Putting a film's own packets into a new MP4: nothing is decoded, so nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import av.error

from mediakit.decode import MAX_FRAMES, open_av
from mediakit.errors import Refused
from mediakit.frames import Turn
from mediakit.job_protocol import Report
from studio.media.audio.samples import Sound
from studio.media.audio.writer import SoundTrack
from studio.media.video.cues import Cue
from studio.media.video.joining import PlacedClip
from studio.media.video.reader import Film, picture_stream
from studio.media.video.writer import Titles

# What players take in MP4.
_PICTURES = frozenset({"h264", "hevc", "av1"})
_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})
# How long a picture stands that isn't to be seen: less than a quarter of one at 60 a second.
BLINK_S = Fraction(1, 500)


def can_copy(film: Film) -> bool:
    """Whether the film's pictures and its first sound track fit into an MP4 as they are."""
    with open_av(film.path) as source:
        sound = source.sound
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
        pictures, sound = picture_stream(source), source.sound
        tracks: dict[int, Any] = {
            stream.index: made.add_stream_from_template(stream, opaque=True)
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


def can_join(films: Sequence[Film], size: tuple[int, int], rate: Fraction) -> bool:
    """Whether films can follow each other in one track as they are: encoded alike, at that size.

    What a decoder is told at the start must be the same for all of them, and their pictures must
    come at the even times that sound is laid out by.
    """
    first: tuple[str, bytes] | None = None
    for film in films:
        if (film.width, film.height) != size or film.fps != rate:
            return False
        if film.turn != Turn() or film.colors.conversion:
            return False
        with open_av(film.path) as source:
            stream = picture_stream(source)
            told = stream.codec_context.name, bytes(stream.codec_context.extradata or b"")
            if told[0] not in _PICTURES or not told[1] or told != (first or told):
                return False
            first = told
            if not _is_even(source, stream, film, rate):
                return False
    return True


def join(
    cuts: Sequence[PlacedClip],
    path: Path,
    rate: Fraction,
    sound: Iterable[Sound] | None,
    report: Report,
    *,
    comment: str,
) -> None:
    """Write the pictures of films one after the other, without encoding them, with other sound.

    cuts: of films as `can_join` allows, that share one picture at most: of the later film it stays
    in the file, as those after it are decoded by it, but is shown too shortly to be seen. Raises
    Refused for damage.
    """
    total = cuts[-1].start + cuts[-1].frames
    with (
        open_av(cuts[0].film.path) as template,
        av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as made,
    ):
        made.metadata["comment"] = comment
        pictures: Any = made.add_stream_from_template(picture_stream(template), opaque=True)
        track = None if sound is None else SoundTrack(made, sound)
        written = 0
        try:
            for cut in cuts:
                written = cut.start
                with open_av(cut.film.path) as source:
                    shift = Fraction(cut.start) / rate - cut.film.start
                    # The first picture, where it is shared: until the next one.
                    late = cut.head * (1 / rate - BLINK_S)
                    for packet in source.demux(picture_stream(source)):
                        if packet.dts is None or packet.pts is None:
                            continue
                        by = round((shift + late) / packet.time_base)
                        packet.pts, packet.dts = packet.pts + by, packet.dts + by
                        late = Fraction(0)
                        packet.stream = pictures
                        made.mux(packet)
                        written += 1
                        if track is not None:
                            track.write_until(written / rate)
                        if written % 24 == 0:
                            report(0.1 + 0.88 * written / total, "Joining clips")
            if track is not None:
                track.finish()
        except (av.error.FFmpegError, ValueError) as error:
            raise Refused("This video is damaged and can't be copied.") from error


def _is_even(source: Any, stream: Any, film: Film, rate: Fraction) -> bool:
    """Whether the pictures' times are the multiples of a frame, and the first can stand alone."""
    times: list[Fraction] = []
    try:
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts is None:
                continue
            # A packet to decode but not to show is the mark of a cut without encoding.
            if packet.is_discard or (not times and not packet.is_keyframe):
                return False
            times.append((packet.pts * packet.time_base - film.start) * rate)
    except av.error.FFmpegError:
        return False
    if not times or times[0] != min(times):
        return False
    times = sorted(times)
    seen = [at for at, after in pairwise(times) if after - at > Fraction(1, 4)] + times[-1:]
    if len(seen) != film.frame_count(rate):
        return False
    return all(abs(at - number) < Fraction(1, 4) for number, at in enumerate(seen))
