"""A text cut into words, which of them are instructions, and phrases looked up in them. Pure.

Every reader of a subject looks for its phrases here and claims them; the words that remain
unclaimed are what a scene shows. All of it is one pass over the text for each table of phrases. A
text says "15-second", "15 seconds" or "fifteen secnods", and one phrase matches them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Generic, TypeVar

from core.language.cleaning import clean, fold
from core.language.detection import is_common, language_of
from core.language.numbers import number_phrases

T = TypeVar("T")
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)?|[\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_\u3040-\u30ff\u4e00-\u9fff]+|\n|[^\w\s]|_+"
)
# A hyphen or an apostrophe inside a word is no mark: "15-second", "close-up" and "l'image" are two
# words each, so phrases match with and without it.
_INNER = frozenset("-'’‐‑")
# More than 20,000 characters of prose have; what comes behind in a text of marks alone isn't read.
MOST_TOKENS = 5_000
NUMBER = "#"


class Words:
    """The words of one text. i, j are positions of tokens, j behind the last."""

    def __init__(self, text: str, language: str | None = None) -> None:
        self.text = text
        matches = islice(_TOKEN.finditer(text), MOST_TOKENS)
        raw = [(m.group(), m.start(), m.end()) for m in matches]
        raw = [token for token in raw if not self._is_inner(token)]
        folds = [fold(token) for token, _, _ in raw]
        self.language = language_of(text) if language is None else language
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
        """Return the folded word at i, "" outside of the text."""
        return self.word[i] if 0 <= i < len(self.word) else ""

    def number(self, i: int) -> float | None:
        return self.value[i] if 0 <= i < len(self.value) else None

    def is_word(self, i: int) -> bool:
        return 0 <= i < len(self.word) and self.word[i][0].isalnum()

    def is_digit(self, i: int) -> bool:
        return 0 <= i < len(self.word) and self.word[i][0].isdigit()

    def between(self, i: int) -> str:
        """Return the characters between token i and the next."""
        return self.text[self.end[i] : self.start[i + 1]] if i + 1 < len(self.word) else ""

    def source(self, i: int, j: int) -> str:
        """Return the text of [i, j) as it was written."""
        j = min(j, len(self.word))
        return self.text[self.start[i] : self.end[j - 1]] if 0 <= i < j else ""

    def back(self, i: int, words: Container[str]) -> int:
        """Return where the listed words that stand before i begin."""
        while self.at(i - 1) in words:
            i -= 1
        return i

    def on(self, j: int, words: Container[str]) -> int:
        """Return where the listed words that stand at j end."""
        while self.at(j) in words:
            j += 1
        return j

    def until(self, j: int, words: Container[str], most: int = MOST_TOKENS) -> int:
        """Return the first position from j on with a listed word; at most so many words on."""
        end = min(len(self.word), j + most)
        while j < end and self.word[j] not in words:
            j += 1
        return j

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
        """Return the text of [i, j) without what is claimed."""
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


def folded_tokens(text: str) -> tuple[str, ...]:
    """Cut a phrase as `Words` cuts a text."""
    tokens = _TOKEN.findall(text)
    return tuple(fold(token) for token in tokens if token not in _INNER or len(text) == 1)


def _number_at(
    folds: list[str], at: int, phrases: Mapping[str, Mapping[tuple[str, ...], float]]
) -> tuple[int, float | None]:
    """Return how many words a number here takes, and its value; (1, None) for another word."""
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


def words_of(text: str) -> Words:
    """Cut a text that was cleaned."""
    return Words(clean(text))


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase at [i, j)."""

    i: int
    j: int
    value: T


# Shorter words are too near to each other: "shot" and "short".
SHORTEST_WORD = 6
LONGEST_WORD = 30
# "Mitglied" is no "Lied".
SHORTEST_HEAD = 5
SHORTEST_MODIFIER = 3
_ALIKE = ("aeiouy", "ckqsz")


