"""A sentence changes a template: what was asked and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from compose.changes import Revision, revise
from compose.changes.clauses import clauses
from tests.support.builders.planning import TOOLS

SAMPLES = Path("builder/ops/samples")
LAMP = "the-last-lamp"


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def asked(name: str, text: str, *selection: str) -> Revision:
    return revise(sample(name), text, selection, TOOLS)


def args(found: Revision, stage_id: str) -> dict[str, Any]:
    stage = stages(found)[stage_id]
    return dict(stage.get("itemStage", stage)["args"])


def stages(found: Revision) -> dict[str, dict[str, Any]]:
    return {stage["id"]: stage for stage in found.template["stages"]}


def default(found: Revision, name: str) -> Any:
    return next(one for one in found.template["inputs"] if one["name"] == name).get("default")


def clips(found: Revision, stage_id: str = "film") -> list[str]:
    return [text.split(".")[1] for text in args(found, stage_id)["reference_video_urls"]]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("make it vertical", (576, 1024)),
        ("9:16 please", (576, 1024)),
        ("Square.", (768, 768)),
        ("mach es quadratisch", (768, 768)),
        ("en vertical s'il vous plaît", (576, 1024)),
        ("hazlo cuadrado", (768, 768)),
        ("im Hochformat", (576, 1024)),
    ],
)
def test_a_format_holds_for_all_images_and_what_is_made_of_them(
    text: str, size: tuple[int, int]
) -> None:
    found = asked(LAMP, text)
    for stage in ("dusk", "dark"):
        assert (args(found, stage)["width"], args(found, stage)["height"]) == size
    assert "aspectRatio" not in args(found, "evening_shot")
    assert len(found.changes) == 1
    assert not found.warnings


def test_a_format_for_one_shot_changes_that_shot() -> None:
    found = asked(LAMP, "make shot 2 square")
    assert args(found, "dark")["width"] == 768
    assert args(found, "dusk")["width"] == 1024


def test_a_selection_limits_a_change_that_names_no_stages() -> None:
    found = asked(LAMP, "make it square", "dusk")
    assert args(found, "dusk")["width"] == 768
    assert args(found, "dark")["width"] == 1024


def test_a_selected_clip_changes_without_the_image_that_it_is_made_of() -> None:
    found = asked(LAMP, "make it darker", "night_shot")
    assert args(found, "night_shot")["prompt"].endswith(", darker")
    assert args(found, "dark") == args(asked(LAMP, ""), "dark")
    assert default(found, "night") == default(asked(LAMP, ""), "night")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("make it 10 seconds", 5.4),
        ("zehn Sekunden lang", 5.4),
        ("twice as long", 8.6),
        ("2 seconds shorter", 3.5),
        ("10 segundos", 5.4),
    ],
)
def test_a_length_is_shared_by_the_shots(text: str, seconds: float) -> None:
    found = asked(LAMP, text)
    assert args(found, "evening_shot")["duration"] == pytest.approx(seconds)
    assert args(found, "night_shot")["duration"] == pytest.approx(seconds)


def test_the_music_is_as_long_as_the_film() -> None:
    assert args(asked(LAMP, "make it 20 seconds"), "score")["duration"] == 20


def test_a_length_for_the_selection_is_that_stages() -> None:
    found = asked(LAMP, "make it 8 seconds", "night_shot")
    assert args(found, "night_shot")["duration"] == 8
    assert args(found, "evening_shot")["duration"] == 4.5


def test_a_length_that_is_an_input_changes_its_default_within_its_limits() -> None:
    found = asked("tune-with-a-view", "make it 60 seconds")
    assert default(found, "seconds") == 30
    assert args(found, "motion")["duration"] == "$inputs.seconds"
    assert found.warnings


def test_music_is_connected_to_the_last_join() -> None:
    found = asked("day-into-night", "add soft piano music")
    assert "piano" in args(found, "music")["prompt"].lower()
    film = stages(found)["film_2"]
    assert film["tool"] == "stitch_video"
    assert film["args"]["reference_audio_url"].startswith("$artifacts.music.")
    assert film["args"]["reference_video_urls"][0].startswith("$artifacts.film.")


def test_music_beside_a_voice_is_mixed_under_it() -> None:
    found = asked("a-story-told", "add music")
    assert args(found, "told") == args(asked("a-story-told", ""), "told")
    mix = stages(found)["mix"]
    assert mix["args"]["keepSourceAudio"] is True
    assert args(found, "film")["reference_video_url"].startswith("$artifacts.mix.")


@pytest.mark.parametrize(
    "text", ["remove the music", "no music", "ohne Musik", "sans musique", "sin música"]
)
def test_removed_music_leaves_the_film_without_a_soundtrack(text: str) -> None:
    found = asked(LAMP, text)
    assert "score" not in stages(found)
    assert "reference_audio_url" not in args(found, "film")
    assert "score" not in {one["name"] for one in found.template["inputs"]}


def test_music_that_is_there_gets_the_new_words() -> None:
    found = asked(LAMP, "with soft guitar")
    assert default(found, "score") == "Soft guitar"
    assert args(found, "score")["prompt"] == "$inputs.score"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("add a shot of a whale", ["evening_shot", "night_shot", "shot_3"]),
        ("add a shot of a whale after shot 1", ["evening_shot", "shot_3", "night_shot"]),
        ("add a shot of a whale at the start", ["shot_3", "evening_shot", "night_shot"]),
        ("add a scene with a whale before the last shot", ["evening_shot", "shot_3", "night_shot"]),
        ("füge eine Szene mit einem Wal hinzu", ["evening_shot", "night_shot", "shot_3"]),
        ("ajoute un plan de la mer", ["evening_shot", "night_shot", "shot_3"]),
        ("añade una escena de una ballena", ["evening_shot", "night_shot", "shot_3"]),
    ],
)
def test_a_new_shot_is_joined_where_it_was_asked(text: str, order: list[str]) -> None:
    found = asked(LAMP, text)
    assert clips(found) == order
    assert args(found, "image_3")["width"] == 1024
    assert args(found, "shot_3")["duration"] == 4.5


def test_a_second_shot_brings_a_join() -> None:
    found = asked("two-shot-product-teaser", "add a shot of a cat")
    assert clips(found) == ["clip", "shot_2"]


@pytest.mark.parametrize(
    "text",
    [
        "remove the last shot",
        "drop shot 2",
        "entferne die letzte Szene",
        "supprime le dernier plan",
    ],
)
def test_a_removed_shot_goes_with_what_only_it_needs(text: str) -> None:
    found = asked(LAMP, text)
    assert clips(found) == ["evening_shot"]
    assert not {"dark", "night_shot"} & stages(found).keys()
    assert "night" not in {one["name"] for one in found.template["inputs"]}
    assert {node["stageId"] for node in found.template["graph"]["nodes"]} == {
        "$inputs",
        *stages(found),
    }


def test_the_only_shot_stays() -> None:
    found = asked("a-card-that-moves", "remove the last shot")
    assert found.template == sample("a-card-that-moves")
    assert found.warnings
    assert not found.changes


def test_several_changes_are_done_in_order() -> None:
    found = asked("day-into-night", "make it vertical, add music and make it 8 seconds")
    assert args(found, "day")["width"] == 576
    assert args(found, "film")["duration"] == 8
    assert "music" in stages(found)
    assert len(found.changes) == 3
    assert not found.warnings


def test_numbers_of_shots_are_those_from_before_the_first_change() -> None:
    found = asked("road-to-the-red-planet", "remove shot 1 and make shot 2 8 seconds")
    assert args(found, "journey")["duration"] == 8
    assert args(found, "arrival")["duration"] == 3


def test_what_is_not_understood_changes_nothing_and_says_what_can_be_asked() -> None:
    for text in ("", "what is this?", "🐈" * 40, "asdf qwer"):
        found = asked(LAMP, text)
        assert found.template == sample(LAMP)
        assert len(found.warnings) == 1
        assert "make it vertical" in found.warnings[0]


def test_what_is_left_of_a_sentence_is_said() -> None:
    found = asked(LAMP, "make it vertical zzz")
    assert args(found, "dusk")["width"] == 576
    assert "zzz" in found.warnings[0]


def test_a_shot_that_is_not_there_is_named() -> None:
    found = asked(LAMP, "remove shot 7")
    assert found.template == sample(LAMP)
    assert found.warnings == ("There is no shot 7. The template has 2.",)


def test_what_is_unknown_stays_byte_for_byte() -> None:
    given = sample(LAMP)
    given["metadata"] = {"b": [1, {"z": None}], "a": "x"}
    given["x-notes"] = ["keep", {"me": 1.50}]
    given["stages"][0]["x-note"] = {"text": "mine"}
    given["graph"]["frames"] = [{"title": "Act 1", "x": -3.25}]
    given["graph"]["nodes"][1]["collapsed"] = True
    before = copy.deepcopy(given)
    found = revise(given, "add a shot of a whale and remove the music", (), TOOLS)
    assert given == before
    assert json.dumps(found.template["metadata"]) == json.dumps(before["metadata"])
    assert found.template["x-notes"] == before["x-notes"]
    assert found.template["stages"][0] == before["stages"][0]
    assert found.template["graph"]["frames"] == before["graph"]["frames"]
    kept = {node["stageId"]: node for node in found.template["graph"]["nodes"]}
    for node in before["graph"]["nodes"]:
        assert kept.get(node["stageId"], node) == node


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("make it vertical, add music and drop the last shot", 3),
        ("add a shot of a cat and a dog", 1),
        ("add music, subtitles and a title card 'A, B and C'", 3),
        ("remove shot 2 and shot 4", 1),
        ("16:9. Make it 1.5 seconds; no music", 3),
        ("add a shot of a girl and a boy in the rain", 1),
    ],
)
def test_a_sentence_is_read_change_by_change(text: str, parts: int) -> None:
    assert len(clauses(text)) == parts, clauses(text)


def shared_images() -> dict[str, Any]:
    """Two shots of one stage that makes both images, as drafts have it."""
    shots = [
        {
            "id": f"shot_{number}",
            "type": "fixed",
            "label": f"Shot {number}",
            "tool": "animate_photo",
            "produces": [f"shot_{number}"],
            "args": {
                "prompt": "Slow push-in",
                "reference_image_url": f"$artifacts.images.items[{number - 1}].selectedVersion.url",
                "duration": 4,
            },
        }
        for number in (1, 2)
    ]
    images = {
        "id": "images",
        "type": "batch",
        "itemName": "text",
        "overBinding": "$inputs.shots",
        "produces": ["images"],
        "itemStage": {"tool": "generate_image", "args": {"prompt": "$item"}},
    }
    texts = {
        "name": "shots",
        "type": "text",
        "required": True,
        "description": "What each shot shows",
        "multiple": {"min": 2, "max": 2},
        "default": ["A shop, wide view", "A shop, close-up"],
    }
    film = {
        "id": "film",
        "type": "fixed",
        "label": "Film",
        "tool": "stitch_video",
        "produces": ["film"],
        "args": {
            "reference_video_urls": [
                f"$artifacts.shot_{number}.items[0].selectedVersion.url" for number in (1, 2)
            ]
        },
    }
    return {"name": "Shop", "inputs": [texts], "stages": [images, *shots, film]}


def test_a_shot_that_shares_its_image_stage_changes_alone() -> None:
    found = revise(shared_images(), "make the second shot show a candle", (), TOOLS)
    assert found.template["inputs"][0]["default"] == ["A shop, wide view", "A candle"]
    assert found.changes == ("Shot 2, in Shots: “A candle”.",)
    found = revise(shared_images(), "make shot 1 darker", (), TOOLS)
    assert found.template["inputs"][0]["default"] == [
        "A shop, wide view, darker",
        "A shop, close-up",
    ]


def test_a_clip_of_the_persons_own_is_framed_again_at_the_end() -> None:
    found = asked("badge-in-the-corner", "make it square")
    framed = args(found, "framed")
    assert framed["aspectRatio"] == "1:1"
    assert framed["reference_video_urls"][0].startswith("$artifacts.film.")


def test_quoted_words_ask_for_nothing() -> None:
    found = asked(LAMP, "add a title card 'No music, make it vertical' at the start")
    assert "score" in stages(found)
    assert args(found, "dusk")["width"] == 1024
    assert args(found, "title_card")["overlays"][0]["text"] == "No music, make it vertical"


def test_an_unknown_model_changes_nothing_and_names_known_ones() -> None:
    found = asked(LAMP, "use model nosuch-9 for the images")
    assert found.template == sample(LAMP)
    assert "flux" in found.warnings[0] or "gpt-image-2" in found.warnings[0]


def test_a_choice_is_between_the_images_and_their_users() -> None:
    found = asked(LAMP, "let me choose from four for shot 1")
    assert args(found, "dusk")["numberOfVariations"] == 4
    choice = stages(found)["dusk_choice"]
    assert choice["select"] == {"from": "$artifacts.dusk", "min": 1, "max": 1}
    assert ".dusk_choice." in args(found, "evening_shot")["reference_image_url"]


def test_changes_are_at_most_twelve_sentences() -> None:
    found = asked(LAMP, ". ".join(f"rename shot 1 to Name {number}" for number in range(30)))
    assert len(found.changes) == 12
    assert found.changes[-1] == "And 19 more."
