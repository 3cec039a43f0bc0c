"""Changing a film picture by picture: its length, its clock and its sound stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from mediakit.job_protocol import Report
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video.cues import Cue
from studio.media.video.reader import Film
from studio.media.video.soundtrack import Meter, film_chunks
from studio.media.video.writer import VideoWriter

Draw = Callable[[Frame, int], Frame]


def working_size(film: Film) -> tuple[int, int]:
    """The size a film is worked on at: its own, even on both sides."""
    return even(film.width), even(film.height)


def even(side: float) -> int:
    return max(2, int(side) - int(side) % 2)


def retouch(
    film: Film,
    path: Path,
    size: tuple[int, int],
    draw: Draw,
    report: Report,
    message: str,
    *,
    audio: Iterable[Sound] | None = None,
    comment: str = "",
    output_size: tuple[int, int] | None = None,
    subtitles: Sequence[Cue] = (),
) -> float | None:
    """Write the film with every picture drawn again; the loudness of its sound, None without any.

    draw: a picture of `size` and its number → a picture of output_size. audio: another sound; else
    the film's own. comment: for the file's metadata.
    """
    total = film.frame_count()
    if audio is None and film.has_sound:
        audio = film_chunks(film, round(total / film.fps * SAMPLE_RATE))
    meter = Meter()
    sound = None if audio is None else meter.through(audio)
    lines = [(cue.start, cue.end, cue.text) for cue in subtitles]
    with VideoWriter(
        path,
        *(output_size or size),
        film.fps,
        audio=sound,
        comment=comment,
        subtitles=lines,
    ) as writer:
        for number, frame in enumerate(film.frames(size=size)):
            writer.add(draw(frame, number))
            if number % 8 == 0:
                report(0.02 + 0.96 * number / total, message)
    return None if audio is None else round(meter.lufs, 1)
