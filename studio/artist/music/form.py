"""The form of a piece: which sections it has, from its length and the lyrics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

# What people call those parts of a song.
TITLES: Mapping[str, str] = {"build": "verse", "main": "chorus", "break": "bridge"}

# From so many bars on, verses and choruses take turns.
_SONG_BARS = 40

# What the section tags of a lyric sheet mean for the band, and how long they are to each other.
_TAGS: Mapping[str, tuple[str, int]] = {
    "intro": ("intro", 1),
    "verse": ("build", 2),
    "pre-chorus": ("build", 1),
    "chorus": ("main", 2),
    "post-chorus": ("main", 1),
    "hook": ("main", 2),
    "drop": ("main", 2),
    "solo": ("main", 2),
    "bridge": ("break", 1),
    "break": ("break", 1),
    "outro": ("outro", 1),
}


def section_tags(lyrics: str) -> list[str]:
    """The section tags of a lyric sheet, such as [Verse], in order and in lower case."""
    tags = (
        re.sub(r"\s{0,9}\d{1,9}$", "", tag.strip().lower())
        for tag in re.findall(r"\[([^\]]{1,99})\]", lyrics)
    )
    return [tag.replace(" ", "-") for tag in tags if tag.replace(" ", "-") in _TAGS]


def plan_form(bars: int, tags: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Sections and their lengths in bars, in order; tags: the form a lyric sheet asks for."""
    if tags and bars >= len(tags):
        weights = np.array([_TAGS[tag][1] for tag in tags], float)
        ends = np.rint(np.cumsum(weights) / weights.sum() * (bars - len(tags))).astype(int)
        lengths = np.diff(ends, prepend=0) + 1
        return [(_TAGS[tag][0], int(length)) for tag, length in zip(tags, lengths, strict=True)]
    if bars < 4:
        return [
            [("main", 1)],
            [("main", 1), ("outro", 1)],
            [("intro", 1), ("main", 1), ("outro", 1)],
        ][max(0, bars - 1)]
    if bars >= _SONG_BARS:
        return _song(bars)
    unit = 4 if bars >= 32 else 2 if bars >= 10 else 1
    intro = outro = max(unit, round(bars / 8 / unit) * unit)
    build = max(unit, round(bars / 5 / unit) * unit)
    main = bars - intro - build - outro
    if main < 12:
        return [("intro", intro), ("build", build), ("main", main), ("outro", outro)]
    pause = 4 if main < 40 else 8
    first = (main - pause) // 2 // 2 * 2
    return [
        ("intro", intro),
        ("build", build),
        ("main", first),
        ("break", pause),
        ("main", main - pause - first),
        ("outro", outro),
    ]


def _song(bars: int) -> list[tuple[str, int]]:
    """Verse and chorus in turn, a bridge before the last chorus, which is the longest."""
    edges, pause = (4, 8) if bars < 96 else (8, 8)
    rest = bars - 2 * edges - pause
    rounds = max(2, round(rest / 28))
    verse = max(4, int(0.44 * rest / rounds / 4) * 4)
    choruses = rest - rounds * verse
    chorus = max(4, choruses // rounds // 4 * 4)
    last = choruses - chorus * (rounds - 1)
    form = [("intro", edges)]
    for number in range(rounds):
        closing = number + 1 == rounds
        form.append(("build", verse))
        if closing:
            form.append(("break", pause))
        form.append(("main", last if closing else chorus))
    return [*form, ("outro", edges)]
