"""Words as search knows them. Both databases index exactly these, so both find the same.

A word is a run of letters, marks and digits without accents, in small letters. Ideographs and kana
are each for themselves, as they are written without spaces; so do pictures such as emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

WORD_LENGTH = 48
# Of one text that is read; more would only make the index slow.
TEXT_LENGTH = 20_000
# The word of what the staff picked; beside the words of categories and kinds.
PICKED_WORD = "@picked"

_PLAIN = re.compile(r"[a-z0-9]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def words_of(text: str) -> Iterator[str]:
    """The words of a text in order, at most `WORD_LENGTH` characters of each."""
    text = text[:TEXT_LENGTH]
    if text.isascii():
        yield from (word[:WORD_LENGTH] for word in _PLAIN.findall(text.lower()))
        return
    text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKC", _ACCENTS.sub("", text))
    word = ""
    for character in text:
        kind = unicodedata.category(character)
        alone = kind == "So" or _ALONE.match(character) is not None
        if kind[0] in "LMN" and not alone:
            word += character
            continue
        # A joiner or a variant selector inside an emoji or a word parts nothing.
        if kind == "Cf":
            continue
        if word:
            yield word[:WORD_LENGTH]
            word = ""
        if alone:
            yield character
    if word:
        yield word[:WORD_LENGTH]


def tag_word(tag: str) -> str:
    """A tag as the one word that stands for it: "Sci-Fi" and "sci fi" are the same tag.

    Empty for a tag without letters, digits or pictures.
    """
    word = "_".join(words_of(tag))[:WORD_LENGTH]
    return f"#{word}" if word else ""


def category_word(category: str) -> str:
    return f"@{category}"


def line_of(words: Iterable[str], most: int) -> str:
    """Different words as one text with a space on both sides of each, at most `most` of them."""
    unique = list(dict.fromkeys(word for word in words if word))[:most]
    return f" {' '.join(unique)} "
