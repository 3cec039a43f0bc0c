"""The language of a text: its script, its common words, their endings and accents. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from tomllib import loads

from pydantic import BaseModel

from core.language.cleaning import fold

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


class Signs(BaseModel, extra="forbid"):
    """Signs that distinguish languages, a list for each."""

    words: dict[str, str]
    endings: dict[str, str]
    letters: dict[str, str]


# What one sign is worth. A word is shared by the languages that list it, so "die" says less than
# "mein"; an ending or a letter alone may be a loan: "jalapeño burger".
_OF_WORD, _OF_ENDING, _OF_LETTER = 2.0, 1.0, 1.5
_ENOUGH = 2.0
_LONGEST_ENDING = 6
# "Bring" is not "br" with an ending.
_SHORTEST_STEM = 3
_WORD = re.compile(r"[^\W\d_]+|[¿¡]")


@cache
def _signs() -> tuple[Mapping[str, Mapping[str, float]], ...]:
    """Return the worth of each word, ending and letter for each of its languages."""
    path = Path(__file__).parent / "common.toml"
    signs = Signs.model_validate(loads(path.read_text(encoding="utf-8")))
    return (
        _shared(signs.words, _OF_WORD),
        _shared(signs.endings, _OF_ENDING),
        _shared(signs.letters, _OF_LETTER),
    )


def _shared(lists: Mapping[str, str], worth: float) -> Mapping[str, Mapping[str, float]]:
    languages: dict[str, list[str]] = {}
    for language, signs in lists.items():
        for sign in signs.split():
            languages.setdefault(sign, []).append(language)
    return {sign: dict.fromkeys(of, worth / len(of)) for sign, of in languages.items()}


def language_of(text: str) -> str:
    """Return an ISO 639-1 code, "" where it is unclear."""
    script = _script(text)
    if script:
        return script
    scores: dict[str, float] = {}
    for word in _WORD.findall(text.lower()):
        for code, worth in _worth(word).items():
            scores[code] = scores.get(code, 0.0) + worth
    best, second = sorted([*scores.values(), 0.0, 0.0], reverse=True)[:2]
    if best < _ENOUGH or best - second < _OF_ENDING / 4:
        return ""
    return max(scores, key=scores.__getitem__)


def is_common(word: str) -> bool:
    """Return whether a folded word is a common one, so that it is no other word misspelled."""
    return word in _signs()[0]


@lru_cache(maxsize=4_096)
def _worth(word: str) -> Mapping[str, float]:
    """Return what a word in lower case says for each language."""
    words, endings, letters = _signs()
    languages = words.get(fold(word))
    if languages:
        return languages
    tails = (word[-length:] for length in range(_LONGEST_ENDING, 1, -1))
    tail = next((one for one in tails if one in endings), "")
    scores: dict[str, float] = {}
    if tail and len(word) - len(tail) >= _SHORTEST_STEM:
        scores |= endings[tail]
    letter = next((one for one in word if one in letters), "")
    for code, worth in letters.get(letter, {}).items():
        scores[code] = scores.get(code, 0.0) + worth
    return scores


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
