"""Single words of a prompt: what each means, and whether the studio does anything about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from studio.artist import art_vocabulary
from studio.artist.drawing.camera import CAMERA_WORDS
from studio.artist.prompt.tables import BACKDROPS, FLOCKS, GARMENTS, LIGHTS, SURFACES

_TABLES: Final = tuple(
    map(art_vocabulary.table, ("places", "grounds", "hours", "weathers", "styles", "grades"))
)
_GROUPS: Final[tuple[Collection[str], ...]] = (
    *(art_vocabulary.COLOURS, art_vocabulary.FINISHES, art_vocabulary.LIGHT_WORDS, CAMERA_WORDS),
    *(SURFACES, LIGHTS, BACKDROPS, GARMENTS, FLOCKS),
)


def tokens(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.lower())


def singular(word: str) -> str:
    """Take the ending of a plural off."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


def look_up(word: str, table: dict[str, str]) -> str | None:
    """Find what a word, or the singular of it, means."""
    return table.get(word) or table.get(singular(word))


def subject(word: str) -> str | None:
    """Name the subject that a word means."""
    return look_up(word, art_vocabulary.SUBJECT_WORDS)


def is_drawn(word: str) -> bool:
    """Whether a word changes a picture."""
    return (
        subject(word) is not None
        or any(look_up(word, table) for table in _TABLES)
        or any(word in group for group in _GROUPS)
    )


def is_known(word: str) -> bool:
    """Whether a word is drawn, or needs no picture of its own."""
    return word in art_vocabulary.PLAIN_WORDS or is_drawn(word)
