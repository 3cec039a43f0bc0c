"""Texts that name nothing to show: greetings, trials, random letters; and the words of a brief that
led to nothing in its draft, or are drawn although they may be instructions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby

from compose.brief.brief import Kind, Stretch
from compose.brief.products import ARTICLES, EMPTY, PRODUCTS, REQUESTS, Product
from compose.brief.scene_text import is_dull, shows_anything
from compose.language import TABLES
from core.language.clauses import clauses, quotes_of
from core.language.cleaning import fold
from core.language.numbers import LANGUAGES
from core.language.phrases import Words

_NOTHING = TABLES.words("nothing", "words")
_ELSEWHERE = TABLES.phrase_list("doubt", "elsewhere")
_WISHES = TABLES.phrase_list("doubt", "wishes")
_ORDERS = TABLES.phrase_list("doubt", "orders")
# Words of the telling: nothing is missed where they are not repeated.
_TELLING_WORDS = TABLES.words("stretches", "told")
_OWNERS = TABLES.words("stretches", "owners")
_FOR = TABLES.words("stretches", "for_whom")
_ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm")
_SHORTEST_RUN = 4
_LONGEST_ASKING = 12
_SHORTEST_ORDER = 2
_TWICE = re.compile(r"([a-z]{3,10})\1{1,10}[a-z]{0,3}")
_NO_VOWEL = re.compile(r"[bcdfghjklmnpqrstvwxz]{4,}")
# Nouns and verbs of the work, not of a picture: "with a beat", "subtitles in English".
_OF_THE_WORK = TABLES.phrase_list("doubt", "work")
_ORDERS_OF_THE_WORK = TABLES.phrase_list("doubt", "work_orders")
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


def names_nothing(words: Words) -> bool:
    """Return whether no word of a text names something to show: "hello", "asdf", "???".

    Words that only ask, "make me a nice video", name nothing in any of the languages: a text
    so short may not tell its own. A question, and what means another draft, "again but at night",
    names no subject.
    """
    places = [at for at in range(len(words)) if words.is_word(at)]
    if not places:
        # A picture of a cat is a word too.
        return not shows_anything(words.text, words.language)
    if len(places) > _LONGEST_ASKING:
        return all(_is_nothing(words.word[at]) for at in places)
    if _ELSEWHERE.match(words, places[0]):
        return True
    languages = dict.fromkeys((words.language, *LANGUAGES))
    return any(_only_asks(Words(words.text, language)) for language in languages)


def _only_asks(words: Words) -> bool:
    """Return whether all words ask, or name what is made: a film, a picture."""
    # A postcard is drawn as one; a film of nothing is none.
    spans = [(one.i, one.j) for one in REQUESTS.find(words)]
    spans += [(one.i, one.j) for one in PRODUCTS.find(words) if one.value != "image"]
    span_positions = {at for i, j in spans for at in range(i, j)}
    return all(
        at in span_positions or word in ARTICLES or word in EMPTY or _is_nothing(word)
        for at, word in enumerate(words.word)
        if words.is_word(at)
    )


def _is_nothing(word: str) -> bool:
    return word in _NOTHING or word[0].isdigit() or _is_typed_blindly(word)


def _is_typed_blindly(word: str) -> bool:
    twice = _TWICE.fullmatch(word)
    run = twice[1] if twice else word
    is_run = len(word) >= _SHORTEST_RUN and any(run in row or run[::-1] in row for row in _ROWS)
    return is_run or _NO_VOWEL.fullmatch(word) is not None


def stretches_of(words: Words, claims: Mapping[int, str]) -> tuple[Stretch, ...]:
    """Return the words in order. claims: position of a word → the reader that claimed it."""
    return tuple(
        Stretch(words.source(run[0], run[-1] + 1), reader)
        for part in clauses(words)
        for reader, positions in groupby(range(part.i, part.j), lambda at: claims.get(at, ""))
        if (run := list(positions))
    )


def missing(
    stretch: Stretch, language: str, text: str, products: Collection[Product]
) -> Iterator[str]:
    """Yield the parts of a stretch whose words are not in a text. text: folded. products: the
    kinds that are made, whose names are no part of it.

    A stretch that is a wish, "just the crackle", is missing even where its words are drawn.
    """
    words = Words(stretch.words, language)
    if not stretch.reader and _is_wish(words):
        yield stretch.words
        return
    asks = {
        at
        for table in (REQUESTS, PRODUCTS)
        for match in table.find(words)
        if table is REQUESTS or match.value in products or _is_of_product(words, match.j, products)
        for at in range(match.i, match.j)
    }
    gaps = [
        at
        for at, word in enumerate(words.word)
        if words.is_word(at)
        and at not in asks
        and not _is_told(word)
        and word not in text
        and fold(words.source(at, at + 1)) not in text
    ]
    if gaps and _names_client(words, gaps[0]):
        return
    first = 0
    for number, at in enumerate(gaps):
        ends = number + 1 == len(gaps)
        between = range(at + 1, len(words) if ends else gaps[number + 1])
        if ends or any(words.is_word(k) and not _is_told(words.word[k]) for k in between):
            yield words.source(gaps[first], at + 1)
            first = number + 1


def _is_of_product(words: Words, at: int, products: Collection[Product]) -> bool:
    """Return whether a product follows that is made: the poster of "movie poster"."""
    match = PRODUCTS.match(words, at)
    return match is not None and match.value in products


def _names_client(words: Words, at: int) -> bool:
    """Return whether the words say whom the work is for: "for our bakery"."""
    return words.at(at - 1) in _OWNERS and words.at(at - 2) in _FOR and len(words) - at <= 2


def _is_wish(words: Words) -> bool:
    places = [at for at in range(len(words)) if words.is_word(at)]
    is_order = len(places) > _SHORTEST_ORDER and bool(_ORDERS.match(words, places[0]))
    return is_order or any(_WISHES.find(words))


def _is_told(word: str) -> bool:
    return is_dull(word) or word in _TELLING_WORDS


def instructions_in(words: Words, prompt_words: Collection[str], kind: Kind) -> Iterator[str]:
    """Yield what may be an instruction: a short clause whole, else the words around.

    words: of a stretch of a brief. prompt_words: those of what is drawn.
    """
    quotes = quotes_of(words)
    yield from (
        words.source(quote.i - 1, quote.j + 1)
        for quote in quotes
        if kind != "image"
        and quote.j - quote.i >= _SHORTEST_SPEECH
        and words.at(quote.i) in prompt_words
    )
    positions = [
        at
        for at, word in enumerate(words.word)
        if word in prompt_words
        and not words.quoted[at]
        and not {words.at(at - 1), words.at(at + 1)} & {"{", "}"}
        and _is_instruction(words, at, prompt_words, kind)
    ]
    if positions and len(words) <= _LONGEST:
        yield words.source(0, len(words))
        return
    behind = 0
    for at in sorted(positions):
        if at >= behind:
            first, behind = max(behind, at - _AROUND), at + _AROUND + 1
            yield words.source(first, behind)


def _is_instruction(words: Words, at: int, prompt_words: Collection[str], kind: Kind) -> bool:
    if _PEOPLE.match(words, at):
        return words.at(at + 1) in prompt_words
    if words.is_digit(at):
        is_few = at == 0 and (words.number(at) or 0) <= _MOST_DRAWN
        return not is_few and words.at(at + 1) != "d"
    if kind in _EDITS and _NOT_BROUGHT.match(words, at):
        return True
    if kind not in _EDITS and _ORDERS_OF_THE_WORK.match(words, at):
        return True
    if kind != "image" and _GENRES.match(words, at):
        return True
    product = PRODUCTS.match(words, at)
    if product is not None and product.value in _FILMED_OR_HEARD:
        # A film's poster is an image; "a poster and a film" are two things.
        return kind != "image" or words.at(at - 1) in _JOINS or words.at(at - 2) in _JOINS
    is_its_name = kind == "image" and product is not None and product.value == "image"
    return not is_its_name and _OF_THE_WORK.match(words, at) is not None
