"""Reading films and sound, whatever a phone or a service made: upright, evenly timed, bounded.

Pictures come out by presentation time at the frame rate asked for, with the display matrix and
the pixel shape applied; sound comes out as 48 kHz stereo on the pictures' clock. One picture at
a time is held in memory, whatever the length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from mediakit.decode import MAX_FRAME_PIXELS, GuardedContainer, check_length, extent, open_av
from mediakit.errors import Refused
from mediakit.frames import Colors, Turn, colors_of, turn_of
from studio.media.audio.samples import SAMPLE_RATE, Sound, silence
from studio.media.raster import Frame
from studio.media.video.fitting import Fit, Upright

MAX_FPS = 60
STRANGE_TRACK = "A sound track of a format that can't be read here was left out."
STRANGE_SOUND = "The sound is of a format that can't be read here, so the result is silent."
# WebM has transparency in a film of its own, which these decoders alone put beside the pictures.
_ALPHA_MODE = "alpha_mode"
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# Pixel formats with transparency begin so.
_ALPHA_FORMATS = ("yuva", "rgba", "argb", "abgr", "bgra", "gbrap", "ya8", "ya16")
_USUAL_RATES = (
    *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60)),
)


@dataclass(frozen=True, slots=True)
class Film:
    """A video file, measured once by `open_film`.

    width, height: pixels as shown: upright and square. fps: a usual rate near the average one, at
    most 60. duration_s: from the first picture's start to the last picture's end. colors: as
    stored; `frames` gives BT.709. has_alpha: whether its pictures have transparency.
    """

    path: Path
    width: int
    height: int
    fps: Fraction
    duration_s: float
    turn: Turn
    colors: Colors
    has_sound: bool
    has_alpha: bool
    _start: Fraction

    @property
    def start(self) -> Fraction:
        """When the first picture is shown, in seconds on the file's own clock."""
        return self._start

    def frame_count(self, fps: Fraction | None = None) -> int:
        """How many pictures `frames` gives at that rate."""
        return max(1, round(self.duration_s * float(fps or self.fps)))

    def frames(
        self,
        *,
        fps: Fraction | None = None,
        size: tuple[int, int] | None = None,
        fit: Fit = "pad",
        with_alpha: bool = False,
    ) -> Iterator[Frame]:
        """Yield exactly `frame_count(fps)` pictures, (height, width, 3) uint8 RGB; with_alpha:
        (height, width, 4), for "pad" and "cover".

        size: (width, height); the picture keeps its shape and is letterboxed ("pad"), cropped
        ("cover") or laid on its own blurred enlargement ("blur"). None: as shown, made even.
        Damaged ends are filled with the last good picture. Raises Refused when nothing can be
        decoded.
        """
        rate = fps or self.fps
        count = self.frame_count(rate)
        to_rgb = Upright(
            (self.width, self.height),
            self.turn,
            size or (_even(self.width), _even(self.height)),
            fit,
            with_alpha=with_alpha,
        )
        # A quarter of a frame forgives containers that round times to milliseconds.
        slack = 1 / (4 * rate)
        given = 0
        held: Any = None
        drawn: Frame | None = None
        for picture, at in self._pictures(with_alpha):
            while held is not None and given < count and at > given / rate + slack:
                if drawn is None:
                    drawn = to_rgb(held)
                    yield drawn
                else:
                    yield drawn.copy()
                given += 1
            if given >= count:
                return
            held, drawn = picture, None
        if held is None:
            raise Refused("This video can't be read. Export it again as MP4.")
        while given < count:
            drawn = to_rgb(held) if drawn is None else drawn.copy()
            yield drawn
            given += 1

    def sound(self, duration_s: float | None = None) -> Sound:
        """The sound under the pictures: (2, n) float32 at 48 kHz, n for duration_s or the film's.

        Silence where there is none.
        """
        samples = round((duration_s or self.duration_s) * SAMPLE_RATE)
        chunks = sound_chunks(self.path, self._start) if self.has_sound else ()
        return _collected(chunks, samples)

    def _pictures(self, with_alpha: bool) -> Iterator[tuple[Any, Fraction]]:
        """Decoded pictures with their time in seconds after the first one, increasing."""
        with open_av(self.path) as container:
            stream = picture_stream(container)
            stream.codec_context.thread_count = 2
            stream.thread_type = "AUTO"
            is_beside = with_alpha and stream.metadata.get(_ALPHA_MODE) == "1"
            decoder = _ALPHA_DECODERS.get(stream.codec_context.name, "") if is_beside else ""
            pictures = container.decode_by(decoder, stream) if decoder else container.decode(stream)
            step = 1 / self.fps
            last: Fraction | None = None
            try:
                for picture in pictures:
                    at = None if picture.pts is None else picture.pts * picture.time_base
                    time = (
                        (last + step if last is not None else Fraction(0))
                        if at is None
                        else (at - self._start)
                    )
                    if last is not None and time <= last:
                        continue
                    last = time
                    yield picture, time
            except Refused as refusal:
                # A file cut short plays up to the cut; `frames` fills the rest.
                if last is None or not _is_damage(refusal):
                    raise


