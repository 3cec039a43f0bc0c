"""The scenes of a brief: those it tells, or as many shots of its subject as it asks for. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import cycle

from compose.brief.counts import ONE_OF, Count
from compose.brief.framing import (
    is_printed,
    looks_at,
    set_of,
    shots_of,
    singles_of,
    steps_of,
    stills_of,
    varied,
)
from compose.brief.products import ARTICLES, PRODUCTS
from compose.brief.recurring_subject import with_who
from compose.brief.result_type import sells
from compose.brief.scene_lists import Telling, Told, titles_in
from compose.brief.scene_text import shortened, shot_text, tidied, without_article, without_request
from compose.brief.shot_lists import (
    Shot,
    card_words,
    enumerated,
    items_of,
    only_orders,
    places_in,
    split_at,
    starts_with_title,
    views_in,
    with_asides,
)
from compose.brief.subject import Subject, subject_of, things_in
from core.language.clauses import CLAUSE_ENDS, Part, sentences
from core.language.cleaning import fold, one_of
from core.language.phrases import Words
from core.language.sentences import capital

MOST_SCENES = 12
# Read of those that a brief tells; more than a draft has are merged.
MOST_TOLD = 60
USUAL_SHOT_S = 5.0
USUAL_SHOTS = 3


@dataclass(frozen=True, slots=True)
class Shots:
    shots: tuple[Shot, ...]
    subject: Subject
    # How many the brief asks for or tells, also beyond the most that a draft has.
    asked: int | None = None
    # The texts have the subject's own words, so the person may type others.
    is_open: bool = False
    # Things of which each shot shows one that the brief doesn't name: "six famous bridges".
    unnamed: str = ""


def shots_in(words: Words, telling: Telling, count: Count | None, seconds: float | None) -> Shots:
    """Return the shots of a brief.

    telling: what `told_scenes` found. count: the number it asks for. seconds: its whole length,
    from which comes how many shots a subject without a number has.
    """
    subject = subject_of(words, telling, count)
    number = count.number if count else None
    if views := views_in(words):
        return Shots(tuple(views[:MOST_SCENES]), subject, len(views))
    candidates = [
        _shot_of(words, one, is_listed=telling.is_listed) for one in telling.scenes[:MOST_TOLD]
    ]
    shots = [shot for shot in candidates if shot.text or shot.is_title]
    if shots and telling.scenes and not telling.is_listed and words.at(shots[0].i - 1) == ":":
        # "Trailer: a storm, an empty boat, a letter. End with the title."
        pieces = split_at(words, shots[0].i, shots[0].j, (",", ";"), ())
        shots = [*pieces, *shots[1:]] if len(pieces) > 2 else shots
    if len(shots) > 2 and not telling.is_listed and only_orders(shots[0].text, words.language):
        shots = shots[1:]
    if len(shots) < 2 and count and not (telling.is_listed and shots):
        shots = _of_the_same(words, count, subject, items_of(words, count) or [])
    if len(shots) < 2:
        shots = places_in(words, number)
    if len(shots) < 2:
        shots = enumerated(words, subject, number)
    if len(shots) < 2:
        # A poster's title is a part of its image.
        cards = [] if subject.kind == "image" else _with_cards(words, count, subject)
        if cards:
            return Shots(tuple(cards[:MOST_SCENES]), subject, len(cards), is_open=False)
        shots = places_in(words, number)
    if len(shots) < 2:
        shots = _sentences(words, subject)
    if len(shots) >= 2 and not telling.is_listed:
        shots = with_asides(shots, words.language)
    if len(shots) >= 2 and words.language in ("", "en"):
        texts = with_who([shot.text for shot in shots], subject.text)
        shots = [
            shot if shot.is_title else replace(shot, text=text)
            for shot, text in zip(shots, texts, strict=True)
        ]
    if len(shots) >= 2 and subject.is_ordered and not subject.is_scene and sells(words):
        shots = _with_subject(shots, subject.text)
    if len(shots) >= 2:
        return _fit(shots, number, subject, words.language)
    return _shots_of_subject(words, subject, count, seconds, shots)


def _of_the_same(words: Words, count: Count, subject: Subject, scenes: list[Shot]) -> list[Shot]:
    """Put what all scenes show into each: "A hero as a chef" of "a hero in two outfits: chef,
    diver"."""
    who = without_article(subject.text) if subject.text.lower().startswith("the ") else subject.text
    if who.lower().startswith("same "):
        who = f"The {who[:1].lower()}{who[1:]}"
    if words.at(count.i) not in _IN or not who or (subject.is_ordered and not subject.is_scene):
        return scenes
    if any(who.lower() in shot.text.lower() for shot in scenes):
        return scenes
    shots = []
    for shot in scenes:
        item = shot.text
        if item[1:2].islower() or item.split(" ", 1)[0].lower() in ARTICLES:
            item = item[:1].lower() + item[1:]
        first = item.split(" ", 1)[0].lower()
        if first in one_of("in at on as with under wearing im am als en como") or (
            count.noun not in _WORN | _WHERE or words.language not in ("", "en")
        ):
            phrase = f"{who} {item}" if first in one_of("in at on as with als en") else None
            text = phrase or f"{who}, {item}"
        elif count.noun in _WHERE:
            text = f"{who} in {item}"
        elif first in ARTICLES or (item.endswith("s") and not item.endswith("ss")):
            text = f"{who} as {item}"
        else:
            text = f"{who} as {'an' if first[:1] in 'aeiou' else 'a'} {item}"
        shots.append(shot if shot.is_title else replace(shot, text=capital(text)))
    return shots


