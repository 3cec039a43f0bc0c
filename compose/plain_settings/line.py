"""The lines of a text, their parts, and what is left without the words of settings. Pure.

A part is what lies between two separators: a comma, a semicolon, a bracket, a dash, the end of a
sentence or of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import pairwise
from pathlib import Path
from tomllib import loads
from typing import Any, Final

WORDS: Final[Mapping[str, Any]] = loads(
    Path(__file__).parent.with_suffix(".toml").read_text(encoding="utf-8")
)
# The signs in `Line.seen` of a quotation, for its end behind a whole sentence, and for an input.
_QUOTATION, _SENTENCE_END, _OPEN = "\ue000", "\ue001", "\ue002"
# How much each separates: of two, the weaker one goes with the part between them.
_STRENGTH: Final = {
    sign: strength
    for strength, signs in enumerate((",、，", "–—|:", ";；", "()（）", ".!?。！？"), 1)
    for sign in signs
}
_REFERENCE: Final = re.compile(r"\{(\+?)([a-z_.]+)\}")


def phrases(name: str) -> list[str]:
    """Return the phrases of a list, or of all lists of a table: "nouns", "nouns.film"."""
    words = reduce(lambda table, key: table[key], name.split("."), WORDS)
    lists = words.values() if isinstance(words, Mapping) else [words]
    return [phrase.strip() for text in lists for phrase in text.replace("\n", " ").split(",")]


def meanings(table: str) -> dict[str, str]:
    """Return what each phrase of a table means."""
    return {phrase: name for name in WORDS[table] for phrase in phrases(f"{table}.{name}")}


def pattern(name: str) -> re.Pattern[str]:
    """Compile a pattern of the table."""
    return re.compile(_pattern_text(name, "+"))


def _pattern_text(name: str, sign: str) -> str:
    if name not in WORDS["patterns"]:
        longest_first = sorted(phrases(name), key=len, reverse=True)
        return f"(?:{'|'.join(re.escape(one) for one in longest_first)})".replace(r"\ ", "[ -]")
    source = WORDS["patterns"][name].replace("\n", "")
    whole = _REFERENCE.sub(lambda match: _pattern_text(match[2], match[1]), source)
    return f"(?:{whole if sign else re.sub(r'[(][?]P<[a-z_]+>', '(?:', whole)})"


HIDDEN, _SEPARATOR = pattern("hidden"), pattern("separator")
_MARKER, _SCENE, _NUMBER = pattern("marker"), pattern("scene"), pattern("numbered")


class Line:
    """text: as it is written. seen: the same without capitals, in which quotations and inputs are
    signs that no word has. parts: from where to where each is. marker: its number or dash in a
    list, "" for a line that is in none. seconds: its own length."""

    def __init__(self, text: str, marker: str = "") -> None:
        self.text, self.marker = text, marker
        self.seconds: float | None = None
        self.seen = HIDDEN.sub(_hidden, seen_of(text))
        spans = [one.span() for one in _SEPARATOR.finditer(self.seen)]
        starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)]
        self.parts = [self.trim(*place) for place in zip(starts, ends, strict=True)]
        self._taken = bytearray(len(text))

    def trim(self, start: int, end: int) -> tuple[int, int]:
        """Return the place without the spaces at its ends."""
        piece = self.seen[start:end]
        start += len(piece) - len(piece.lstrip())
        return start, start + len(piece.strip())

    def of(self, match: re.Match[str], group: str | int = 0) -> str:
        """Return the words of a match in `seen` as they are written."""
        return self.text[slice(*match.span(group))].strip() if match[group] else ""

    def take(self, start: int, end: int) -> None:
        """Take a place out of the text: it is a setting."""
        self._taken[start:end] = b"\1" * (end - start)

    def untaken(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the places within a part that were not taken."""
        places: list[tuple[int, int]] = []
        while (start := self._taken.find(0, start, end)) >= 0:
            stop = self._taken.find(1, start, end)
            places.append(self.trim(start, stop if stop >= 0 else end))
            start = stop if stop >= 0 else end
        return [(first, last) for first, last in places if first < last]

    def left_over(self) -> str:
        """Return the text without what was taken, and without the separators that held it."""
        text, joint, is_cut = "", "", False
        for (start, end), then in zip(self.parts, [*self.parts[1:], None], strict=True):
            behind = self.text[end : then[0] if then else len(self.text)]
            words = " ".join(self.text[first:last] for first, last in self.untaken(start, end))
            if not words and (is_cut or start < end):
                joint, is_cut = _stronger(joint, behind) if text else "", True
            else:
                text, joint, is_cut = text + joint + words, behind, False
        return (text + ("" if is_cut and _strength(joint) < _STRENGTH["."] else joint)).strip()


def seen_of(text: str) -> str:
    """Return a text without capitals and curly apostrophes, each character in its place."""
    lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return lower.replace("’", "'")


def lines_of(text: str) -> list[Line]:
    """Cut a text into lines, and a list such as "1. a cat 2. a dog" into its rows. One marker alone
    is no list."""
    pieces = [piece for line in text.split("\n") for piece in _pieces(line)]
    markers = [_MARKER.match(seen_of(piece)) for piece in pieces]
    if sum(marker is not None for marker in markers) < 2:
        return [Line(line) for line in text.split("\n")]
    return [_row(piece, marker) for piece, marker in zip(pieces, markers, strict=True)]


def _row(piece: str, marker: re.Match[str] | None) -> Line:
    if marker is None:
        return Line(piece)
    start, end = marker.span("time") if marker["time"] else (marker.end(), marker.end())
    words = f"{piece[start:end]} {piece[marker.end() :]}"
    return Line(words.strip(), piece[:start] + piece[end : marker.end()])


def _pieces(line: str) -> Iterator[str]:
    starts = [one.start() for one in _SCENE.finditer(seen_of(line))]
    number = 0
    for one in [] if starts else _NUMBER.finditer(line):
        if int(one[1]) == number + 1:
            starts, number = [*starts, one.start()], number + 1
    places = [0, *starts, len(line)] if len(starts) > 1 else [0, len(line)]
    yield from filter(None, (line[start:end].strip() for start, end in pairwise(places)))


def _hidden(match: re.Match[str]) -> str:
    length, ends = len(match[0]), match[0][-2] in ".!?。！？"
    if match["input"]:
        return _OPEN * length
    return _QUOTATION * (length - 1) + (_SENTENCE_END if ends else _QUOTATION)


def _strength(separator: str) -> int:
    return max((_STRENGTH.get(sign, 0) for sign in separator), default=0)


def _stronger(before: str, behind: str) -> str:
    if before.strip() in ("(", "（") and behind.strip() in (")", "）"):
        return " "
    return before if _strength(before) >= _strength(behind) else behind
