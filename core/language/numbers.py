"""Numbers and ordinals in words: one table of four languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from tomllib import loads

from pydantic import BaseModel

from core.language.cleaning import fold

LANGUAGES = ("en", "de", "fr", "es")
_DIGITS = r"\d+(?:[.,]\d+)?"


class NumberWords(BaseModel, extra="forbid"):
    """The words of one language for amounts and positions."""

    units: str
    tens: str
    join: str
    articles: str
    amounts: dict[float, str]
    ordinals: dict[int, str]

    def plain(self) -> Iterator[tuple[str, float]]:
        """Yield the words from none to nineteen, and the tens."""
        yield from ((word, float(value)) for value, word in enumerate(self.units.split(", ")))
        yield from ((word, value * 10.0) for value, word in enumerate(self.tens.split(", "), 2))

    def phrases(self) -> Iterator[tuple[str, float]]:
        """Yield all phrases for an amount."""
        yield from self.plain()
        units = list(enumerate(self.units.split(", ")))[1:10]
        for (ten, tens), (value, unit) in product(enumerate(self.tens.split(", "), 2), units):
            yield self.join.format(ten=tens, unit=unit), ten * 10.0 + value
        for amount, phrases in self.amounts.items():
            yield from ((phrase, amount) for phrase in phrases.split(", "))


@cache
def words_in(language: str) -> NumberWords:
    """Read the table of a language, once."""
    path = Path(__file__).parent / f"{language}.toml"
    return NumberWords.model_validate(loads(path.read_text(encoding="utf-8")))


@cache
def number_phrases(language: str) -> Mapping[str, Mapping[tuple[str, ...], float]]:
    """Map first words to phrases with their values: English and one more language's.

    The language decides, since words collide: "once" is eleven in Spanish.
    """
    phrases: dict[str, dict[tuple[str, ...], float]] = {}
    for code in dict.fromkeys(("en", language)):
        for phrase, value in words_in(code).phrases() if code in LANGUAGES else ():
            words = _words(phrase)
            if value:
                phrases.setdefault(words[0], {})[words] = value
    return phrases


def number_of(text: str) -> float | None:
    """Return the number that a text is, in digits or in words of any language; "a" is one."""
    words = _words(text)
    if len(words) == 1 and re.fullmatch(_DIGITS, words[0]):
        return float(words[0].replace(",", "."))
    return _numbers().get(words)


def ordinal_of(text: str) -> int | None:
    """Return 1 for "first"."""
    return _ordinals().get(fold(text.strip()))


def number_word(count: int) -> str:
    """Return "three" for 3, "no" for none, and figures above ten."""
    units = words_in("en").units.split(", ")
    return units[count] if 0 < count <= 10 else str(count) if count else "no"


@cache
def number_pattern(*, with_articles: bool = True) -> str:
    """Return a part of a pattern that matches a number; "shot 2 with a dog" has no second one."""
    articles = set(_articles())
    words = {word for code in LANGUAGES for word, _ in words_in(code).plain()} - articles
    return rf"(?:{_DIGITS}|{_alternatives(words | articles if with_articles else words)})"


@cache
def ordinal_pattern() -> str:
    """Return a part of a pattern that matches an ordinal."""
    return rf"(?:{_alternatives(_ordinals())})"


def _alternatives(words: Iterable[str]) -> str:
    # Longer words first: "fourth" must not be read as "four".
    spellings = {spelling for word in words for spelling in (word, fold(word))}
    return "|".join(re.escape(word) for word in sorted(spellings, key=lambda w: (-len(w), w)))


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(fold(phrase).replace("-", " ").split())


def _articles() -> Iterator[str]:
    return (word for code in LANGUAGES for word in words_in(code).articles.split(", "))


@cache
def _numbers() -> Mapping[tuple[str, ...], float]:
    # English last: where languages disagree, its meaning counts.
    values = {
        _words(phrase): value
        for code in reversed(LANGUAGES)
        for phrase, value in words_in(code).phrases()
    }
    return values | {_words(word): 1.0 for word in _articles()}


@cache
def _ordinals() -> Mapping[str, int]:
    return {
        spelling: value
        for code in reversed(LANGUAGES)
        for value, words in words_in(code).ordinals.items()
        for word in words.split(", ")
        for spelling in (word, fold(word))
    }
