"""Patterns of one bar: chords, bass and drums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

# Chords: where they are struck and for how many beats, by the metre.
COMPING: Mapping[str, Callable[[int], list[tuple[float, float]]]] = {
    "hold": lambda metre: [(0.0, float(metre))],
    "eighths": lambda metre: [(half / 2, 0.45) for half in range(metre * 2)],
    "offbeats": lambda metre: [(beat + 0.5, 0.35) for beat in range(metre)],
    "charleston": lambda metre: [(0.0, 1.2), (1.5, min(1.5, metre - 1.5))],
}


def bass_line(
    line: str, metre: int, rng: np.random.Generator
) -> Iterator[tuple[float, float, str]]:
    """A bar of bass: where, for how many beats, which tone of the chord."""
    if line == "root":
        yield 0.0, float(metre), "root"
    elif line == "root fifth":
        half = metre / 2
        yield 0.0, half, "root"
        yield half, half, "fifth"
    elif line == "eighths":
        for step in range(metre * 2):
            yield step / 2, 0.5, "octave" if step == metre * 2 - 1 else "root"
    elif line == "octaves":
        for step in range(metre * 2):
            yield step / 2, 0.5, "octave" if step % 2 else "root"
    elif line == "offbeat":
        for beat in range(metre):
            yield beat + 0.5, 0.5, "root"
    elif line == "808":
        yield 0.0, 1.5, "root"
        if metre > 2:
            yield metre - 1.5, 1.5, "fifth" if rng.random() < 0.3 else "root"
    elif line == "walking":
        yield 0.0, 1.0, "root"
        for beat in range(1, metre - 1):
            yield float(beat), 1.0, ("third", "fifth", "octave")[int(rng.integers(3))]
        yield float(metre - 1), 1.0, "ahead"


def drum_beat(
    kind: str, metre: int, rng: np.random.Generator
) -> Iterator[tuple[float, str, float]]:
    """A bar of drums: where in beats, which piece, how hard."""
    halves = [half / 2 for half in range(metre * 2)]
    # Where a metre leans back: 2 and 4 of four, 4 of six, 2 of two, 2 and 3 of a waltz.
    back = {2: [1], 3: [1, 2], 4: [1, 3], 6: [3]}[metre]
    if kind == "four":
        for beat in range(metre):
            yield beat, "kick", 1.0
            yield beat + 0.5, "open hat", 0.5
            yield beat + 0.25, "hat", 0.25
            yield beat + 0.75, "hat", 0.3
        for beat in back:
            yield beat, "clap", 0.6
    elif kind == "swing":
        for beat in range(metre):
            yield beat, "ride", 0.5
            yield beat, "soft kick", 0.25
            if beat in back:
                yield beat + 0.5, "ride", 0.35
                yield beat, "brush", 0.5
    elif kind == "shaker":
        for half in halves:
            yield half, "shaker", 0.5 if half % 1 == 0 else 0.35
        yield 0, "soft kick", 0.6
        if metre == 4:
            yield 2, "soft kick", 0.5
    elif kind == "trap":
        for step in range(metre * 4):
            yield step / 4, "hat", 0.4 if step % 2 == 0 else 0.22
        if rng.random() < 0.4:
            for roll in range(4):
                yield metre - 0.5 + roll / 8, "hat", 0.2 + 0.06 * roll
        yield 0, "kick", 1.0
        yield metre / 2, "clap", 0.8
        if metre > 2 and rng.random() < 0.6:
            yield metre - 1.5, "kick", 0.8
    elif kind == "break":
        for half in halves:
            yield half, "hat", 0.4
        yield 0, "kick", 1.0
        yield metre - 1.5, "kick", 0.9
        for beat in back:
            yield beat, "snare", 0.9
        if metre == 4:
            yield 1.75, "snare", 0.3
            yield 2.25, "snare", 0.3
    elif kind == "taiko":
        yield 0, "taiko", 1.0
        for half in halves[1:]:
            if half in back or rng.random() < 0.3:
                yield half, "taiko", 0.75 if half in back else 0.4
    elif kind == "pulse":
        for beat in range(metre):
            yield beat, "soft kick", 0.7 if beat == 0 else 0.4
        yield 0, "taiko", 0.4
    else:
        yield from _backbeat(kind, metre, halves, back, rng)


def _backbeat(
    kind: str, metre: int, halves: Sequence[float], back: Sequence[int], rng: np.random.Generator
) -> Iterator[tuple[float, str, float]]:
    """The beat of most songs: kick on one, snare where the bar leans back, hats between."""
    kicks, snares = {
        "eighties": ("kick", "big snare"),
        "dusty": ("soft kick", "rim"),
        "pop": ("kick", "clap"),
        "rock": ("kick", "snare"),
    }[kind]
    for half in halves:
        yield half, "hat", 0.45 if half % 1 == 0 else 0.3
    yield 0, kicks, 1.0
    if metre == 4:
        yield 2, kicks, 0.85
        if kind != "eighties" and rng.random() < 0.6:
            yield 2.5, kicks, 0.65
    for beat in back:
        yield beat, snares, 0.8
