"""Scenes that a brief tells one by one: lists, "scene 2:", "then", "close-up of". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compose.brief.clauses import CLAUSE_ENDS, SENTENCE_ENDS, Part, lines, sentences
from compose.brief.clean import one_of
from compose.brief.edits import orders_edit
from compose.brief.products import first_product
from compose.brief.scene_words import NOT_AFTER, ONLY_AT_START, SHOT_OF, STARTS, TITLES
from compose.brief.words import Match, Words


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


_SCENE = one_of(
    "scene shot step panel frame slide image clip part take picture beat cut szene einstellung"
    " bild schritt teil plan etape partie escena toma plano paso parte scena inquadratura"
    " passo cena tomada сцена кадр シーン 场景 مشهد दृश्य sc chapter"
)
_ORDINALS = one_of(
    "first second third fourth fifth sixth last final next opening closing 1st 2nd 3rd 4th erste"
    " zweite dritte letzte premiere premier deuxieme troisieme derniere primera segunda"
    " tercera ultima prima seconda terza terceira primeira"
)
_NUMBER_MARKS = one_of(". ) : - – — ]")
_BULLETS = one_of("- * • – — · ▪ ● ◦ + →")
_TIMED = re.compile(
    r"[\[(]?\s?(\d{1,2})(?::(\d\d))?\s?(?:s|sec|secs|seconds)?\s?(?:-|–|—|to|bis)\s?(\d{1,2})(?::(\d\d))?"
    r"\s?(?:s\b|secs?\b|seconds?\b)?[\])]?\s?[:\-–—.]?\s?",
    re.IGNORECASE,
)
_SECONDS = re.compile(
    r"[\[(]?\s?(\d{1,2}(?:\.\d)?)\s?(?:s|sec|secs|seconds)[\])]?\s?[:\-–—]\s?", re.IGNORECASE
)


_QUOTES = one_of('" “ „ «')


def titles_in(words: Words, i: int, j: int) -> list[Match[bool]]:
    """Title cards named in [i, j). "credits" is one only where no number of credits is meant."""
    named = [
        Match(at, at + 1, True)
        for at in range(i, min(j, len(words)))
        if words.at(at) in one_of("title titel titre titulo titolo") and words.at(at + 1) in _QUOTES
    ]
    return named or [
        match
        for match in TITLES.find(words, i, j)
        if not (
            words.at(match.i) == "credits"
            and (words.is_claimed(match.i) or words.number(match.i - 1) is not None)
        )
    ]


def told_scenes(words: Words) -> Telling:
    """Scenes that the brief tells one by one; without any where it names none or one."""
    for find in (_listed_lines, _labeled, _numbered, _arrows, _sequence, _shot_phrases):
        telling = find(words)
        if len(telling.scenes) > 1:
            return telling
    return Telling()


def _listed_lines(words: Words) -> Telling:
    """Lines with bullets, numbers, "scene 1" or times before them."""
    found: list[Told] = []
    kinds: dict[str, list[Told]] = {}
    every = lines(words)
    for line in every:
        kind, told = _line_item(words, line)
        if told and told.i < told.j:
            kinds.setdefault(kind, []).append(told)
    if not kinds:
        return Telling()
    kind = max(kinds, key=lambda name: len(kinds[name]))
    found = kinds[kind]
    if len(found) < 2:
        return Telling()
    first_line = next(line.i for line in every if line.i <= found[0].i <= line.j)
    last = found[-1]
    return Telling(tuple(found), Part(0, first_line), Part(last.j, len(words)), is_listed=True)


def _line_item(words: Words, line: Part) -> tuple[str, Told | None]:
    text = words.source(line.i, line.j)
    at = line.i
    if timed := _TIMED.match(text):
        start = int(timed[1]) * (60 if timed[2] else 1) + int(timed[2] or 0)
        end = int(timed[3]) * (60 if timed[4] else 1) + int(timed[4] or 0)
        first = _token_at(words, words.start[line.i] + timed.end(), line)
        if end > start and first < line.j:
            return "time", Told(first, line.j, float(end - start))
    if words.at(at) in _BULLETS and at + 1 < line.j:
        at += 1
        if words.number(at) is None and words.at(at) not in _SCENE:
            return "bullet", Told(at, line.j)
    if words.at(at) in ("(", "[", "#") and words.is_digit(at + 1):
        at += 1
    if words.is_digit(at) and words.at(at + 1) in _NUMBER_MARKS and at + 2 < line.j:
        return "number", Told(at + 2, line.j)
    scene = _scene_label(words, at, line.j)
    if scene is not None:
        return "scene", Told(scene, line.j)
    if words.at(line.i) in _BULLETS and line.i + 1 < line.j:
        return "bullet", Told(line.i + 1, line.j)
    return "", None


def _token_at(words: Words, offset: int, line: Part) -> int:
    at = line.i
    while at < line.j and words.start[at] < offset:
        at += 1
    return at


def _scene_label(words: Words, at: int, end: int) -> int | None:
    """Where the text begins behind "scene 1:", "shot two -" or "first scene:" at this position."""
    if words.at(at) in _SCENE and words.number(at + 1) is not None:
        behind = at + 2
        if words.at(behind) in ("(", "["):
            while behind < end and words.at(behind) not in (")", "]"):
                behind += 1
            behind += 1
        if words.at(behind) in _NUMBER_MARKS:
            behind += 1
        return behind if behind < end else None
    if (
        words.at(at) in _ORDINALS
        and words.at(at + 1) in _SCENE
        and words.at(at + 2) in _NUMBER_MARKS | {",", "is"}
    ):
        return at + 3 if at + 3 < end else None
    return None


def _labeled(words: Words) -> Telling:
    """Labels on one line: "Scene 1: dawn. Scene 2: noon."."""
    starts: list[tuple[int, int]] = []
    for at in range(len(words)):
        if words.at(at) in _SCENE or words.at(at) in _ORDINALS:
            behind = _scene_label(words, at, len(words))
            before = words.at(at - 1)
            if behind is None or not (
                at == 0 or before in CLAUSE_ENDS or words.at(behind - 1) in _NUMBER_MARKS
            ):
                continue
            first = at - 1 if words.at(at - 1) in ("the", "in", "and") else at
            starts.append((first, behind))
    return _from_starts(words, starts)


def _numbered(words: Words) -> Telling:
    """Numbers on one line that count up from 1: "1. dawn 2. noon", "(1) dawn, (2) noon"."""
    starts: list[tuple[int, int]] = []
    expected = 1
    for at in range(len(words) - 1):
        if (
            words.number(at) != expected
            or not words.is_digit(at)
            or words.at(at + 1) not in one_of(". ) : - –")
        ):
            continue
        touching = not words.between(at)
        if words.at(at + 1) in ("-", "–") and touching:
            continue
        if words.is_digit(at + 2) and not words.between(at + 1):
            continue
        # "in 3. The" ends a sentence; an item begins at a start, a mark or a space before a number.
        starts.append((at - 1 if words.at(at - 1) in ("(", "#", "[") else at, at + 2))
        expected += 1
    return _from_starts(words, starts)


def _arrows(words: Words) -> Telling:
    """Scenes with arrows between them: "sunrise → noon → night", with -> or > too."""
    starts: list[tuple[int, int]] = []
    for at in range(1, len(words) - 1):
        word = words.at(at)
        arrow = word in one_of("→ ⇒ ➔ ➡ »") and word != "»"
        if word == ">" and words.at(at - 1) in ("-", "=", "–"):
            starts.append((at - 1, at + 1))
        elif arrow or (word == ">" and words.between(at) and words.between(at - 1)):
            starts.append((at, at + 1))
    if not starts:
        return Telling()
    first = _piece_start(words, starts[0][0])
    return _from_starts(words, [(first, first), *starts])


def _piece_start(words: Words, end: int) -> int:
    """Where the clause before an arrow begins: behind a colon or the sentence before."""
    at = end
    while at > 0 and words.at(at - 1) not in SENTENCE_ENDS and words.at(at - 1) not in (":", ","):
        at -= 1
    return at


def _from_starts(words: Words, starts: Sequence[tuple[int, int]]) -> Telling:
    if len(starts) < 2:
        return Telling()
    told: list[Told] = []
    for number, (_, behind) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else _last_end(words, behind)
        if behind < end:
            told.append(Told(behind, end))
    last = told[-1].j if told else 0
    return Telling(tuple(told), Part(0, starts[0][0]), Part(last, len(words)), is_listed=True)


def _last_end(words: Words, i: int) -> int:
    """Where the last item of a list on one line ends: at the line's end, or before a sentence that
    speaks of the whole."""
    end = next((at for at in range(i, len(words)) if words.at(at) == "\n"), len(words))
    parts = sentences(words, i, end)
    for part in parts[1:]:
        first = words.at(part.i)
        if first in one_of(
            "make use keep please add no format length style music sound voice everything all"
            " narration mood total duration i we let"
        ):
            return part.i
    return end


def _sequence(words: Words) -> Telling:
    """Scenes in a sequence: "first a, then b, finally c"."""
    joins: list[Match[str]] = []
    quoted = -1
    for match in STARTS.find(words):
        if words.is_claimed(match.i) or match.i < quoted or not _joins(words, match):
            continue
        joins.append(match)
    if not any(join.value in ("next", "last") for join in joins):
        return Telling()
    begins = joins[0]
    told: list[Told] = []
    start = 0
    before = NOTHING
    if begins.value == "start":
        before = Part(0, begins.i)
    else:
        # What comes before "then" is a scene itself, in as many sentences as it has.
        parts = sentences(words, 0, begins.i)
        colon = next(
            (at for at in range(begins.i - 1, -1, -1) if words.at(at) == ":" and words.between(at)),
            None,
        )
        if colon is not None and colon + 1 < begins.i:
            parts = sentences(words, colon + 1, begins.i)
            before = Part(0, colon)
        told.extend(Told(part.i, part.j) for part in parts)
        start = 1 if told else 0
    for number, join in enumerate(joins):
        end = joins[number + 1].i if number + 1 < len(joins) else len(words)
        first = join.j
        while words.at(first) in (",", ":", "a" if words.at(first + 1) == ":" else ","):
            first += 1
        pieces = sentences(words, first, end)
        told.extend(Told(part.i, part.j) for part in pieces)
    return (
        Telling(tuple(told[:60]), before, Part(len(words), len(words)))
        if start or len(told) > 1
        else Telling()
    )


def _joins(words: Words, match: Match[str]) -> bool:
    """Whether a word such as "then" begins a scene here."""
    first = words.at(match.i)
    before = words.at(match.i - 1)
    at_start = (
        match.i == 0 or before in CLAUSE_ENDS or before in one_of("and und et y e it but which")
    )
    following = words.at(match.j)
    if not following or following == ".":
        return False
    width = match.j - match.i
    if width == 1 and first in ONLY_AT_START:
        if not at_start or following in NOT_AFTER or words.number(match.j) is not None:
            return False
        if first in one_of("second third fourth last next first") and following in _SCENE:
            return False
    if match.value != "start" and orders_edit(words, match.j):
        # "then upscale it" works on the scene before.
        return False
    # "then a slideshow" orders another product.
    product = first_product(words, match.j, min(match.j + 4, len(words)))
    if product and product.value in ("slideshow", "film", "song") and match.value != "start":
        return False
    if first in one_of("start starts open opens begin begins end ends ending finish close"):
        return True
    if match.value == "last" and width == 1 and first == "last":
        return at_start
    # "now and then", "since then", "the then king"
    return before not in one_of("the since by until every more other")


def _shot_phrases(words: Words) -> Telling:
    """Scenes that a kind of shot begins: "shot of a, close-up of b"."""
    starts: list[int] = []
    for match in SHOT_OF.find(words):
        if words.is_claimed(match.i):
            continue
        first = match.i
        while words.at(first - 1) in one_of(
            "a an the slow extreme one wide long quick nice ein eine un une una uma second"
            " another some few"
        ):
            first -= 1
        before = words.at(first - 1)
        if (
            first == 0
            or before in CLAUSE_ENDS
            or before in one_of("and plus then und et y e with to from & by")
        ):
            starts.append(first)
    if len(starts) < 2:
        return Telling()
    told = [
        Told(i, starts[number + 1] if number + 1 < len(starts) else len(words))
        for number, i in enumerate(starts)
    ]
    return Telling(tuple(told), Part(0, starts[0]), Part(len(words), len(words)))
