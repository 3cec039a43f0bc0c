"""Scenes that a brief tells one by one: lists, "scene 2:", "then", "close-up of". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compose.brief.edits import orders_edit
from compose.brief.products import first_product
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, SENTENCE_ENDS, Part, lines, sentences
from core.language.phrases import Match, Phrases, Words

_WORDS = TABLES.subject("scenes")
_STARTS: Phrases[str] = TABLES.phrases("scenes", "starts", str)
_SHOT_OF: Phrases[bool] = TABLES.phrase_list("scenes", "shot_of")
_TITLES: Phrases[bool] = TABLES.phrase_list("scenes", "titles")


@dataclass(frozen=True, slots=True)
class Told:
    """One scene as the brief tells it, at [i, j). seconds: from a span such as 0:05-0:10."""

    i: int
    j: int
    seconds: float | None = None
    is_title: bool = False


NOTHING = Part(0, 0)


@dataclass(frozen=True, slots=True)
class Telling:
    """Scenes, and what is before and behind them.

    is_listed: they have numbers, bullets or labels.
    """

    scenes: tuple[Told, ...] = ()
    before: Part = NOTHING
    behind: Part = NOTHING
    is_listed: bool = False


_NUMBER_MARKS = frozenset(".):-–—]")
_BULLETS = frozenset("-*•–—·▪●◦+→")
_TIME_SPAN = re.compile(
    r"[\[(]?\s?(\d{1,2})(?::(\d\d))?\s?(?:s|sec|secs|seconds)?\s?(?:-|–|—|to|bis)\s?(\d{1,2})(?::(\d\d))?"
    r"\s?(?:s\b|secs?\b|seconds?\b)?[\])]?\s?[:\-–—.]?\s?",
    re.IGNORECASE,
)


def titles_in(words: Words, i: int, j: int) -> list[Match[bool]]:
    """Return title cards named in [i, j). "credits" is none where a number of them is meant."""
    titles = [
        Match(at, at + 1, True)
        for at in range(i, min(j, len(words)))
        if words.at(at) in _WORDS["title"] and words.at(at + 1) in ('"', "“", "„", "«")
    ]
    return titles or [
        match
        for match in _TITLES.find(words, i, j)
        if words.at(match.i) != "credits"
        or not (words.is_claimed(match.i) or words.number(match.i - 1) is not None)
    ]


def told_scenes(words: Words) -> Telling:
    """Read scenes that the brief tells one by one; none where it names none or one."""
    for find in (_listed_lines, _labels, _numbers, _arrows, _sequence, _shot_phrases):
        telling = find(words)
        if len(telling.scenes) > 1:
            return telling
    return Telling()


def _listed_lines(words: Words) -> Telling:
    """Read lines with bullets, numbers, "scene 1" or times before them."""
    kinds: dict[str, list[Told]] = {}
    for line in lines(words):
        kind, first, seconds = _line_item(words, line)
        if kind and first < line.j:
            kinds.setdefault(kind, []).append(Told(first, line.j, seconds))
    scenes = max(kinds.values(), key=len, default=[])
    if len(scenes) < 2:
        return Telling()
    first_line = next(line.i for line in lines(words) if line.i <= scenes[0].i <= line.j)
    behind = Part(scenes[-1].j, len(words))
    return Telling(tuple(scenes), Part(0, first_line), behind, is_listed=True)


def _line_item(words: Words, line: Part) -> tuple[str, int, float | None]:
    """Return how a line is marked as an item, where its text begins, and its seconds."""
    at = line.i
    if span := _TIME_SPAN.match(words.source(line.i, line.j)):
        start, end = (
            int(number) * 60 + int(seconds) if seconds else int(number)
            for number, seconds in (span.group(1, 2), span.group(3, 4))
        )
        offset = words.start[line.i] + span.end()
        first = next((k for k in range(line.i, line.j) if words.start[k] >= offset), line.j)
        if end > start and first < line.j:
            return "time", first, float(end - start)
    has_bullet = words.at(at) in _BULLETS
    at += has_bullet or (words.at(at) in ("(", "[", "#") and words.is_digit(at + 1))
    if words.is_digit(at) and words.at(at + 1) in _NUMBER_MARKS:
        return "number", at + 2, None
    scene = _scene_label(words, at, line.j)
    if scene is not None:
        return "scene", scene, None
    return "bullet" if has_bullet else "", at, None


def _scene_label(words: Words, at: int, end: int) -> int | None:
    """Return where the text begins behind "scene 1:", "shot two -" or "first scene:"."""
    behind = end
    if words.at(at) in _WORDS["scene"] and words.number(at + 1) is not None:
        behind = at + 2
        if words.at(behind) in ("(", "["):
            behind = words.until(behind, (")", "]")) + 1
        behind += words.at(behind) in _NUMBER_MARKS
    elif (
        words.at(at) in _WORDS["ordinals"]
        and words.at(at + 1) in _WORDS["scene"]
        and words.at(at + 2) in _NUMBER_MARKS | {",", "is"}
    ):
        behind = at + 3
    return behind if behind < end else None


def _labels(words: Words) -> Telling:
    """Read labels on one line: "Scene 1: dawn. Scene 2: noon."."""
    starts: list[tuple[int, int]] = []
    for at in range(len(words)):
        behind = _scene_label(words, at, len(words))
        is_edge = at == 0 or words.at(at - 1) in CLAUSE_ENDS
        if behind is not None and (is_edge or words.at(behind - 1) in _NUMBER_MARKS):
            starts.append((at - (words.at(at - 1) in ("the", "in", "and")), behind))
    return _from_starts(words, starts)


def _numbers(words: Words) -> Telling:
    """Read numbers on one line that count up from 1: "1. dawn 2. noon", "(1) dawn, (2) noon"."""
    starts: list[tuple[int, int]] = []
    for at in range(len(words) - 1):
        mark = words.at(at + 1)
        if words.number(at) != len(starts) + 1 or not words.is_digit(at) or mark not in ".):-–":
            continue
        # "2-3" and "1.5" are one thing each.
        is_range = mark in ("-", "–") and not words.between(at)
        if not is_range and (words.between(at + 1) or not words.is_digit(at + 2)):
            starts.append((at - (words.at(at - 1) in ("(", "#", "[")), at + 2))
    return _from_starts(words, starts)


def _arrows(words: Words) -> Telling:
    """Read scenes with arrows between them: "sunrise → noon → night", with -> or > too."""
    starts: list[tuple[int, int]] = []
    for at in range(1, len(words) - 1):
        word = words.at(at)
        if word == ">" and words.at(at - 1) in ("-", "=", "–"):
            starts.append((at - 1, at + 1))
        elif word in "→⇒➔➡" or (word == ">" and words.between(at) and words.between(at - 1)):
            starts.append((at, at + 1))
    if not starts:
        return Telling()
    # The first scene begins behind a colon or the sentence before.
    first = starts[0][0]
    while first > 0 and words.at(first - 1) not in SENTENCE_ENDS | {":", ","}:
        first -= 1
    return _from_starts(words, [(first, first), *starts])


def _from_starts(words: Words, starts: Sequence[tuple[int, int]]) -> Telling:
    if len(starts) < 2:
        return Telling()
    ends = [start for start, _ in starts[1:]] + [_last_end(words, starts[-1][1])]
    scenes = [Told(i, j) for (_, i), j in zip(starts, ends, strict=True) if i < j]
    last = scenes[-1].j if scenes else 0
    return Telling(tuple(scenes), Part(0, starts[0][0]), Part(last, len(words)), is_listed=True)


def _last_end(words: Words, i: int) -> int:
    """Return where the last item of a list on one line ends: at the line's end, or before a
    sentence that speaks of the whole."""
    end = words.until(i, "\n")
    others = sentences(words, i, end)[1:]
    whole = (part.i for part in others if words.at(part.i) in _WORDS["about_the_whole"])
    return next(whole, end)


def _sequence(words: Words) -> Telling:
    """Read scenes in a sequence: "first a, then b, finally c"."""
    joins = [
        match
        for match in _STARTS.find(words)
        if not words.is_claimed(match.i) and _joins(words, match)
    ]
    if not any(join.value in ("next", "last") for join in joins):
        return Telling()
    end = joins[0].i
    before = Part(0, end)
    parts: list[Part] = []
    if joins[0].value != "start":
        # What comes before "then" is a scene itself, in as many sentences as it has.
        colons = (at for at in range(end - 2, -1, -1) if words.at(at) == ":" and words.between(at))
        colon = next(colons, -1)
        before = Part(0, max(colon, 0))
        parts = sentences(words, colon + 1, end)
    for join, end in zip(joins, [*(join.i for join in joins[1:]), len(words)], strict=True):
        parts += sentences(words, words.on(join.j, (",", ":")), end)
    scenes = tuple(Told(part.i, part.j) for part in parts[:60])
    return Telling(scenes, before, Part(len(words), len(words)))


def _joins(words: Words, match: Match[str]) -> bool:
    """Return whether a word such as "then" begins a scene here."""
    first, before, following = words.at(match.i), words.at(match.i - 1), words.at(match.j)
    at_start = match.i == 0 or before in CLAUSE_ENDS or before in _WORDS["clause_leads"]
    if following in ("", "."):
        return False
    # These are joins only where a clause begins: "a second dog", "last night".
    if match.j - match.i == 1 and first in _WORDS["only_at_start"]:
        is_number = words.number(match.j) is not None
        is_label = first in _WORDS["ordinals"] and following in _WORDS["scene"]
        if not at_start or following in _WORDS["not_after"] or is_number or is_label:
            return False
    if match.value != "start":
        # "then upscale it" works on the scene before, "then a slideshow" orders another product.
        product = first_product(words, match.j, min(match.j + 4, len(words)))
        is_product = product is not None and product.value in ("slideshow", "film", "song")
        if is_product or orders_edit(words, match.j):
            return False
    # "now and then", "since then", "the then king"
    return first in _WORDS["start_verbs"] or before not in _WORDS["no_join_before"]


def _shot_phrases(words: Words) -> Telling:
    """Read scenes that a kind of shot begins: "shot of a, close-up of b"."""
    starts: list[int] = []
    for match in _SHOT_OF.find(words):
        first = words.back(match.i, _WORDS["shot_adjectives"])
        before = words.at(first - 1)
        leads = first == 0 or before in CLAUSE_ENDS or before in _WORDS["before_shot"]
        if leads and not words.is_claimed(match.i):
            starts.append(first)
    if len(starts) < 2:
        return Telling()
    scenes = [Told(i, j) for i, j in zip(starts, [*starts[1:], len(words)], strict=True)]
    return Telling(tuple(scenes), Part(0, starts[0]), Part(len(words), len(words)))
