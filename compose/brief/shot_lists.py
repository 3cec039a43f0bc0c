"""Shots that a brief lists: behind a number, behind a colon, or as places. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compose.brief.clauses import quotes_of, sentences
from compose.brief.clean import one_of
from compose.brief.counts import Count
from compose.brief.residue import capital, shortened, shot_text, tidied
from compose.brief.scene_lists import titles_in
from compose.brief.subject import Subject
from compose.brief.words import Words


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene with where the brief tells it; i = j = -1 for one that it only counts."""

    text: str
    i: int = -1
    j: int = -1
    is_title: bool = False
    seconds: float | None = None


def starts_with_title(words: Words, i: int, at: int) -> bool:
    return at - i <= 2 or all(words.is_claimed(k) or not words.is_word(k) for k in range(i, at))


def card_words(words: Words, i: int, j: int) -> str:
    """What a title card reads, "" where the brief leaves it open."""
    quote = next((quote.text for quote in quotes_of(words) if i <= quote.i < j), "")
    if quote:
        return shortened(quote.strip(), 120)
    colon = next((at for at in range(i, j) if words.at(at) == ":"), None)
    return shortened(tidied(words.rest(colon + 1, j)), 120) if colon is not None else ""


def items_of(words: Words, count: Count) -> list[Shot]:
    """Shots behind their number: "three shots: a, b and c", "three shots of a, b and c"."""
    opens = words.at(count.j)
    at = count.j
    if opens in one_of(": - – — (") or opens in one_of("of showing von de di with mit avec"):
        at += 1
    elif not (words.at(count.j) == "," and False):
        return []
    is_sure = opens in one_of(": - – — (")
    end = next(
        (
            k
            for k in range(at, len(words))
            if words.at(k) in (".", "!", "?", "\n", ")")
            and (words.at(k) != "." or words.between(k) or k + 1 >= len(words))
        ),
        len(words),
    )
    if opens == ":" and end <= at:
        return []
    pieces = split_at(words, at, end, (",", ";"), ())
    if len(pieces) != count.number:
        more = split_at(words, at, end, (",", ";"), _ANDS)
        if len(more) == count.number or (is_sure and len(pieces) < 2 <= len(more) <= count.number):
            pieces = more
        elif len(pieces) > count.number and not is_sure:
            pieces = pieces[: count.number] if len(pieces) == count.number + 1 else pieces
    if (
        len(pieces) == count.number
        or (is_sure and len(pieces) > 1)
        or (len(pieces) > 2 and len(pieces) <= count.number)
    ):
        return pieces
    return []


_ANDS = one_of("and und et y e plus & sowie")


def split_at(
    words: Words, i: int, j: int, marks: tuple[str, ...], joins: frozenset[str] | tuple[()]
) -> list[Shot]:
    pieces: list[Shot] = []
    first = i
    for at in range(i, j + 1):
        if at == j or words.at(at) in marks or words.at(at) in joins:
            while first < at and words.at(first) in _ANDS:
                first += 1
            text = shot_text(words, first, at)
            if text:
                title = titles_in(words, first, at)
                if title and starts_with_title(words, first, title[0].i):
                    pieces.append(Shot(card_words(words, first, at), first, at, True))
                else:
                    pieces.append(Shot(capital(text), first, at))
            first = at + 1
    return pieces


def places_in(words: Words, number: int | None) -> list[Shot]:
    """One scene a place: "same hero in forest, desert and city"."""
    for at in range(min(len(words), 400)):
        if words.at(at) not in one_of(
            "same gleiche gleicher derselbe dieselbe meme mismo misma stesso stessa mesmo mesma"
        ):
            continue
        link = next(
            (
                k
                for k in range(at + 1, min(at + 8, len(words)))
                if words.at(k)
                in one_of("in at on as im dans en nel em from through with wearing als during")
            ),
            None,
        )
        if link is None or link == at + 1:
            continue
        who = tidied(words.rest(at + 1, link))
        end = next(
            (k for k in range(link, len(words)) if words.at(k) in (";", ".", "\n", "!", ":")),
            len(words),
        )
        pieces = split_at(words, link + 1, end, (",",), _ANDS)
        if len(pieces) < 2 or not who:
            continue
        join = words.source(link, link + 1)
        if number and len(pieces) > number:
            pieces = pieces[:number]
        shots = []
        for piece in pieces:
            said = (
                piece.text[:1].lower() + piece.text[1:]
                if not piece.text.split()[0].isupper()
                else piece.text
            )
            said = words.source(piece.i, piece.i + 1)[:1] + said[1:] if said else said
            for lead in (f"{join} ", "in ", "at ", "on "):
                said = said.removeprefix(lead)
            shots.append(replace(piece, text=f"{capital(who)} {join} {said}"))
        return shots
    return []


_MANY = one_of("images pictures photos illustrations posters stickers icons cards portraits")


def enumerated(words: Words, subject: Subject, number: int | None) -> list[Shot]:
    """Scenes between commas behind a colon, "teaser: a door opens, a shadow moves, a scream", and
    between semicolons."""
    if number == 1 or subject.kind in ("song", "instrumental"):
        return []
    if subject.kind == "image" and not _MANY & set(words.word):
        return []
    for part in sentences(words):
        colon = next(
            (k for k in range(part.i, part.j) if words.at(k) == ":" and words.between(k)), None
        )
        first = part.i if colon is None else colon + 1
        spaced = [k for k in range(first, part.j) if words.at(k) == "/" and words.between(k)]
        if len(spaced) > 1:
            return split_at(words, first, part.j, ("/",), ())
        if colon is None and number and not (subject.is_ordered and part.i <= subject.at < part.j):
            pieces = split_at(words, part.i, part.j, (",", ";"), ())
            if len(pieces) == number:
                return pieces
        if colon is not None:
            pieces = split_at(words, colon + 1, part.j, (",", ";"), ())
            if number and len(pieces) != number:
                more = split_at(words, colon + 1, part.j, (",", ";"), _ANDS)
                pieces = more if len(more) == number else pieces
            if len(pieces) == number or (len(pieces) > 2 and number is None):
                return pieces
        pieces = split_at(words, part.i, part.j, (";",), ())
        is_order = subject.is_ordered and part.i <= subject.at < part.j
        if len(pieces) > 1 and number in (None, len(pieces)) and not is_order:
            return pieces
    return []
