"""Names and other short texts that people read: tidy, and made of characters that can be seen.

A text that turns the direction of the text beside it, or that holds what cannot be seen, looks
like another one.
"""

from __future__ import annotations

import unicodedata

from core import errors

ZERO_WIDTH_NON_JOINER = "\u200c"
ZERO_WIDTH_JOINER = "\u200d"
# Letters, marks and symbols by their category, and yet nothing to see.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\U0001d159"
)
# Control, format, half surrogate pairs, private use, not assigned.
_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
# Presentation of the character before, as in emoji.
_SELECTORS = frozenset("\ufe0e\ufe0f")
# Flags of regions are spelled after a black flag with these, the last of which ends it.
_BLACK_FLAG, _TAG_END = "\U0001f3f4", "\U000e007f"
_TAGS = range(0xE0020, 0xE0080)


def tidy(text: str) -> str:
    """Composed (NFC), without spaces around it, each run of white space one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def problem_of(text: str) -> str | None:
    """Return why a text cannot be a name, as the end of a sentence, with the remedy; else None."""
    for place, character in enumerate(text):
        if not _is_seen(text, place):
            return (
                "contains a character that is invisible or that changes the direction of the text"
                f" (number {place + 1}, U+{ord(character):04X}). Remove it."
            )
    return None


def clean(text: str, *, field: str) -> str:
    """The text, tidy. Raises InvalidInput whose `details.issues` name the field."""
    text = tidy(text)
    problem = problem_of(text)
    if problem is not None:
        raise errors.InvalidInput(
            f"{field} {problem}",
            code="text.unseen",
            details={"issues": [{"path": field, "message": f"This {problem}"}]},
        )
    return text


def _is_seen(text: str, place: int) -> bool:
    character = text[place]
    before = text[place - 1] if place else ""
    after = text[place + 1] if place + 1 < len(text) else ""
    if character in (ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER):
        return _joins(character, before, after)
    if character in _SELECTORS:
        return bool(before) and unicodedata.category(before)[0] in "SNP"
    if ord(character) in _TAGS:
        return _in_flag(text, place)
    return character not in _BLANK and unicodedata.category(character) not in _UNSEEN_CATEGORIES


def _joins(character: str, before: str, after: str) -> bool:
    """Between parts of an emoji, or between letters of scripts that are written with it."""
    if not before or not after:
        return False
    if character == ZERO_WIDTH_JOINER and unicodedata.category(after) == "So":
        # A skin tone (Sk) or a selector may end the part before.
        return unicodedata.category(before) in ("So", "Sk") or before in _SELECTORS
    return _is_cursive(before) and _is_cursive(after)


def _is_cursive(character: str) -> bool:
    """Arabic and its relatives, and the scripts of South Asia with Burmese and Khmer."""
    code = ord(character)
    is_script = 0x0600 <= code < 0x0E00 or 0x1000 <= code < 0x10A0 or 0x1780 <= code < 0x1800
    return is_script and unicodedata.category(character)[0] in "LM"


def _in_flag(text: str, place: int) -> bool:
    start = place
    while start and ord(text[start]) in _TAGS:
        start -= 1
    end = text.find(_TAG_END, place)
    return text[start] == _BLACK_FLAG and 0 <= end - start <= 8
