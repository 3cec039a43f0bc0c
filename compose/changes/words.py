"""Words that changes look up in prompts: English ones of `words.toml`, and a person's own. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.language.sentences import capital
from core.patterns import bounded_pattern

_TABLES: Final[Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


def _split(phrases: str) -> list[str]:
    return [phrase.strip() for phrase in phrases.replace("\n", " ").split(",")]


def _any_of(phrases: str) -> str:
    """Return a pattern of some phrases, as whole words; the longest is tried first."""
    in_order = sorted(_split(phrases), key=len, reverse=True)
    parts = [re.escape(phrase).replace(r"\ ", r"[\s-]") for phrase in in_order]
    return rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"


_MUCH, _MORE, _PACE, _MOVE, _AFTER = (
    _any_of(_TABLES[name]) for name in ("much", "more", "pace", "camera", "camera_after")
)
MUSIC: Final = re.compile(_any_of(_TABLES["music"]), re.IGNORECASE)
SOUND: Final = re.compile(_any_of(f"{_TABLES['music']}, {_TABLES['voice']}"), re.IGNORECASE)
# Words that say more of what is there: "softer", "a bit more drums".
MORE: Final = re.compile(rf"(?:{_MUCH}\s)?(?:{_MORE}|\w{{1,40}}er(?!\w))", re.IGNORECASE)
CAMERA: Final = bounded_pattern(
    rf"(?:the\scamera\s)?(?:{_PACE}\s)*{_MOVE}(?:\s{_AFTER})*"
    r"(?:\s(?:around|to|over|through|towards?)\s(?:the\s)?\w+)?(?:\sshot)?",
    re.IGNORECASE,
)
_COLORS: Final = dict(one.split() for one in _split(_TABLES["colors"]))
# By kind: what is written → what prompts say.
_OPPOSITES: Final = tuple(
    {_split(phrases)[0]: re.compile(_any_of(phrases), re.IGNORECASE) for phrases in kind}
    for kind in _TABLES["opposites"].values()
)


def opposite(words: str, prompt: str) -> tuple[str, str] | None:
    """Return what a prompt says that new words rule out, and the words in its place: `sunny` and
    `rainy` for "rainier"."""
    for kind in _OPPOSITES:
        new = next((one for one, says in kind.items() if says.fullmatch(words)), "")
        for one, says in kind.items() if new else ():
            match = says.search(prompt) if one != new else None
            if match is not None:
                return match[0], new
    return None


def color_of(word: str) -> str:
    """Return a color, such as `#E53935`, of its name or of itself; "" for other words."""
    return word if word.startswith("#") else _COLORS.get(word.lower(), "")


def color_name(color: str) -> str:
    """Return a color as people call it."""
    return next((name for name, one in _COLORS.items() if one == color), color)


# Thai to Khmer, and the letters of China, Japan and Korea: words of them touch others.
_WITHOUT_SPACES: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    r"\uf900-\ufaff\U00020000-\U0003ffff"
)
# A letter of all other words, with the signs that are written over and under it.
_LETTER: Final = (
    rf"(?:[^\W{_WITHOUT_SPACES}]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963])"
)
# Not between two letters.
_EDGE: Final = rf"(?:(?<!{_LETTER})|(?!{_LETTER}))"


def _as_typed(words: str) -> re.Pattern[str]:
    """Return a pattern of words in upper or lower case, but not inside of other words."""
    return re.compile(f"{_EDGE}{re.escape(words)}{_EDGE}", re.IGNORECASE)


def count_of(words: str, text: str) -> int:
    """Count how often a text says some words."""
    return len(_as_typed(words).findall(text)) if words else 0


def with_words(text: str, old: str, new: str) -> str:
    """Return a text with other words in place of those it says, with a capital where they had."""

    def other(match: re.Match[str]) -> str:
        is_start = match[0] != old and match[0][:1].isupper()
        return capital(new) if is_start else new

    return _as_typed(old).sub(other, text)
