"""Sound in a stream: laid in lanes, limited, measured, a second at a time.

A film may last ten minutes, and a few whole copies of its sound would fill the memory. Chunks are
(2, n) float32 at 48 kHz, of any length, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from studio.media.audio import mixing
from studio.media.audio.loudness import SILENT, Powers, hop_powers, integrated, limit
from studio.media.audio.samples import SAMPLE_RATE, Sound, silence
from studio.media.audio.writer import Feed
from studio.media.video.reader import Film, sound_chunks

Chunks = Iterator[Sound]

# Whole windows of the limiter, the ducker and the meter alike, so that pieces fit together.
BLOCK = SAMPLE_RATE
_PEAK_REACH = SAMPLE_RATE // 10
_DUCK_REACH = SAMPLE_RATE
_METER_PIECE = 10 * SAMPLE_RATE
_METER_RUN_IN = SAMPLE_RATE // 2
CEILING = 0.95
_LOUD_CEILING = 10 ** (-1.5 / 20)


@dataclass(frozen=True, slots=True)
class Lane:
    """A sound with a place on the film's clock, in samples.

    open: gives its chunks, asked for when the lane begins. rise, fall: samples over which it comes
    and goes at equal power.
    """

    start: int
    length: int
    open: Callable[[], Iterable[Sound]]
    rise: int = 0
    fall: int = 0


def film_chunks(film: Film, samples: int, *, skip: int = 0) -> Chunks:
    """A film's sound on its pictures' clock, exactly so many samples, from sample `skip` on."""
    chunks: Iterable[Sound] = sound_chunks(film.path, film.start) if film.has_sound else ()
    return exactly(skipping(chunks, skip), samples)


def exactly(chunks: Iterable[Sound], samples: int) -> Chunks:
    """The chunks cut, or filled up with silence, to a length."""
    left = samples
    for chunk in chunks:
        part = chunk[:, :left]
        left -= part.shape[1]
        if part.shape[1]:
            yield part
        if not left:
            return
    while left:
        yield silence(min(left, BLOCK))
        left -= min(left, BLOCK)


def skipping(chunks: Iterable[Sound], samples: int) -> Chunks:
    """The chunks without the first so many samples."""
    for chunk in chunks:
        dropped = min(samples, chunk.shape[1])
        samples -= dropped
        if dropped < chunk.shape[1]:
            yield chunk[:, dropped:]


def blocks(chunks: Iterable[Sound], size: int = BLOCK) -> Chunks:
    """The same sound in chunks of one size; only the last may be shorter."""
    feed = Feed(chunks)
    while (block := feed.take(size)).shape[1]:
        yield block


def mixed(lanes: Sequence[Lane], total: int) -> Chunks:
    """All lanes added up, `total` samples long. Only those that sound at a time are open."""
    waiting = sorted(lanes, key=lambda lane: lane.start)
    playing: list[tuple[Lane, Feed]] = []
    for start in range(0, total, BLOCK):
        block = silence(min(BLOCK, total - start))
        end = start + block.shape[1]
        while waiting and waiting[0].start < end:
            lane = waiting.pop(0)
            playing.append((lane, Feed(exactly(lane.open(), lane.length))))
        for lane, feed in playing:
            _add(block, start, lane, feed)
        playing = [(lane, feed) for lane, feed in playing if lane.start + lane.length > end]
        yield block


def limited(chunks: Iterable[Sound], ceiling: float = CEILING) -> Chunks:
    """As `limit`, in a stream."""
    return local(chunks, lambda sound: limit(sound, ceiling), _PEAK_REACH)


def beneath(bed: Iterable[Sound], over: Iterable[Sound]) -> Chunks:
    """Both together, the bed turned down where `over` has something to say, as `mixing.duck` does.

    Both are of one length.
    """
    pairs = (
        np.concatenate([low, high]) for low, high in zip(blocks(bed), blocks(over), strict=True)
    )

    def mix(pair: Sound) -> Sound:
        return np.asarray(pair[2:] + mixing.duck(pair[:2], pair[2:]), np.float32)

    return local(pairs, mix, _DUCK_REACH)


def local(chunks: Iterable[Sound], change: Callable[[Sound], Sound], reach: int) -> Chunks:
    """A change of sound that looks no further than `reach` samples to either side, in a stream.

    change: gives as many samples as it gets. Pieces begin at whole seconds.
    """
    before: Sound | None = None
    current: Sound | None = None
    for following in chain(blocks(chunks), (None,)):
        if current is not None:
            head = current[:, :0] if before is None else before[:, -reach:]
            tail = current[:, :0] if following is None else following[:, :reach]
            whole = change(np.concatenate([head, current, tail], axis=1))
            yield whole[:, head.shape[1] : head.shape[1] + current.shape[1]]
        before, current = current, following


def looped(
    source: Callable[[], Iterable[Sound]], length: int, samples: int, *, seam_s: float = 0.5
) -> Chunks:
    """A sound of `length` samples cut to `samples`, or repeated with crossfaded seams."""
    if length >= samples or not length:
        return exactly(source(), samples)
    seam = min(round(seam_s * SAMPLE_RATE), length // 4)
    starts = range(0, samples, length - seam)
    lanes = [Lane(start, length, source, seam if start else 0, seam) for start in starts]
    return mixed(lanes, samples)


def faded(chunks: Iterable[Sound], samples: int, *, in_s: float = 0, out_s: float = 0) -> Chunks:
    """As `mixing.fade`, for a stream of so many samples."""
    rise, fall = (min(samples // 2, round(s * SAMPLE_RATE)) for s in (in_s, out_s))
    at = 0
    for chunk in chunks:
        place = np.arange(at, at + chunk.shape[1])
        at += chunk.shape[1]
        gain = np.ones(chunk.shape[1], np.float32)
        if rise:
            gain *= _cosine((place + 0.5) / rise)
        if fall:
            gain *= _cosine((samples - place - 0.5) / fall)
        yield chunk * gain


def at_loudness(track: Callable[[], Chunks], target_lufs: float) -> Chunks:
    """A sound at an integrated loudness, no sample above -1.5 dBFS. Silence stays silence.

    track: gives the sound from its beginning each time. A limiter takes what gain it must from the
    peaks, so very spiky sound may end a little quieter.
    """
    loudness = measured(track()).lufs
    if loudness <= SILENT:
        return track()
    gain = target_lufs - loudness

    def changed() -> Chunks:
        return limited((chunk * np.float32(10 ** (gain / 20)) for chunk in track()), _LOUD_CEILING)

    # Limiting costs loudness; two corrections bring ordinary sound within a few tenths.
    for _ in range(2):
        short = target_lufs - measured(changed()).lufs
        if abs(short) < 0.15:
            break
        gain += min(short, 6.0)
    return changed()


class Meter:
    """Measures the loudness of what passes through, in LUFS."""

    def __init__(self) -> None:
        self._powers: list[Powers] = []
        self._held = silence(0)
        self._run_in = 0
        self.samples = 0

    def through(self, chunks: Iterable[Sound]) -> Chunks:
        for block in blocks(chunks):
            self._held = np.concatenate([self._held, block], axis=1)
            self.samples += block.shape[1]
            if self._held.shape[1] >= self._run_in + _METER_PIECE:
                self._powers.append(hop_powers(self._held, self._run_in))
                self._held = self._held[:, -_METER_RUN_IN:]
                self._run_in = _METER_RUN_IN
            yield block

    @property
    def lufs(self) -> float:
        """The loudness of all that passed so far; SILENT (-70) for none."""
        # What is held is measured and held on: more may come.
        return integrated(np.concatenate([*self._powers, hop_powers(self._held, self._run_in)]))


def measured(chunks: Iterable[Sound]) -> Meter:
    """The meter after all of a sound has passed."""
    meter = Meter()
    for _ in meter.through(chunks):
        pass
    return meter


def _add(block: Sound, start: int, lane: Lane, feed: Feed) -> None:
    """Add the lane's part of a block that begins at sample `start`, in place."""
    at = max(lane.start, start)
    sound = feed.take(start + block.shape[1] - at)
    place = np.arange(at - lane.start, at - lane.start + sound.shape[1])
    gain = np.ones(sound.shape[1], np.float32)
    if lane.rise:
        gain *= np.sqrt(np.clip((place + 0.5) / lane.rise, 0, 1))
    if lane.fall:
        gain *= np.sqrt(np.clip((lane.length - place - 0.5) / lane.fall, 0, 1))
    block[:, at - start : at - start + sound.shape[1]] += sound * gain


def _cosine(share: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return ((1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2).astype(np.float32)
