"""A brief for something that is only heard gets no pictures."""

from __future__ import annotations

from typing import Any

import pytest

from compose.drafting import Draft, DraftRequest, draft
from core.errors import InvalidInput

pytestmark = pytest.mark.django_db


def _stages(made: Draft) -> dict[str, dict[str, Any]]:
    return {stage["tool"]: stage["args"] for stage in made.template["stages"]}


@pytest.mark.parametrize(
    ("brief", "voice"),
    [
        ("A guided meditation, 3 minutes, calm female voice, ocean waves", "calm female voice"),
        ("Audio guide for a museum room about Rembrandt, two minutes", None),
        ("Hörspiel über einen Detektiv, 1 Minute, ruhige Frauenstimme", "ruhige Frauenstimme"),
        ("Un podcast sobre la historia del café, 5 minutos, voz alegre", "voz alegre"),
        ("Une fiction radio sur un phare, voix douce", "voix douce"),
        ("Una audioguía sobre el Alhambra, 2 minutos, voz masculina", "voz masculina"),
    ],
)
def test_speech_alone_is_one_voice_whose_words_the_person_writes(
    brief: str, voice: str | None
) -> None:
    made = draft(DraftRequest(brief=brief))
    stages = _stages(made)
    assert list(stages) == ["generate_speech"]
    assert stages["generate_speech"].get("voiceDescription") == voice
    (narration,) = made.template["inputs"]
    assert narration["required"]
    assert "default" not in narration
    assert "One voice reads the whole text, without other sounds." in made.warnings


def test_the_words_of_a_message_are_its_text() -> None:
    made = draft(DraftRequest(brief='A voice message that says "Happy birthday, Tom"'))
    assert list(_stages(made)) == ["generate_speech"]
    assert made.template["inputs"][0]["default"] == "Happy birthday, Tom"


def test_voice_and_music_are_two_files_and_it_is_said() -> None:
    brief = "A bedtime story about a shy owl, audio only, with soft harp music"
    made = draft(DraftRequest(brief=brief))
    assert list(_stages(made)) == ["generate_music", "generate_speech"]
    assert "The voice and the music are two files: audio is only mixed in a film." in made.warnings


@pytest.mark.parametrize(
    "brief",
    [
        "Just the sound of rain on a tin roof, 30 seconds",
        "sound effect of a door",
        "Das Geräusch einer Kaffeemaschine, 10 Sekunden",
        "Le bruit de la mer",
        "El sonido de la lluvia",
    ],
)
def test_a_noise_alone_is_refused_with_the_reason(brief: str) -> None:
    with pytest.raises(InvalidInput, match="No tool here makes sounds alone"):
        draft(DraftRequest(brief=brief))


@pytest.mark.parametrize(
    "brief",
    [
        "A man listening to a podcast on a train, 10 seconds",
        "A podcast studio at night, two shots",
        "A 10 second film of a door slamming, with sound effects",
        "The sound of the sea fills a shell on a beach, 10 second film",
        "A podcast cover, a fox wearing headphones",
    ],
)
def test_pictures_stay_where_a_recording_is_only_shown_or_added(brief: str) -> None:
    assert "generate_image" in _stages(draft(DraftRequest(brief=brief)))
