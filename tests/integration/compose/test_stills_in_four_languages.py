"""Posters, covers and product shots are images, also where they are about a film or a concert."""

from __future__ import annotations

import pytest

from compose.drafting import DraftRequest, draft

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("brief", "prompt"),
    [
        (
            "Une affiche de film de science-fiction avec le titre Orbite",
            "Une affiche de film de science-fiction avec le titre Orbite",
        ),
        ("Un cartel de concierto de jazz, formato vertical", "Un cartel de concierto de jazz"),
        (
            "A movie poster for a western called Dust",
            "A movie poster for a western called Dust",
        ),
        ("cartel de película de terror", "Cartel de película de terror"),
        (
            "Filmplakat für einen Western mit dem Titel Staub",
            "Filmplakat für einen Western mit dem Titel Staub",
        ),
        ("Plakat für einen Film über Bienen", "Plakat für einen Film über Bienen"),
        (
            "Movie poster: an astronaut alone on a red planet",
            "Poster: an astronaut alone on a red planet",
        ),
        ("Poster for a techno party in Berlin", "Poster for a techno party in Berlin"),
        (
            "Une affiche vintage pour la ville de Lyon",
            "Une affiche vintage pour la ville de Lyon",
        ),
    ],
)
def test_a_poster_is_one_image_in_all_its_words(brief: str, prompt: str) -> None:
    result = draft(DraftRequest(brief))
    [stage] = result.template["stages"]
    assert (stage["tool"], stage["args"]["prompt"]) == ("generate_image", prompt)
    assert result.template["inputs"] == []
    assert result.reading.not_understood == ()


@pytest.mark.parametrize(
    ("brief", "count", "words"),
    [
        ("Product shot of a perfume bottle on wet stone, three variations", 3, "perfume bottle"),
        ("Four product shots of a sneaker", 4, "sneaker"),
        ("Un póster de ciencia ficción, 3 variantes", 3, "póster de ciencia ficción"),
        ("Ein Plakat für ein Weinfest, zwei Varianten", 2, "Plakat für ein Weinfest"),
    ],
)
def test_variations_of_a_still_are_stills(brief: str, count: int, words: str) -> None:
    result = draft(DraftRequest(brief))
    stages = result.template["stages"]
    assert [stage["tool"] for stage in stages] == ["generate_image"] * count
    prompts = [stage["args"]["prompt"] for stage in stages]
    assert all(words in prompt and "camera" not in prompt for prompt in prompts)
    assert result.reading.not_understood == ()


@pytest.mark.parametrize("brief", ["a poster and a short film about bees", "a video of a poster"])
def test_a_film_that_is_asked_for_too_is_made(brief: str) -> None:
    tools = [stage["tool"] for stage in draft(DraftRequest(brief)).template["stages"]]
    assert "animate_photo" in tools


def test_a_member_of_a_club_is_no_song() -> None:
    result = draft(DraftRequest("Ein Mitglied der Feuerwehr rettet eine Katze"))
    assert "generate_music" not in [stage["tool"] for stage in result.template["stages"]]
