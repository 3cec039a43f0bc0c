"""The shape of a bank of rhymed lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

# Two lines that rhyme. `{s}`: what the song is about, such as `my dog`; `{h}`: its hook, a name or
# the phrase without its article; `{w}`: another thing that the brief names.
Couplet: TypeAlias = tuple[str, str]
Quatrain: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Bank:
    """themes: by name, the words that call for it, folded. verses: couplets by theme, "" for any.
    choruses: the first line has the hook. closings: two lines for the end.
    """

    themes: Mapping[str, frozenset[str]]
    verses: Mapping[str, tuple[Couplet, ...]]
    choruses: tuple[Quatrain, ...]
    themed_choruses: Mapping[str, tuple[Quatrain, ...]]
    sad_choruses: tuple[Quatrain, ...]
    bridges: tuple[Quatrain, ...]
    closings: tuple[Couplet, ...]


def bank_of(
    *,
    themes: Mapping[str, str],
    verses: Mapping[str, str],
    choruses: str,
    themed_choruses: Mapping[str, str],
    sad_choruses: str,
    bridges: str,
    closings: str,
) -> Bank:
    """A bank from texts: a line each, a blank line between couplets or quatrains."""
    return Bank(
        themes={name: frozenset(words.split()) for name, words in themes.items()},
        verses={
            name: tuple((lines[0], lines[1]) for lines in _groups(text))
            for name, text in verses.items()
        },
        choruses=_quatrains(choruses),
        themed_choruses={name: _quatrains(text) for name, text in themed_choruses.items()},
        sad_choruses=_quatrains(sad_choruses),
        bridges=_quatrains(bridges),
        closings=tuple((lines[0], lines[1]) for lines in _groups(closings)),
    )


def _quatrains(text: str) -> tuple[Quatrain, ...]:
    return tuple((lines[0], lines[1], lines[2], lines[3]) for lines in _groups(text))


def _groups(text: str) -> list[list[str]]:
    groups = text.strip().split("\n\n")
    return [[line.strip() for line in group.strip().split("\n")] for group in groups]
