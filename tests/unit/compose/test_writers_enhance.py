"""`enhance_prompt`: what it adds, and what it leaves to the person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.compose.writing import TOOLS, answer
from tools.declaration.arguments import read_arguments


def prompt(text: str, target: str = "image_prompt", **arguments: Any) -> str:
    return answer("enhance_prompt", prompt=text, target_output=target, **arguments)["prompt"]


def test_a_bare_subject_gets_light_framing_and_composition() -> None:
    found = prompt("A cat")
    assert found.startswith("A cat. ")
    assert "eye level" in found
    assert "light" in found
    assert "upper third" in found


def test_what_the_person_says_is_not_said_again_or_against() -> None:
    found = prompt("Wide shot of a cat in harsh neon light, 24mm lens, centered, cinematic")
    assert found == "Wide shot of a cat in harsh neon light, 24mm lens, centered, cinematic."


def test_light_follows_the_hour_that_is_named() -> None:
    assert "deep blue shadows" in prompt("Eine Katze auf einem Dach bei Nacht")
    assert "long shadows" in prompt("Un perro en la playa al atardecer")


def test_a_drawing_gets_no_lens() -> None:
    found = prompt("A watercolor of a tram in Lisbon")
    assert "lens" not in found
    assert "photograph" not in found


def test_a_logo_gets_neither_light_nor_camera() -> None:
    assert "light" not in prompt("minimalist logo of a fox")


def test_a_request_around_the_description_is_left_out() -> None:
    assert prompt("Please make me a picture of a lighthouse").startswith("A lighthouse.")


@pytest.mark.parametrize(
    ("arguments", "first", "last"),
    [
        ({"destination_model": "albedo-xl"}, "knight in a forest, ", ", highly detailed"),
        ({"prompting_type": "sd15"}, "best quality, knight in a forest, ", ", sharp focus"),
        ({"prompting_type": "pony"}, "score_9, score_8_up, score_7_up, knight in a", ""),
        ({"destination_model": "flux2"}, "A knight in a forest. ", "."),
    ],
)
def test_each_family_of_models_gets_its_form(
    arguments: dict[str, Any], first: str, last: str
) -> None:
    found = prompt("a knight in a forest", **arguments)
    assert found.startswith(first)
    assert found.endswith(last)


def test_tag_models_get_a_negative_prompt_without_what_is_wanted() -> None:
    told = answer("enhance_prompt", prompt="a blurry signature", prompting_type="sdxl")
    assert "lowres" in told["negative_prompt"]
    assert not {"blurry", "signature"} & set(told["negative_prompt"].split(", "))


def test_an_edit_says_what_stays() -> None:
    found = prompt("make her hair red", "edit_prompt")
    assert found.startswith("Make her hair red. Keep everything else unchanged. Match the light")
    assert "everything else" not in prompt("make it night", "edit_prompt")
    assert prompt("Make it night and keep the car", "edit_prompt") == (
        "Make it night and keep the car."
    )


def test_a_first_frame_leaves_only_what_moves_to_say() -> None:
    found = prompt(
        "a portrait of my grandmother",
        "video_prompt",
        assets=[{"media_type": "image", "role": "first_frame", "label": "old photo"}],
    )
    assert "Start exactly from the first frame (old photo)." in found
    assert "key light" not in found
    assert "Camera:" in found


def test_a_model_without_sound_gets_no_sound() -> None:
    assert "Sound:" in prompt("a train", "video_prompt", destination_model="ltx25")
    assert "Sound:" not in prompt("a train", "video_prompt", destination_model="wan22")
    assert "Sound:" not in prompt("a train, no sound", "video_prompt")


@pytest.mark.parametrize(
    ("shape", "words"), [("9:16", "tall vertical"), ("1080x1080", "square"), ("21:9", "very wide")]
)
def test_composition_follows_the_shape(shape: str, words: str) -> None:
    assert words in prompt("a dancer", aspect_ratio=shape).lower()


def test_preserve_only_tidies() -> None:
    assert prompt("  a  cat ,, sleeping ", prompt_mode="preserve") == "a cat, sleeping"


def test_compress_drops_what_says_nothing() -> None:
    found = prompt("please a really very old lighthouse, storm", prompt_mode="compress")
    assert found == "An old lighthouse, storm."


def test_validate_changes_nothing_and_says_what_is_missing() -> None:
    told = answer(
        "enhance_prompt",
        prompt="a cat at night in daylight",
        target_output="video_prompt",
        prompt_mode="validate",
    )
    assert told["prompt"] == "a cat at night in daylight"
    notes = " ".join(told["notes"])
    for part in ("how close the camera is", "what is heard", "how the camera moves"):
        assert part in notes


def test_a_payload_is_accepted_by_its_tool() -> None:
    told = answer(
        "enhance_prompt",
        prompt="a car drives by",
        target_output="video_prompt",
        prompt_mode="payload",
        destination_tool="sogni_generate_video",
        destination_model="seedance2",
        duration_seconds=120,
        aspect_ratio="16:9",
    )
    assert json.loads(told["prompt"]) == told["arguments"]
    assert told["arguments"]["videoModel"] == "seedance2"
    # The tool makes at most 30 s, so the length is left to it.
    assert "duration" not in told["arguments"]
    assert read_arguments(TOOLS["generate_video"], told["arguments"]).problems == ()


def test_limits_take_what_was_added_before_the_persons_words() -> None:
    told = answer(
        "enhance_prompt",
        prompt="A red fox asleep under the stairs of an old library",
        constraints={"max_length": 120, "avoid": ["people", "text"], "include": "snow"},
    )
    assert told["prompt"].startswith("A red fox asleep under the stairs of an old library.")
    assert told["prompt"].endswith(" Snow.")
    assert len(told["prompt"]) <= 120
    assert told["negative_prompt"].startswith("people, text")


def test_a_song_prompt_keeps_its_words_and_gets_tempo_and_key() -> None:
    told = answer(
        "enhance_prompt", prompt="slow waltz in A minor", destination_tool="generate_music"
    )
    assert told["prompt"].startswith("slow waltz in A minor, ")
    assert "BPM" in told["prompt"]


def test_validate_knows_what_music_needs() -> None:
    told = answer(
        "enhance_prompt",
        prompt="something nice",
        destination_tool="generate_music",
        prompt_mode="validate",
    )
    assert [note.split()[-1] for note in told["notes"]] == ["ambient.", "instrument.", "is."]


def test_a_limit_without_room_says_so() -> None:
    told = answer(
        "enhance_prompt",
        prompt="a red fox",
        target_output="image_prompt",
        constraints={"max_length": 12, "avoid": None},
    )
    assert told["prompt"] == "A red fox."
    assert told["notes"] == ["There was no room to add anything."]
