"""What a brief asks for becomes stages, inputs and lengths; every draft is valid and can run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from compose.brief.brief import (
    Brief,
    Choice,
    Edit,
    GivenMedia,
    OpenText,
    Repeat,
    Scene,
    Sound,
)
from compose.drafting import laid_out, measured
from compose.template_plan.build import built
from compose.template_plan.film_shots import Scale
from templates_app.graph.rules.validation import validate
from tests.support.builders.template_facts import Facts
from tools import registry

pytestmark = pytest.mark.django_db

HARBOR = (
    Scene("dawn over a harbor"),
    Scene("a fisher mends a net"),
    Scene("the boat leaves"),
)
PORTRAIT = GivenMedia("portrait", "image", "Your portrait")
CLIP = GivenMedia("clip", "video", "Your clip")
MUSIC = Sound(music=True, music_words="soft piano")


def film(**wanted: Any) -> Brief:
    return replace(Brief("A harbor", topic="a harbor", scenes=HARBOR), **wanted)


def facts(brief: Brief) -> Facts:
    """Of a draft that validates without a remark and compiles with example inputs."""
    body = built(brief).body
    body["graph"] = laid_out(body)
    issues = validate(dict(body), registry.table())
    assert [issue for issue in issues if issue.code != "not_drawn"] == []
    assert measured(body, own_hosts=()).steps > 0
    return Facts(body)


def stage(found: Facts, key: str) -> dict[str, Any]:
    return found.stages[key]


@pytest.mark.parametrize("transition", ["", "wipeleft", "dissolve"])
@pytest.mark.parametrize("seconds", [6.0, 15.0, 61.0])
def test_a_film_is_as_long_as_asked_with_its_transitions(transition: str, seconds: float) -> None:
    found = facts(film(seconds=seconds, transition=transition))
    assert found.scenes() == 3
    assert found.seconds() == pytest.approx(seconds, abs=0.2)
    asked = stage(found, "film")["args"].get("transition", {}).get("type", "")
    assert asked == transition


@pytest.mark.parametrize("aspect", ["1:1", "4:3", "3:4", "16:9", "9:16", "21:9"])
def test_images_and_videos_have_the_shape(aspect: Any) -> None:
    assert facts(film(aspect=aspect)).shapes() == {aspect}
    assert facts(film(aspect=aspect, media=(PORTRAIT,), scenes=HARBOR[:1])).shapes() == {aspect}


def test_music_is_as_long_as_the_film_and_joined_to_it() -> None:
    found = facts(film(seconds=24, sound=MUSIC))
    assert stage(found, "music")["args"] == {"prompt": "Soft piano", "duration": 24}
    assert stage(found, "film")["args"]["reference_audio_url"].startswith("$artifacts.music.")


def test_a_voice_over_music_is_laid_over_it_and_subtitled_from_its_own_words() -> None:
    sound = replace(MUSIC, speech=True, subtitles=True, spoken="Good morning, harbor.")
    found = facts(film(sound=sound))
    assert found.inputs["narration"]["default"] == "Good morning, harbor."
    assert stage(found, "film")["args"]["keepSourceAudio"] is True
    assert stage(found, "subtitled")["args"]["cues"] == "$artifacts.voice.cues"


def test_a_silent_film_has_no_sound_of_its_shots() -> None:
    found = facts(film(sound=Sound(False, False)))
    shots = [one for key, one in found.stages.items() if key.startswith("shot")]
    assert all(one["args"]["generateAudio"] is False for one in shots)


@pytest.mark.parametrize("seconds", [6.0, 7.0, 9.0, 9.5, 11.0, 20.0, 61.0])
@pytest.mark.parametrize("on_the_beat", [True, False])
def test_a_film_is_called_as_long_as_asked(seconds: float, on_the_beat: bool) -> None:
    brief = film(seconds=seconds, on_the_beat=on_the_beat, sound=MUSIC)
    assert facts(brief).seconds() == pytest.approx(seconds, abs=0.2)
    said = built(brief).body["description"]
    assert said.split(" ")[1] == f"{seconds:g}-second", said


def test_a_length_no_one_asked_for_is_told_in_whole_seconds() -> None:
    said = built(film(on_the_beat=True, sound=MUSIC)).body["description"]
    assert "." not in said.split("-second")[0]


def test_cuts_on_the_beat_fall_on_bars_of_the_music() -> None:
    found = facts(film(seconds=30, on_the_beat=True, sound=MUSIC))
    bar = 4 * 60 / stage(found, "music")["args"]["bpm"]
    bars = [stage(found, f"shot_{n}")["args"]["duration"] / bar for n in (1, 2, 3)]
    assert bars == pytest.approx([round(one) for one in bars], abs=0.01)
    assert found.seconds() == pytest.approx(30, rel=0.1)


def test_title_cards_are_inputs_on_one_black_video() -> None:
    cards = (Scene("Harbor", type="title"), *HARBOR, Scene("The end", type="title"))
    found = facts(film(scenes=cards, aspect="21:9"))
    assert found.scenes() == 5
    assert [one["default"] for one in found.inputs.values()] == ["Harbor", "The end"]
    assert found.tools().count("generate_video") == 1


def test_one_photo_in_several_scenes_is_put_into_each_and_the_last_waits_for_approval() -> None:
    scenes = (*(replace(one, media="portrait") for one in HARBOR[:2]),
              replace(HARBOR[2], media="portrait", ask_before=True))  # fmt: skip
    found = facts(film(scenes=scenes, media=(PORTRAIT,)))
    assert found.tools().count("edit_image") == 3
    assert stage(found, "shot_2")["checkpointRequired"] is True
    assert stage(found, "image_3")["requiredArtifactsIn"] == ["shot_2"]


def test_photos_named_by_scenes_become_required_inputs() -> None:
    media = (GivenMedia("before", "image", "Before"), GivenMedia("after", "image", "After"))
    scenes = (Scene("before", media="before"), Scene("after", media="after"))
    found = facts(film(scenes=scenes, media=media, seconds=8, transition="wipeleft"))
    assert found.input_types() == ["image", "image"]
    assert found.seconds() == pytest.approx(8, abs=0.1)


def test_several_photos_are_shown_in_order() -> None:
    media = (GivenMedia("photos", "image", "Your photos", count=3),)
    scenes = tuple(Scene("", media="photos") for _ in range(3))
    found = facts(film(scenes=scenes, media=media))
    assert found.inputs["photos"]["multiple"] == {"min": 3, "max": 3}
    assert stage(found, "shot_3")["args"]["reference_image_url"] == "$inputs.photos[2]"


def test_open_words_of_several_shots_are_a_list_with_a_text_for_each() -> None:
    open_text = OpenText("subject", "What it is about", "a candle shop")
    scenes = (Scene("a candle shop"),) * 3
    found = facts(film(scenes=scenes, open_texts=(open_text,)))
    assert found.inputs["shots"]["default"] == [
        "A candle shop, wide view",
        "A candle shop, close-up",
        "A candle shop, from the side",
    ]
    assert found.inputs["shots"]["multiple"] == {"min": 3, "max": 3}
    assert stage(found, "images")["overBinding"] == "$inputs.shots"
    assert stage(found, "images")["itemStage"]["args"]["prompt"] == "$item"
    image = stage(found, "shot_3")["args"]["reference_image_url"]
    assert image == "$artifacts.images.items[2].selectedVersion.url"
    assert found.scenes() == 3


def test_open_words_with_options_are_chosen_once_for_all_shots() -> None:
    open_text = OpenText("season", "Season", "spring", options=("spring", "autumn"))
    found = facts(film(scenes=(Scene("a garden in spring"),) * 2, open_texts=(open_text,)))
    assert found.inputs["season"]["type"] == "select"
    assert [stage(found, f"image_{n}")["args"]["prompt"] for n in (1, 2)] == ["$inputs.season"] * 2


@pytest.mark.parametrize("media", [(PORTRAIT,), ()])
@pytest.mark.parametrize("scenes", [1, 2, 4])
@pytest.mark.parametrize("text", ["{x} in a garden", "a harbor"])
@pytest.mark.parametrize("choice", [None, Choice(4, 2)])
@pytest.mark.parametrize("scale", [Scale(), Scale(direct=True)])
def test_no_prompt_has_alternatives_in_braces(
    media: tuple[GivenMedia, ...], scenes: int, text: str, choice: Choice | None, scale: Scale
) -> None:
    brief = film(
        scenes=tuple(Scene(f"{text}, part {number}") for number in range(scenes)),
        media=media,
        choice=choice,
        open_texts=(OpenText("x", "What it shows", "a cat", marker="{x}"),),
    )
    body = built(brief, scale=scale).body
    words = json.dumps([body["inputs"], body["stages"]])
    assert "|" not in words
    assert "{x}" not in words


def test_different_things_to_choose_from_are_a_list() -> None:
    found = facts(film(scenes=HARBOR, choice=Choice(len(HARBOR), 1)))
    assert len(found.inputs["candidates"]["default"]) == len(HARBOR)
    assert stage(found, "candidates")["overBinding"] == "$inputs.candidates"


def test_candidates_of_one_thing_have_one_prompt() -> None:
    found = facts(film(scenes=HARBOR[:1], choice=Choice(5, 2)))
    args = stage(found, "candidates")["args"]
    assert args["numberOfVariations"] == 5
    assert args["prompt"] == "Dawn over a harbor"


def test_a_marker_without_words_must_be_filled_in() -> None:
    open_text = OpenText("product", "Product", marker="{product}")
    found = facts(film(scenes=(Scene("{product} on a table"),), open_texts=(open_text,)))
    assert "default" not in found.inputs["product"]
    assert found.inputs["product"]["required"] is True


def test_a_choice_is_made_before_the_film() -> None:
    found = facts(film(media=(PORTRAIT,), choice=Choice(4, 2)))
    assert stage(found, "looks")["overBinding"] == "$inputs.looks"
    assert len(found.inputs["looks"]["default"]) == 4
    assert stage(found, "choice")["select"] == {"from": "$artifacts.looks", "min": 2, "max": 2}
    assert found.scenes() == 2


def test_a_list_becomes_batches_with_the_names_over_the_film() -> None:
    repeat = Repeat("place", count=10, shows_name=True)
    found = facts(film(kind="slideshow", scenes=(), repeat=repeat, sound=MUSIC, seconds=40))
    assert len(found.inputs["places"]["default"]) == 10
    assert found.scenes() == 10
    assert found.seconds() == pytest.approx(40, rel=0.02)
    assert len(stage(found, "with_names")["args"]["overlays"]) == 10


def test_languages_are_one_set_of_pictures_and_a_film_for_each() -> None:
    repeat = Repeat("language", items=("English", "German"), same_images=True)
    found = facts(film(repeat=repeat, sound=Sound(speech=True)))
    assert found.scenes() == 3
    assert stage(found, "films")["overBinding"] == "$artifacts.voices.items"


@pytest.mark.parametrize("kind", ["song", "image"])
def test_songs_and_images(kind: Any) -> None:
    sound = Sound(music=True, lyrics=True) if kind == "song" else Sound()
    found = facts(film(kind=kind, scenes=HARBOR[:1], sound=sound))
    assert found.has("generate_image")
    assert found.has("generate_music") is (kind == "song")
    assert ("lyrics" in found.inputs) is (kind == "song")


CLIP_EDITS: dict[str, tuple[Edit, ...]] = {
    "add_subtitles": (Edit("subtitles"),),
    "overlay_video": (Edit("overlay", options={"position": "top-left"}),),
    "replace_video_segment": (Edit("replace_segment", "a sunset sky", 2, 4),),
    "upscale_video": (Edit("upscale"), Edit("restore")),
    "extend_video": (Edit("extend", "the camera moves closer"),),
    "stitch_video": (Edit("loop"), Edit("crop", options={"aspect": "1:1"})),
    "video_to_video": (Edit("style", "watercolor"), Edit("trim", start=1, end=4)),
    "analyze_video": (Edit("analyze", "How loud is it?"),),
}


@pytest.mark.parametrize("tool", CLIP_EDITS)
def test_every_edit_of_a_video_has_its_tool(tool: str) -> None:
    brief = Brief("Edit", kind="clip_edit", media=(CLIP,), edits=CLIP_EDITS[tool])
    found = facts(brief)
    assert found.tools() == [tool] * len(CLIP_EDITS[tool])
    assert found.input_types()[0] == "video"


PHOTO_EDITS: dict[str, Edit] = {
    "restore_photo": Edit("restore"),
    "animate_photo": Edit("animate", "slowly turning"),
    "apply_style": Edit("style", "oil painting"),
    "edit_image": Edit("edit", "a blue door"),
    "upscale_image": Edit("upscale"),
    "remove_background": Edit("remove_background"),
    "analyze_image": Edit("analyze"),
}


@pytest.mark.parametrize("tool", PHOTO_EDITS)
def test_every_edit_of_a_photo_has_its_tool(tool: str) -> None:
    brief = Brief("Edit", kind="photo_edit", media=(PORTRAIT,), edits=(PHOTO_EDITS[tool],))
    found = facts(brief)
    assert found.tools() == [tool]


def test_what_no_tool_can_do_is_said() -> None:
    brief = Brief(
        "Cut out", kind="clip_edit", media=(CLIP,), edits=(Edit("remove_background"), Edit("loop"))
    )
    assert built(brief).warnings == (
        "No tool can remove the background of a video, so that step is left out.",
    )


def test_names_and_ids_are_stable_and_readable() -> None:
    first, again = built(film()).body, built(film()).body
    assert first == again
    assert first["name"] == "A harbor"
    assert [one["label"] for one in first["stages"]] == [
        *(f"{what} {number}" for number in (1, 2, 3) for what in ("Image", "Shot")),
        "Film",
    ]


def test_images_are_approved_first_also_where_a_scene_waits_for_an_answer() -> None:
    scenes = tuple(replace(scene, media="portrait") for scene in HARBOR)
    scenes = (*scenes[:2], replace(scenes[2], ask_before=True))
    found = facts(film(scenes=scenes, media=(PORTRAIT,), approves_images=True))
    asking = [key for key, one in found.stages.items() if one.get("checkpointRequired")]
    assert asking == ["image_3", "shot_2"]
    assert set(stage(found, "shot_3")["requiredArtifactsIn"]) == {"image_3", "shot_2"}
