"""The tools that write, called as `tools/execute` makes it: prompts, songs and scripts.

The person's words stay whole, each kind of model gets its form, `generate_music` takes what is
written, and scenes add up.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from compose.model.writing import WRITERS
from compose.writers.enhance import KINDS
from studio.artist.music.form import section_tags
from studio.artist.music.style import read_key
from tests.unit.runs.test_plan_from_steps import plan, step
from tools.catalog import catalogue
from tools.catalog.compose_script import ComposeScript
from tools.declaration.arguments import fill_defaults, read_arguments

TOOLS = {tool.name: tool for tool in catalogue()}


def answer(name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers. The arguments are read as every caller's are."""
    tool = TOOLS[name]
    read = read_arguments(tool, arguments)
    assert read.problems == ()
    return WRITERS[name][0](tool.Params.model_validate(fill_defaults(tool, read.params)))


def enhanced(text: str, target: str = "image_prompt", **arguments: Any) -> dict[str, Any]:
    return answer("enhance_prompt", prompt=text, target_output=target, **arguments)


def prompt(text: str, target: str = "image_prompt", **arguments: Any) -> str:
    return str(enhanced(text, target, **arguments)["prompt"])


@pytest.mark.parametrize(
    "text",
    [
        "Please make me a wide shot of a cat in harsh neon light, 24mm lens",
        "Eine Katze auf einem Dach bei Nacht",
        "夜の東京、雨",
        "A blurry signature",
    ],
)
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"music", "speech"}))
def test_the_words_of_a_person_stay_whole(text: str, kind: str) -> None:
    assert text in prompt(text, "model_prompt", prompting_type=kind)


def test_camera_and_light_come_behind_the_words() -> None:
    told = enhanced("a cat")
    assert told["prompt"].startswith("A cat. ")
    assert "composition" in told["prompt"]
    assert "light" in told["prompt"]
    assert told["notes"] == ["Added: camera and light."]


@pytest.mark.parametrize(
    ("arguments", "first", "last"),
    [
        ({"destination_model": "albedo-xl"}, "a knight, ", ", highly detailed"),
        ({"prompting_type": "sd15"}, "best quality, a knight, ", ", sharp focus"),
        ({"prompting_type": "pony"}, "score_9, score_8_up, score_7_up, a knight, ", "light"),
        ({"destination_model": "pony-v7"}, "A knight. ", "."),
        ({"destination_model": "a model of tomorrow"}, "A knight. ", "."),
    ],
)
def test_each_kind_of_model_gets_its_form(arguments: dict[str, Any], first: str, last: str) -> None:
    text = prompt("a knight", **arguments)
    assert text.startswith(first)
    assert text.endswith(last)


def test_an_edit_says_that_the_rest_stays() -> None:
    text = prompt("make her hair red", "edit_prompt")
    assert text.startswith("Make her hair red. Everything that isn't named stays as it is.")
    assert text == prompt("make her hair red", "model_prompt", destination_tool="edit_image")


def test_only_models_that_read_it_get_a_negative_prompt_without_what_is_named() -> None:
    negative = enhanced("a blurry watermark", prompting_type="sdxl")["negative_prompt"]
    assert "lowres" in negative
    assert not {"blurry", "watermark"} & set(negative.split(", "))
    assert "negative_prompt" not in enhanced("a fox", prompting_type="flux")


def test_files_are_said_to_be_used_as_their_roles() -> None:
    text = prompt(
        "a portrait of my grandmother",
        "video_prompt",
        assets=[{"media_type": "image", "role": "first_frame", "label": "old photo"}],
        style_prompt="grainy film",
    )
    assert "Start exactly from the first frame (old photo). Grainy film." in text
    # The source of an edit needs no words.
    plain = prompt("make it red", "edit_prompt")
    assert prompt("make it red", "edit_prompt", assets=[{"media_type": "image"}]) == plain


@pytest.mark.parametrize(
    "arguments",
    [
        *({"prompt_mode": mode} for mode in ("preserve", "compress", "validate")),
        # A text to speak.
        {"target": "model_prompt", "destination_tool": "generate_speech"},
    ],
)
def test_words_that_are_kept_are_only_tidied(arguments: dict[str, Any]) -> None:
    assert prompt("  a  cat ,, sleeping ", **arguments) == "a cat, sleeping"


