"""Titles that a brief puts at the begin or the end without quotation marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, clauses, quotes_of
from core.language.phrases import Words

_CARDS = TABLES.phrases("cards", "cards", str)
_WORDS = TABLES.subject("cards")
_ENDS = TABLES.phrase_list("cards", "ends")
_END_CARDS = TABLES.phrase_list("cards", "end_cards")
_MOST_WORDS = 10
_LONGEST_NOUN = 3
_NO_WORDS = TABLES.words("cards", "no_words")
# Words that follow the title in German.
_LAST_VERBS = TABLES.words("cards", "last_verbs")


@dataclass(frozen=True, slots=True)
class Cards:
    """opening, closing: what the title reads, "" for none. open_closing: what the person types
    for the last one, such as "slogan"."""

    opening: str = ""
    closing: str = ""
    open_closing: str = ""


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
    if texts["closing"]:
        return Cards(**texts)
    closing, noun = _closing(words)
    return Cards(texts["opening"], closing, "" if closing else noun)


def _closing(words: Words) -> tuple[str, str]:
    """Return what a title at the end reads, and its word, of a clause that says nothing else: 'then
    the slogan "Dare"', "our name at the end"."""
    for part in clauses(words):
        at, is_last = part.i, False
        while at < part.j:
            ends = _ENDS.match(words, at, part.j)
            if ends is None and words.at(at) not in _WORDS["leads"]:
                break
            is_last = is_last or ends is not None
            at = ends.j if ends else at + 1
        card = _END_CARDS.match(words, at, part.j)
        if card and words.is_free(part.i, part.j):
            words.claim(part.i, part.j)
            if words.at(part.j - 1) == "logo":
                # Words alone are written on a card.
                continue
            return _on_card(words, card.j, part.j)
        if words.at(at) not in _WORDS["nouns"] or words.is_claimed(at):
            continue
        first = last = at + 1
        while last < part.j and _ENDS.match(words, last, part.j) is None:
            last += 1
        quote = next((one for one in quotes_of(words) if one.i == first + 1), None)
        is_next = any(word in _WORDS["next"] for word in words.word[part.i : at])
        says_only_this = last == first or (quote is not None and quote.j + 1 == last)
        if (is_last or last < part.j or (is_next and quote)) and says_only_this:
            words.claim(part.i, part.j)
            return (quote.text.strip() if quote else ""), words.source(at, first)
    return "", ""


def _on_card(words: Words, i: int, j: int) -> tuple[str, str]:
    """Return what "with our phone number 555-0142" puts on a card, or what it leaves open."""
    quote = next((one for one in quotes_of(words) if i <= one.i < j), None)
    rest = words.source(words.on(i, _WORDS["leads"]), j)
    if quote or any(character.isdigit() for character in rest):
        return quote.text.strip() if quote else f"{rest[:1].upper()}{rest[1:]}", ""
    return "", rest if 0 < len(rest.split()) <= _LONGEST_NOUN else "title"
