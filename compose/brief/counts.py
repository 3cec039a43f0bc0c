"""The number of shots that a brief asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from compose.brief.products import ARTICLES, PRODUCTS, REQUESTS
from compose.language import TABLES
from core.language.phrases import Match, Phrases, Words, folded_tokens

_WORDS = TABLES.subject("counts")


# What is counted, and how surely it is a shot: an ordered noun is one only where a brief begins
# with it, as "three paintings" may be on a wall, too.
_STRONG, _WEAK, _ORDERED = 2, 1, 0
_NOUNS: Phrases[int] = TABLES.phrases(
    "counts", "counted", {"strong": _STRONG, "weak": _WEAK, "ordered": _ORDERED}.__getitem__
)
# What is printed does not move.
PRINTED_THINGS = TABLES.words("counts", "printed")
MOST_ASKED = 500
ONE_OF = TABLES.words("counts", "one_of")


@cache
def _singular() -> Mapping[str, str]:
    return TABLES.meanings("counts", "shown")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of shots at [i, j). adjectives: those of "three dramatic shots".

    is_set: they are different things, as in "a set of six icons".
    """

    i: int
    j: int
    number: int
    noun: str
    adjectives: str
    is_strong: bool
    is_set: bool = False


def counts_of(words: Words) -> tuple[Count, ...]:
    """Read numbers of shots in the order of the text. "2-3 shots" is the larger number."""
    counts = [
        count
        for match in list(_NOUNS.find(words))
        if not words.is_claimed(match.i)
        and (count := _before(words, match) or _behind(words, match))
    ]
    for count in counts:
        # Of "ten old postcards" the scene still shows an old postcard.
        noun = _singular().get(count.noun, "")
        if noun or not count.adjectives or count.noun not in PRINTED_THINGS:
            words.claim(count.i, count.j, f"{count.adjectives} {noun}".strip() if noun else "")
            continue
        # Of "8 walking frames" the scenes show walking.
        first = next(at for at in range(count.i, count.j) if words.number(at) is not None)
        words.claim(count.i, first + 1)
        words.claim(count.j - 1, count.j)
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
    if words.at(match.j - 1) in _WORDS["colors"] and words.at(at - 1) not in _WORDS["in"]:
        # "A mug in four colors" are four; "a logo, two colors" is one.
        return None
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
    if words.at(match.j - 1) in _WORDS["things"] and _is_all_shown(words, first, match.j):
        return None
    set_start = _set_start(words, first, words.at(match.j - 1))
    begin = words.back(first, _WORDS["count_leads"]) if set_start is None else set_start
    if match.value == _ORDERED and not _opens(words, begin):
        return None
    return Count(
        begin,
        match.j,
        int(number),
        words.at(match.j - 1),
        words.source(at + 1, match.i),
        match.value == _STRONG,
        set_start is not None,
    )


def _set_start(words: Words, first: int, noun: str) -> int | None:
    """Return where "an icon set of" before a number begins; None where there is none."""
    if words.at(first - 1) not in _WORDS["set_links"] or words.at(first - 2) not in _WORDS["sets"]:
        return None
    start = first - 2
    if words.at(start - 1) in (noun, *folded_tokens(_singular().get(noun, noun))):
        start -= 1
    return words.back(start, ARTICLES)


def _is_all_shown(words: Words, first: int, end: int) -> bool:
    """Return whether [first, end) is all that a slideshow is of: "a slideshow of six cities"."""
    slideshows = (one.j for one in PRODUCTS.find(words, 0, first) if one.value == "slideshow")
    is_of = words.at(first - 1) in _WORDS["set_links"] and first - 1 in slideshows
    return is_of and words.at(end) != ":"


def _opens(words: Words, at: int) -> bool:
    """Return whether only a request precedes a position."""
    asks = {k for one in REQUESTS.find(words, 0, at) for k in range(one.i, one.j)}
    return all(k in asks or words.is_claimed(k) for k in range(at) if words.is_word(k))


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
