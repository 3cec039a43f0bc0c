"""`compose_script`: scenes, lengths and layouts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compose.writers.tables import SCRIPTS
from tests.unit.compose.writing import answer

TYPES = SCRIPTS.types
FIELDS = {"index", "title", "visual", "action", "camera", "audio", "duration_seconds"}
STORY = "A fisherman fixes a net at dawn. The boat leaves. A storm comes."


def script(brief: str = "a candle shop", **arguments: Any) -> dict[str, Any]:
    return answer("compose_script", brief=brief, **arguments)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (2, 7.25), (5, 30), (12, 12.5), (12, 300)])
def test_scenes_are_as_many_as_asked_and_add_up(kind: str, count: int, seconds: float) -> None:
    told = script(script_type=kind, scene_count=count, duration_seconds=seconds)
    assert len(told["scenes"]) == count
    assert all(scene.keys() == FIELDS for scene in told["scenes"])
    assert [scene["index"] for scene in told["scenes"]] == [*range(1, count + 1)]
    lengths = [scene["duration_seconds"] for scene in told["scenes"]]
    assert min(lengths) > 0
    assert round(sum(lengths), 3) == seconds == told["duration_seconds"]


def test_every_type_tells_it_its_own_way() -> None:
    texts = {kind: script(script_type=kind, duration_seconds=30)["script"] for kind in TYPES}
    assert len(set(texts.values())) == len(TYPES)
    assert "FADE IN:" in texts["screenplay"]
    assert "FRAME 1 |" in texts["storyboard"]
    assert "VIDEO:" in texts["ad_script"]
    assert "TITLE CARD" in texts["trailer"]
    assert "HOOK" in texts["social_short"]
    assert "CHANGES" in texts["revision"]


def test_an_ad_has_hook_problem_product_and_call_to_action() -> None:
    told = script(script_type="ad_script", scene_count=6)
    titles = [scene["title"] for scene in told["scenes"]]
    assert titles == ["Hook", "Problem", "Product", "Benefit", "Proof", "Call to action"]
    assert script(script_type="ad_script", scene_count=2)["scenes"][1]["title"] == "Call to action"


def test_the_persons_own_scenes_are_shown_in_their_order() -> None:
    told = script(STORY, script_type="storyboard")
    visuals = [scene["visual"] for scene in told["scenes"]]
    assert [text.split()[1] for text in visuals] == ["fisherman", "boat", "storm"]


def test_a_screenplay_says_where_and_when() -> None:
    told = script("An old man waits in the kitchen at night", script_type="screenplay")
    assert "INT. KITCHEN — NIGHT" in told["script"]


def test_the_first_frame_opens_the_first_scene() -> None:
    told = script(first_frame_description="A closed red door")
    assert told["scenes"][0]["visual"].startswith("First frame: A closed red door. ")


def test_a_film_without_sound_has_none() -> None:
    told = script("a cat, no music", script_type="storyboard")
    assert told["scenes"]


def test_formats_hold_the_same_scenes() -> None:
    plain = script(STORY)
    data = script(STORY, return_format="json")
    page = script(STORY, return_format="markdown")
    assert json.loads(data["script"])["scenes"] == plain["scenes"] == page["scenes"]
    assert page["script"].startswith("# A fisherman")


def test_no_line_has_to_be_rushed() -> None:
    told = script(script_type="ad_script", scene_count=6, duration_seconds=6)
    for scene in told["scenes"]:
        said = scene["audio"].partition("“")[2].partition("”")[0]
        assert len(said.split()) <= scene["duration_seconds"] * 2.6 + 1
