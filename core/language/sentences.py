"""Sentences put together, tidied and cut. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.patterns import bounded_pattern

# Control characters, lone surrogates, and marks that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = bounded_pattern(r" +([,.;!?](?:\s|$))")
_DOUBLED_MARK = re.compile(r"([,;])(?:\s*[,;])+")


def capital(text: str) -> str:
    """Return the text with a capital at its start. Letters that have none stay."""
    return text[:1].upper() + text[1:] if len(text[:1].upper()) == 1 else text


def join_items(items: Sequence[str], word: str = "and") -> str:
    """Return `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def shorten(text: str, most: int, ends: str = "") -> str:
    """Return at most so many characters, cut between words where there are any.

    ends: what shows that it was cut, such as "…".
    """
    if len(text) <= most:
        return text
    cut = text[: most - len(ends)]
    head, space, _ = text[: len(cut) + 1].rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:-–—") + ends


def tidy(text: str, edges: str = " ,;") -> str:
    """Return one line without doubled spaces and marks, and without marks at its edges."""
    text = _SPACES.sub(" ", _UNSEEN.sub(" ", text)).strip()
    return _BEFORE_MARK.sub(r"\1", _DOUBLED_MARK.sub(r"\1", text)).strip(edges)
