"""A brief becomes a template that can be saved as it is."""

from __future__ import annotations

import pytest

from compose.drafting import DraftRequest, draft, problems_of
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "brief", ["A cat", "A harbour at dawn. A fisher knots a net. 16:9, 10 seconds", "🐈" * 50]
)
def test_a_draft_is_saved_and_priced(alice_key: str, brief: str) -> None:
    drafted = draft(DraftRequest(brief))
    assert problems_of(drafted.template) == ()
    assert drafted.units > 0
    saved = Api(alice_key).post("/v1/creative-agent/workflows/templates", drafted.template)
    assert saved.status_code == 201, saved.content


def test_sound_that_cannot_be_removed_is_said_and_the_video_is_not_made_again() -> None:
    drafted = draft(DraftRequest("Remove the music from my clip"))
    assert [stage["tool"] for stage in drafted.template["stages"]] == ["stitch_video"]
    assert any("take the sound out" in warning for warning in drafted.warnings)


def test_replaced_music_makes_no_second_version_of_the_video() -> None:
    drafted = draft(DraftRequest("Replace the background music of my video with jazz"))
    assert [stage["tool"] for stage in drafted.template["stages"]] == [
        "generate_music",
        "stitch_video",
    ]


def test_the_open_words_of_a_german_brief_are_whole_phrases_of_its_language() -> None:
    drafted = draft(DraftRequest("Ein Werbespot für eine Bäckerei, drei Szenen, 12 Sekunden"))
    prompts = drafted.template["inputs"][0]["default"]
    assert len(prompts) == 3
    assert all(prompt.endswith(": eine Bäckerei") for prompt in prompts)


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        ("A teaser for a candle shop, three shots, with a voice", "Come and see"),
        ("Bedtime story about a fox who cannot sleep, read by a warm voice, six pictures", "Fox"),
    ],
)
def test_only_an_advertisement_praises_what_it_shows(brief: str, says: str) -> None:
    drafted = draft(DraftRequest(brief))
    (spoken,) = (one for one in drafted.template["inputs"] if one["name"] == "narration")
    assert says in spoken["default"]
    assert ("Look again" in spoken["default"]) == ("teaser" in brief)
    assert any("what the voice says" in warning for warning in drafted.warnings)
