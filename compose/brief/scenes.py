"""The scenes of a brief: those it tells, or as many shots of its subject as it asks for. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from compose.brief.brief import Scene
from compose.brief.clauses import CLAUSE_ENDS, Part, quotes_of, sentences
from compose.brief.clean import one_of
from compose.brief.counts import ONE_OF, Count
from compose.brief.framing import looks_at, shots_of, steps_of, varied
from compose.brief.products import first_product
from compose.brief.residue import capital, shortened, shot_text, tidied, without_request
from compose.brief.scene_lists import Telling, Told, titles_in
from compose.brief.subject import Subject, subject_of
from compose.brief.words import Words

MOST_SCENES = 12
# Read of those that a brief tells; more than a draft has are merged.
MOST_TOLD = 60
USUAL_SHOT_S = 5.0
USUAL_SHOTS = 3


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene with where the brief tells it; i = j = -1 for one that it only counts."""

    text: str
    i: int = -1
    j: int = -1
    is_title: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Shots:
    shots: tuple[Shot, ...]
    subject: Subject
    # How many the brief asks for or tells, also beyond the most that a draft has.
    asked: int | None = None
    # The texts have the subject's own words, so the person may type others.
    is_open: bool = False


def shots_in(words: Words, telling: Telling, count: Count | None, seconds: float | None) -> Shots:
    """The shots of a brief.

    telling: what `told_scenes` found. count: the number it asks for. seconds: its whole length,
    from which comes how many shots a subject without a number has.
    """
    subject = subject_of(words, telling, count)
    number = count.number if count else None
    found = [_told(words, one, is_listed=telling.is_listed) for one in telling.scenes[:MOST_TOLD]]
    told = [shot for shot in found if shot.text or shot.is_title]
    if len(told) > 2 and not telling.is_listed and _only_orders(told[0].text, words.language):
        told = told[1:]
    if len(told) < 2 and count and not (telling.is_listed and told):
        told = _items_of(words, count) or []
    if len(told) < 2:
        told = _places(words, number)
    if len(told) < 2:
        told = _enumerated(words, subject, number)
    if len(told) < 2:
        cards = _with_cards(words, count, subject)
        if cards:
            return Shots(tuple(cards[:MOST_SCENES]), subject, len(cards), is_open=False)
        told = _places(words, number)
    if len(told) < 2:
        told = _sentences(words, subject, number)
    if len(told) >= 2:
        return _fitted(told, number, subject, words.language)
    return _counted(words, subject, count, seconds, told)


def _only_orders(text: str, language: str) -> bool:
    """Whether a sentence names what is made and nothing that is seen: "Fashion film."."""
    inner = Words(text, language)
    product = first_product(inner, 0, len(inner))
    return bool(product and product.j == len(inner) and len(inner) <= 4)


def _told(words: Words, one: Told, *, is_listed: bool) -> Shot:
    text = tidied(shot_text(words, one.i, one.j))
    if not text and is_listed:
        # "2) put them on": a line of a list is a scene whatever its words are.
        text = tidied(words.rest(one.i, one.j))
        text = text if len(text.split()) > 1 else ""
    titles = titles_in(words, one.i, one.j)
    if titles and _starts_with_title(words, one.i, titles[0].i):
        return Shot(_card_words(words, one.i, one.j), one.i, one.j, True, one.seconds)
    return Shot(capital(text), one.i, one.j, False, one.seconds)


def _starts_with_title(words: Words, i: int, at: int) -> bool:
    return at - i <= 2 or all(words.is_claimed(k) or not words.is_word(k) for k in range(i, at))


def _card_words(words: Words, i: int, j: int) -> str:
    """What a title card reads, "" where the brief leaves it open."""
    quote = next((quote.text for quote in quotes_of(words) if i <= quote.i < j), "")
    if quote:
        return shortened(quote.strip(), 120)
    colon = next((at for at in range(i, j) if words.at(at) == ":"), None)
    return shortened(tidied(words.rest(colon + 1, j)), 120) if colon is not None else ""


def _items_of(words: Words, count: Count) -> list[Shot]:
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
    pieces = _split(words, at, end, (",", ";"), ())
    if len(pieces) != count.number:
        more = _split(words, at, end, (",", ";"), _ANDS)
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