def test_validate_says_what_is_to_be_avoided_and_what_such_a_prompt_says() -> None:
    avoid = {"avoid": ["cat", "dog"]}
    told = enhanced("a Cat at night", "video_prompt", prompt_mode="validate", constraints=avoid)
    first, second = told["notes"]
    assert "“cat”" in first
    assert second == KINDS["video"].needs


def test_a_payload_is_accepted_by_its_tool() -> None:
    told = enhanced(
        "a car drives by",
        "video_prompt",
        prompt_mode="payload",
        destination_tool="sogni_generate_video",
        destination_model="seedance2",
        duration_seconds=120,
        aspect_ratio="16:9",
    )
    arguments = told["arguments"]
    assert json.loads(told["prompt"]) == arguments
    assert arguments["videoModel"] == "seedance2"
    # The tool makes at most 30 s, so the length is left to it.
    assert "duration" not in arguments
    assert read_arguments(TOOLS["generate_video"], arguments).problems == ()


def test_limits_take_what_was_added_before_the_persons_words() -> None:
    text = "A red fox asleep under the stairs of an old library"
    limits = {"max_length": 110, "avoid": ["people", "text"], "tone": "warm"}
    told = enhanced(text, constraints=limits)
    assert told["prompt"].startswith(f"{text}. ")
    assert len(told["prompt"]) <= 110
    assert told["negative_prompt"].startswith("people, text")
    assert told["notes"] == ["The constraint tone isn't known.", "Added: camera."]
    full = enhanced("a red fox", constraints={"max_length": 12})
    assert full["prompt"] == "A red fox."
    assert full["notes"] == ["There was no room to add anything."]


def test_a_prompt_longer_than_its_model_reads_is_said_to_be() -> None:
    told = enhanced("cat " * 70, prompting_type="fast")
    assert told["prompt"].lower().count("cat") == 70
    assert "about 60" in told["notes"][-1]


def lyrics(prompt: str, **arguments: Any) -> dict[str, Any]:
    return answer("compose_lyrics", prompt=prompt, **arguments)


@pytest.mark.parametrize("name", ["compose_lyrics", "compose_instrumental"])
@pytest.mark.parametrize("seconds", [10, 61.5, 600])
@pytest.mark.parametrize(
    "prompt",
    ["a dog", "techno in F# minor, 300 bpm, about a dog", "Waltz 3/4 at 30 bpm", "雨の歌"],
)
def test_generate_music_takes_what_was_written(name: str, seconds: float, prompt: str) -> None:
    told = answer(name, prompt=prompt, duration_seconds=seconds)
    names = {"bpm", "keyscale", "timesig", "lyrics"} & told.keys()
    arguments = {"prompt": told["music_prompt"], "duration": seconds}
    arguments |= {name: told[name] for name in names}
    assert read_arguments(TOOLS["generate_music"], arguments).problems == ()
    assert plan(step("song", "generate_music", arguments=arguments)).plan
    assert read_key(told["keyscale"]) is not None
    assert told["duration_seconds"] == seconds


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("rain in Bb minor", "Bb minor"),
        ("rain in F-sharp min", "F# minor"),
        ("rain, C♯ major", "C# major"),
        ("a waltz in A minor for Anna", "A minor"),
        ("A minor accident in a kitchen", "C major"),
        ("in a minor way", "C major"),
    ],
)
def test_a_key_that_is_written_is_kept_and_none_is_made_up(text: str, key: str) -> None:
    assert lyrics(text)["keyscale"] == key


def test_tempo_and_meter_that_are_written_are_kept_and_said_once() -> None:
    told = lyrics("Regen im Mai, 3/4, 92 bpm, 90 seconds")
    assert (told["timesig"], told["bpm"], told["duration_seconds"]) == (3, 92, 90)
    assert told["music_prompt"].lower().count("92 bpm") == 1


def test_how_the_music_sounds_comes_first_in_its_prompt() -> None:
    told = lyrics("my dog", music_prompt="slow folk, 80 bpm")
    assert told["music_prompt"] == "slow folk, 80 bpm, C major, clear lead vocal"
    assert told["bpm"] == 80
    told = answer("compose_instrumental", prompt="a wedding", music_prompt="slow folk")
    assert told["music_prompt"] == "slow folk, 100 BPM, C major, instrumental, no vocals"


