"""Shots that a brief lists: behind a number, behind a colon, or as places. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from compose.brief.counts import Count
from compose.brief.products import first_product
from compose.brief.scene_lists import titles_in
from compose.brief.scene_text import shortened, shot_text, tidied
from compose.brief.subject import Subject
from compose.language import TABLES
from core.language.clauses import quotes_of, sentences
from core.language.phrases import Words
from core.language.sentences import capital

_ASIDES = TABLES.words("scenes", "asides")
_WORDS = TABLES.subject("scenes")
_FOR = TABLES.words("stretches", "for_whom")
_SHEETS = TABLES.phrase_list("products", "sheets")


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene with where the brief tells it; i = j = -1 for one that it only counts."""

    text: str
    i: int = -1
    j: int = -1
    is_title: bool = False
    seconds: float | None = None


def starts_with_title(words: Words, i: int, at: int) -> bool:
    """Return whether only claimed words stand before a title card."""
    return at - i <= 2 or all(words.is_claimed(k) or not words.is_word(k) for k in range(i, at))


def card_words(words: Words, i: int, j: int) -> str:
    """Return what a title card reads, "" where the brief leaves it open."""
    quote = next((quote.text.strip() for quote in quotes_of(words) if i <= quote.i < j), "")
    colon = words.until(i, ":")
    return shortened(quote or (tidied(words.rest(colon + 1, j)) if colon < j else ""), 120)


def items_of(words: Words, count: Count) -> list[Shot]:
    """Return shots behind their number: "three shots: a, b and c", "three shots of a, b and c"."""
    opens, first = words.at(count.j), count.j + 1
    is_sure = opens in (":", "-", "–", "—", "(")
    if not is_sure and opens not in _WORDS["of"]:
        return []
    ends = ("!", "?", "\n", ")")
    end = words.until(first, (*ends, "."))
    while words.at(end) == "." and not words.between(end) and end + 1 < len(words):
        end = words.until(end + 1, (*ends, "."))
    pieces = split_at(words, first, end, (",", ";"))
    if len(pieces) != count.number:
        more = split_at(words, first, end, (",", ";"), _WORDS["ands"])
        if len(more) == count.number or (is_sure and len(pieces) < 2 <= len(more) <= count.number):
            pieces = more
    is_list = is_sure and len(pieces) > 1
    return (
        pieces if is_list or len(pieces) == count.number or 2 < len(pieces) < count.number else []
    )


def split_at(
    words: Words, i: int, j: int, marks: Container[str], joins: Container[str] = ()
) -> list[Shot]:
    """Return the text between the marks as shots and title cards."""
    pieces: list[Shot] = []
    first = i
    for at in range(i, j + 1):
        if at == j or words.at(at) in marks or words.at(at) in joins:
            first = min(words.on(first, _WORDS["ands"]), at)
            # "…, for a children's book" ends a list and is no item of it.
            is_purpose = at == j and bool(pieces) and words.at(first) in _FOR
            if (text := shot_text(words, first, at)) and not is_purpose:
                title = titles_in(words, first, at)
                is_title = bool(title) and starts_with_title(words, first, title[0].i)
                text = card_words(words, first, at) if is_title else capital(text)
                pieces.append(Shot(text, first, at, is_title))
            first = at + 1
    return pieces


def places_in(words: Words, number: int | None) -> list[Shot]:
    """Return one scene a place: "same hero in forest, desert and city"."""
    for at in range(min(len(words), 400)):
        link = words.until(at + 1, _WORDS["place_links"], 7)
        if words.at(at) not in _WORDS["same"] or link in (at + 1, at + 8, len(words)):
            continue
        who = tidied(words.rest(at + 1, link))
        end = words.until(link, (";", ".", "\n", "!", ":"))
        pieces = split_at(words, link + 1, end, (",",), _WORDS["ands"])
        if len(pieces) > 1 and who:
            join = words.source(link, link + 1)
            return [
                replace(piece, text=f"{capital(who)} {join} {_place(words, piece, join)}")
                for piece in pieces[:number]
            ]
    return []