def _split(
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
                if title and _starts_with_title(words, first, title[0].i):
                    pieces.append(Shot(_card_words(words, first, at), first, at, True))
                else:
                    pieces.append(Shot(capital(text), first, at))
            first = at + 1
    return pieces


def _with_cards(words: Words, count: Count | None, subject: Subject) -> list[Shot]:
    """A list of clauses in which title cards and numbers of shots follow each other."""
    titles = titles_in(words, 0, len(words))
    titles = [match for match in titles if not words.is_claimed(match.i)][:MOST_SCENES]
    if not titles:
        return []
    parts: list[tuple[int, str, str]] = []
    for match in titles:
        end = next(
            (k for k in range(match.j, len(words)) if words.at(k) in CLAUSE_ENDS), len(words)
        )
        card = _card_words(words, match.i, end) or _beside(words, match.j, end)
        parts.append((match.i, "title", card))
    shots: list[Shot] = []
    body = subject.text
    if count:
        named = body or ""
        if count.adjectives and named:
            named = f"{named}, {count.adjectives}"
        parts.append((count.i, "shots", named))
    elif body:
        # "A clip of the sea with a title card at the end": one shot beside the card.
        at = subject.at if subject.at >= 0 else 0
        parts.append((at, "shots", body))
    adjectives = count.adjectives if count else ""
    for at, kind, text in sorted(parts, key=lambda part: part[0]):
        if kind == "title":
            at_end = _is_at_end(words, at)
            shots.append(Shot(text, at if not at_end else len(words), at + 1, True))
        else:
            number = min(count.number if count else 1, MOST_SCENES)
            shown = text or (
                f"{adjectives} scene".strip() if not subject.holder else subject.holder
            )
            shown = text or subject.holder or shown
            texts = shots_of(shown, number, words.language)
            shots.extend(Shot(capital(said), at, at) for said in texts)
    ends = [shot for shot in shots if shot.is_title and shot.i == len(words)]
    return [shot for shot in shots if shot not in ends] + ends


def _beside(words: Words, i: int, j: int) -> str:
    """The words of a card: "Sunrise" of "title card Sunrise", "" of "title card with our name"."""
    text = words.rest(i, j).strip()
    first = text.split(" ", 1)[0].lower() if text else ""
    if not text or first in one_of("with at on in for and mit am avec that to from"):
        return ""
    return shortened(tidied(text), 120)


def _is_at_end(words: Words, at: int) -> bool:
    said = " ".join(words.word[at : at + 8])
    return "at the end" in said or "am ende" in said or "a la fin" in said or "al final" in said


def _places(words: Words, number: int | None) -> list[Shot]:
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
        pieces = _split(words, link + 1, end, (",",), _ANDS)
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


def _enumerated(words: Words, subject: Subject, number: int | None) -> list[Shot]:
    """Scenes between commas behind a colon, "teaser: a door opens, a shadow moves, a scream", and
    between semicolons."""
    if number == 1 or subject.kind in ("image", "song", "instrumental"):
        return []
    for part in sentences(words):
        colon = next(
            (k for k in range(part.i, part.j) if words.at(k) == ":" and words.between(k)), None
        )
        first = part.i if colon is None else colon + 1
        spaced = [k for k in range(first, part.j) if words.at(k) == "/" and words.between(k)]
        if len(spaced) > 1:
            return _split(words, first, part.j, ("/",), ())
        if colon is None and number and not (subject.is_ordered and part.i <= subject.at < part.j):
            pieces = _split(words, part.i, part.j, (",", ";"), ())
            if len(pieces) == number:
                return pieces
        if colon is not None:
            pieces = _split(words, colon + 1, part.j, (",", ";"), ())
            if number and len(pieces) != number:
                more = _split(words, colon + 1, part.j, (",", ";"), _ANDS)
                pieces = more if len(more) == number else pieces
            if len(pieces) == number or (len(pieces) > 2 and number is None):
                return pieces
        pieces = _split(words, part.i, part.j, (";",), ())
        is_order = subject.is_ordered and part.i <= subject.at < part.j
        if len(pieces) > 1 and number in (None, len(pieces)) and not is_order:
            return pieces
    return []


def _sentences(words: Words, subject: Subject, number: int | None) -> list[Shot]:
    """Sentences that each show something; the one that orders the film isn't a scene."""
    shots: list[Shot] = []
    for part in sentences(words):
        text = shot_text(words, part.i, part.j)
        if not text or _directs(words, part):
            continue
        if part.i <= subject.at < part.j and subject.is_ordered and not subject.is_scene:
            continue
        if part.i <= subject.at < part.j and subject.text:
            rest = subject.text
            shots.append(Shot(capital(rest), part.i, part.j))
            continue
        shots.append(Shot(capital(without_request(text, words.language)), part.i, part.j))
    if subject.text and len(shots) == 1 and subject.is_ordered and not subject.is_scene:
        return []
    return shots


_WHOLE = one_of(
    "make keep use please add avoid don include i'd i we let audience target thanks thank note"
    " goal purpose deadline channel brand bitte nutze mache por utilise format everything"
    " all ignore forget remember you"
)


def _directs(words: Words, part: Part) -> bool:
    """Whether a sentence speaks of the work, not of what is seen."""
    first = words.at(part.i)
    if first in _WHOLE and not (first in one_of("i we all you everything") and _acts(words, part)):
        return True
    second = words.at(part.i + 1)
    if first in one_of("it this that the they these") and (
        second
        in one_of(
            "should must needs is will has film video style mood tone whole look target audience"
            " clip result goal feel vibe final ad"
        )
        and (
            second in one_of("should must needs is will has")
            or _has(words, part, ("should", "must", "is", "needs", "feel", "be"))
        )
    ):
        return second not in ("is", "has", "will") or _has(
            words, part, ("for", "about", "meant", "short", "video")
        )
    return words.at(part.i + 1) == ":" and first in one_of(
        "audience goal target brand client channel note"
    )


def _acts(words: Words, part: Part) -> bool:
    return words.at(part.i + 1) not in one_of(
        "want need would like have think love d am m ll will upload attach can prefer hope my in"
        " should must are the don ve got choose pick bring had wanna wish decide approve"
        " re"
    )


def _has(words: Words, part: Part, said: tuple[str, ...]) -> bool:
    return any(words.at(at) in said for at in range(part.i, part.j))


def _fitted(told: list[Shot], number: int | None, subject: Subject, language: str) -> Shots:
    """Told scenes in the number the brief asks for: merged where it tells more, framed closer
    where it tells fewer."""
    asked = number if number and number > 1 else len(told)
    target = min(asked, MOST_SCENES)
    if len(told) > target:
        if asked == len(told) or not number:
            return Shots(tuple(told[:target]), subject, asked)
        told = _merged(told, target)
    elif len(told) < target:
        texts = [shot.text for shot in told]
        if not any(shot.is_title for shot in told):
            shares = varied(texts, target, language)
            per = [target // len(told) + (at < target % len(told)) for at in range(len(told))]
            grown: list[Shot] = []
            for shot, share in zip(told, per, strict=True):
                first = len(grown)
                grown += [replace(shot, text=shares[first + k]) for k in range(share)]
            told = grown
    return Shots(tuple(told), subject, asked)


def _merged(told: list[Shot], target: int) -> list[Shot]:
    groups = [
        told[at * len(told) // target : (at + 1) * len(told) // target] for at in range(target)
    ]
    merged = []
    for group in groups:
        text = group[0].text
        for other in group[1:]:
            text += ", " + other.text[:1].lower() + other.text[1:] if other.text else ""
        merged.append(replace(group[0], text=shortened(text, 600), j=group[-1].j))
    return merged


def _counted(
    words: Words, subject: Subject, count: Count | None, seconds: float | None, told: list[Shot]
) -> Shots:
    """Shots of one subject."""
    text = subject.text or (told[0].text if told else "")
    asked = count.number if count else None
    # A loop is one shot that begins as it ends.
    loops = bool({"loop", "looping", "schleife", "boucle", "bucle"} & set(words.word))
    number = asked or (1 if loops else _usual(subject, seconds))
    number = max(1, min(number, MOST_SCENES))
    shown = text or subject.holder
    if (count and count.noun in ONE_OF and number > 1) or (subject.kind == "steps" and number > 1):
        texts = steps_of(capital(shown), number, words.language)
    elif count and count.noun in ("looks", "styles", "outfits") and number > 1:
        texts = looks_at(capital(shown), number)
    else:
        texts = shots_of(shown, number, words.language)
    detail = subject.details if number == 1 or not subject.details else ""
    shots = tuple(
        Shot(
            shortened(capital(f"{said}, {detail}" if detail and detail not in said else said), 600)
        )
        for said in texts
    )
    return Shots(shots, subject, asked, is_open=bool(subject.is_open or not text))


def _usual(subject: Subject, seconds: float | None) -> int:
    """How many shots a film has whose number the brief leaves open."""
    if subject.kind in ("image", "loose", "song", "instrumental") or (
        subject.kind == "" and seconds is None
    ):
        return 1
    if seconds is None:
        return USUAL_SHOTS if not subject.is_scene else 1
    usual = max(1, math.floor(seconds / USUAL_SHOT_S + 0.5))
    # One action told in one sentence isn't cut up before it's long.
    return 1 if subject.is_scene and seconds <= 2 * USUAL_SHOT_S else min(usual, MOST_SCENES)


def scenes_from(shots: tuple[Shot, ...]) -> tuple[Scene, ...]:
    return tuple(
        Scene(shot.text, "title" if shot.is_title else "shot", shot.seconds)
        for shot in shots
        if shot.text or shot.is_title
    )
