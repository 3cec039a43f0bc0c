"""A text cut into words, with what each stands for and which of them are instructions. Pure.

Every reader of a subject looks for its phrases here and claims them; the words that remain
unclaimed are what a scene shows. All of it is one pass over the text for each table of phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Generic, TypeVar

from compose.brief.clean import cleaned, folded
from compose.brief.language import language_of
from compose.brief.number_words import number_phrases

T = TypeVar("T")

_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)?|[\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_\u3040-\u30ff\u4e00-\u9fff]+|\n|[^\w\s]|_+"
)
# A hyphen or an apostrophe inside a word is no mark: "15-second", "close-up" and "l'image" are two
# words each, so phrases match with and without it.
_INNER = frozenset("-'’‐‑")
NUMBER = "#"
# More than 20,000 characters of prose have; what comes behind in a text of marks alone isn't read.
MOST_TOKENS = 5_000


class Words:
    """The words of one text. i, j are positions of tokens, j behind the last."""

    def __init__(self, text: str, language: str | None = None) -> None:
        self.text = text
        found = islice(_TOKEN.finditer(text), MOST_TOKENS)
        raw = [(m.group(), m.start(), m.end()) for m in found]
        raw = [token for token in raw if not self._is_inner(token)]
        folds = [folded(token) for token, _, _ in raw]
        self.language = language_of(text, folds) if language is None else language
        self.word: list[str] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.value: list[float | None] = []
        phrases = number_phrases(self.language)
        at = 0
        while at < len(raw):
            width, value = _number_at(folds, at, phrases)
            self.word.append(" ".join(folds[at : at + width]))
            self.start.append(raw[at][1])
            self.end.append(raw[at + width - 1][2])
            self.value.append(value)
            at += width
        self._claimed = bytearray(len(self.word))
        self._instead: dict[int, str] = {}
        # Quotations, found once: every split of the text asks for them.
        self.quotes: tuple[tuple[int, int], ...] | None = None
        self.quoted = bytearray(0)

    def __len__(self) -> int:
        return len(self.word)

    def _is_inner(self, token: tuple[str, int, int]) -> bool:
        mark, start, end = token
        if mark not in _INNER or start == 0 or end >= len(self.text):
            return False
        return self.text[start - 1].isalnum() and self.text[end].isalnum()

    def at(self, i: int) -> str:
        """The folded word at i, "" outside of the text."""
        return self.word[i] if 0 <= i < len(self.word) else ""

    def number(self, i: int) -> float | None:
        return self.value[i] if 0 <= i < len(self.value) else None

    def is_word(self, i: int) -> bool:
        return 0 <= i < len(self.word) and self.word[i][0].isalnum()

    def is_digit(self, i: int) -> bool:
        return 0 <= i < len(self.word) and self.word[i][0].isdigit()

    def between(self, i: int) -> str:
        """The characters between token i and the next."""
        return self.text[self.end[i] : self.start[i + 1]] if i + 1 < len(self.word) else ""

    def source(self, i: int, j: int) -> str:
        """The text of [i, j) as it was written."""
        j = min(j, len(self.word))
        return self.text[self.start[i] : self.end[j - 1]] if 0 <= i < j else ""

    def claim(self, i: int, j: int, instead: str = "") -> None:
        """Mark [i, j) as an instruction. instead: what a scene's text has in its place."""
        for at in range(max(i, 0), min(j, len(self.word))):
            self._claimed[at] = 1
        if instead:
            self._instead[i] = instead

    def is_claimed(self, i: int) -> bool:
        return 0 <= i < len(self.word) and bool(self._claimed[i])

    def is_free(self, i: int, j: int) -> bool:
        return not any(self._claimed[i:j])

    def rest(self, i: int, j: int) -> str:
        """The text of [i, j) without what is claimed."""
        parts: list[str] = []
        at = i
        while at < j:
            if self._claimed[at]:
                if instead := self._instead.get(at):
                    parts.append(instead)
                at += 1
                continue
            last = at
            while last + 1 < j and not self._claimed[last + 1]:
                last += 1
            parts.append(self.source(at, last + 1))
            at = last + 1
        return " ".join(parts)


def _number_at(
    folds: list[str], at: int, phrases: Mapping[str, Mapping[tuple[str, ...], float]]
) -> tuple[int, float | None]:
    """How many words a number at this position takes, and its value; (1, None) for another word."""
    word = folds[at]
    if word[0].isdigit():
        try:
            return 1, float(word.replace(",", "."))
        except ValueError:  # digits such as ² that are no numbers
            return 1, None
    for phrase, value in sorted(phrases.get(word, {}).items(), key=lambda item: -len(item[0])):
        if len(phrase) == 1 or tuple(folds[at : at + len(phrase)]) == phrase:
            return len(phrase), value
    return 1, None


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found at [i, j)."""

    i: int
    j: int
    value: T


class Phrases(Generic[T]):
    """A table of phrases for each language: what is written → what it means.

    In a phrase `#` is a number, and hyphens, accents and upper case make no difference. "*" as a
    language holds for all.
    """

    def __init__(self, **tables: Mapping[T, str]) -> None:
        """tables: language → meaning → phrases, with commas between them."""
        self._tables = tables
        self._of = cache(self._compiled)

    def _compiled(self, language: str) -> dict[str, list[tuple[tuple[str, ...], T]]]:
        found: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for code in dict.fromkeys(("any", "en", language)):
            for meaning, phrases in self._tables.get(code, {}).items():
                for phrase in phrases.split(","):
                    words = _phrase_words(phrase.strip())
                    found.setdefault(words[0], []).append((words, meaning))
        for options in found.values():
            options.sort(key=lambda option: -len(option[0]))
        return found

    def find(self, words: Words, i: int = 0, j: int | None = None) -> Iterator[Match[T]]:
        """Matches in [i, j), the longest at each position, none inside another."""
        end = len(words) if j is None else j
        at = i
        while at < end:
            match = self.match(words, at, end)
            if match is None:
                at += 1
            else:
                yield match
                at = match.j

    def match(self, words: Words, at: int, end: int | None = None) -> Match[T] | None:
        """The longest phrase that begins at this position."""
        if not 0 <= at < len(words):
            return None
        table = self._of(words.language)
        end = len(words) if end is None else end
        options: Iterable[tuple[tuple[str, ...], T]] = table.get(words.word[at], ())
        if words.value[at] is not None:
            options = [*options, *table.get(NUMBER, ())]
        for phrase, meaning in options:
            if at + len(phrase) <= end and all(
                words.value[at + k] is not None if part == NUMBER else words.word[at + k] == part
                for k, part in enumerate(phrase)
            ):
                return Match(at, at + len(phrase), meaning)
        return None


def _phrase_words(phrase: str) -> tuple[str, ...]:
    return tuple(
        folded(token) for token in _TOKEN.findall(phrase) if token not in _INNER or len(phrase) == 1
    )


def words_of(text: str) -> Words:
    """A brief's words, cleaned."""
    return Words(cleaned(text))
