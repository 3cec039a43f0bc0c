"""What no words ask for is in the plan, to be seen, changed and emptied, or in no prompt."""

from __future__ import annotations

import re
from typing import Any

import pytest

from compose.plain_settings import read_plain
from compose.plan import USUAL_BEAT, USUAL_MUSIC, Plan
from compose.template_plan.build import EVERYTHING, build
from compose.template_plan.film_shots import Scale
from compose.template_plan.presets import with_presets, with_seen_presets

_VIDEO = ("animate_photo", "generate_video")


def music_prompt(plan: Plan) -> str:
    stages = build(with_presets(plan, ""), "").body["stages"]
    [music] = [one["args"] for one in stages if one["tool"] == "generate_music"]
    return str(music["prompt"])


def seen(brief: str, **changes: Any) -> Plan:
    return with_seen_presets(read_plain(brief).plan.model_copy(update=changes))


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        ("A harbor at dawn", USUAL_MUSIC),
        ("A harbor at dawn, with music", USUAL_MUSIC),
        ("A harbor at dawn, soft harp", "soft harp"),
        ("A harbor at dawn, no music", ""),
        ("An image of a harbor", ""),
        ("A song about a harbor", "a harbor"),
        ("Animate my photo", ""),
    ],
)
def test_what_music_is_like_where_no_words_say_it(brief: str, words: str) -> None:
    sound = seen(brief).sound
    assert (bool(sound.music), sound.music_words) == (bool(words), words)


def test_what_is_seen_is_what_is_played_and_emptied_words_are_not_set_again() -> None:
    plan = seen("A harbor at dawn")
    assert music_prompt(plan) == USUAL_MUSIC
    assert music_prompt(seen("A harbor at dawn", on_the_beat=True)) == USUAL_BEAT
    emptied = plan.model_copy(update={"sound": plan.sound.model_copy(update={"music_words": ""})})
    assert music_prompt(emptied) == "A harbor at dawn"


def test_a_plan_that_leaves_music_open_has_the_usual_one() -> None:
    scenes = [{"text": "a harbor"}]
    sound = with_seen_presets(Plan.read({"scenes": scenes})).sound
    assert (sound.music, sound.music_words) == (True, USUAL_MUSIC)
    own = Plan.read({"scenes": scenes, "media": [{"name": "tune", "kind": "audio"}]})
    assert with_seen_presets(own).sound.music_words == ""


@pytest.mark.parametrize("scale", [EVERYTHING, Scale(direct=True)])
@pytest.mark.parametrize(
    ("brief", "words"),
    [
        ("A harbor at dawn, 3 shots", "a harbor at dawn"),
        ("A harbor at dawn in {town}, look: ink, 3 shots", "a harbor at dawn in town ink"),
        ("A harbor at dawn, choose from 4", "a harbor at dawn"),
        ("Animate my photo", "animate my photo"),
        ("My 3 photos, a harbor at dawn", "my 3 photos a harbor at dawn"),
    ],
)
def test_a_prompt_has_no_words_that_stand_in_no_field(brief: str, words: str, scale: Scale) -> None:
    plan = seen(brief)
    framings = [shot.framing for shot in plan.scenes]
    stages = build(with_presets(plan, brief), brief, scale=scale).body["stages"]
    tools = [one.get("itemStage", one) for one in stages]
    videos = [one for one in tools if one.get("tool") in _VIDEO]
    prompts = [one["args"]["prompt"] for one in videos]
    assert prompts
    written = [one for one in prompts if not one.startswith("$")]
    assert words_of(*written) <= words_of(words, *framings)


def words_of(*texts: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", " ".join(texts).lower()))
