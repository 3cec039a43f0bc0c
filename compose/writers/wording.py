"""Sentences, cuts and choices that every writer needs. Pure, and the same on every machine."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

_T = TypeVar("_T")

_ENDS = ".!?…。！？｡؟।:"
_QUOTES = "\"'”’»“)]"
# Control characters, lone surrogates, and marks that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r" +([,.;!?](?:\s|$))")
_DOUBLED_MARK = re.compile(r"([,;])(?:\s*[,;])+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# What people write around a description when they ask for it; it says nothing about the result.
_REQUEST = re.compile(
    r"""^\s*(?:
    (?:please\s+|can\s+you\s+|could\s+you\s+|i\s+(?:want|need|would\s+like)(?:\s+you\s+to)?\s+)*
      (?:please\s+)?(?:create|make|generate|draw|produce|render|write|give|show|design|compose)?
      (?:\s+(?:me|us))?\s*
      (?:an?|the|some)?\s*(?:short|new|quick)?\s*
      (?:image|picture|pic|video|clip|film|movie|script|song|track|lyrics|prompt)
      \s+(?:of|showing|about|for|where|in\s+which)
    |(?:please\s+)(?:create|make|generate|draw|produce|render|show|write)(?:\s+(?:me|us))?
    |(?:create|make|generate|draw|produce|render|show|write)\s+(?:me|us)
    |(?:please\s+)?(?:explain|describe)(?:\s+(?:to\s+)?(?:me|us))?
    |(?:bitte\s+)?(?:ich\s+(?:möchte|will|brauche)\s+)?
      (?:(?:mach|mache|erstelle|zeichne|erzeuge|schreibe|schreib)\s+(?:mir\s+|uns\s+)?)?
      ein(?:en|e)?\s+(?:kurzes\s+|kurzen\s+)?(?:bild|video|film|clip|lied|song|skript)
      \s+(?:von|über|für|mit)
    |(?:fais|crée|génère|écris)(?:-moi)?\s+(?:une?\s+)?(?:courte?\s+)?
      (?:image|vidéo|film|clip|chanson)\s+(?:de\s+la|de\s+l['’]|du|de|d['’]|sur|avec|pour)
    |(?:haz|crea|genera|escribe)(?:me)?\s+(?:una?\s+)?
      (?:imagen|vídeo|video|película|clip|canción)\s+(?:de|sobre|con|para)
    )\s+""",
    re.IGNORECASE | re.VERBOSE,
)


def tidy(text: str) -> str:
    """One line without doubled spaces and marks; the words stay as they are."""
    text = _SPACES.sub(" ", _UNSEEN.sub(" ", text)).strip()
    return _BEFORE_MARK.sub(r"\1", _DOUBLED_MARK.sub(r"\1", text)).strip(" ,;")


def without_request(text: str) -> str:
    """`Please make me a video of a cat` → `a cat`; text that is all request stays."""
    rest = _REQUEST.sub("", text, count=1).strip()
    return rest or text.strip()


def sentence(text: str) -> str:
    """Tidy, with a capital and a full stop; empty stays empty."""
    text = tidy(text).rstrip(" -–—")
    if not text:
        return ""
    last = text.rstrip(_QUOTES)[-1:] or text[-1]
    return capital(text) if last in _ENDS else f"{capital(text)}."


def capital(text: str) -> str:
    """The first letter as a capital. Letters that have none stay."""
    return text[:1].upper() + text[1:] if len(text[:1].upper()) == 1 else text


def uncapital(text: str) -> str:
    """Lower case at the start, for the middle of a sentence; names and acronyms keep theirs."""
    first, _, _ = text.partition(" ")
    return text[:1].lower() + text[1:] if first in _ARTICLES else text


def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= most:
        return text
    cut = text[:most]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:-")


def within_bytes(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, cut between words where there are any."""
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    cut = text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
    return clipped(text, len(cut))


def folded(text: str) -> str:
    """Lower case without accents, for comparing."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words_of(text: str) -> list[str]:
    """The words, folded, in order. `push-in` is one word."""
    return [folded(word) for word in _WORD.findall(text)]


def word_set(words: str) -> frozenset[str]:
    """`"a b"` → {"a", "b"}: tables of words read better as a text."""
    return frozenset(words.split())


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def number_of(*parts: object) -> int:
    """A number that depends on the parts alone, on every machine and in every process."""
    joined = "\x1f".join(str(part) for part in parts)
    return zlib.crc32(joined.encode("utf-8", "surrogatepass"))


def pick(choices: Sequence[_T], *parts: object) -> _T:
    """One of the choices, by the parts."""
    return choices[number_of(*parts) % len(choices)]


def shuffled(items: Iterable[_T], *parts: object) -> list[_T]:
    """The items in an order by the parts."""
    return [
        item
        for _, item in sorted(enumerate(items), key=lambda numbered: number_of(*parts, numbered[0]))
    ]


_ARTICLES = word_set(
    """
    A An The My Our Your His Her Their This That These Those Two Three Four Some Ein Eine Einen
    Der Die Das Mein Meine Unser Unsere Un Une Le La Les Mon Ma Mes El Los Las Una Mi Mis
    """
)
