"""Words of a brief as texts of a template: safe to store, and never read as a binding."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.language.sentences import capital as capital

LONGEST_PROMPT = 2_000
LONGEST_TITLE = 120
LONGEST_NAME = 80

# Line ends stay: a narration has some. Surrogates cannot be stored as UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")


def clean(text: str, longest: int = LONGEST_PROMPT) -> str:
    """Remove what cannot be stored or seen; at most `longest` characters stay, cut at a word."""
    text = _SPACES.sub(" ", _UNPRINTABLE.sub(" ", text)).strip()
    if len(text) <= longest:
        return text
    head, _, rest = text[:longest].rpartition(" ")
    return head if len(head) > longest // 2 else head + " " + rest if head else rest


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    return clean(text.replace("\n", " "), longest)


def has_letters(text: str) -> bool:
    """Return whether a text can be read out: emoji and figures alone cannot."""
    return any(character.isalpha() for character in text)


def literal(text: str) -> str:
    """Write a text as an argument: `$` at its start is escaped, or it would be a binding."""
    return f"${text}" if text.startswith("$") else text


def sentence(parts: Sequence[str]) -> str:
    """Join parts of a prompt, without empty ones and without doubled points."""
    return ", ".join(part for part in (p.strip().rstrip(".,;") for p in parts) if part)


def name_of(text: str) -> str:
    """Make a name of an input or stage of words: `what_it_is_about`; "" when it has no letters."""
    ascii_words = re.findall(r"[a-z0-9]+", text.lower())
    name = "_".join(ascii_words)[:40].strip("_")
    return name if name and not name[0].isdigit() else ""


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)
