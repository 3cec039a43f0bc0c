"""Reading films and sound, whatever a phone or a service made: upright, evenly timed, bounded.

Pictures come out by presentation time at the frame rate asked for, with the display matrix and
the pixel shape applied; sound comes out as 48 kHz stereo on the pictures' clock. One picture at
a time is held in memory, whatever the length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast

import av
import cv2
import numpy as np

from mediakit.decode import MAX_DURATION_S, MAX_FRAME_PIXELS, open_av
from mediakit.errors import Refused
from mediakit.frames import Colors, ToRgb, Turn, colors_of, turn_of
from studio.media.audio.samples import SAMPLE_RATE, Sound, silence
from studio.media.raster import Frame

Fit = Literal["pad", "cover", "blur"]

MAX_FPS = 60
_DIMMED = 0.6
_USUAL_RATES = (
    *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60)),
)


@dataclass(frozen=True, slots=True)
class Film:
    """A video file, measured once by `open_film`.

    width, height: pixels as shown: upright and square. fps: a usual rate near the average one, at
    most 60. duration_s: from the first picture's start to the last picture's end. colors: as
    stored; `frames` gives BT.709.
    """

    path: Path
    width: int
    height: int
    fps: Fraction
    duration_s: float
    turn: Turn
    colors: Colors
    has_sound: bool
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
    ) -> Iterator[Frame]:
        """Yield exactly `frame_count(fps)` pictures, (height, width, 3) uint8 RGB.

        size: (width, height); the picture keeps its shape and is letterboxed ("pad"), cropped
        ("cover") or laid on its own blurred enlargement ("blur"). None: as shown, made even.
        Damaged ends are filled with the last good picture. Raises Refused when nothing can be
        decoded.
        """
        rate = fps or self.fps
        count = self.frame_count(rate)
        to_rgb = _Upright(self, size or (_even(self.width), _even(self.height)), fit)
        # A quarter of a frame forgives containers that round times to milliseconds.
        slack = 1 / (4 * rate)
        given = 0
        held: Any = None
        drawn: Frame | None = None
        for picture, at in self._pictures():
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

    def _pictures(self) -> Iterator[tuple[Any, Fraction]]:
        """Decoded pictures with their time in seconds after the first one, increasing."""
        with open_av(self.path) as container:
            stream = picture_stream(container)
            stream.codec_context.thread_count = 2
            stream.thread_type = "AUTO"
            step = 1 / self.fps
            last: Fraction | None = None
            try:
                for picture in container.decode(stream):
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
        start, end, count = _extent(container, stream)
        duration = end - start
        # Headers are checked on opening; here the pictures' own times are.
        if duration > MAX_DURATION_S + 1:
            raise Refused(f"This is over {MAX_DURATION_S // 60} minutes long. Use a shorter one.")
        average = Fraction(count) / duration if count > 1 and duration > 0 else Fraction(24)
        has_sound = bool(container.streams.audio)
        pixel = stream.sample_aspect_ratio or context.sample_aspect_ratio or 1
        width, height = context.width, context.height
    turn, colors = _first_look(path)
    if warnings is not None and colors.conversion:
        warnings.append(colors.conversion)
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
        if not container.streams.audio:
            raise Refused("This file has no audio in it. Use an audio file here.")
    return sound_chunks(path)


def sound_chunks(path: str | Path, start: Fraction | None = None) -> Iterator[Sound]:
    """Yield a file's first sound track in order, in (2, m) float32 chunks at 48 kHz.

    start: the time, on the file's clock, of the first sample wanted; earlier sound is dropped, and
    a later beginning or a hole is filled with silence. None: where the sound begins.
    """
    with open_av(path) as container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
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
                for resampled in resampler.resample(frame):
                    samples = np.asarray(resampled.to_ndarray(), np.float32)
                    samples, skip = samples[:, skip:], max(0, skip - samples.shape[1])
                    if samples.shape[1]:
                        given += samples.shape[1]
                        yield samples
        except Refused as refusal:
            if not _is_damage(refusal):
                raise
        for resampled in resampler.resample(None):
            yield np.asarray(resampled.to_ndarray(), np.float32)


def fit_box(source: tuple[int, int], target: tuple[int, int], fit: Fit) -> tuple[int, int]:
    """The size a (width, height) takes when scaled, unstretched, into ("pad", "blur") or over
    ("cover")."""
    ratios = (target[0] / source[0], target[1] / source[1])
    scale = max(ratios) if fit == "cover" else min(ratios)
    sides = (round(source[0] * scale), round(source[1] * scale))
    # A ratio off by less than half a percent must leave neither a hairline bar nor a crop.
    width, height = (
        whole if abs(side - whole) <= max(2, whole // 200) else max(1, side)
        for side, whole in zip(sides, target, strict=True)
    )
    return width, height


class _Upright:
    """Turns decoded pictures into upright RGB arrays of one size."""

    def __init__(self, film: Film, size: tuple[int, int], fit: Fit) -> None:
        self._to_rgb = ToRgb()
        self._turn = film.turn
        self._size = size
        self._is_blurred = fit == "blur"
        box = fit_box((film.width, film.height), size, fit)
        self._box = box
        # Scaled before turning: the scaler sees the picture as it is stored.
        self._stored_box = box[::-1] if film.turn.quarters % 2 else box

    def __call__(self, picture: Any) -> Frame:
        width, height = self._stored_box
        converted = self._to_rgb(picture, width, height)
        return self._place(self._turn.apply(converted))

    def _place(self, frame: Frame) -> Frame:
        width, height = self._size
        if frame.shape[:2] == (height, width):
            return np.ascontiguousarray(frame)
        box_width, box_height = self._box
        canvas = (
            _backdrop(frame, width, height)
            if self._is_blurred
            else np.zeros((height, width, 3), np.uint8)
        )
        left, top = (width - box_width) // 2, (height - box_height) // 2
        inner = frame[max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width]
        left, top = max(0, left), max(0, top)
        canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        return canvas


def _backdrop(frame: Frame, width: int, height: int) -> Frame:
    """The middle of a picture, blurred and dimmed, over the whole size."""
    rows, columns = frame.shape[:2]
    scale = max(width / columns, height / rows)
    wide, high = round(width / scale), round(height / scale)
    left, top = (columns - wide) // 2, (rows - high) // 2
    middle = frame[top : top + high, left : left + wide]
    # Small first: what is blurred has no detail, and a small picture is blurred quickly.
    size = max(8, width // 16), max(8, height // 16)
    small = cv2.resize(middle, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(1.0, min(small.shape[:2]) / 12))
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return cast(Frame, cv2.convertScaleAbs(large, alpha=_DIMMED))


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


def _extent(container: Any, stream: Any) -> tuple[Fraction, Fraction, int]:
    """First picture's start, last picture's end, in seconds, and how many are seen.

    Packets tell without decoding; headers may lie, above all about variable frame rates.
    """
    times: list[int] = []
    stands: dict[int, int] = {}
    try:
        for packet in container.demux(stream):
            at = packet.pts if packet.pts is not None else packet.dts
            if at is None or packet.size == 0 or packet.is_discard:
                continue
            times.append(at)
            stands[at] = packet.duration or 0
    except av.error.FFmpegError:
        pass  # cut short: what was readable counts
    if not times:
        return Fraction(0), Fraction(0), 0
    base = stream.time_base
    first, last = min(times), max(times)
    # Where pictures are stored out of order, a packet's duration is not its picture's: only the
    # last one's counts, and no more than the track says it lasts.
    stand = stands[last]
    if stream.duration and stream.duration > last - first:
        stand = min(stand or stream.duration, first + stream.duration - last)
    if not stand:
        mean = (last - first) / (len(times) - 1) if len(times) > 1 else float(1 / (24 * base))
        stand = max(1, round(mean))
    # Where films are joined as they are, one may begin with a picture that isn't to be seen.
    blink = (last - first) / len(times) / 4
    seen = 1 + sum(after - at > blink for at, after in pairwise(sorted(times)))
    return first * base, (last + stand) * base, seen


def picture_stream(container: Any) -> Any:
    """The first video track that is not the cover picture of a song. Raises Refused without."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise Refused("This file has no video in it. Use a video here.")


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