def _place(words: Words, piece: Shot, join: str) -> str:
    # As the brief writes it: a shot's text has a capital.
    text = words.source(piece.i, piece.i + 1)[:1] + piece.text[1:]
    for lead in (f"{join} ", "in ", "at ", "on "):
        text = text.removeprefix(lead)
    return text


def views_in(words: Words) -> list[Shot]:
    """Return an image for each view of a sheet: "character sheet: a dragon, front view, back view"
    and "character sheet of a dragon: front, back"."""
    sheet = next(iter(_SHEETS.find(words)), None)
    if sheet is None:
        return []
    colon = words.until(sheet.j, (":", ".", "\n", "!"))
    if words.at(colon) != ":":
        return []
    end = words.until(colon + 1, (".", "\n", "!"))
    # As the brief has them: a view such as "back" may be another reader's word, too.
    pieces = _parts(words, colon + 1, end)
    opens = words.at(sheet.j) in _WORDS["of"]
    who = words.source(sheet.j + 1, colon) if opens else ""
    if not who and pieces:
        who, pieces = words.source(*pieces[0]), pieces[1:]
    if len(pieces) < 2:
        return []
    return [Shot(f"{capital(who)}, {words.source(i, j)}", i, j) for i, j in pieces]


def _parts(words: Words, i: int, j: int) -> list[tuple[int, int]]:
    """Return where the words between commas, semicolons and "and" are."""
    parts, first = [], i
    for at in range(i, j + 1):
        if at == j or words.at(at) in (",", ";") or words.at(at) in _WORDS["ands"]:
            # What another reader took whole is no view: "16:9", "watercolor".
            if not all(words.is_claimed(k) for k in range(first, at)):
                parts.append((first, at))
            first = at + 1
    return parts


def enumerated(words: Words, subject: Subject, number: int | None) -> list[Shot]:
    """Return scenes between commas behind a colon, "teaser: a door opens, a shadow moves, a
    scream", and between semicolons."""
    if number == 1 or subject.kind in ("song", "instrumental"):
        return []
    if subject.kind == "image" and not _WORDS["many"] & set(words.word):
        return []
    for part in sentences(words):
        free_marks = [k for k in range(part.i, part.j) if words.between(k)]
        colon = next((k for k in free_marks if words.at(k) == ":"), None)
        first = part.i if colon is None else colon + 1
        if sum(words.at(k) == "/" for k in free_marks if k >= first) > 1:
            return split_at(words, first, part.j, ("/",))
        is_order = subject.is_ordered and part.i <= subject.at < part.j
        pieces = split_at(words, first, part.j, (",", ";"))
        if colon is not None:
            if number and len(pieces) != number:
                more = split_at(words, first, part.j, (",", ";"), _WORDS["ands"])
                pieces = more if len(more) == number else pieces
            if len(pieces) == number or (len(pieces) > 2 and number is None):
                return pieces
        elif number and len(pieces) == number and not is_order:
            return pieces
        pieces = split_at(words, part.i, part.j, (";",))
        if len(pieces) > 1 and number in (None, len(pieces)) and not is_order:
            return pieces
    return []


def with_asides(shots: list[Shot], language: str) -> list[Shot]:
    """Put clauses that only say how it looks to the scene before them: "close-up", "calm"."""
    scenes: list[Shot] = []
    for shot in shots:
        is_aside = not shot.is_title and all(
            word in _ASIDES for word in Words(shot.text, language).word
        )
        if is_aside and scenes and not scenes[-1].is_title:
            text = f"{scenes[-1].text}, {shot.text[:1].lower()}{shot.text[1:]}"
            scenes[-1] = replace(scenes[-1], text=text)
        else:
            scenes.append(shot)
    return scenes


def only_orders(text: str, language: str) -> bool:
    """Return whether a sentence names what is made and nothing that is seen: "Fashion film."."""
    inner = Words(text, language)
    product = first_product(inner, 0, len(inner))
    return bool(product and product.j == len(inner) and len(inner) <= 4)