def open_film(path: str | Path, warnings: list[str] | None = None) -> Film:
    """Measure a video without decoding it, but for its first picture.

    warnings: told what is done to its colors. Raises Refused when the file has no video.
    """
    with open_av(path) as container:
        stream = picture_stream(container)
        context = stream.codec_context
        start, end, count = extent(container, stream)
        duration = end - start
        check_length(duration - 1)
        average = Fraction(count) / duration if count > 1 and duration > 0 else Fraction(24)
        has_sound = container.sound is not None
        strange_sounds = container.strange_sounds
        pixel = stream.sample_aspect_ratio or context.sample_aspect_ratio or 1
        width, height = context.width, context.height
        # WebM has it beside the pictures, and says so in a tag.
        formats = (context.pix_fmt or "").startswith(_ALPHA_FORMATS)
        has_alpha = formats or stream.metadata.get(_ALPHA_MODE) == "1"
    turn, colors = _first_look(path)
    if warnings is not None and colors.conversion:
        warnings.append(colors.conversion)
    if warnings is not None and strange_sounds:
        warnings.append(STRANGE_TRACK if has_sound else STRANGE_SOUND)
    shown = max(1, round(width * float(pixel)))
    if shown * height > MAX_FRAME_PIXELS or not 0.1 < float(pixel) < 10:
        shown = width
    if turn.quarters % 2:
        shown, height = height, shown
    return Film(
        path=Path(path),
        width=shown,
        height=height,
        fps=usual_rate(average),
        duration_s=float(duration) if duration > 0 else 1 / float(usual_rate(average)),
        turn=turn,
        colors=colors,
        has_sound=has_sound,
        has_alpha=has_alpha,
        _start=start,
    )


def usual_rate(average: Fraction) -> Fraction:
    """The usual frame rate a measured average is meant to be; phones vary around 30."""
    nearest = min(_USUAL_RATES, key=lambda rate: abs(rate / average - 1))
    # 24 and 24000/1001 differ by a thousandth: an uneven clock means the whole number.
    whole = Fraction(round(nearest))
    off = abs(nearest / average - 1)
    if off < Fraction(2, 100):
        return nearest if off < Fraction(2, 10000) else whole
    return min(max(average, Fraction(1)), Fraction(MAX_FPS)).limit_denominator(1001)


def read_sound(path: str | Path, duration_s: float | None = None) -> Sound:
    """A sound file, or a film's sound, as (2, n) float32 at 48 kHz: all, or exactly duration_s.

    Raises Refused when there is no sound track.
    """
    chunks = read_chunks(path)
    if duration_s is not None:
        return _collected(chunks, round(duration_s * SAMPLE_RATE))
    return np.concatenate([silence(0), *chunks], axis=1)


def read_chunks(path: str | Path) -> Iterator[Sound]:
    """A sound file, or a film's sound, in chunks as `sound_chunks` gives them.

    Raises Refused, at once, when there is no sound track.
    """
    with open_av(path) as container:
        if container.sound is None:
            raise Refused("This file has no audio in it. Use an audio file here.")
    return sound_chunks(path)


def sound_chunks(path: str | Path, start: Fraction | None = None) -> Iterator[Sound]:
    """Yield a file's sound in order, in (2, m) float32 chunks at 48 kHz.

    start: the time, on the file's clock, of the first sample wanted; earlier sound is dropped, and
    a later beginning or a hole is filled with silence. None: where the sound begins.
    """
    with open_av(path) as container:
        stream = container.sound
        if stream is None:
            return
        resampler: av.AudioResampler | None = None
        given = 0
        try:
            for frame in container.decode(stream):
                if frame.pts is not None:
                    at = frame.pts * frame.time_base
                    start = at if start is None else start
                    # The resampler counts on from its first frame, so holes are filled here.
                    hole = round((at - start) * SAMPLE_RATE) - given
                    if hole > (SAMPLE_RATE // 20 if given else 0):
                        yield from _silent_chunks(hole)
                        given += hole
                    skip = max(0, -hole) if given == 0 else 0
                else:
                    skip = 0
                frame.pts = None
                resampler = resampler or _resampler(frame)
                for resampled in resampler.resample(frame):
                    samples = _both_channels(resampled)
                    samples, skip = samples[:, skip:], max(0, skip - samples.shape[1])
                    if samples.shape[1]:
                        given += samples.shape[1]
                        yield samples
        except Refused as refusal:
            if not _is_damage(refusal):
                raise
        for resampled in resampler.resample(None) if resampler else ():
            yield _both_channels(resampled)


def _resampler(frame: Any) -> av.AudioResampler:
    """Make one for frames like this one. One channel stays one: as stereo, the library would take
    3 dB off. A stream may say one and hold two, a frame says what it has."""
    layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
    return av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)


def _both_channels(frame: Any) -> Sound:
    samples = np.asarray(frame.to_ndarray(), np.float32)
    return np.repeat(samples, 2, axis=0) if len(samples) == 1 else samples


def _collected(chunks: Iterable[Sound], samples: int) -> Sound:
    collected = silence(samples)
    filled = 0
    for chunk in chunks:
        part = chunk[:, : samples - filled]
        collected[:, filled : filled + part.shape[1]] = part
        filled += part.shape[1]
        if filled >= samples:
            break
    return collected


def _silent_chunks(samples: int) -> Iterator[Sound]:
    for start in range(0, samples, SAMPLE_RATE):
        yield silence(min(SAMPLE_RATE, samples - start))


def picture_stream(container: GuardedContainer) -> Any:
    """The first track of pictures. Raises Refused without."""
    if container.pictures is None:
        raise Refused("This file has no video in it. Use a video here.")
    return container.pictures


def _first_look(path: str | Path) -> tuple[Turn, Colors]:
    with open_av(path) as container:
        first = next(container.decode(picture_stream(container)), None)
        if first is None:
            return Turn(), Colors(None, None, None, None, 8)
        return turn_of(first), colors_of(first)


def _is_damage(refusal: Refused) -> bool:
    """Whether decoding broke off, rather than a limit being reached."""
    return isinstance(refusal.__cause__, av.error.FFmpegError)


def _even(side: int) -> int:
    return max(2, side - side % 2)
