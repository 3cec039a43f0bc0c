"""How a subject declares itself: its words, where it stands, how large it is, how it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio.artist.drawing.pen import Pen

Stands: TypeAlias = Literal["ground", "water", "air", "table"]
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
    stands: Stands
    home: str
    gesture: Gesture
    scenery: bool


SUBJECTS: dict[str, Subject] = {}


def subject(
    words: str,
    *,
    reach: tuple[float, float, float, float],
    size: float = 0.72,
    stands: Stands = "ground",
    home: str = "land",
    gesture: Gesture = "breathe",
    scenery: bool = False,
) -> Callable[[Callable[[Pen], None]], Callable[[Pen], None]]:
    """Register a drawing under its function's name; `words` are the nouns that mean it."""

    def register(draw: Callable[[Pen], None]) -> Callable[[Pen], None]:
        name = draw.__name__
        SUBJECTS[name] = Subject(
            name,
            tuple(dict.fromkeys(words.split())),
            draw,
            reach,
            size,
            stands,
            home,
            gesture,
            scenery,
        )
        return draw

    return register