def _with_subject(shots: list[Shot], subject: str) -> list[Shot]:
    """Put what an advertisement is for into scenes that don't name it: of "Product video for a
    teapot: steam rises, a hand pours", each shows the teapot."""
    words = {fold(word) for word in subject.split() if len(word) > _SHORTEST_NAME}
    if not words or len(subject.split()) > _LONGEST_NAME:
        return shots
    if any(words & set(fold(shot.text).split()) for shot in shots):
        return shots
    thing = without_article(subject)
    return [
        shot if shot.is_title else replace(shot, text=f"{shot.text}, {thing}") for shot in shots
    ]


_SHORTEST_NAME = 3
_LONGEST_NAME = 4
_IN = one_of("in at as into im als en em")
_VARIANTS = one_of("variations versions options designs variants ideas styles varianten variantes")
_WHERE = one_of("places locations settings cities rooms countries")
_WORN = one_of("outfits costumes roles jobs uniforms professions")


def _shot_of(words: Words, one: Told, *, is_listed: bool) -> Shot:
    text = tidied(shot_text(words, one.i, one.j))
    if not text and is_listed:
        # "2) put them on": every line of a list is a scene.
        text = tidied(words.rest(one.i, one.j))
        text = text if len(text.split()) > 1 else ""
    if one.j - one.i <= 3 and words.at(one.j - 1) in _CARDS:
        return Shot("", one.i, one.j, True, one.seconds)
    titles = titles_in(words, one.i, one.j)
    if titles and starts_with_title(words, one.i, titles[0].i):
        return Shot(card_words(words, one.i, one.j), one.i, one.j, True, one.seconds)
    return Shot(capital(text), one.i, one.j, False, one.seconds)


def _with_cards(words: Words, count: Count | None, subject: Subject) -> list[Shot]:
    """Read a list of clauses in which title cards and numbers of shots follow each other."""
    titles = titles_in(words, 0, len(words))
    titles = [match for match in titles if not words.is_claimed(match.i)][:MOST_SCENES]
    if not titles:
        return []
    parts: list[tuple[int, str, str]] = []
    for match in titles:
        end = next(
            (k for k in range(match.j, len(words)) if words.at(k) in CLAUSE_ENDS), len(words)
        )
        card = card_words(words, match.i, end) or _beside(words, match.j, end)
        parts.append((match.i, "title", card))
    shots: list[Shot] = []
    body = subject.text
    if count:
        description = body or ""
        if count.adjectives and description:
            description = f"{description}, {count.adjectives}"
        parts.append((count.i, "shots", description))
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
            subject_text = text or (
                f"{adjectives} scene".strip() if not subject.holder else subject.holder
            )
            subject_text = text or subject.holder or subject_text
            texts = shots_of(subject_text, number, words.language)
            shots.extend(Shot(capital(framing), at, at) for framing in texts)
    ends = [shot for shot in shots if shot.is_title and shot.i == len(words)]
    return [shot for shot in shots if shot not in ends] + ends


def _beside(words: Words, i: int, j: int) -> str:
    """Return the words of a card: "Sunrise" of "title card Sunrise", "" of "title card with our
    name"."""
    text = words.rest(i, j).strip()
    first = text.split(" ", 1)[0].lower() if text else ""
    if not text or first in one_of("with at on in for and mit am avec that to from"):
        return ""
    return shortened(tidied(text), 120)


def _is_at_end(words: Words, at: int) -> bool:
    text = " ".join(words.word[at : at + 8])
    return "at the end" in text or "am ende" in text or "a la fin" in text or "al final" in text


# Behind "end with": a card, not a picture.
_CARDS = one_of("title titel titre titulo titolo slogan tagline claim")


def _sentences(words: Words, subject: Subject) -> list[Shot]:
    """Return sentences that each show something; the one that orders the film isn't a scene."""
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
        # "Ad for my shop. Fish under ice, a cello."
        pieces = split_at(words, shots[0].i, shots[0].j, (",", ";"))
        is_own = shots[0].i <= subject.at < shots[0].j
        return pieces if len(pieces) > 1 and not is_own else []
    return shots


