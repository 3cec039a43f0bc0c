"""Tags between slashes or bars: "portrait / oil painting / old sailor". Pure."""

from __future__ import annotations

import re

from compose.brief.products import PRODUCTS
from core.language.phrases import Words

_SEPARATORS = re.compile(r"(?<=\S)[ \t][/|][ \t](?=\S)")
_FEWEST = 3


def with_commas(text: str, language: str) -> str:
    """Return the text with commas for the separators, where one of its tags is an image.

    Others stay as they are: scenes of a film are listed between slashes, too.
    """
    tags = _SEPARATORS.split(text)
    if len(tags) < _FEWEST or not any(_is_image(tag, language) for tag in tags[:20]):
        return text
    return ", ".join(tag.strip() for tag in tags)


def _is_image(tag: str, language: str) -> bool:
    words = Words(tag[:60], language)
    match = PRODUCTS.match(words, 0)
    return match is not None and match.value == "image" and match.j == len(words)
