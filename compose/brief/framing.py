"""Several shots of one subject: what changes is how it's framed, as in the grammar of film. Pure.

No fact is invented: each text is the brief's subject with a framing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import cycle, islice

from compose.language import TABLES
from core.language.cleaning import fold
from core.language.sentences import capital

_WORDS = TABLES.subject("framing")

# A subject that begins like this is a sentence, so a colon goes before it.
_NO_OF = TABLES.words("framing", "no_of")
_MOVES = re.compile(r",? (?:the camera|die Kamera|la caméra|la cámara) [^,:]*|, $", re.IGNORECASE)
# Of the shots: a pan and a tracking shot.
_MOVING = (7, 9)


def is_printed(subject: str) -> bool:
    """Return whether a subject is a design, such as "a logo for a shop"."""
    first = fold(subject).split(" ")[:3]
    return any(word in _WORDS["printed"] or word.endswith("plakat") for word in first)


def stills_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """Return images of a subject: other designs of what is printed, other framings of the rest."""
    if count == 1:
        return (subject,)
    if is_printed(subject) and language not in ("", "en"):
        # The same words give other designs, too.
        return (subject,) * count
    if is_printed(subject):
        designs = TABLES.texts("framing", "designs", "en")
        return tuple(f"{subject}, {design}" for design in islice(cycle(designs), count))
    still = (_MOVES.sub("", shot) for at, shot in enumerate(_shots(language)) if at not in _MOVING)
    return _framings(islice(cycle(still), count), subject)


def shots_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """Return texts that show a subject in different framings, an opening and a closing one among
    them; the subject alone where there is one shot."""
    if count == 1:
        return (subject,)
    opening, *between, closing = _shots(language)
    framings = [opening, *islice(cycle(between), count - 1)]
    return _framings([*framings[:-1], closing] if count > 2 else framings, subject)


def steps_of(subject: str, count: int, language: str) -> tuple[str, ...]:
    """Return steps of an explanation whose facts the brief doesn't give."""
    first, *middle, last = TABLES.texts("framing", "steps", language)
    [word] = TABLES.texts("framing", "step", language)
    moves = [first, *islice(cycle(middle), max(count - 2, 0)), last][:count]
    return tuple(f"{subject}, {word} {number}: {move}" for number, move in enumerate(moves, 1))


def singles_of(things: str, count: int, language: str) -> tuple[str, ...]:
    """Return a picture of each of several things, "six famous bridges", that a brief doesn't
    name."""
    [single] = TABLES.texts("framing", "single", language)
    return tuple(_with_number(single, things, number) for number in range(1, count + 1))


def set_of(thing: str, count: int, language: str) -> tuple[str, ...]:
    """Return the members of a set, such as one of icons, that a brief doesn't name."""
    [member] = TABLES.texts("framing", "member", language)
    texts = (_with_number(member, thing, number) for number in range(1, count + 1))
    return tuple(text.replace("{count}", str(count)) for text in texts)


def _with_number(wording: str, subject: str, number: int) -> str:
    return wording.replace("{n}", str(number)).replace("{s}", subject)


def looks_at(subject: str, count: int) -> tuple[str, ...]:
    """Return different looks of one subject."""
    looks = TABLES.texts("framing", "looks", "en")
    return tuple(f"{subject} {look}" for look in islice(cycle(looks), count))


def before_and_after(subject: str, language: str) -> tuple[str, str]:
    """Return a text for each of two images."""
    before, after = TABLES.texts("framing", "before_after", language)
    return f"{subject}, {before}", f"{subject}, {after}"


def varied(texts: Sequence[str], count: int, language: str) -> tuple[str, ...]:
    """Return shots of fewer texts, in their order: a text that has several shots is framed
    differently in each."""
    between = _shots(language)[1:-1]
    shots: list[str] = []
    for at, text in enumerate(texts):
        share = count // len(texts) + (at < count % len(texts))
        shots += [text, *_framings(islice(cycle(between), max(share - 1, 0)), text)]
    return tuple(shots)


def _shots(language: str) -> list[str]:
    return TABLES.texts("framing", "shots", language)


def _framings(shots: Iterable[str], subject: str) -> tuple[str, ...]:
    first = subject.split(" ", 1)[0]
    is_sentence = first.lower() in _NO_OF or first.endswith("ing") or "." in subject[:-1]
    inner = subject[:1].lower() + subject[1:] if first.lower() in _WORDS["articles"] else subject
    # replace, not format: the subject's own braces stay as they are.
    return tuple(
        shot.replace("{s}", capital(subject))
        if shot.startswith("{s}")
        else f"{shot.split(' of {s}', 1)[0]}: {subject}"
        if " of {s}" in shot and is_sentence
        else shot.replace("{s}", inner)
        for shot in shots
    )
