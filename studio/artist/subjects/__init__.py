"""Everything the studio can draw by name. One function per subject, a file per family."""

from __future__ import annotations

from studio.artist.subjects import (
    aircraft,
    animals,
    devices,
    food,
    insects,
    legends,
    nature,
    people,
    places,
    products,
    sea_animals,
    small_animals,
    transport,
    treasures,
    vehicles,
    wildlife,
)
from studio.artist.subjects.registry import SUBJECTS, Subject
from studio.artist.words import SUBJECT_WORDS

__all__ = [
    "SUBJECTS",
    "SUBJECT_WORDS",
    "Subject",
    "aircraft",
    "animals",
    "devices",
    "food",
    "insects",
    "legends",
    "nature",
    "people",
    "places",
    "products",
    "sea_animals",
    "small_animals",
    "transport",
    "treasures",
    "vehicles",
    "wildlife",
]
