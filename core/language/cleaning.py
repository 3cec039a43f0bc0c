"""A text as it was sent → text that is safe to cut up, to store and to show. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LONGEST_TEXT = 20_000

_TAG = re.compile(
    r"</?(?:a|b|body|br|code|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|li|link|meta|ol"
    r"|p|pre|script|span|strong|style|svg|table|td|tr|u|ul)\b[^<>\n]{0,300}>",
    re.IGNORECASE,
)
# A text that begins like this would be a binding of a template (templates_app.graph.bindings).
_DOLLAR = re.compile(r"(?<!\$)\$+(?=[^\s\d$])")
# A hyphen between spaces is typed for a dash; at the begin of a line it is a bullet.
_DASH = re.compile(r"(?<=[^\W\d_]) - (?=[^\W_])")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?(?:\n ?)*")
_OTHER = ("Cc", "Cf", "Cs", "Co", "Cn")


def clean(text: str) -> str:
    """Return at most 20,000 characters, without control characters, marks that turn the direction
    of writing, HTML tags and lone surrogates.

    A dollar sign before a word is dropped, so no part of the result can be read as a binding such
    as `$inputs.x`; prices keep theirs. Cleaning twice gives what cleaning once gave.
    """
    text = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    if not text.isprintable():
        text = "".join(filter(None, map(_storable, text)))
    before = None
    # `<<b>b>` leaves a tag behind; three rounds end any text that a person wrote.
    for _ in range(3):
        before, text = text, _TAG.sub(" ", text)
        if text == before:
            break
    text = _DOLLAR.sub("", text)
    text = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()[:LONGEST_TEXT]
    return _DASH.sub(" – ", text)


def _storable(character: str) -> str:
    if character in "\n\u2028\u2029\x0b\x0c\r\x85":
        return "\n"
    if character in "\t\xa0":
        return " "
    # U+200D joins emoji and letters of Indic scripts.
    if character == "\u200d":
        return character
    return "" if unicodedata.category(character) in _OTHER else character


def fold(text: str) -> str:
    """Return lower case without accents, for comparing."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)) or text


@cache
def one_of(words: str) -> frozenset[str]:
    """Return a set of words that is written as one text; asked again it is the same set."""
    return frozenset(words.split())
