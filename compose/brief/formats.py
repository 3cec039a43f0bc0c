"""The shape of the picture that a brief asks for. Pure."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, cast

from compose.brief.brief import AspectRatio
from compose.language import TABLES
from core.language.clauses import quotes_of
from core.language.phrases import Phrases, Words
from core.language.sentences import join_items

_WORDS = TABLES.subject("formats")
_SHAPES: Final[dict[AspectRatio, float]] = {
    "9:16": 9 / 16,
    "3:4": 3 / 4,
    "1:1": 1.0,
    "4:3": 4 / 3,
    "16:9": 16 / 9,
    "21:9": 21 / 9,
}
# Formats that people ask for, and the nearest that a draft has.
_NEAREST: Final[dict[AspectRatio, str]] = {
    "21:9": "2.35:1 2.39:1 2.4:1 2:1",
    "16:9": "1.85:1 16:10",
    "4:3": "3:2 5:4",
    "3:4": "4:5 2:3",
}
_RATIOS: Final[dict[str, AspectRatio]] = {ratio: ratio for ratio in _SHAPES} | {
    name: ratio for ratio, names in _NEAREST.items() for name in names.split()
}
_SHAPE_NAMES: Final[dict[AspectRatio, str]] = {
    "9:16": "vertical",
    "3:4": "vertical",
    "1:1": "square",
    "16:9": "widescreen",
    "4:3": "landscape",
    "21:9": "ultrawide",
}
_WIDE: Final = ("4:3", "16:9", "21:9")
# Weak names are places where a film is shown; a word for the shape wins over them.
Strength = Literal[1, 2]


def _format(key: str) -> tuple[AspectRatio, Strength]:
    ratio, _, weak = key.partition(" ")
    return cast(AspectRatio, ratio), 1 if weak else 2


_PLATFORMS = TABLES.words("impossible", "platforms")
_FOR = TABLES.words("stretches", "for_whom")
_NAMES: Phrases[tuple[AspectRatio, Strength]] = TABLES.phrases("formats", "names", _format)


def format_of(words: Words) -> tuple[AspectRatio, tuple[str, ...]]:
    """Read the aspect ratio, "" where nothing says it, and notes. A ratio wins over a name."""
    ratios = _ratios(words)
    # "Stories" that a voice speaks of are no format.
    in_quotes = {at for quote in quotes_of(words) for at in range(quote.i, quote.j)}
    for at in range(1, len(words)):
        if words.at(at) in _PLATFORMS and words.at(at - 1) in _FOR:
            words.claim(at - 1, at + 1)
    names = [
        match
        for match in _NAMES.find(words)
        if match.i not in in_quotes
        and words.at(match.i) not in _WORDS["no_names"]
        and not _is_thing(words, match.i, match.j)
    ]
    for match in names:
        if not _is_product(words, match.i):
            _claim(words, match.i, match.j)
    sure = [match.value[0] for match in names if match.value[1] == 2]
    name: AspectRatio = next(iter(sure or [match.value[0] for match in names]), "")
    if not ratios:
        if others := set(sure) - {name}:
            also = join_items(sorted(_SHAPE_NAMES[ratio] for ratio in others))
            return name, (f"The brief says {_SHAPE_NAMES[name]} and {also}: it's made {name}.",)
        return name or _alone(words), ()
    ratio, *others_of = dict.fromkeys(ratios)
    notes = []
    # "widescreen 21:9" contradicts nothing.
    if sure and _SHAPE_NAMES[name] != _SHAPE_NAMES[ratio] and not {name, ratio} <= {*_WIDE}:
        notes.append(f"The brief says {_SHAPE_NAMES[name]} and {ratio}: it's made {ratio}.")
    if others_of:
        rest = join_items(others_of)
        notes.append(f"Only one format fits in a draft: it's made {ratio}, not {rest}.")
    return ratio, tuple(notes)


def _ratios(words: Words) -> list[AspectRatio]:
    ratios: list[AspectRatio] = []
    for at in range(len(words) - 2):
        mark = words.at(at + 1)
        if mark not in (":", "x", "×", "/", "by") or not words.is_digit(at):
            continue
        width, height = words.number(at), words.number(at + 2)
        if not (width and height and words.is_digit(at + 2)):
            continue
        ratio = _RATIOS.get(f"{width:g}:{height:g}", "")
        # "4/3" and "3 by 4" are dates and counts; a colon or an x is a format.
        if mark in ("/", "by") and ratio not in ("16:9", "9:16"):
            ratio = ""
        if min(width, height) >= 200:
            ratio = min(_SHAPES, key=partial(_distance, width / height))
        if ratio:
            ratios.append(ratio)
            _claim(words, at, at + 3)
    return ratios


def _distance(shape: float, ratio: AspectRatio) -> float:
    return abs(_SHAPES[ratio] - shape)


def _is_thing(words: Words, i: int, j: int) -> bool:
    """Return whether it is a thing in the picture: a vertical garden, the town square."""
    before, last, following = words.at(i - 1), words.at(j - 1), words.at(j)
    if following == "of":
        # "a square of chocolate", but "a square of it" and "a vertical of my shop".
        return last == "square" and words.at(j + 1) not in _WORDS["itself"]
    if following in _WORDS["things"]:
        return True
    return (
        last == "square" and before in _WORDS["square_before"] and following not in _WORDS["after"]
    )


def _alone(words: Words) -> AspectRatio:
    """Read the shape of "9 seconds, portrait": alone between marks, where a length is read."""
    for at in range(1, len(words)):
        name = _ALONE.get(words.at(at))
        if name is None or words.is_word(at - 1) or words.is_word(at + 1):
            continue
        listed_too = {words.at(k) for k in (at - 2, at + 2, at + 3)} & {*_ALONE, "life", "still"}
        if not listed_too and any(words.is_claimed(k) for k in range(len(words))):
            words.claim(at, at + 1)
            return name
    return ""


_ALONE: Final[dict[str, AspectRatio]] = {"portrait": "9:16", "landscape": "16:9"}


def _is_product(words: Words, i: int) -> bool:
    """Return whether the name is also what is made: "music video", "album cover"."""
    return words.at(i) in _WORDS["places"] and words.at(i + 1) in _WORDS["place_products"]


def _claim(words: Words, i: int, j: int) -> None:
    words.claim(words.back(i, _WORDS["before"]), words.on(j, _WORDS["shape_words"]))
