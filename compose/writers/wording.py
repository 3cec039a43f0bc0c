"""Sentences, cuts and choices that every writer needs. Pure, and the same on every machine."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

from compose.language import TABLES
from core.language.cleaning import fold
from core.language.sentences import capital, shorten, tidy

_T = TypeVar("_T")
_ENDS = ".!?…。！？｡؟।:"
_QUOTES = "\"'”’»“)]"


def sentence(text: str) -> str:
    """Return a tidy text with a capital and a full stop; empty stays empty."""
    text = tidy(text).rstrip(" -–—")
    if not text:
        return ""
    last = text.rstrip(_QUOTES)[-1:] or text[-1]
    return capital(text) if last in _ENDS else f"{capital(text)}."


def in_a_sentence(phrase: str) -> str:
    """Return a phrase as it is in the middle of a sentence: an article has no capital there."""
    return phrase[:1].lower() + phrase[1:] if begins_with_article(phrase) else phrase


def begins_with_article(phrase: str) -> bool:
    """Return whether a phrase begins with a word such as "the" or "my"."""
    first = fold(phrase.partition(" ")[0])
    return any(first in TABLES.words("ideas", name) for name in ("articles", "owners"))


def within_bytes(text: str, most: int) -> str:
    """Return at most so many bytes of UTF-8, cut between words where there are any."""
    octets = text.encode("utf-8", "replace")
    if len(octets) <= most:
        return text
    cut = octets[:most].decode("utf-8", "ignore")
    return shorten(text, len(cut))


def pick(choices: Sequence[_T], *parts: str) -> _T:
    """Return one of the choices: the same for the same parts, on every machine."""
    return choices[number_of(*parts) % len(choices)]


def number_of(*parts: str) -> int:
    return zlib.crc32("\x1f".join(parts).encode("utf-8", "surrogatepass"))
