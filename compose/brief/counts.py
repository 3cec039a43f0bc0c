"""The number of shots that a brief asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from compose.language import TABLES
from core.language.phrases import Match, Phrases, Words

_WORDS = TABLES.subject("counts")


# What is counted, and how surely it is a shot.
_STRONG, _WEAK = 2, 1
_NOUNS: Phrases[int] = TABLES.phrases(
    "counts", "counted", {"strong": _STRONG, "weak": _WEAK}.__getitem__
)
# What is printed does not move.
PRINTED = TABLES.words("counts", "printed")
MOST_ASKED = 500
ONE_OF = TABLES.words("counts", "one_of")


@cache
def _singular() -> Mapping[str, str]:
    return TABLES.meanings("counts", "shown")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of shots at [i, j). adjectives: those of "three dramatic shots"."""

    i: int
    j: int
    number: int
    noun: str
    adjectives: str
    is_strong: bool


def counts_of(words: Words) -> tuple[Count, ...]:
    """Read numbers of shots in the order of the text. "2-3 shots" is the larger number."""
    counts = [
        count
        for match in list(_NOUNS.find(words))
        if not words.is_claimed(match.i)
        and (count := _before(words, match) or _behind(words, match))
    ]
    for count in counts:
        # Of "ten postcards" the scene still shows a postcard.
        words.claim(count.i, count.j, _singular().get(count.noun, ""))
    return tuple(counts)


def _before(words: Words, match: Match[int]) -> Count | None:
    """Read a number before what is counted, with at most three adjectives between."""
    at = match.i - 1
    while words.number(at) is None and match.i - at <= 3:
        if not words.is_word(at) or words.at(at) in _WORDS["no_adjective"] or words.is_claimed(at):
            return None
        at -= 1
    number = words.number(at)
    if number is None or words.is_claimed(at) or number not in range(1, MOST_ASKED + 1):
        return None
    # "1. Scene" numbers a line; "one shot of a cat" is one shot only when strongly said.
    is_article = words.at(at) in _WORDS["articles"]
    if is_article and (match.value == _WEAK or words.at(at - 1) in _WORDS["each"]):
        return None
    if number == 1 and words.at(match.j) in _WORDS["per"]:
        return None
    first = at
    if words.at(at - 1) in _WORDS["range_words"] and words.number(at - 2) is not None:
        first = at - 2
    elif words.number(at - 1) is not None and "-" in words.between(at - 1).replace("–", "-"):
        first = at - 1
    return Count(
        words.back(first, _WORDS["count_leads"]),
        match.j,
        int(number),
        words.at(match.j - 1),
        words.source(at + 1, match.i),
        match.value == _STRONG,
    )


def _behind(words: Words, match: Match[int]) -> Count | None:
    """Read a number behind its label, "shots: 5", at the end of a clause."""
    j = match.j + 2
    number = words.number(j - 1)
    if (
        match.value == _STRONG
        and words.at(match.j) in (":", "=")
        and number in range(1, MOST_ASKED + 1)
        and words.at(j) in ("", ",", ";", "\n", ".")
        and not (words.at(j) == "." and words.is_word(j + 1))
    ):
        return Count(match.i, j, int(number or 0), words.at(match.j - 1), "", True)
    return None


def main_count(counts: tuple[Count, ...]) -> Count | None:
    """Return the count that decides: a number of shots before one of images or steps."""
    strong = (count for count in counts if count.is_strong)
    return next(strong, counts[0] if counts else None)
