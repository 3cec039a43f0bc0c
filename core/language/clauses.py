"""A text's lines, sentences, clauses and quotations, as positions of words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.language.cleaning import one_of
from core.language.phrases import Words

SENTENCE_ENDS = frozenset(".!?\n。！？؟।…")
CLAUSE_ENDS = SENTENCE_ENDS | frozenset(",;:()、，；،—–|•")
_SHORT = one_of("mr mrs ms dr st vs ca approx etc eg ie bzw usw min sec sek no nr z b e g i")
_PAIRS = {
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    '"': '"',
    "‘": "’",
    "‚": "‘",
    "'": "'",
    "「": "」",
}
LONGEST_QUOTE = 400
MOST_QUOTES = 60


@dataclass(frozen=True, slots=True)
class Part:
    """The words [i, j); ends: the mark behind them, "" at the end of the text."""

    i: int
    j: int
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted words [i, j) between marks at i - 1 and j."""

    i: int
    j: int
    text: str


def quotes_of(words: Words) -> tuple[Quote, ...]:
    """Return quotations, at most 400 words long each; an opening mark without a closing one is
    none."""
    if words.quotes is None:
        words.quotes = tuple((quote.i, quote.j) for quote in _find_quotes(words))
        words.quoted = bytearray(len(words))
        for i, j in words.quotes:
            words.quoted[i:j] = b"\x01" * (j - i)
    return tuple(Quote(i, j, words.source(i, j)) for i, j in words.quotes[:MOST_QUOTES])


def _find_quotes(words: Words) -> list[Quote]:
    closing: dict[str, list[int]] = {}
    for at, word in enumerate(words.word):
        if len(word) == 1 and not word.isalnum():
            closing.setdefault(word, []).append(at)
    quotes: list[Quote] = []
    cursors = dict.fromkeys(closing, 0)
    at = 0
    while at < len(words):
        ends = _PAIRS.get(words.word[at], "")
        if not ends or (words.word[at] == "'" and words.is_word(at - 1) and _touches(words, at)):
            at += 1
            continue
        ends_at = []
        for mark in ends:
            positions = closing.get(mark, [])
            cursor = cursors.get(mark, 0)
            while cursor < len(positions) and positions[cursor] <= at + 1:
                cursor += 1
            cursors[mark] = cursor
            if cursor < len(positions):
                ends_at.append(positions[cursor])
        end = min(ends_at, default=-1)
        if end < 0 or end - at > LONGEST_QUOTE:
            at += 1
            continue
        quotes.append(Quote(at + 1, end, words.source(at + 1, end)))
        at = end + 1
    return quotes


def _touches(words: Words, at: int) -> bool:
    return words.end[at - 1] == words.start[at]


def sentences(words: Words, i: int = 0, j: int | None = None) -> list[Part]:
    """Return sentences; a line's end ends one."""
    return _split(words, i, len(words) if j is None else j, SENTENCE_ENDS)


def clauses(words: Words, i: int = 0, j: int | None = None) -> list[Part]:
    """Return the text between commas, dashes, brackets, colons and the ends of sentences."""
    return _split(words, i, len(words) if j is None else j, CLAUSE_ENDS)


def lines(words: Words) -> list[Part]:
    return _split(words, 0, len(words), frozenset("\n"))


def _split(words: Words, i: int, j: int, marks: frozenset[str]) -> list[Part]:
    inside = _inside_quotes(words)
    parts: list[Part] = []
    first = i
    for at in range(i, j):
        mark = words.word[at]
        if mark not in marks or inside[at] or not _ends(words, at, mark):
            continue
        if at > first:
            parts.append(Part(first, at, mark))
        first = at + 1
    if first < j:
        parts.append(Part(first, j))
    return parts


def _inside_quotes(words: Words) -> bytearray:
    quotes_of(words)
    return words.quoted


def _is_ordinal(words: Words, at: int) -> bool:
    """Return whether a German number's mark makes it an ordinal: "am 12. Juli"."""
    is_number = words.language == "de" and words.is_digit(at - 1) and not words.between(at - 1)
    return is_number and words.is_word(at - 2) and words.is_word(at + 1)


def _ends(words: Words, at: int, mark: str) -> bool:
    if mark == ".":
        before = words.at(at - 1)
        if _is_ordinal(words, at):
            return False
        follows_space = (
            at + 1 >= len(words) or words.between(at) != "" or (not words.is_word(at + 1))
        )
        return follows_space and before not in _SHORT
    if mark == ":":
        # 16:9 and 1:30 are one thing each.
        return not (words.is_digit(at - 1) and words.is_digit(at + 1) and not words.between(at))
    if mark in ("–", "—"):
        return words.between(at - 1) != "" or words.between(at) != "" if at else True
    return True
