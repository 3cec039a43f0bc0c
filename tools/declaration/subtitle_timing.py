"""Subtitles for a spoken text whose timing no service told: phrases laid over the measured sound.

Pure: it takes the words and the stretches in which a voice was heard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

# Characters of one line of subtitles.
LINE = 42
# A phrase ends at a pause that is no further away than this share of the phrase.
NEAR = 0.6

Stretch: TypeAlias = tuple[float, float]

_SENTENCE = re.compile(
    r".+?(?:[.!?…]{1,9}[\"'”’»)\]]{0,9}(?=\s|$)|[。！？]+[」』”’）]*|\n|$)", re.DOTALL
)
_CLAUSE = re.compile(r"(?<=[,;:–—、，；])\s*")


def cues_of(text: str, speech: Sequence[Stretch], seconds: float) -> list[dict[str, Any]]:
    """The text as cues `{"start", "end", "text"}` in seconds, in order and without overlaps.

    speech: where a voice is heard, in order; without any, the whole length is taken for it.
    """
    lines = phrases(text)
    if not lines or seconds <= 0:
        return []
    stretches = [stretch for stretch in speech if stretch[1] > stretch[0]] or [(0.0, seconds)]
    total = sum(end - start for start, end in stretches)
    weights = [len(re.sub(r"\W", "", line)) or 1 for line in lines]
    pace = total / sum(weights)
    # How much speech there is before each pause: the places where a phrase may well end.
    pauses: list[float] = []
    for start, end in stretches:
        pauses.append((pauses[-1] if pauses else 0.0) + end - start)
    edges, at = [0.0], 0.0
    for weight, following in pairwise((*weights, 0)):
        at += weight * pace
        near = NEAR * pace * min(weight, following or weight)
        closest = min(pauses, key=lambda pause, at=at: abs(pause - at))  # type: ignore[misc]
        edge = closest if abs(closest - at) <= near else at
        edges.append(max(edge, edges[-1]))
    edges[-1] = total
    cues = []
    for line, (start, end) in zip(lines, pairwise(edges), strict=True):
        begins, ends = (
            _moment(stretches, start, is_start=True),
            _moment(stretches, end, is_start=False),
        )
        if ends > begins:
            cues.append({"start": round(begins, 3), "end": round(ends, 3), "text": line})
    return cues


def phrases(text: str) -> list[str]:
    """The text in pieces of at most LINE characters, cut at sentences, then clauses, then words."""
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(text):
        line = ""
        for clause in _CLAUSE.split(" ".join(sentence.split())):
            for word in _words(clause):
                candidate = f"{line} {word}".strip()
                if len(candidate) > LINE and line:
                    pieces.append(line)
                    candidate = word
                line = candidate
            if len(line) > LINE / 2 and line:
                pieces.append(line)
                line = ""
        if line:
            pieces.append(line)
    return [line for line in pieces if re.search(r"\w", line)]


def _words(clause: str) -> list[str]:
    """Words; of scripts without spaces, pieces that fit on a line."""
    pieces = []
    for word in clause.split():
        pieces += [word[at : at + LINE] for at in range(0, len(word), LINE)]
    return pieces


def _moment(stretches: Sequence[Stretch], speech: float, *, is_start: bool) -> float:
    """The time at which so many seconds of speech are over; at a pause, its end for a start."""
    remaining_s = speech
    for start, end in stretches:
        length = end - start
        if remaining_s < length - 1e-6 or (not is_start and remaining_s <= length + 1e-6):
            return start + max(remaining_s, 0.0)
        remaining_s -= length
    return stretches[-1][1]
