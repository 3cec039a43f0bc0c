"""Titles that a brief puts at the begin or the end without quotation marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Words

_CARDS = TABLES.phrases("cards", "cards", str)
_MOST_WORDS = 10
_NO_WORDS = TABLES.words("cards", "no_words")
# Words that follow the title in German.
_LAST_VERBS = TABLES.words("cards", "last_verbs")


@dataclass(frozen=True, slots=True)
class Cards:
    """opening, closing: what the title reads, "" for none."""

    opening: str = ""
    closing: str = ""


def cards_of(words: Words) -> Cards:
    """Return the titles, claimed: "Anna & Tom" of "a film that ends with the title Anna & Tom"."""
    texts = {"opening": "", "closing": ""}
    for match in list(_CARDS.find(words)):
        first = match.j + (words.at(match.j) == ":")
        end = first
        while end < len(words) and words.at(end) not in CLAUSE_ENDS and end - first < _MOST_WORDS:
            end += 1
        if not words.is_word(first) or words.at(first) in _NO_WORDS or texts[match.value]:
            continue
        i = match.i
        while words.at(i - 1) in ("and", "it", "that", "which", "und", "et", "y", ","):
            i -= 1
        last = end - 1 if words.at(end - 1) in _LAST_VERBS else end
        texts[match.value] = words.source(first, last)
        words.claim(i, end)
    return Cards(**texts)
