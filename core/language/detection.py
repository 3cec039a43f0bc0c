"""The language of a text, from its script and its most common words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tomllib import loads

_SCRIPTS = (
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u0600", "\u06ff", "ar"),
    ("\u0400", "\u04ff", "ru"),
    ("\u0900", "\u097f", "hi"),
    ("\u0590", "\u05ff", "he"),
    ("\u0370", "\u03ff", "el"),
    ("\u0e00", "\u0e7f", "th"),
)


@cache
def _common() -> Mapping[str, frozenset[str]]:
    path = Path(__file__).parent / "common.toml"
    lists = loads(path.read_text(encoding="utf-8"))
    return {language: frozenset(words.split()) for language, words in lists.items()}


def language_of(text: str, words: Iterable[str]) -> str:
    """Return an ISO 639-1 code, "" where it is unclear. words: the text's, folded."""
    script = _script(text)
    if script:
        return script
    counts = dict.fromkeys(_common(), 0)
    for word in words:
        for code, common in _common().items():
            if word in common:
                counts[code] += 1
    best, second = sorted(counts.values(), reverse=True)[:2]
    # One word in common with a language, or as many with another, says nothing.
    if best < 2 or best == second:
        return ""
    return max(counts, key=counts.__getitem__)


def _script(text: str) -> str:
    counts: dict[str, int] = {}
    letters = 0
    for character in text[:2_000]:
        if not character.isalpha():
            continue
        letters += 1
        if character > "\u036f":
            for first, last, code in _SCRIPTS:
                if first <= character <= last:
                    counts[code] = counts.get(code, 0) + 1
                    break
    # Japanese mixes kana into Chinese characters.
    if counts.get("ja", 0) * 5 > letters:
        return "ja"
    code = max(counts, key=counts.__getitem__, default="")
    return code if code and counts[code] * 2 > letters else ""
