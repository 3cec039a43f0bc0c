"""Playing a clip faster or slower: pictures by their time, sound at its pitch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import av
import av.filter
import numpy as np

from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video.interpolation import Between

_SLOW = 0.9  # below that speed pictures in between are made; above, the nearest one is shown
_TEMPO_STEP = 2.0  # what FFmpeg's atempo changes well at once


def retimed_frames(frames: Iterable[Frame], count: int, wanted: int) -> Iterator[Frame]:
    """`count` pictures, evenly, as `wanted` ones. Two are held at a time."""
    if count == wanted:
        yield from frames
        return
    speed = count / wanted
    source = enumerate(frames)
    number, current = next(source)
    following: tuple[int, Frame] | None = next(source, None)
    between: tuple[int, Between] | None = None
    for index in range(wanted):
        # Middles fall on middles, so that neither end is cut short.
        place = min(max((index + 0.5) * speed - 0.5, 0.0), count - 1.0)
        if speed >= _SLOW:
            place = float(round(place))
        while following is not None and following[0] <= place:
            number, current = following
            following = next(source, None)
        share = place - number
        if following is None or share <= 0.01:
            yield current.copy()
            continue
        if between is None or between[0] != number:
            between = (number, Between(current, following[1]))
        yield between[1].at(share)


def retimed_sound(chunks: Iterable[Sound], speed: float) -> Iterator[Sound]:
    """Sound played `speed` times as fast, at its own pitch."""
    if abs(speed - 1) < 1e-3:
        yield from chunks
        return
    graph = av.filter.Graph()
    source: Any = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=None
    )
    last = source
    for step in _tempos(speed):
        tempo = graph.add("atempo", f"{step:.6f}")
        last.link_to(tempo)
        last = tempo
    # The filter works on interleaved samples; we keep channels apart.
    planes = graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo")
    sink = graph.add("abuffersink")
    last.link_to(planes)
    planes.link_to(sink)
    graph.configure()
    at = 0
    for chunk in chunks:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(chunk, np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE, at
        at += chunk.shape[1]
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Sound]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        yield np.asarray(frame.to_ndarray(), np.float32)


def _tempos(speed: float) -> list[float]:
    """A tempo as steps that each stay within what sounds well."""
    steps = []
    while speed > _TEMPO_STEP or speed < 1 / _TEMPO_STEP:
        step = _TEMPO_STEP if speed > 1 else 1 / _TEMPO_STEP
        steps.append(step)
        speed /= step
    return [*steps, speed]
