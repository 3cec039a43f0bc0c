"""The split of a film's length over its shots. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

USUAL_SHOT_S = 4.0
ONE_SHOT_S = 5.0
# What images that move take, and what videos without an image take.
SHORTEST_SHOT_S = 1.0
SHORTEST_VIDEO_S = 2.0
LONGEST_SHOT_S = 30.0
TRANSITION_S = 0.5
# A single shot longer than this tires: it becomes several.
LONGEST_TAKE_S = 12.0
USUAL_TAKE_S = 6.0
# Words of a narrator a second, with pauses.
WORDS_A_SECOND = 2.2
# Beats of usual music: the tempo is chosen so that shots are whole bars. The fastest is twice the
# slowest, so that there is a tempo for every length of a shot above one fast bar.
_SLOWEST_BPM, _FASTEST_BPM, _USUAL_BPM, _BEATS_A_BAR = 72, 144, 116, 4


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each shot, of one transition (0: cuts) and of the whole; bpm of its music."""

    shots: tuple[float, ...]
    transition: float
    bpm: int | None = None

    @property
    def total(self) -> float:
        return round(sum(self.shots) - self.transition * (len(self.shots) - 1), 2)

    def starts(self) -> list[float]:
        """Return when each shot begins in the film."""
        start_times, at = [], 0.0
        for seconds in self.shots:
            start_times.append(round(at, 2))
            at += seconds - self.transition
        return start_times


def split(
    wishes: Sequence[float | None],
    total: float | None,
    *,
    transition: float = 0.0,
    on_the_beat: bool = False,
    least: Sequence[float] = (),
) -> Timing:
    """Return each shot's length, so that the film lasts `total` seconds with its transitions.

    wishes: what the plan says of each shot; None: an equal share of what is left. least: the
    shortest that each can be.
    """
    least = least or [SHORTEST_SHOT_S] * len(wishes)
    count = len(wishes)
    if total is None and not any(wishes):
        total = ONE_SHOT_S if count == 1 else USUAL_SHOT_S * count
    overlap = transition * (count - 1)
    known_seconds = sum(seconds or 0.0 for seconds in wishes)
    open_shots = sum(seconds is None for seconds in wishes)
    share = USUAL_SHOT_S
    if total is not None and open_shots:
        share = (total + overlap - known_seconds) / open_shots
    lengths = [
        _clamp(share if seconds is None else seconds, low)
        for seconds, low in zip(wishes, least, strict=True)
    ]
    if total is not None and not open_shots:
        # The whole length wins: the shots keep their proportions.
        scale = (total + overlap) / known_seconds if known_seconds else 1.0
        lengths = [
            _clamp(seconds * scale, low) for seconds, low in zip(lengths, least, strict=True)
        ]
    if on_the_beat and count > 1:
        return _on_bars(lengths, max(least))
    lengths = [round(seconds, 1) for seconds in lengths]
    if total is not None:
        rest = lengths[-1] + total + overlap - sum(lengths)
        lengths[-1] = round(_clamp(rest, least[-1]), 1)
    longest = min(lengths) / 3
    return Timing(tuple(lengths), round(min(transition, longest), 1) if transition else 0.0)


def _on_bars(lengths: Sequence[float], least: float) -> Timing:
    """Return shots of whole bars at one tempo, with cuts: they fall on the beat."""
    middle = sum(lengths) / len(lengths)
    bars = max(1, round(middle * _USUAL_BPM / 60 / _BEATS_A_BAR))
    if bars > 1 and bars * _BEATS_A_BAR * 60 / middle > _FASTEST_BPM:
        bars -= 1
    bpm = round(bars * _BEATS_A_BAR * 60 / middle)
    bpm = min(max(bpm, _SLOWEST_BPM), _FASTEST_BPM)
    bar = _BEATS_A_BAR * 60 / bpm
    counts = [max(1, round(seconds / bar)) for seconds in lengths]
    return Timing(tuple(round(_clamp(count * bar, least), 3) for count in counts), 0.0, bpm)


def takes_of(seconds: float) -> int:
    """Return how many shots a scene of that length needs."""
    return min(6, math.ceil(seconds / USUAL_TAKE_S)) if seconds > LONGEST_TAKE_S else 1


def spoken_seconds(text: str) -> float:
    """Return about how long a text takes to be read."""
    # Languages without spaces: some three characters are a word.
    words = max(len(text.split()), len(text) / 7)
    return round(words / WORDS_A_SECOND + 0.5, 1)


def _clamp(seconds: float, least: float) -> float:
    return min(max(seconds, least), LONGEST_SHOT_S)
