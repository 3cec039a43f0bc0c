"""Lengths of pictures and sounds, by what is in a file. Child process only."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av.error

# Shorter holes between two parts of a sound are none.
MIN_HOLE_S = 0.05


def extent_of_pictures(packets: Iterable[Any], stream: Any) -> tuple[Fraction, Fraction, int]:
    """Return when the first picture of a track starts and the last one ends, in seconds, and how
    many are seen."""
    times: list[int] = []
    durations: dict[int, int] = {}
    try:
        for packet in packets:
            at = packet.pts if packet.pts is not None else packet.dts
            is_whole = packet.size and not packet.is_corrupt
            if at is None or not is_whole or packet.is_discard:
                continue
            times.append(at)
            durations[at] = packet.duration or 0
    except av.error.FFmpegError:
        pass  # cut short: what was readable counts
    if not times:
        return Fraction(0), Fraction(0), 0
    base = stream.time_base
    first, last = min(times), max(times)
    last_duration = durations[last]
    # Where pictures are stored out of order, a packet's duration is not its picture's: only the
    # last one's counts, and no more than the track says it lasts.
    if stream.duration and stream.duration > last - first:
        last_duration = min(last_duration or stream.duration, first + stream.duration - last)
    if not last_duration:
        mean = (last - first) / (len(times) - 1) if len(times) > 1 else float(1 / (24 * base))
        last_duration = max(1, round(mean))
    # Where films are joined as they are, one may begin with a picture that isn't to be seen.
    blink = (last - first) / len(times) / 4
    count = 1 + sum(after - at > blink for at, after in pairwise(sorted(times)))
    return first * base, (last + last_duration) * base, count


def extent_of_sound(frames: Iterable[Any]) -> tuple[Fraction, Fraction, int]:
    """Return the same of the decoded frames of a sound, without pictures. Decoders alone know what
    an encoder added before and after it, and how much the last packet holds."""
    start: float | None = None
    clock = 0.0
    for frame in frames:
        at = clock if frame.time is None else frame.time
        if start is None:
            start = clock = at
        # A hole is silent; the times of many containers are rounded by less.
        if at - clock > MIN_HOLE_S:
            clock = at
        clock += frame.samples / (frame.sample_rate or 1)
    return Fraction(start or 0), Fraction(clock), 0
