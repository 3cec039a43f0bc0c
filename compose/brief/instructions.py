"""Words of the making that no reader took: they stand among what is drawn, and are said. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from compose.brief.brief import Kind
from compose.brief.products import PRODUCTS
from compose.language import TABLES
from core.language.clauses import quotes_of
from core.language.phrases import Words

# Nouns and verbs of the work, not of a picture: "with a beat", "subtitles in English".
_OF_THE_WORK = TABLES.phrase_list("doubt", "work")
_ORDERS = TABLES.phrase_list("doubt", "work_orders")
_GENRES = TABLES.phrase_list("sound", "genres")
# Who orders and who watches are not in the picture: "I need it on Friday".
_PEOPLE = TABLES.phrase_list("doubt", "people")
# "An illustration" may be the style of a film, and "a shot" what a scene is.
_FILMED_OR_HEARD = frozenset({"film", "song", "slideshow", "speech", "noise", "steps"})
# A person says "my product" of a thing that no file was brought of.
_NOT_BROUGHT = TABLES.phrase_list("doubt", "not_brought")
# What is asked of a file is its prompt.
_EDITS = frozenset({"clip_edit", "photo_edit"})
_JOINS = frozenset({"and", "plus", "und", "et", "y"})
_LONGEST = 12
_AROUND = 3
# Fewer of a thing can be drawn.
_MOST_DRAWN = 2
# What is said is no sign in the picture.
_SHORTEST_SPEECH = 3


def instructions_in(words: Words, drawn: Collection[str], kind: Kind) -> Iterator[str]:
    """Yield what may be an instruction: a short clause whole, else the words around.

    words: of a stretch of a brief. drawn: the words of what is drawn.
    """
    quotes = quotes_of(words)
    yield from (
        words.source(quote.i - 1, quote.j + 1)
        for quote in quotes
        if kind != "image" and quote.j - quote.i >= _SHORTEST_SPEECH and words.at(quote.i) in drawn
    )
    positions = [
        at
        for at, word in enumerate(words.word)
        if word in drawn
        and not words.quoted[at]
        and not {words.at(at - 1), words.at(at + 1)} & {"{", "}"}
        and _is_instruction(words, at, drawn, kind)
    ]
    if positions and len(words) <= _LONGEST:
        yield words.source(0, len(words))
        return
    behind = 0
    for at in sorted(positions):
        if at >= behind:
            first, behind = max(behind, at - _AROUND), at + _AROUND + 1
            yield words.source(first, behind)


def _is_instruction(words: Words, at: int, drawn: Collection[str], kind: Kind) -> bool:
    if _PEOPLE.match(words, at):
        return words.at(at + 1) in drawn
    if words.is_digit(at):
        is_few = at == 0 and (words.number(at) or 0) <= _MOST_DRAWN
        return not is_few and words.at(at + 1) != "d"
    if kind in _EDITS and _NOT_BROUGHT.match(words, at):
        return True
    if kind not in _EDITS and _ORDERS.match(words, at):
        return True
    if kind != "image" and _GENRES.match(words, at):
        return True
    product = PRODUCTS.match(words, at)
    if product is not None and product.value in _FILMED_OR_HEARD:
        # A film's poster is an image; "a poster and a film" are two things.
        return kind != "image" or words.at(at - 1) in _JOINS or words.at(at - 2) in _JOINS
    is_its_name = kind == "image" and product is not None and product.value == "image"
    return not is_its_name and _OF_THE_WORK.match(words, at) is not None