LINES = ["Il sole sui tetti", "Roma dorme ancora", "il mare canta", "e noi con lui", "fino a sera"]


def test_the_persons_lines_are_verses_with_a_refrain_of_the_first() -> None:
    told = lyrics("\n".join(LINES), language="italian")
    assert told["lyrics"] == (
        "[Verse]\nIl sole sui tetti\nRoma dorme ancora\nil mare canta\ne noi con lui\n\n"
        "[Chorus]\nIl sole sui tetti\n\n[Verse]\nfino a sera\n\n[Chorus]\nIl sole sui tetti"
    )
    assert section_tags(told["lyrics"]) == ["verse", "chorus", "verse", "chorus"]
    assert (told["title"], told["language"]) == ("Il sole sui tetti", "italian")
    assert "language model writes rhymes" in told["notes"][0]
    assert told["warnings"] == []


def test_a_refrain_comes_six_times_at_most() -> None:
    lines = [f"line {number}" for number in range(90)]
    sung = lyrics("\n".join(lines))["lyrics"].split("\n")
    assert [line for line in sung if line in lines[1:]] == lines[1:]
    assert sung.count("[Chorus]") == 6


def sung_once(verse: str, refrain: str = "") -> str:
    return f"[Verse]\n{verse}\n\n[Chorus]\n{refrain or verse}"


SENTENCES = (
    "The old harbor wakes before the sun.",
    "Gulls argue over bread!",
    "Nobody minds, not today.",
)
SHEET = "[Intro]\nla la\n[Verse]\nThe rain comes down\n[Chorus]\nOh rain"


@pytest.mark.parametrize(
    ("text", "sung"),
    [
        # Lines that name their sections stay as they are.
        (SHEET, SHEET),
        # A long line is sung as its sentences.
        (" ".join(SENTENCES), sung_once("\n".join(SENTENCES), SENTENCES[0])),
        # Neither the request for a song nor its length is sung.
        ("Make a song about my dog, 90 seconds", sung_once("my dog")),
        # A setting that a song has no place for stays in its words.
        ("vertical, my dog Bruno", sung_once("vertical, my dog Bruno")),
        ("," * 9_000 + "a", sung_once("a")),
    ],
    ids=["sections", "a long line", "a request", "a setting", "a letter behind many marks"],
)
def test_what_is_sung(text: str, sung: str) -> None:
    assert lyrics(text)["lyrics"] == sung


@pytest.mark.parametrize("seconds", [10, 15.5, 33, 60, 333, 600])
@pytest.mark.parametrize("prompt", ["techno", "3/4 waltz", "170 bpm", "jazz 6/8, 31 bpm"])
def test_bars_fill_the_length_within_a_bar(seconds: float, prompt: str) -> None:
    told = answer("compose_instrumental", prompt=prompt, duration_seconds=seconds)
    assert all(part.keys() == {"section", "bars", "description"} for part in told["structure"])
    bars = [part["bars"] for part in told["structure"]]
    assert min(bars) >= 1
    bar_s = told["timesig"] * 60 / told["bpm"]
    assert abs(sum(bars) * bar_s - seconds) <= bar_s


def test_an_instrumental_keeps_its_words_and_has_no_voice() -> None:
    told = answer("compose_instrumental", prompt="calm piano for meditation", duration_seconds=60)
    assert told["title"] == "Calm piano for meditation"
    assert told["music_prompt"].startswith("calm piano for meditation, ")
    assert told["music_prompt"].endswith("instrumental, no vocals")


TYPES = get_args(ComposeScript.Params.model_fields["script_type"].annotation)
FIELDS = {"index", "title", "visual", "action", "camera", "audio", "duration_seconds"}
STORY = "A fisherman fixes a net at dawn.\nThe boat leaves.\nA storm comes."


def script(brief: str = "a candle shop", **arguments: Any) -> dict[str, Any]:
    return answer("compose_script", brief=brief, **arguments)


def visuals(told: dict[str, Any]) -> list[str]:
    return [scene["visual"] for scene in told["scenes"]]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("brief", ["a candle shop", STORY])
