"""The vocabulary, read from `words.toml` and `subjects.toml`: which words mean what.

Imports no drawing, so that a process that draws nothing can read a prompt.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from studio.media.numbers import Colour, hex_colour
from studio.media.text import words_of

FOLDER = Path(__file__).parent


class Noun(NamedTuple):
    """A subject as prompts mean it; see `subjects.toml`."""

    words: tuple[str, ...]
    stands: str = "ground"
    home: str = "land"
    scenery: bool = False


def data(file: str) -> Mapping[str, Any]:
    """Read a file of words, by its path below this folder."""
    return tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))


_READ = data("words.toml")


def words(name: str) -> frozenset[str]:
    """A list of words, by its name in `words.toml`."""
    return words_of(_READ[name])


def table(name: str) -> dict[str, str]:
    """Word → meaning, by the table's name in `words.toml`."""
    rows: Mapping[str, str] = _READ[name]
    return {word: meaning for meaning, line in rows.items() for word in line.split()}


NOUNS: Mapping[str, Noun] = {
    name: Noun(**{**row, "words": tuple(row["words"].split())})
    for name, row in data("subjects.toml").items()
}
SUBJECT_WORDS = {word: name for name, noun in NOUNS.items() for word in noun.words}

PLACES, GROUNDS, HOURS, WEATHERS = map(table, ("places", "grounds", "hours", "weathers"))
FINISHES, STYLES, GRADES = map(table, ("finishes", "styles", "grades"))
COLOURS: dict[str, Colour] = {word: hex_colour(code) for word, code in table("colours").items()}
ALSO_HOURS, LIGHT_WORDS, PLAIN_WORDS = map(words, ("also_hours", "light_words", "plain_words"))
PLAIN_ENDINGS = tuple(words("plain_endings"))
