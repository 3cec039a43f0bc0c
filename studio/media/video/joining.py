"""Joining clips: where each lies in the film, its pictures, its sound and what is said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from typing import Any

import numpy as np

from studio.media.audio.loudness import SILENT
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video.cues import Cue, moved, of_meta
from studio.media.video.reader import Film, Fit, read_chunks
from studio.media.video.soundtrack import (
    Lane,
    beneath,
    exactly,
    faded,
    film_chunks,
    limited,
    looped,
    measured,
    mixed,
)
from studio.media.video.transitions import BLENDS, Transition

_DECLICK = SAMPLE_RATE // 200  # 5 ms: a waveform cut in mid-swing clicks

_BED_LUFS = -20.0

_BED_CEILING = 0.84

# The end of a soundtrack is faded, so as much of it is not missed.
_FADE_S = 1.5

# Music is made no shorter, so that a short film has to cut it.
_SHORTEST_MUSIC_S = 10


@dataclass(frozen=True, slots=True)
class Bed:
    """A sound file under a whole film. samples, lufs: of all of it.

    repeats: until the film ends, as music does; what is spoken or sung is heard once.
    """

    path: str
    samples: int
    lufs: float
    repeats: bool

    def track(self, samples: int) -> Iterator[Sound]:
        """Return so many samples of it, with silence behind what is heard once."""
        if not self.repeats:
            return exactly(read_chunks(self.path), samples)
        return looped(lambda: read_chunks(self.path), self.samples, samples)

    def warning(self, film_s: float) -> str:
        """Return a sentence where the film cuts it or needs it again; "" within the fade."""
        length_s = self.samples / SAMPLE_RATE
        if length_s > max(film_s + _FADE_S, _SHORTEST_MUSIC_S):
            change = "cut where"
        elif self.repeats and length_s < film_s - _FADE_S:
            change = "repeated until"
        else:
            return ""
        return (
            f"The soundtrack lasts {length_s:.3g} s and is {change} the film ends,"
            f" at {film_s:.3g} s."
        )


def read_bed(audio: Mapping[str, Any]) -> Bed:
    """Read the whole of a file. Raises Refused when there is no sound track."""
    meter = measured(read_chunks(audio["path"]))
    spoken = of_meta(audio.get("meta") or {}, 0.0)
    return Bed(audio["path"], meter.samples, meter.lufs, repeats=not spoken)


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """One clip's place in the film, in frames: its first one, how many, and how many are shared
    with the clip before and the clip after."""

    film: Film
    start: int
    frames: int
    head: int
    tail: int


def lay_out(
    films: Sequence[Film], rate: Fraction, transition: Transition, continues: Collection[int] = ()
) -> tuple[list[PlacedClip], bool]:
    """Place the clips one after another; also whether a transition had to be shortened.

    A transition takes at most half of either clip, so that a clip's two never meet. continues:
    numbers of clips that begin with the last picture of the one before, which both share.
    """
    wanted = round(transition.duration_s * rate)
    counts = [film.frame_count(rate) for film in films]
    shared = [
        min(max(wanted, int(number in continues)), before // 2, after // 2)
        for number, (before, after) in enumerate(pairwise(counts), start=1)
    ]
    cuts = []
    start = 0
    for film, frames, head, tail in zip(films, counts, [0, *shared], [*shared, 0], strict=True):
        start -= head
        cuts.append(PlacedClip(film, start, frames, head, tail))
        start += frames
    return cuts, any(overlap < wanted for overlap in shared)


def joined_frames(
    cuts: Sequence[PlacedClip],
    rate: Fraction,
    size: tuple[int, int],
    fit: Fit,
    transition: Transition,
) -> Iterator[Frame]:
    # The clip before is still open while its end is shared, so nothing is kept but one picture.
    before: Iterator[Frame] = iter(())
    # Without a transition, clips share at most one picture, which both show.
    blend = BLENDS.get(transition.kind, BLENDS["fade"])
    for cut in cuts:
        frames = cut.film.frames(fps=rate, size=size, fit=fit)
        for index in range(cut.head):
            done = (index + 1) / (cut.head + 1)
            yield blend(next(before), next(frames), done)
        yield from islice(frames, cut.frames - cut.head - cut.tail)
        before = frames


def joined_track(
    cuts: Sequence[PlacedClip], rate: Fraction, total: int, bed: Bed | None, keep_source: bool
) -> Iterator[Sound] | None:
    samples = round(total / rate * SAMPLE_RATE)
    keep_source = keep_source and any(cut.film.has_sound for cut in cuts)
    if bed is None:
        return limited(_joined_sound(cuts, rate, samples)) if keep_source else None
    end_s = min(_FADE_S, samples / SAMPLE_RATE / 4)
    sound = faded(bed.track(samples), samples, in_s=0.05, out_s=end_s)
    if not keep_source:
        return limited(sound)
    gain = np.float32(10 ** ((_BED_LUFS - bed.lufs) / 20) if bed.lufs > SILENT else 1.0)
    under = limited((chunk * gain for chunk in sound), _BED_CEILING)
    own = _joined_sound(cuts, rate, samples)
    return limited(beneath(under, own))


def _joined_sound(cuts: Sequence[PlacedClip], rate: Fraction, samples: int) -> Iterator[Sound]:
    lanes = []
    for index, cut in enumerate(cuts):
        start, end, head, tail = (
            round(frames / rate * SAMPLE_RATE)
            for frames in (cut.start, cut.start + cut.frames, cut.head, cut.tail)
        )
        if not cut.film.has_sound or start >= samples:
            continue
        rise = head or (_DECLICK if index else 0)
        fall = tail or (_DECLICK if index < len(cuts) - 1 else 0)
        sound = partial(film_chunks, cut.film, end - start)
        lanes.append(Lane(start, end - start, sound, rise, fall))
    return mixed(lanes, samples)


def joined_cues(
    cuts: Sequence[PlacedClip],
    clips: Sequence[Mapping[str, Any]],
    audio: Mapping[str, Any] | None,
    rate: Fraction,
    total: int,
) -> list[Cue]:
    """What is said in the film, as far as those who made its sound wrote it down."""
    length = float(total / rate)
    found = []
    for cut, clip in zip(cuts, clips, strict=False):
        start, end = (float(n / rate) for n in (cut.start, cut.start + cut.frames))
        said = of_meta(clip.get("meta") or {}, end - start)
        found += moved(said, start, start, min(end, length))
    if audio is not None:
        said = of_meta(audio.get("meta") or {}, float(audio.get("duration_s") or length))
        found += moved(said, 0.0, 0.0, length)
    return sorted(found, key=lambda cue: cue.start)