@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (2, 7.25), (5, 30), (12, 12.5), (12, 300)])
def test_scenes_are_as_many_as_asked_and_add_up(
    kind: str, brief: str, count: int, seconds: float
) -> None:
    told = script(brief, script_type=kind, scene_count=count, duration_seconds=seconds)
    assert len(told["scenes"]) == count
    assert all(scene.keys() == FIELDS for scene in told["scenes"])
    assert [scene["index"] for scene in told["scenes"]] == [*range(1, count + 1)]
    lengths = [scene["duration_seconds"] for scene in told["scenes"]]
    assert min(lengths) > 0
    assert round(sum(lengths), 3) == seconds == told["duration_seconds"]


def test_every_type_tells_it_its_own_way() -> None:
    texts = {kind: script(script_type=kind, style="grainy")["script"] for kind in TYPES}
    heads = [text.split("\n")[1] for kind, text in texts.items() if kind != "video_prompt"]
    assert len(set(heads)) == len(heads)
    assert all("grainy" in head for head in heads)
    assert "A candle shop. Grainy." in texts["video_prompt"]
    assert "FADE IN:" in texts["screenplay"]
    assert "FRAME 1 |" in texts["storyboard"]
    assert "VIDEO:" in texts["ad_script"]


@pytest.mark.parametrize("kind", TYPES)
def test_the_words_are_in_the_script_and_nothing_is_made_up(kind: str) -> None:
    told = script(STORY, script_type=kind)
    assert visuals(told) == STORY.split("\n")
    assert {scene["action"] for scene in told["scenes"]} == {""}
    assert all(line in told["script"] for line in STORY.split("\n"))


def test_told_scenes_are_joined_or_come_again_and_none_is_lost() -> None:
    first, second, third = STORY.split("\n")
    assert visuals(script(STORY, scene_count=2)) == [first, f"{second} {third}"]
    assert visuals(script(STORY, scene_count=4)) == [first, first, second, third]


def test_a_single_idea_is_seen_in_the_framings_of_a_plan() -> None:
    told = script(scene_count=3, duration_seconds=15)
    assert visuals(told) == ["A candle shop."] * 3
    assert len({scene["camera"] for scene in told["scenes"]}) == 3
    assert script(scene_count=1)["scenes"][0]["camera"] == ""


def test_quoted_words_of_a_voice_are_spread_over_the_scenes() -> None:
    told = script('a shop, a voice says "Come in. Stay a while."', scene_count=2)
    heard = [scene["audio"] for scene in told["scenes"]]
    assert "“Come in.”" in heard[0]
    assert "“Stay a while.”" in heard[1]


def test_words_that_take_longer_than_the_film_are_noted() -> None:
    told = script(f'a shop, a voice says "{"word " * 60}"', duration_seconds=5)
    assert any("takes about 23 s, the film 5 s" in note for note in told["notes"])


def test_the_callers_frames_are_in_the_first_and_last_scene() -> None:
    last = "data:image/png;base64,AAAA"
    told = script(STORY, first_frame_description="A red door", last_frame_data_url=last)
    assert visuals(told)[0].startswith("First frame: A red door. A fisherman")
    assert visuals(told)[-1].endswith("It ends on the given last frame.")


def test_a_silent_film_has_no_sound() -> None:
    told = script("a cat, no sound", script_type="storyboard")
    assert {scene["audio"] for scene in told["scenes"]} == {"No sound."}


def test_formats_hold_the_same_scenes() -> None:
    plain = script(STORY)
    data = script(STORY, return_format="json")
    page = script(STORY, return_format="markdown")
    assert json.loads(data["script"])["scenes"] == plain["scenes"] == page["scenes"]
    assert page["script"].startswith("# A fisherman")


def test_a_revision_keeps_the_words_and_says_who_revises() -> None:
    told = script(f"make it punchier: {STORY}", script_type="revision")
    assert "punchier" in told["script"]
    assert "language model" in told["notes"][-1]


def test_an_answer_that_would_be_too_long_to_send_says_that_it_was_shortened() -> None:
    told = script("\n".join(f"{number} " + "very " * 190 for number in range(18)))
    assert len(json.dumps(told).encode()) < 20 * 1024
    assert "shortened" in told["notes"][-1]
