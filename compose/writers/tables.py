"""The tables that writers write with, loaded once: `data/*.toml`, and the lists of words in
`compose/language` that say when. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tomllib import loads
from typing import Any, Final

from pydantic import BaseModel

from compose.language import TABLES
from core.language.cleaning import fold

SLOT: Final = re.compile(r"\{(\w+)\}")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def with_values(pattern: str, values: Mapping[str, str]) -> str:
    """Return a pattern with values for its `{slots}`."""
    return SLOT.sub(lambda slot: values[slot[1]], pattern)


def _data(name: str) -> Mapping[str, Any]:
    path = Path(__file__).parent / "data" / f"{name}.toml"
    return loads(path.read_text(encoding="utf-8"))


class Subject(BaseModel, extra="forbid", frozen=True):
    """The way to film a kind of subject where nothing else is said."""

    light: str
    framing: str
    lens: str
    composition: str
    motion: str
    camera: str
    sound: str
    inside: bool = False


class Film(BaseModel, extra="forbid", frozen=True):
    """hours: a light for each list of words. missing: what a text leaves open. roles: of files."""

    subjects: dict[str, Subject]
    hours: dict[str, str]
    missing: dict[str, str]
    roles: dict[str, str]


class Style(BaseModel, extra="forbid", frozen=True):
    """A style of music. played: base; rhythm; lead; color. beats: in a bar."""

    tempo: tuple[int, int]
    played: str
    minor: bool = False
    beats: int = 4


class MusicTables(BaseModel, extra="forbid", frozen=True):
    """forms: sections with their weights by the fewest bars. played: what a section's bars hold.
    instruments: the English name of those in other languages, folded.
    """

    styles: dict[str, Style]
    forms: dict[int, dict[str, float]]
    played: dict[str, str]
    instruments: dict[str, str]


class Beat(BaseModel, extra="forbid", frozen=True):
    """One scene. line: the key of what is spoken. weight: its length to the others'."""

    title: str
    visual: str
    action: str
    camera: str
    line: str = ""
    rank: int = 9
    weight: float = 1.0


class ScriptType(BaseModel, extra="forbid", frozen=True):
    """A type of script. voice: who speaks, "" for no one. music: "" for none unless asked for."""

    title: str
    scene_s: float
    usual_s: float
    layout: list[str]
    beats: list[Beat]
    voice: str = ""
    music: str = ""
    opening: str = ""
    ending: str = ""


class ScriptTables(BaseModel, extra="forbid", frozen=True):
    types: dict[str, ScriptType]
    more: list[Beat]


FILM: Final = Film.model_validate(_data("film"))
MUSIC: Final = MusicTables.model_validate(_data("music"))
SCRIPTS: Final = ScriptTables.model_validate(_data("script"))


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a list, folded, at [start, end) of a text; `-` is between several words."""

    word: str
    start: int
    end: int


def matches(subject: str, name: str, text: str) -> list[Match]:
    """Return the words of a list that a text has, in all languages, the longest at each place.

    In a list a hyphen is a hyphen or a space, a `*` any ending.
    """
    words, stems = _list(subject, name)
    rows: list[Match] = []
    for match in _grams(text):
        if match.start < (rows[-1].end if rows else 0):
            continue
        is_one = "-" not in match.word
        if match.word in words or (is_one and stems and match.word.startswith(stems)):
            rows.append(match)
    return rows


def names(subject: str, name: str, text: str) -> bool:
    """Return whether a text has a word of a list."""
    return bool(matches(subject, name, text))


@cache
def _list(subject: str, name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    words = TABLES.words(subject, name)
    return frozenset(words), tuple(word[:-1] for word in words if word.endswith("*"))


@lru_cache(maxsize=32)
def _grams(text: str) -> tuple[Match, ...]:
    """Return each run of three, two and one words of a text."""
    tokens = [(fold(match[0]), *match.span()) for match in _TOKEN.finditer(text)]
    return tuple(
        Match("-".join(token[0] for token in tokens[at : at + width]), tokens[at][1], last[2])
        for at in range(len(tokens))
        for width in (3, 2, 1)
        if at + width <= len(tokens) and (last := tokens[at + width - 1])
    )


ASPECTS: Final = ("light", "framing", "lens", "camera", "sound", "style", "composition")
_MARKS: Final = {
    "lens": re.compile(r"\b\d{2,3} ?mm\b|\bf/\d"),
    "sound": re.compile(r"[\"“„«][^\"“”„«»]{1,300}[\"”“»]"),
}
_PLACES: Final = frozenset({"sea", "city", "interior", "landscape"})


def aspects_in(text: str) -> frozenset[str]:
    """Return those of `ASPECTS` that the words say something about."""
    return frozenset(
        aspect
        for aspect in ASPECTS
        if names("film", aspect, text) or (aspect in _MARKS and _MARKS[aspect].search(text))
    )


def light_of_the_hour(text: str) -> str:
    """Return the light that the hour, weather or place in the words brings, "" for none."""
    return next((light for name, light in FILM.hours.items() if names("film", name, text)), "")


def subject_in(text: str) -> Subject:
    """Return how to film what the words show: what is named first, with the light of its place."""
    kinds = [kind for kind, _ in _subjects(text)]
    subjects = FILM.subjects
    if not kinds:
        return subjects["scene"]
    place = next((kind for kind in kinds if kind in _PLACES), None)
    if place is None or place == kinds[0] or kinds[0] == "product":
        return subjects[kinds[0]]
    around = subjects[place]
    changes = {"light": around.light, "sound": around.sound, "inside": around.inside}
    return subjects[kinds[0]].model_copy(update=changes)


def place_in(text: str) -> tuple[str, bool] | None:
    """Return the word for where it is, such as `harbor`, and whether that is indoors."""
    places = (
        (match.word, FILM.subjects[kind].inside)
        for kind, match in _subjects(text)
        if kind in _PLACES
    )
    return next(places, None)


def _subjects(text: str) -> list[tuple[str, Match]]:
    """Return the kinds of subject with the first word for each, in the order of the words."""
    firsts = ((kind, matches("subjects", kind, text)[:1]) for kind in FILM.subjects)
    rows = [(kind, match) for kind, first in firsts if kind != "scene" for match in first]
    rows.sort(key=lambda row: (row[1].start, -row[1].end))
    # A candle shop is a shop.
    if len(rows) > 1 and rows[1][1].start == rows[0][1].end + 1 and rows[1][0] in _PLACES:
        del rows[0]
    return rows
