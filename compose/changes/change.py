"""One vocabulary of change: controls ask for these, and a model answers with them; what came of
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from core.language.sentences import join_items, shorten

_OfStages: TypeAlias = Literal["set", "input", "remove", "insert_after", "label", "name"]
_OfShots: TypeAlias = Literal["shot", "move", "duplicate"]
_OfPrompts: TypeAlias = Literal["show", "look", "without", "replace_words", "camera"]
_OfFilm: TypeAlias = Literal[
    "format", "length", "transition", "sound", "subtitles", "title", "logo"
]
_OfRuns: TypeAlias = Literal["model", "variations", "choice", "checkpoint", "ask", "list"]
ChangeType: TypeAlias = Literal[_OfStages, _OfShots, _OfPrompts, _OfFilm, _OfRuns]


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


@dataclass(frozen=True, slots=True)
class Revision:
    """A changed template. changes, warnings: sentences for the person, in order."""

    template: dict[str, Any]
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


class Refused(Exception):
    """A change that can't be done in this template. The text is a sentence that says why."""


def figure(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def brief(text: str, most: int = 80) -> str:
    """Return a person's words in a sentence about them."""
    return shorten(" ".join(text.split()), most, "…")


def listing(titles: Sequence[str]) -> str:
    """`A, B and C`, each once."""
    return join_items(list(dict.fromkeys(titles)))
