"""Everything the studio can draw by name. One function per subject, a file per family."""

from __future__ import annotations

from studio.artist.art_vocabulary import SUBJECT_WORDS
from studio.artist.subjects import (
    aircraft,
    animals,
    devices,
    figures,
    food,
    insects,
    legends,
    nature,
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

__all__ = [
    "SUBJECTS",
    "SUBJECT_WORDS",
    "Subject",
    "aircraft",
    "animals",
    "devices",
    "figures",
    "food",
    "insects",
    "legends",
    "nature",
    "places",
    "products",
    "sea_animals",
    "small_animals",
    "transport",
    "treasures",
    "vehicles",
    "wildlife",
]
