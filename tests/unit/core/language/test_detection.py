"""The language of short briefs."""

from __future__ import annotations

import pytest

from core.language.phrases import words_of
from tests.support.builders.corpus import corpus_briefs

SHORT = {
    "de": (
        "Mein Video in Zeitlupe",
        "Mach mein Porträt schwarz-weiß",
        "Zuschneide mein Video auf 9:16",
        "Roter Drache über Burg",
        "Logo für Bäckerei",
        "Foto restaurieren",
    ),
    "fr": (
        "Ajoute des sous-titres à ma vidéo",
        "Mets mon logo en bas",
        "Affiche de concert de jazz",
        "Vidéo à l'envers",
        "Enlève le fond",
        "Un chat qui dort",
    ),
    "es": (
        "Pon mi logo en la esquina de mi video",
        "Mi video al revés",
        "cambia la cara a feliz",
        "Gato durmiendo",
        "Quita el fondo",
        "Retrato de una abuela",
    ),
}
ENGLISH = (
    "jalapeño burger ad",
    "Los Angeles skyline",
    "Las Vegas at night",
    "die cut sticker of a fox",
    "Sin City style poster",
    "café in Paris",
    "pour over coffee",
    "a ton of bricks",
    "neon cat loop",
    "Zürich tram",
)
# How many briefs of a corpus are to be detected right, of those with up to eight words and of all.
FLOORS = {"de": (0.95, 0.97), "fr": (0.85, 0.92), "es": (0.85, 0.92)}


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in SHORT.items() for text in texts]
)
def test_the_language_of_a_short_brief_is_detected(language: str, text: str) -> None:
    assert words_of(text).language == language


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_a_loan_or_a_name_is_no_other_language(text: str) -> None:
    assert words_of(text).language in ("", "en")


def test_a_word_of_two_languages_says_nothing() -> None:
    assert words_of("die").language == ""


@pytest.mark.parametrize("language", FLOORS)
def test_most_briefs_as_people_write_them_are_detected(language: str) -> None:
    briefs = corpus_briefs(language)
    short = [brief for brief in briefs if len(brief.split()) <= 8]
    for floor, texts in zip(FLOORS[language], (short, briefs), strict=True):
        right = sum(words_of(text).language == language for text in texts)
        assert right >= floor * len(texts)


def test_english_briefs_are_not_taken_for_another_language() -> None:
    briefs = corpus_briefs("en")
    others = [brief for brief in briefs if words_of(brief).language not in ("", "en")]
    assert len(others) <= 2, others
