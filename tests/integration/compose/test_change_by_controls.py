"""Controls and a model change a template: what is set, on all of it or on its selection, and
nothing else. What is said of each change of a sample: `fixtures/changes_of_templates.json`."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from compose.changes.change import Revision
from compose.changes.controls import (
    Controls,
    change_by_controls,
    controls_from_outside,
    replacements,
)
from compose.model.editor import edit_of
from compose.plan.fields import BadAnswer
from core.errors import InvalidBody
from templates_app.graph.rules.validation import validate
from tests.support.builders.planning import TOOLS, fixed
from tools.catalog.generate_image import GenerateImage
from tools.declaration.schema import parameter_schemas

SAMPLES = Path("builder/ops/samples")
LAMP = "the-last-lamp"
CASES: Any = json.loads(Path("tests/fixtures/changes_of_templates.json").read_text())
SHOTS = ("evening_shot", "night_shot")
LONGEST_PROMPT: int = parameter_schemas(GenerateImage)["prompt"]["maxLength"]


def sample(name: str = LAMP) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return body


def changed(template: Mapping[str, Any], *selection: str, **controls: Any) -> Revision:
    return change_by_controls(template, controls_from_outside(controls), selection, TOOLS)


def edited(
    template: Mapping[str, Any], *changes: Mapping[str, str], selection: Sequence[str] = ()
) -> Revision:
    """As a language model changes it."""
    answer = {"changes": changes, "cannot": ""}
    return edit_of(answer, template, selection, TOOLS, frozenset())


def args(result: Revision, stage_id: str) -> dict[str, Any]:
    [one] = [one for one in result.template["stages"] if one["id"] == stage_id]
    return dict(one.get("itemStage", one)["args"])


def only(result: Revision, tool: str) -> dict[str, Any]:
    """The arguments of the one stage with this tool."""
    [one] = [one for one in result.template["stages"] if one.get("tool") == tool]
    return dict(one["args"])


def tools_in(result: Revision) -> list[str]:
    return [str(one.get("itemStage", one).get("tool")) for one in result.template["stages"]]


def with_prompts(*prompts: str) -> dict[str, Any]:
    stages = [fixed(f"image_{at}", args={"prompt": text}) for at, text in enumerate(prompts, 1)]
    return {"name": "Prompts", "stages": stages}


def spoken(text: str) -> dict[str, Any]:
    """A film with a voice."""
    clip = fixed("clip", "generate_video", produces=["clip"], args={"prompt": "A harbor"})
    voice = fixed("voice", "generate_speech", produces=["voice"], args={"prompt": text})
    urls = {
        "reference_video_urls": ["$artifacts.clip.items[0].selectedVersion.url"],
        "reference_audio_url": "$artifacts.voice.items[0].selectedVersion.url",
    }
    film = {**fixed("film", "stitch_video", produces=["film"]), "args": urls}
    return {"name": "Harbor", "stages": [clip, voice, film]}


def test_a_film_of_own_clips_is_cut_to_a_format_once() -> None:
    cut = changed(sample("another-look"), format="9:16")
    assert args(cut, "framed")["aspectRatio"] == "9:16"
    again = changed(cut.template, format="9:16")
    assert (again.changes, again.warnings) == ((), ("It is 9:16 already.",))
    other = changed(cut.template, format="1:1")
    assert args(other, "framed")["aspectRatio"] == "1:1"
    assert tools_in(other) == tools_in(cut)


def test_a_selection_that_is_gone_changes_nothing() -> None:
    result = changed(sample(), "no_such_stage", format="9:16")
    assert result.template == sample()
    assert result.changes == ()
    assert "Select it again." in result.warnings[0]
    assert replacements(sample(), "night", ["no_such_stage"], TOOLS) == 0


def test_a_look_is_never_spoken() -> None:
    result = changed(spoken("Good evening."), "voice", look="watercolor")
    assert result.template == spoken("Good evening.")
    assert result.warnings == ("There is no prompt to change.",)


def test_words_that_would_be_too_long_change_nothing() -> None:
    template = with_prompts("a" * 1_000, "b" * LONGEST_PROMPT)
    result = changed(template, look="watercolor")
    assert result.template == template
    assert f"longer than {LONGEST_PROMPT:,} characters" in result.warnings[0]


@pytest.mark.parametrize(
    ("prompt", "old", "new", "replaced", "count"),
    [
        ("A cat and a CAT", "cat", "dog", "A dog and a Dog", 2),
        ("Cats in a catalog", "cat", "dog", "Cats in a catalog", 0),
        ("Ein Glas aus Glassand", "glas", "krug", "Ein Krug aus Glassand", 1),
        ("黒い猫が猫と歩く", "猫", "犬", "黒い犬が犬と歩く", 2),
        ("赤いcarが走る", "car", "bus", "赤いbusが走る", 1),
        ("एक बिल्ली", "बिल", "कुत्ता", "एक बिल्ली", 0),
        ("50 % (half) price", "% (half)", "[full]", "50 [full] price", 1),
        ("An NFT of NFTs", "NFT", "photo", "An photo of NFTs", 1),
    ],
)
def test_words_are_replaced_as_they_are_typed_and_counted_before(
    prompt: str, old: str, new: str, replaced: str, count: int
) -> None:
    template = with_prompts(prompt)
    assert replacements(template, old, (), TOOLS) == count
    result = changed(template, replace={"from": old, "to": new})
    assert args(result, "image_1")["prompt"] == replaced
    assert bool(result.changes) == bool(count)
    assert result.warnings == (() if count else (f"No prompt here says “{old}”.",))


def test_words_are_counted_and_replaced_in_the_selection_alone() -> None:
    template = with_prompts("A cat", "A cat")
    assert [replacements(template, "cat", one, TOOLS) for one in ((), ("image_2",))] == [2, 1]
    result = changed(template, "image_2", replace={"from": "cat", "to": "dog"})
    assert [args(result, f"image_{at}")["prompt"] for at in (1, 2)] == ["A cat", "A dog"]


def test_words_are_counted_and_replaced_in_what_is_spoken_and_in_inputs() -> None:
    template = spoken("Ein Hafen, mein Hafen")
    template["inputs"] = [{"name": "place", "type": "text", "default": "Hafen"}]
    template["stages"][0]["args"]["prompt"] = "$inputs.place"
    assert replacements(template, "hafen", (), TOOLS) == 3
    result = changed(template, replace={"from": "Hafen", "to": "Markt"})
    assert args(result, "voice")["prompt"] == "Ein Markt, mein Markt"
    assert result.template["inputs"][0]["default"] == "Markt"


@pytest.mark.parametrize("words", ["Softer piano", "none"])
def test_words_of_music_take_the_place_of_those_before(words: str) -> None:
    template = changed(spoken("Good evening."), music={"on": True, "words": "Loud drums"}).template
    result = changed(template, music={"on": True, "words": words})
    assert args(result, "music")["prompt"].lower() == words.lower()


def test_words_of_music_that_people_enter_are_its_default() -> None:
    result = changed(sample(), music={"on": True, "words": "Slow strings"})
    [score] = [one for one in result.template["inputs"] if one["name"] == "score"]
    assert (args(result, "score")["prompt"], score["default"]) == ("$inputs.score", "Slow strings")


def test_new_music_is_as_long_as_the_film_will_be() -> None:
    silent = changed(sample(), music={"on": False}).template
    result = changed(silent, music={"on": True}, seconds=30)
    assert only(result, "generate_music")["duration"] == 30


def test_a_voice_says_what_it_is_told_in_its_language() -> None:
    result = changed(sample(), voice={"on": True, "text": "Guten Abend.", "language": "de-AT"})
    voice = only(result, "generate_speech")
    assert (voice["prompt"], voice["language"]) == ("Guten Abend.", "german")
    assert result.warnings == ()
    # Without words it says what people enter.
    result = changed(sample(), voice={"on": True})
    name = only(result, "generate_speech")["prompt"].removeprefix("$inputs.")
    assert name in [one["name"] for one in result.template["inputs"]]


def test_a_language_that_no_voice_speaks_is_said_and_the_text_is_kept() -> None:
    said = {"on": True, "text": "God kväll.", "language": "sv"}
    result = changed(spoken("Good evening."), voice=said)
    assert args(result, "voice") == {"prompt": "God kväll."}
    assert result.warnings == ("There is no voice here that could speak Sv.",)


@pytest.mark.parametrize("before", ["Good evening.", "$$5 for all"])
def test_a_text_that_looks_like_a_binding_is_only_words(before: str) -> None:
    said = {"on": True, "text": "$inputs.secret"}
    result = changed(spoken(before), voice=said)
    assert args(result, "voice")["prompt"] == "$$inputs.secret"


def test_subtitles_are_those_of_the_voice_and_go_with_it_without_a_warning() -> None:
    both = changed(sample(), subtitles=True, voice={"on": True, "text": "Good evening."})
    assert only(both, "add_subtitles")["cues"] == "$artifacts.voice.cues"
    result = changed(both.template, subtitles=False, voice={"on": False})
    assert not {"add_subtitles", "generate_speech"} & {*tools_in(result)}
    assert result.warnings == ()


def test_silence_leaves_no_sound_and_sound_adds_music_only_where_nothing_is_heard() -> None:
    silent = changed(sample(), sound=False)
    assert "generate_music" not in tools_in(silent)
    assert [args(silent, shot)["generateAudio"] for shot in SHOTS] == [False, False]
    assert changed(sample(), sound=True) == Revision(sample(), (), ())
    without = changed(sample(), music={"on": False}).template
    assert "generate_music" in tools_in(changed(without, sound=True))


def test_a_control_that_is_refused_does_not_keep_others_from_being_done() -> None:
    template = with_prompts("A cat")
    result = changed(template, subtitles=True, seconds=9, format="9:16")
    assert args(result, "image_1")["height"] == 1024
    assert result.warnings == (
        "Nothing here has a length to set.",
        "There is no video to put this on.",
    )


def test_the_given_template_and_its_unknown_fields_stay_as_they_are() -> None:
    template = {**sample(), "fromAFutureVersion": {"kept": True}}
    before = copy.deepcopy(template)
    result = changed(template, format="9:16", voice={"on": True, "text": "Hello."})
    assert template == before
    assert result.template["fromAFutureVersion"] == {"kept": True}
    assert result.template["name"] == before["name"]


ALL = {
    "format": "9:16",
    "seconds": 12,
    "look": "watercolor",
    "music": {"on": True, "words": "Piano"},
    "voice": {"on": True, "text": "Hello.", "language": "en"},
    "subtitles": True,
}
NOTHING = {"music": {"on": False}, "voice": {"on": False}, "subtitles": False, "sound": False}


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
@pytest.mark.parametrize("controls", [ALL, NOTHING], ids=["all", "nothing"])
def test_every_template_stays_one_that_can_be_saved(name: str, controls: Mapping[str, Any]) -> None:
    template = sample(name)
    result = changed(template, **controls)
    problems = [one for one in validate(result.template, TOOLS) if one.severity == "error"]
    assert problems == [one for one in validate(template, TOOLS) if one.severity == "error"]
    # The same again adds nothing.
    again = changed(result.template, **controls)
    assert tools_in(again) == tools_in(result)


@pytest.mark.parametrize(
    ("controls", "change"),
    [
        ({"format": "1:1"}, {"type": "format", "value": "1:1"}),
        ({"music": {"on": False}}, {"type": "sound", "field": "music", "value": "none"}),
        ({"subtitles": True}, {"type": "subtitles"}),
    ],
)
def test_controls_and_a_language_model_change_a_template_alike(
    controls: Mapping[str, Any], change: Mapping[str, str]
) -> None:
    by_model = edited(sample(), {"target": "", "field": "", "value": "", **change})
    assert changed(sample(), **controls) == by_model


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['sample']}: {case['says'][0][:50]}"
)
def test_a_change_is_done_and_said_and_the_template_can_be_saved(case: dict[str, Any]) -> None:
    selection = tuple(case.get("selection", ()))
    result = edited(sample(case["sample"]), *case["changes"], selection=selection)
    assert list(result.changes) == case["says"]
    assert list(result.warnings) == case.get("warnings", [])
    assert [one for one in validate(result.template, TOOLS) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "transition", "value": "swirl"}, "A transition is one of: cut, beat, fade"),
        ({"type": "format", "value": "5:7"}, "A format is one of: 1:1"),
        ({"type": "format", "target": "score", "value": "1:1"}, "no format to set for Score"),
        ({"type": "replace_words", "field": "giraffe", "value": "cat"}, "says “giraffe”"),
        ({"type": "replace_words", "value": "cat"}, "which words should be replaced"),
        ({"type": "look", "target": "no_such", "value": "dark"}, "There is no stage “no_such”"),
        ({"type": "model", "value": "no-such-model"}, "That model isn't known here."),
    ],
)
def test_a_change_that_can_not_be_done_says_why(change: dict[str, str], words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        edited(sample(), change)


@pytest.mark.parametrize(
    ("look", "prompt", "new"),
    [
        ("at night", "A beach by day", "A beach at night"),
        ("watercolor", "A beach", "A beach, watercolor"),
        ("Aquarell, körnig", "港の猫", "港の猫, Aquarell, körnig"),
    ],
)
def test_a_look_takes_the_place_of_what_it_rules_out(look: str, prompt: str, new: str) -> None:
    result = edited(with_prompts(prompt), {"type": "look", "value": look})
    assert args(result, "image_1")["prompt"] == new


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"publish": True}, "publish"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"seconds": "8"}, "seconds"),
        ({"look": "x" * 2_001}, "look"),
        ({"music": {"on": True, "url": "https://x.example"}}, "music.url"),
        ({"voice": {"text": "Hello"}}, "voice.on"),
        ({"subtitles": "yes"}, "subtitles"),
        ({"replace": {"from": "cat", "to": " \x00 "}}, "replace.to"),
        ({"models": {"speech": "voice"}}, "models.speech"),
        (None, "controls"),
    ],
)
def test_controls_that_mean_nothing_are_refused_by_name(document: Any, field: str) -> None:
    with pytest.raises(InvalidBody) as refusal:
        controls_from_outside(document)
    assert f"{field}" in refusal.value.message


def test_controls_that_are_not_sent_or_null_change_nothing() -> None:
    assert controls_from_outside(dict.fromkeys(Controls.model_fields)) == Controls()
    assert changed(sample()) == Revision(sample(), (), ())
