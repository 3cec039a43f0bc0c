"""One vocabulary of change: the rules read requests as these, and a model answers with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from compose.language import TABLES
from core.language.numbers import number_of, number_pattern, ordinal_pattern
from core.language.sentences import join_items, shorten
from core.language.tables import pattern_of
from core.patterns import bounded_pattern

ChangeType: TypeAlias = Literal[
    "set",
    "input",
    "remove",
    "insert_after",
    "label",
    "name",
    "shot",
    "move",
    "duplicate",
    "show",
    "look",
    "without",
    "replace_words",
    "camera",
    "format",
    "length",
    "transition",
    "sound",
    "subtitles",
    "title",
    "logo",
    "model",
    "variations",
    "choice",
    "checkpoint",
    "ask",
    "list",
]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a template; `model.instructions.CHANGE` says what each type takes.

    target: ids of the stages it is limited to, empty for the whole template; of some types the
    name of an input.
    """

    type: ChangeType
    target: tuple[str, ...] = ()
    field: str = ""
    value: str = ""


class Refused(Exception):
    """A change that can't be done in this template. The text is a sentence that says why."""


class NotUnderstood(Exception):
    """Words that only one rule may read, and it can't."""


_SUBJECT: Final = "changes"
_KINDS: Final = ("weather", "light", "warmth", "color", "time", "season")


@cache
def table(name: str) -> dict[str, list[str]]:
    """Return a table's words of all languages, by what they mean."""
    words: dict[str, list[str]] = {}
    for entries in TABLES.entries(_SUBJECT, name).values():
        for key, phrases in entries.items():
            words.setdefault(key, []).extend(phrases)
    return words


@cache
def any_of(name: str) -> str:
    """Return a pattern of all words of a list or table; whole words only."""
    if name == "ordinals":
        return rf"(?<!\w){ordinal_pattern()}(?!\w)"
    if name == "kinds":
        return rf"(?:{'|'.join(any_of(f'kind_{kind}') for kind in _KINDS)})"
    words = TABLES.pattern(_SUBJECT, name) or pattern_of(
        phrase for phrases in table(name).values() for phrase in phrases
    )
    # "8s" is eight seconds.
    start = "" if name in ("seconds", "minutes") else r"(?<!\w)"
    return rf"{start}(?:{_either_spelling(words)})(?!\w)"


def _either_spelling(pattern: str) -> str:
    """Let American words be written as in Britain too."""
    for american, either in (("color", "colou?r"), ("center", "cent(?:er|re)"), ("yz", "y[sz]")):
        pattern = pattern.replace(american, either)
    return pattern


def pattern_source(pattern: str) -> str:
    """Return a pattern in which `{name}` is any word of that class, and a space is any space."""
    pattern = re.sub(r"\{([a-z_][\w.]*)\}", lambda match: any_of(match[1]), pattern)
    pattern = re.sub(r"\(\?<[!=][^()]*\)", lambda match: match[0].replace(" ", r"\s"), pattern)
    return re.sub(r" (?=[*?])", r"\\s", pattern).replace(" ", r"\s+")


@cache
def expression(pattern: str) -> re.Pattern[str]:
    """Compile a pattern as `pattern_source` reads it, in time by the length of the text."""
    return bounded_pattern(pattern_source(pattern), re.IGNORECASE)


def search(pattern: str, text: str) -> re.Match[str] | None:
    return expression(pattern).search(text)


def without(pattern: str, text: str) -> str:
    """Return a text without the words at its start that a pattern matches."""
    match = expression(rf"^\W*(?:(?:{pattern})\s+)+").match(f"{text} ")
    return text[match.end() :].strip() if match else text.strip()


def key_of(name: str, text: str) -> str:
    """Return which entry of a table some words name; "" for none."""
    return next((key for key, words in table(name).items() if _says(words).fullmatch(text)), "")


def key_in(name: str, text: str) -> str:
    """Return the entry of a table that a text has words of; "" for none."""
    return next((key for key, words in table(name).items() if _says(words).search(text)), "")


def _says(phrases: Iterable[str]) -> re.Pattern[str]:
    return expression(rf"(?<!\w)(?:{_either_spelling(pattern_of(phrases))})(?!\w)")


def opposite(words: str, prompt: str) -> tuple[str, str] | None:
    """Return what a prompt says that new words rule out, and what it says in its place.

    "Rainier" of a sunny beach: `sunny`, `rainy`.
    """
    for kind in _KINDS:
        new = key_of(f"kind_{kind}", words)
        # In the language of the prompt, as far as it is known there.
        for entries in TABLES.entries(_SUBJECT, f"kind_{kind}").values() if new else ():
            for key, phrases in entries.items():
                match = _says(phrases).search(prompt) if key != new else None
                if match is not None:
                    return match[0], entries.get(new, table(f"kind_{kind}")[new])[0]
    return None


_START: Final = r"(?<![\w.,])"
NUMBER: Final = rf"{_START}{number_pattern()}(?!\w)"
# Numbers of shots: "shot 2 with a dog" names one.
PLAIN_NUMBER: Final = rf"{_START}{number_pattern(with_articles=False)}(?!\w)"
_UNIT: Final = r"[ -]*(?P<unit>{seconds}|{minutes})"
# "The 70s" are no length, and "a second picture" is none.
LENGTH: Final = (
    rf"(?!(?:[2-9]0|[12]\d\d0)'?s [a-z]){_START}"
    rf"(?P<amount>{number_pattern(with_articles=False)}){_UNIT}"
)
ANY_LENGTH: Final = rf"{_START}(?P<amount>{number_pattern()}){_UNIT}"


def seconds_of(amount: str, unit: str) -> float | None:
    value = number_of(amount)
    return value if value is None or not search("^{minutes}$", unit) else value * 60


def figure(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def brief(text: str, most: int = 80) -> str:
    """Return a person's words in a sentence about them."""
    return shorten(" ".join(text.split()), most, "…")


def listing(titles: Sequence[str]) -> str:
    """`A, B and C`, each once."""
    return join_items(list(dict.fromkeys(titles)))


def says_something(text: str) -> bool:
    """Return whether more is left of a text than words such as "please" and "the"."""
    return bool(re.search(r"[^\W_]", expression("{filler}").sub(" ", text)))