_WHOLE = one_of(
    "make keep use please add avoid don include i'd i we let audience target thanks thank note"
    " goal purpose deadline channel brand bitte nutze mache por utilise format everything"
    " all ignore forget remember you"
)


def _directs(words: Words, part: Part) -> bool:
    """Return whether a sentence speaks of the work, not of what is seen."""
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


def _has(words: Words, part: Part, vocabulary: tuple[str, ...]) -> bool:
    return any(words.at(at) in vocabulary for at in range(part.i, part.j))


def _fit(scenes: list[Shot], number: int | None, subject: Subject, language: str) -> Shots:
    """Return told scenes in the number the brief asks for: merged where it tells more, framed
    closer where it tells fewer."""
    requested_count = number if number and number > 1 else len(scenes)
    target = min(requested_count, MOST_SCENES)
    if len(scenes) > target:
        if requested_count == len(scenes) or not number:
            return Shots(tuple(scenes[:target]), subject, requested_count)
        scenes = _merge(scenes, target)
    elif len(scenes) < target:
        texts = [shot.text for shot in scenes]
        if not any(shot.is_title for shot in scenes):
            shares = varied(texts, target, language)
            per = [target // len(scenes) + (at < target % len(scenes)) for at in range(len(scenes))]
            shots: list[Shot] = []
            for shot, share in zip(scenes, per, strict=True):
                first = len(shots)
                shots += [replace(shot, text=shares[first + k]) for k in range(share)]
            scenes = shots
    return Shots(tuple(scenes), subject, requested_count)


def _merge(scenes: list[Shot], target: int) -> list[Shot]:
    groups = [
        scenes[at * len(scenes) // target : (at + 1) * len(scenes) // target]
        for at in range(target)
    ]
    shots = []
    for group in groups:
        text = group[0].text
        for other in group[1:]:
            text += ", " + other.text[:1].lower() + other.text[1:] if other.text else ""
        shots.append(replace(group[0], text=shortened(text, 600), j=group[-1].j))
    return shots


def _shots_of_subject(
    words: Words, subject: Subject, count: Count | None, seconds: float | None, scenes: list[Shot]
) -> Shots:
    """Return shots of one subject."""
    text = subject.text or (scenes[0].text if scenes else "")
    if count is None and (things := things_in(subject, words.language)):
        texts = singles_of(subject.text, min(things, MOST_SCENES), words.language)
        singles = tuple(Shot(text) for text in texts)
        return Shots(singles, subject, things, is_open=True, unnamed=subject.text)
    requested_count = count.number if count else None
    # A loop is one shot that begins as it ends.
    loops = bool({"loop", "looping", "schleife", "boucle", "bucle"} & set(words.word))
    number = requested_count or (1 if loops else _usual(subject, seconds))
    number = max(1, min(number, MOST_SCENES))
    subject_text = text or subject.holder
    is_set = bool(count and count.is_set and number > 1)
    if is_set:
        texts = set_of(subject_text, number, words.language)
    elif (count and count.noun in ONE_OF and number > 1) or (
        subject.kind == "steps" and number > 1
    ):
        texts = steps_of(capital(subject_text), number, words.language)
    elif count and count.noun in ("looks", "styles", "outfits") and number > 1:
        texts = looks_at(capital(subject_text), number)
    elif not seconds and (
        subject.kind == "image"
        or _counts_images(words, count)
        or (count and count.noun in _VARIANTS and is_printed(subject_text))
    ):
        texts = stills_of(subject_text, number, words.language)
    else:
        texts = shots_of(subject_text, number, words.language)
    details = [subject.details] if len(texts) == 1 else subject.details.split(", ")
    shots = tuple(
        Shot(shortened(capital(f"{text}, {detail}" if detail not in text else text), 600))
        for text, detail in zip(texts, cycle(details), strict=False)
    )
    is_open = bool(subject.is_open or not text or is_set)
    unnamed = text if is_set else ""
    return Shots(shots, subject, requested_count, is_open=is_open, unnamed=unnamed)


def _counts_images(words: Words, count: Count | None) -> bool:
    """Return whether it is images that are counted: "four product shots"."""
    return count is not None and any(
        match.value == "image" for match in PRODUCTS.find(words, count.i, count.j)
    )


def _usual(subject: Subject, seconds: float | None) -> int:
    """Return how many shots a film has whose number the brief leaves open."""
    if subject.kind in ("image", "loose", "song", "instrumental") or (
        subject.kind == "" and seconds is None
    ):
        return 1
    if seconds is None:
        return USUAL_SHOTS if not subject.is_scene else 1
    usual = max(1, math.floor(seconds / USUAL_SHOT_S + 0.5))
    # One action told in one sentence isn't cut up before it's long.
    return 1 if subject.is_scene and seconds <= 2 * USUAL_SHOT_S else min(usual, MOST_SCENES)
