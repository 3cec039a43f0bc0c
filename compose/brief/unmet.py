"""Wishes about the work that no other reader takes: they are said, and not drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from compose.brief.products import PRODUCTS, REQUESTS
from compose.brief.scene_text import is_dull
from compose.language import TABLES
from core.language.clauses import Part, clauses, sentences
from core.language.phrases import Words

_OF_THE_WORK = TABLES.phrase_list("doubt", "of_the_work")
_IN_LANGUAGE = TABLES.phrases("doubt", "in_language", str)
# In a longer clause, the words before the wish describe an image.
_LONGEST = 8
_LEADS = 3
# Who orders is not in the picture: "I need it on Friday", "bevor du anfängst".
_PEOPLE = TABLES.phrase_list("doubt", "people")
_OWNERS = TABLES.words("doubt", "owners")
# "We see a door": a script speaks of what its viewers see.
_SEEING = TABLES.words("doubt", "seeing")
# "Five close-ups" names nothing that is seen.
_ASIDES = TABLES.words("scenes", "asides")
_FOR = TABLES.words("stretches", "for_whom")
_IT = frozenset({"it", "them", "this"})


def unmet_of(words: Words) -> tuple[str, ...]:
    """Return such wishes, claimed: "ask me for the offer each time", "with a number on screen"."""
    wishes = []
    for part in clauses(words):
        match = next(_OF_THE_WORK.find(words, part.i, part.j), None)
        if match is None or words.is_claimed(match.i):
            continue
        is_whole = match.i - part.i <= _LEADS or part.j - part.i <= _LONGEST
        first = part.i if is_whole else match.i
        wishes.append(words.source(first, part.j))
        words.claim(first, part.j)
    return (*wishes, *_languages(words))


def _languages(words: Words) -> Iterator[str]:
    """Yield the languages that the work is to be in, claimed."""
    for match in list(_IN_LANGUAGE.find(words)):
        if words.is_free(match.i, match.j):
            words.claim(match.i, match.j + (words.at(match.j) == ":"))
            yield words.source(match.i, match.j)


def claim_own_language(words: Words) -> None:
    """Claim the language that the work is to be in where the brief is written in it: what is read
    and sung is in the language of the brief."""
    for match in list(_IN_LANGUAGE.find(words)):
        if match.value == (words.language or "en") and words.is_free(match.i, match.j):
            words.claim(match.i, match.j + (words.at(match.j) == ":"))


def remarks_of(words: Words) -> tuple[str, ...]:
    """Return what people say of themselves, claimed, where there is more to draw."""
    remarks = []
    positions = _subject_positions(words)
    for part in dict.fromkeys([*_remarks(words), *_contexts(words)]):
        inside = {at for at in range(part.i, part.j) if at in positions}
        if len(inside) < len(positions):
            words.claim(part.i, part.j)
            positions -= inside
            remarks.append(words.source(part.i, part.j))
    return tuple(remarks)


def _subject_positions(words: Words) -> set[int]:
    """Return the positions of words that name something to show, and not only what is made."""
    names = {
        at
        for table in (REQUESTS, PRODUCTS)
        for match in table.find(words)
        for at in range(match.i, match.j)
    }
    return {
        at
        for at, word in enumerate(words.word)
        if words.is_word(at)
        and not (at in names or words.is_claimed(at) or is_dull(word) or word in _ASIDES)
        and words.number(at) is None
    }


def _remarks(words: Words) -> Iterator[Part]:
    """Yield clauses with the person in front: "I'm on a tight budget", "falls du magst"."""
    for part in clauses(words):
        starts = range(part.i, min(part.i + 2, part.j))
        person = next((match for at in starts if (match := _PEOPLE.match(words, at))), None)
        if person is None or words.at(person.j) in _SEEING or words.quoted[person.i]:
            continue
        if words.is_free(part.i, part.j) and not _orders(words, part):
            yield part


def _contexts(words: Words) -> Iterator[Part]:
    """Yield what a brief is for and its sentences about the person's life beside the one that
    orders: "For school: …", "My son turns six."."""
    first = next(iter(clauses(words)), None)
    if first and first.ends == ":" and words.at(first.i) in _FOR and not _orders(words, first):
        yield first
    parts = sentences(words)
    if len(parts) < 2 or not any(_orders(words, part) for part in parts):
        return
    for part in parts:
        if words.at(part.i) in _OWNERS and not _orders(words, part):
            yield part


def _orders(words: Words, part: Part) -> bool:
    starts = range(part.i, min(part.i + 2, part.j))
    requests = [request for at in starts if (request := REQUESTS.match(words, at))]
    # "I need it on Friday" orders nothing.
    is_request = any(words.at(request.j) not in _IT for request in requests)
    return is_request or any(PRODUCTS.find(words, part.i, part.j))
