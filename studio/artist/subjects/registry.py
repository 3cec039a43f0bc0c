"""How a drawing declares itself: how large it is and how it moves; its words are data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio.artist.art_vocabulary import NOUNS
from studio.artist.drawing.pen import Pen

Gesture: TypeAlias = Literal["breathe", "sway", "bob", "float", "drive", "none"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing the studio can draw.

    reach: (left, right, bottom, top) of the drawing in its own units. size: how tall one unit is,
    as a share of the picture. home: the setting when the prompt names none. scenery: part of the
    place rather than someone in it, so it gives way to a figure.
    """

    name: str
    words: tuple[str, ...]
    draw: Callable[[Pen], None]
    reach: tuple[float, float, float, float]
    size: float
    stands: str
    home: str
    gesture: Gesture
    scenery: bool


SUBJECTS: dict[str, Subject] = {}


def subject(
    *,
    reach: tuple[float, float, float, float],
    size: float = 0.72,
    gesture: Gesture = "breathe",
) -> Callable[[Callable[[Pen], None]], Callable[[Pen], None]]:
    """Register a drawing under its function's name, which has its words in `subjects.toml`."""

    def register(draw: Callable[[Pen], None]) -> Callable[[Pen], None]:
        name = draw.__name__
        noun = NOUNS[name]
        SUBJECTS[name] = Subject(
            name,
            noun.words,
            draw,
            reach,
            size,
            noun.stands,
            noun.home,
            gesture,
            noun.scenery,
        )
        return draw

    return register
