"""German, French and Spanish prompts in the English words that the studio's reader knows.

Words are looked up in `languages/*.toml`; no grammar is understood beyond endings, compounds and
adjectives that follow their noun. English prompts are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any, Final, NamedTuple

from studio.artist.art_vocabulary import COLOURS, FINISHES, data, words
from studio.artist.prompt.lookup import is_drawn, is_known

LANGUAGES: Final = ("de", "fr", "es")
ENGLISH: Final = words("english_marks")
# An ending is taken off, and a compound parted, only if as many letters remain.
SHORTEST: Final = 3
# Longer "words" are no words, and too many ways to part them.
LONGEST: Final = 40
# How far after its noun a color may stand, in words.
FURTHEST: Final = 8
# Words by which a prompt's language is told.
ENOUGH: Final = 100
TOKEN: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Translation:
    """A prompt in English. own: an English word of it → what the person wrote; undrawn: words
    without a translation, as written."""

    text: str
    own: Mapping[str, str] = field(default_factory=dict)
    undrawn: tuple[str, ...] = ()

    def as_written(self, word: str) -> str:
        """A word of `text` as the person wrote it."""
        return self.own.get(word, word)


class Language:
    """The words of one language."""

    def __init__(self, name: str) -> None:
        self._read: Mapping[str, Any] = data(f"languages/{name}.toml")
        self.grammar = _by_word(self._read["grammar"])
        self.words = _by_word(self._read["words"])
        self.longest = max(phrase.count(" ") for phrase in (*self.words, *self.grammar)) + 1
        self.plain = frozenset(map(fold, self._read["plain"].split()))
        self.plain_endings = tuple(map(fold, self._read["plain_endings"].split()))
        self.adjectives_follow = bool(self._read.get("adjectives_follow"))
        self.nouns_are_capitalized = bool(self._read.get("nouns_are_capitalized"))

    @cached_property
    def _endings(self) -> list[tuple[str, str]]:
        endings = [ending.partition(":")[::2] for ending in self._read["endings"].split()]
        return sorted(endings, key=lambda ending: -len(ending[0]))

    @cached_property
    def elision(self) -> re.Pattern[str] | None:
        """What is written together with the word after it: "l'océan"."""
        parts = self._read.get("elisions", "").split()
        return re.compile(rf"(?:{'|'.join(parts)})['’]", re.IGNORECASE) if parts else None

    def without_elision(self, word: str) -> str:
        return self.elision.sub("", word) if self.elision else word

    def has(self, folded: str) -> bool:
        """Whether a word is one of this language."""
        return folded in self.plain or self.english(folded) is not None

    def english(self, folded: str) -> str | None:
        """A word in English; None where it is unknown. folded: as by `fold`."""
        return self._english(folded) if len(folded) <= LONGEST else None

    @lru_cache(maxsize=4096)  # noqa: B019  there are three languages, and they stay
    def _english(self, folded: str) -> str | None:
        for spelling in dict.fromkeys((folded, _without_e(folded))):
            if (known := self._inflected(spelling) or self._compound(spelling)) is not None:
                return known
        return None

    def _inflected(self, word: str) -> str | None:
        for table in (self.grammar, self.words):
            if word in table:
                return table[word]
        for ending, instead in self._endings:
            stem = word.removesuffix(ending) + instead
            if word.endswith(ending) and len(stem) >= SHORTEST and stem in self.words:
                return self.words[stem]
        return None

    def _compound(self, word: str) -> str | None:
        """Both words of a compound such as "Herbstwald"."""
        links = ("", *self._read.get("links", "").split())
        if len(links) == 1:
            return None
        for cut in range(len(word) - SHORTEST, SHORTEST - 1, -1):
            for link in links:
                first = word[:cut].removesuffix(link)
                if word[:cut].endswith(link) and len(first) >= SHORTEST and first in self.words:
                    head = self._inflected(word[cut:])
                    if head is not None and word[cut:] not in self.grammar:
                        return f"{self.words[first]} {head}"
        return None


def fold(word: str) -> str:
    """Without capitals, accents and umlauts: "Türme" → "turme"."""
    lowered = word.lower().replace("ß", "ss").replace("œ", "oe").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))


def _without_e(word: str) -> str:
    """Umlauts written out: "tuerme" → "turme"."""
    return re.sub("([aou])e", r"\1", word) if len(word) > SHORTEST else word


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {
        fold(word.strip()): english for english, line in table.items() for word in line.split(",")
    }


language = cache(Language)


@lru_cache(maxsize=64)
def translated(prompt: str) -> Translation:
    """The prompt in English."""
    name = _language_of(TOKEN.findall(prompt))
    return Translation(prompt) if name is None else _Writer(language(name), prompt).done()


def _language_of(spoken: list[str]) -> str | None:
    """The language with the most words in a prompt, and a third of them; None: English, also when
    they tie."""
    distinct = list(dict.fromkeys(spoken))[:ENOUGH]
    lowered = [word.lower() for word in distinct]
    best, most = None, sum(word in ENGLISH or is_known(word) for word in lowered)
    if most == len(distinct):
        return None
    for name in LANGUAGES:
        one = language(name)
        folded = [fold(one.without_elision(word)) for word in distinct if len(word) > 1]
        marks = sum(word in one.grammar for word in folded)
        others = sum(word not in one.grammar and one.has(word) for word in folded)
        is_enough = 3 * (marks + others) >= len(distinct) and (others or marks > 1)
        if is_enough and marks + others > most:
            best, most = name, marks + others
    return best


@dataclass(slots=True)
class _Piece:
    """Part of the English text. after: what stands between it and the next one."""

    text: str
    after: str


class _Word(NamedTuple):
    """A word of the prompt. folded: as it is looked up; gap: what follows before the next one."""

    own: str
    folded: str
    gap: str


class _Writer:
    """Writes one prompt in English."""

    def __init__(self, language: Language, prompt: str) -> None:
        self._language, self._prompt = language, prompt
        self._pieces: list[_Piece] = []
        self._own: dict[str, str] = {}
        self._undrawn: dict[str, None] = {}
        self._has_capitals = any(letter.isupper() for letter in prompt)

    def done(self) -> Translation:
        spoken = list(self._words())
        place = 0
        while place < len(spoken):
            place += self._phrase(spoken[place : place + self._language.longest])
        text = "".join(piece.text + piece.after for piece in self._pieces)
        return Translation(text, self._own, tuple(self._undrawn))

    def _words(self) -> Iterator[_Word]:
        cuts = list(TOKEN.finditer(self._prompt))
        for cut, end in zip(cuts, [*(cut.start() for cut in cuts[1:]), None], strict=False):
            word, gap = cut[0], self._prompt[cut.end() : end]
            bare = self._language.without_elision(word)
            if bare != word:
                elided = word.removesuffix(bare)
                yield _Word(elided, fold(elided), " ")
            folded = fold(bare)
            if "-" in bare and self._language.english(folded) is None:
                *parts, bare = bare.split("-")
                yield from (_Word(part, fold(part), " ") for part in parts)
            yield _Word(bare, fold(bare), gap)

    def _phrase(self, spoken: list[_Word]) -> int:
        """Write the longest phrase that begins here. Returns how many words it has."""
        for count in range(len(spoken), 1, -1):
            if any(word.gap.strip() for word in spoken[: count - 1]):
                continue
            phrase = " ".join(word.folded for word in spoken[:count]).replace("' ", "'")
            english = self._language.words.get(phrase) or self._language.grammar.get(phrase)
            if english is not None:
                own = " ".join(word.own for word in spoken[:count])
                self._write(english, own, spoken[count - 1].gap)
                return count
        self._word(spoken[0])
        return 1

    def _word(self, word: _Word) -> None:
        english = self._language.english(word.folded)
        if english is None and word.folded not in self._language.plain and is_drawn(word.folded):
            # Many a word is the same in English.
            english = word.folded
        if english is None and self._is_noun(word) and not self._is_left_out():
            self._undrawn[word.own] = None
        self._write(english or "", word.own, word.gap)

    def _is_noun(self, word: _Word) -> bool:
        """Whether a word without a translation names something, as far as one can tell."""
        is_told = self._language.nouns_are_capitalized and self._has_capitals
        if is_told and word.own.islower():
            return False
        return not (
            len(word.folded) < SHORTEST
            or any(letter.isdigit() for letter in word.folded)
            or word.folded in self._language.plain
            or (not is_told and word.folded.endswith(self._language.plain_endings))
        )

    def _is_left_out(self) -> bool:
        """Whether what follows is to be left out of the picture."""
        return any(piece.text in ("without", "no") for piece in self._pieces[-1:])

    def _write(self, english: str, own: str, gap: str) -> None:
        for word in english.split():
            self._own.setdefault(word, own)
        piece = _Piece(english, gap or " ")
        at = len(self._pieces)
        if self._language.adjectives_follow and (english in COLOURS or english in FINISHES):
            at = self._noun_before()
        if at < len(self._pieces):
            piece.after = " "
            self._pieces[-1].after = gap or " "
        self._pieces.insert(at, piece)

    def _noun_before(self) -> int:
        """Where a color belongs: before the noun that it follows, else here."""
        for place in range(len(self._pieces) - 1, max(-1, len(self._pieces) - FURTHEST), -1):
            if self._pieces[place].after.strip():
                break
            text = self._pieces[place].text
            if text in ("", "and") or text in COLOURS or text in FINISHES:
                continue
            return place if is_drawn(text) else len(self._pieces)
        return len(self._pieces)