class Spelling:
    """The long words of a table, recognized with one letter missing, added or mistaken."""

    def __init__(self, phrases: str) -> None:
        self._words = frozenset(
            word for word in folded_tokens(phrases) if word.isalpha() and len(word) > 4
        )
        self._near: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) >= SHORTEST_WORD:
                for near in {word, *_without_a_letter(word)}:
                    self._near.setdefault(near, []).append(word)

    def own_word(self, word: str) -> str:
        """Return the word of the table that was meant; "" for its own words and for others.

        The first letter must be right, so "flower" is not "slower".
        """
        if not SHORTEST_WORD <= len(word) <= LONGEST_WORD or word in self._words:
            return ""
        for near in (word, *_without_a_letter(word)):
            for own in self._near.get(near, ()):
                if own[0] == word[0] and _differs_by_one(own, word):
                    return own
        return ""

    def is_same(self, word: str, own: str) -> bool:
        """Return whether a word of the text is that word of the table."""
        return word == own or (
            word[0] == own[0] and len(own) >= SHORTEST_WORD and self.own_word(word) == own
        )


def _without_a_letter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _differs_by_one(word: str, other: str) -> bool:
    """Return whether a letter is missing, added, swapped with its neighbor or heard alike."""
    if f"{word}s" == other or f"{other}s" == word:
        # A plural is another word: "seconds" and "second".
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    rest, tail = word[start:], other[start:]
    if rest[1:] == tail or tail[1:] == rest:
        return True
    if rest[1:] == tail[1:]:
        # "speaker" is no misspelled "sneaker".
        return any(rest[0] in alike and tail[0] in alike for alike in _ALIKE)
    return tail == rest[1:2] + rest[:1] + rest[2:]


@dataclass(frozen=True, slots=True)
class _Compiled(Generic[T]):
    options: Mapping[str, Sequence[tuple[tuple[str, ...], T]]]
    spelling: Spelling


def _head_of(word: str, options: Mapping[str, Sequence[tuple[tuple[str, ...], object]]]) -> str:
    """Return the listed word that a German compound ends with, "" for none."""
    for cut in range(SHORTEST_MODIFIER, len(word) - SHORTEST_HEAD + 1):
        head = word[cut:]
        if any(len(phrase) == 1 for phrase, _ in options.get(head, ())):
            return head
    return ""


class Phrases(Generic[T]):
    """A table of phrases for each language: what is written → what it means.

    In a phrase `#` is a number, and hyphens, accents and upper case make no difference. English is
    read beside every other language.
    """

    def __init__(
        self, tables: Callable[[], Mapping[str, Mapping[T, str]]], *, compounds: bool = False
    ) -> None:
        """tables: language → meaning → phrases, with commas between them; asked at first use.

        compounds: a German word that ends with one is one: "Filmplakat" is a "Plakat".
        """
        self._tables = cache(tables)
        self._compounds = compounds
        self._of = cache(self._compile)

    def _compile(self, language: str) -> _Compiled[T]:
        options: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for code in dict.fromkeys(("en", language)):
            for meaning, phrases in self._tables().get(code, {}).items():
                for phrase in phrases.split(","):
                    words = folded_tokens(phrase.strip())
                    options.setdefault(words[0], []).append((words, meaning))
        for same_start in options.values():
            same_start.sort(key=lambda option: -len(option[0]))
        own = self._tables().get(language) or self._tables().get("en", {})
        return _Compiled(options, Spelling(",".join(own.values())))

    def find(self, words: Words, i: int = 0, j: int | None = None) -> Iterator[Match[T]]:
        """Yield matches in [i, j), the longest at each position, none inside another."""
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
        """Return the longest phrase that begins at this position."""
        if not 0 <= at < len(words):
            return None
        table = self._of(words.language)
        end = len(words) if end is None else min(end, len(words))
        word = words.word[at]
        options: Iterable[tuple[tuple[str, ...], T]] = table.options.get(word, ())
        if words.value[at] is not None:
            options = [*options, *table.options.get(NUMBER, ())]
        elif not options and not is_common(word) and (own := table.spelling.own_word(word)):
            options = table.options.get(own, ())
        elif not options and self._compounds and words.language == "de":
            head = _head_of(word, table.options)
            if head:
                return Match(at, at + 1, next(m for one, m in table.options[head] if len(one) == 1))
        for phrase, meaning in options:
            if at + len(phrase) <= end and all(
                words.value[at + k] is not None
                if part == NUMBER
                else table.spelling.is_same(words.word[at + k], part)
                for k, part in enumerate(phrase)
            ):
                return Match(at, at + len(phrase), meaning)
        return None
