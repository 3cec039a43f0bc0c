"""What words that name a thing in a picture say: a color, a place, a size, the sky.

Words go no further than that; everything else is what stands out, and the caller is told so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.artist import art_vocabulary
from studio.artist.subjects import SUBJECT_WORDS

PLACES = {
    "left": (-1.0, 0.0),
    "leftmost": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "rightmost": (1.0, 0.0),
    "top": (0.0, -1.0),
    "upper": (0.0, -1.0),
    "bottom": (0.0, 1.0),
    "lower": (0.0, 1.0),
}
MIDDLES = frozenset({"middle", "centre", "center", "central"})
LARGE = frozenset({"largest", "biggest", "big", "large"})
SMALL = frozenset({"smallest", "small", "little", "tiny"})
BEHIND = frozenset({"background", "backdrop", "surroundings"})
SKY = frozenset({"sky", "skies"})
SUBJECT = frozenset({"subject", "foreground", "object", "thing", "item", "product"})
SMALL_TALK = frozenset(
    [
        "the",
        "a",
        "an",
        "all",
        "every",
        "of",
        "in",
        "on",
        "at",
        "to",
        "and",
        "with",
        "thing",
        "things",
        "one",
        "ones",
        "object",
        "objects",
        "part",
        "parts",
        "select",
        "segment",
        "mask",
        "side",
        "half",
        "picture",
        "image",
        "photo",
        "coloured",
        "colored",
        "please",
        "only",
        "that",
        "is",
        "are",
        "which",
        "its",
        "shape",
    ]
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text names. unknown: words that were not understood, as written."""

    colours: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    sky: bool = False
    behind: bool = False


def read_wish(text: str) -> Wish:
    """The wish a text makes; names are those of subjects the studio draws."""
    tokens = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower())
    colours = tuple(token for token in tokens if token in art_vocabulary.COLOURS)
    places = tuple(token for token in tokens if token in PLACES or token in MIDDLES | LARGE | SMALL)
    named = tuple(
        SUBJECT_WORDS.get(token) or SUBJECT_WORDS.get(_one(token), "") for token in tokens
    )
    known = SMALL_TALK | SUBJECT | SKY | BEHIND | set(colours) | set(places)
    unknown = tuple(token for token in tokens if token not in known)
    return Wish(
        colours,
        places,
        tuple(name for name in named if name),
        unknown,
        bool(SKY & set(tokens)),
        bool(BEHIND & set(tokens)),
    )


def _one(word: str) -> str:
    return word[:-1] if word.endswith("s") else word
