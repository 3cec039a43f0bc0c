"""What a brief asks for becomes stages, inputs and lengths; every draft is valid and can run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compose.drafting import laid_out, measured
from compose.plan import Plan
from compose.template_plan.build import Built, build
from compose.template_plan.film_shots import Scale
from compose.template_plan.presets import with_fields
from templates_app.graph.rules.validation import validate
from tests.integration.compose.plans import card, edit, media, open_text, plan, shot
from tests.support.builders.template_facts import Facts
from tools import registry

pytestmark = pytest.mark.django_db

HARBOR = (shot("dawn over a harbor"), shot("a fisher fixes a net"), shot("the boat leaves"))
PORTRAIT = media("portrait", "image")
CLIP = media("clip", "video")
MUSIC = {"music": True, "music_words": "soft piano"}


def film(**wanted: Any) -> Plan:
    return plan(**{"title": "a harbor", "scenes": HARBOR, **wanted})


def built(made: Plan) -> Built:
    return build(made, "A harbor")


def facts(brief: Plan) -> Facts:
    """Of a draft that validates without a remark and compiles with example inputs."""
    body = built(brief).body
    body["graph"] = laid_out(body)
    issues = validate(dict(body), registry.table())
    assert [issue for issue in issues if issue.code != "not_drawn"] == []
    assert measured(body, own_hosts=()).steps > 0
    return Facts(body)


def args(found: Facts, key: str) -> dict[str, Any]:
    return dict(found.stages[key]["args"])


@pytest.mark.parametrize("seconds", [6.0, 9.5, 61.0])
@pytest.mark.parametrize(
    "more",
    [
        *({"transition": kind} for kind in ("", "wipeleft", "dissolve")),
        *({"on_the_beat": on_the_beat, "sound": MUSIC} for on_the_beat in (True, False)),
    ],
)
def test_a_film_is_and_is_called_as_long_as_asked(seconds: float, more: dict[str, Any]) -> None:
    brief = film(seconds=seconds, **more)
    found = facts(brief)
    assert found.scenes() == 3
    assert found.seconds() == pytest.approx(seconds, abs=0.2)
    assert args(found, "film").get("transition", {}).get("type", "") == more.get("transition", "")
    assert built(brief).body["description"].split(" ")[1] == f"{seconds:g}-second"


@pytest.mark.parametrize("aspect", ["1:1", "3:4", "21:9"])
def test_images_and_videos_have_the_shape(aspect: Any) -> None:
    assert facts(film(aspect=aspect)).shapes() == {aspect}
    assert facts(film(aspect=aspect, media=(PORTRAIT,), scenes=HARBOR[:1])).shapes() == {aspect}


def test_music_is_as_long_as_the_film_and_joined_to_it() -> None:
    found = facts(film(seconds=24, sound=MUSIC))
    assert args(found, "music") == {"prompt": "Soft piano", "duration": 24}
    assert args(found, "film")["reference_audio_url"].startswith("$artifacts.music.")


def test_a_voice_over_music_is_laid_over_it_and_subtitled_from_its_own_words() -> None:
    sound = {**MUSIC, "speech": True, "subtitles": True, "spoken": "Good morning, harbor."}
    found = facts(film(sound=sound))
    assert found.inputs["narration"]["default"] == "Good morning, harbor."
    assert args(found, "film")["keepSourceAudio"] is True
    assert args(found, "subtitled")["cues"] == "$artifacts.voice.cues"


def test_a_silent_film_has_no_sound_of_its_shots() -> None:
    found = facts(film(sound={"music": False, "speech": False}))
    assert [args(found, f"shot_{n}")["generateAudio"] for n in (1, 2, 3)] == [False] * 3


def test_cuts_on_the_beat_fall_on_bars_of_the_music() -> None:
    found = facts(film(seconds=30, on_the_beat=True, sound=MUSIC))
    bar = 4 * 60 / args(found, "music")["bpm"]
    bars = [args(found, f"shot_{n}")["duration"] / bar for n in (1, 2, 3)]
    assert bars == pytest.approx([round(one) for one in bars], abs=0.01)
    assert found.seconds() == pytest.approx(30, rel=0.1)
    # A length that no one asked for is told in whole seconds.
    said = built(film(on_the_beat=True, sound=MUSIC)).body["description"]
    assert "." not in said.split("-second")[0]


def test_title_cards_are_inputs_on_one_black_video() -> None:
    cards = (card("Harbor"), *HARBOR, card("The end"))
    found = facts(film(scenes=cards, aspect="21:9"))
    assert found.scenes() == 5
    assert [one["default"] for one in found.inputs.values()] == ["Harbor", "The end"]
    assert found.tools().count("generate_video") == 1


def test_one_photo_in_several_scenes_is_put_into_each_and_the_last_waits_for_approval() -> None:
    scenes = [shot(one["text"], uses="portrait", ask_before=one is HARBOR[2]) for one in HARBOR]
    brief = film(scenes=scenes, media=(PORTRAIT,))
    found = facts(brief)
    assert found.tools().count("edit_image") == 3
    assert found.stages["shot_2"]["checkpointRequired"] is True
    assert found.stages["image_3"]["requiredArtifactsIn"] == ["shot_2"]
    # Images are approved first, also where a scene waits for an answer.
    found = facts(with_fields(brief, approves_images=True))
    asking = [key for key, one in found.stages.items() if one.get("checkpointRequired")]
    assert asking == ["image_3", "shot_2"]
    assert set(found.stages["shot_3"]["requiredArtifactsIn"]) == {"image_3", "shot_2"}


def test_photos_named_by_scenes_become_required_inputs() -> None:
    photos = (media("before", "image"), media("after", "image"))
    scenes = (shot("before", uses="before"), shot("after", uses="after"))
    found = facts(film(scenes=scenes, media=photos, seconds=8, transition="wipeleft"))
    assert found.input_types() == ["image", "image"]
    assert found.seconds() == pytest.approx(8, abs=0.1)


def test_several_photos_are_shown_in_order() -> None:
    photos = (media("photos", "image", count=3),)
    scenes = tuple(shot("", uses="photos") for _ in range(3))
    found = facts(film(scenes=scenes, media=photos))
    assert found.inputs["photos"]["multiple"] == {"min": 3, "max": 3}
    assert args(found, "shot_3")["reference_image_url"] == "$inputs.photos[2]"


def test_open_words_of_several_shots_are_a_list_with_a_text_for_each() -> None:
    text = open_text("subject", "What it is about", "a candle shop")
    scenes = tuple(shot("{subject}, " + view) for view in ("wide", "close", "from above"))
    found = facts(film(scenes=scenes, open_texts=(text,)))
    texts = [f"A candle shop, {view}" for view in ("wide", "close", "from above")]
    assert found.inputs["shots"]["default"] == texts
    assert found.inputs["shots"]["multiple"] == {"min": 3, "max": 3}
    assert found.stages["images"]["overBinding"] == "$inputs.shots"
    assert found.stages["images"]["itemStage"]["args"]["prompt"] == "$item"
    assert (
        args(found, "shot_3")["reference_image_url"]
        == "$artifacts.images.items[2].selectedVersion.url"
    )
    assert found.scenes() == 3


def test_open_words_with_options_are_chosen_once_for_all_shots() -> None:
    text = open_text("season", "Season", "spring", options=("spring", "autumn"))
    found = facts(film(scenes=(shot("a garden in {season}"),) * 2, open_texts=(text,)))
    assert found.inputs["season"]["type"] == "select"
    assert [args(found, f"image_{n}")["prompt"] for n in (1, 2)] == ["$inputs.season"] * 2


@pytest.mark.parametrize("photos", [(PORTRAIT,), ()])
@pytest.mark.parametrize("scenes", [1, 4])
@pytest.mark.parametrize("text", ["{x} in a garden", "a harbor"])
@pytest.mark.parametrize("choice", [None, {"candidates": 4, "pick": 2}])
def test_no_prompt_has_alternatives_in_braces(
    photos: tuple[Any, ...], scenes: int, text: str, choice: Any
) -> None:
    brief = film(
        scenes=tuple(shot(f"{text}, part {number}") for number in range(scenes)),
        media=photos,
        choice=choice,
        open_texts=(open_text("x", "What it shows", "a cat"),),
    )
    body = build(brief, text, scale=Scale(direct=not photos)).body
    words = json.dumps([body["inputs"], body["stages"]])
    assert "|" not in words
    assert "{x}" not in words


def test_different_things_to_choose_from_are_a_list() -> None:
    found = facts(film(choice={"candidates": len(HARBOR), "pick": 1}))
    assert len(found.inputs["candidates"]["default"]) == len(HARBOR)
    assert found.stages["candidates"]["overBinding"] == "$inputs.candidates"


def test_a_marker_without_words_must_be_filled_in() -> None:
    text = open_text("product", "Product")
    found = facts(film(scenes=(shot("{product} on a table"),), open_texts=(text,)))
    assert "default" not in found.inputs["product"]
    assert found.inputs["product"]["required"] is True


def test_a_choice_of_one_thing_is_made_before_the_film() -> None:
    found = facts(film(media=(PORTRAIT,), choice={"candidates": 4, "pick": 2}))
    candidates = args(found, "candidates")
    assert (candidates["prompt"], candidates["numberOfVariations"]) == ("Dawn over a harbor", 4)
    assert candidates["source_image_url"] == "$inputs.portrait"
    choice = {"from": "$artifacts.candidates", "min": 2, "max": 2}
    assert found.stages["choice"]["select"] == choice
    assert found.scenes() == 2
    candidates = args(
        facts(film(scenes=HARBOR[:1], choice={"candidates": 5, "pick": 2})), "candidates"
    )
    assert (candidates["prompt"], candidates["numberOfVariations"]) == ("Dawn over a harbor", 5)


def test_a_list_becomes_batches_with_the_names_over_the_film() -> None:
    repeat = {"item_name": "place", "count": 10, "shows_name": True}
    found = facts(film(kind="slideshow", scenes=(), repeat=repeat, sound=MUSIC, seconds=40))
    assert len(found.inputs["places"]["default"]) == 10
    assert found.scenes() == 10
    assert found.seconds() == pytest.approx(40, rel=0.02)
    assert len(args(found, "with_names")["overlays"]) == 10


def test_languages_are_one_set_of_pictures_and_a_film_for_each() -> None:
    repeat = {"item_name": "language", "items": ("English", "German"), "same_images": True}
    found = facts(film(repeat=repeat, sound={"speech": True}))
    assert found.scenes() == 3
    assert found.stages["films"]["overBinding"] == "$artifacts.voices.items"


@pytest.mark.parametrize("kind", ["song", "image"])
def test_songs_and_images(kind: Any) -> None:
    sound = {"music": True, "lyrics": True} if kind == "song" else {}
    found = facts(film(kind=kind, scenes=HARBOR[:1], sound=sound))
    assert found.has("generate_image")
    assert found.has("generate_music") is (kind == "song")
    assert ("lyrics" in found.inputs) is (kind == "song")


CLIP_EDITS: dict[str, tuple[Any, ...]] = {
    "add_subtitles": (edit("subtitles"),),
    "overlay_video": (edit("overlay"),),
    "replace_video_segment": (edit("replace_segment", "a sunset sky", start=2, end=4),),
    "upscale_video": (edit("upscale"), edit("restore")),
    "extend_video": (edit("extend", "the camera moves closer"),),
    "stitch_video": (edit("loop"), edit("crop", aspect="1:1")),
    "video_to_video": (edit("style", "watercolor"), edit("trim", start=1, end=4)),
    "analyze_video": (edit("analyze", "How loud is it?"),),
}
PHOTO_EDITS: dict[str, tuple[Any, ...]] = {
    "restore_photo": (edit("restore"),),
    "animate_photo": (edit("animate", "slowly turning"),),
    "apply_style": (edit("style", "oil painting"),),
    "edit_image": (edit("edit", "a blue door"),),
    "upscale_image": (edit("upscale"),),
    "remove_background": (edit("remove_background"),),
    "analyze_image": (edit("analyze"),),
}


@pytest.mark.parametrize("tool", [*CLIP_EDITS, *PHOTO_EDITS])
def test_every_edit_of_a_file_has_its_tool(tool: str) -> None:
    is_clip = tool in CLIP_EDITS
    kind, file = ("clip_edit", CLIP) if is_clip else ("photo_edit", PORTRAIT)
    edits = (CLIP_EDITS | PHOTO_EDITS)[tool]
    found = facts(plan(kind=kind, media=(file,), edits=edits))
    assert found.tools() == [tool] * len(edits)
    assert found.input_types()[0] == file["kind"]


def test_what_no_tool_can_do_is_said() -> None:
    brief = plan(kind="clip_edit", media=(CLIP,), edits=(edit("remove_background"), edit("loop")))
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


def test_a_card_takes_no_image_that_is_approved_first() -> None:
    draft = facts(film(scenes=(card("Harbor"), *HARBOR), approves_images=True))
    assert draft.tools()[0] == "generate_video"


def test_a_photo_edit_of_a_video_asks_for_a_photo_too() -> None:
    settings = {"kind": "photo_edit", "media": [{"name": "photo", "kind": "video"}]}
    draft = built(Plan.read({**settings, "edits": [{"type": "upscale"}]}))
    kinds = {one["name"]: one["type"] for one in draft.body["inputs"]}
    assert kinds == {"photo_2": "image", "photo": "video"}
