"""A draft keeps its budget, and the caller's own arguments win over the brief's words."""

from __future__ import annotations

from typing import Any

import pytest

from compose.brief.brief import Brief, Edit, GivenMedia, Repeat, Scene, Sound
from compose.drafting import Draft, DraftRequest, draft, draft_of
from tests.support.builders.template_facts import Facts

pytestmark = pytest.mark.django_db

SHOTS = tuple(Scene(f"a harbor, hour {number}") for number in range(1, 9))
FILM = Brief("", topic="a harbor", scenes=SHOTS, seconds=40, sound=Sound(music=True))


def drafted(brief: Brief, **asked: Any) -> Draft:
    return draft_of(brief, DraftRequest("", **asked), ())


def warned(found: Draft, words: str) -> bool:
    return any(words in warning for warning in found.warnings)


def test_a_smaller_budget_first_leaves_out_the_images() -> None:
    found = drafted(FILM, max_units=60)
    assert Facts(found.template).scenes() == 8
    assert found.units <= 60
    assert found.fits_budget is True
    assert warned(found, "without an image first")


@pytest.mark.parametrize(("most", "scenes"), [(40, 6), (25, 3), (11, 1)])
def test_then_scenes_are_left_out_and_the_length_stays(most: float, scenes: int) -> None:
    found = drafted(FILM, max_units=most)
    facts = Facts(found.template)
    assert facts.scenes() == scenes
    assert found.fits_budget is True
    assert warned(found, f"{scenes} of 8 scenes")
    assert facts.seconds() == pytest.approx(min(40, 30 * scenes), abs=0.5)


def test_then_images_do_not_move() -> None:
    quiet = Brief("", scenes=SHOTS[:4], sound=Sound(False, False))
    found = drafted(quiet, max_units=5.5)
    assert found.fits_budget is True
    assert found.template["stages"][-1]["tool"] == "generate_image"


@pytest.mark.parametrize("most", [0.0, 0.5])
def test_what_no_draft_can_keep_is_said(most: float) -> None:
    found = drafted(FILM, max_units=most)
    assert found.fits_budget is False
    assert warned(found, "Even the smallest draft takes 1 credit")


def test_an_edit_is_never_made_smaller() -> None:
    clip = GivenMedia("clip", "video", "Your clip")
    brief = Brief("", kind="clip_edit", media=(clip,), edits=(Edit("style", "watercolor"),))
    found = drafted(brief, max_units=2)
    assert found.fits_budget is False
    assert [stage["tool"] for stage in found.template["stages"]] == ["video_to_video"]


def test_a_list_is_shortened() -> None:
    brief = Brief("", kind="slideshow", repeat=Repeat("place", count=10))
    found = drafted(brief, max_units=30)
    assert Facts(found.template).scenes() == 3
    assert warned(found, "3 of 10 items")


def test_the_briefs_own_budget_counts_where_the_caller_has_none() -> None:
    assert draft(DraftRequest("Three shots of the sea, at most 20 credits")).units <= 20
    found = draft(DraftRequest("Three shots of the sea, at most 20 credits", max_units=100))
    assert found.units > 20


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_the_callers_scene_count_wins(count: int) -> None:
    found = draft(DraftRequest("A film in three shots of the sea", scene_count=count))
    assert Facts(found.template).scenes() == count


@pytest.mark.parametrize("seconds", [6, 33, 120])
def test_the_callers_length_wins(seconds: float) -> None:
    text = "Four shots of the sea, 10 seconds, music"
    facts = Facts(draft(DraftRequest(text, duration_seconds=seconds)).template)
    assert facts.seconds() == pytest.approx(seconds, rel=0.05)


def test_the_callers_shape_and_style_win() -> None:
    request = DraftRequest("The sea, 16:9, watercolor", aspect_ratio="9:16", style="film noir")
    found = draft(request)
    assert Facts(found.template).shapes() == {"9:16"}
    assert "film noir" in found.template["stages"][0]["args"]["prompt"]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_caller_says_whether_there_is_sound(wanted: bool) -> None:
    found = draft(DraftRequest("The sea with soft piano", include_audio=wanted))
    assert Facts(found.template).has("generate_music") is wanted
    silent = draft(DraftRequest("The sea", include_audio=wanted))
    assert Facts(silent.template).has("generate_music") is wanted


def test_known_models_are_used_and_others_are_said() -> None:
    models = {"image": "z-turbo", "video": "ltx25", "music": "unheard-of"}
    found = draft(DraftRequest("The sea, two shots, with music", models=models))
    by_tool = {stage["tool"]: stage["args"] for stage in found.template["stages"]}
    assert by_tool["generate_image"]["model"] == "z-turbo"
    assert by_tool["animate_photo"]["videoModel"] == "ltx25"
    assert "model" not in by_tool["generate_music"]
    assert warned(found, "unheard-of")


def test_declared_inputs_are_kept_and_used() -> None:
    inputs = [
        {"name": "hero", "type": "image", "required": True, "description": "The hero"},
        {"name": "loud", "type": "boolean", "default": False},
        {"name": "title", "type": "text", "default": "Harbor"},
    ]
    found = draft(DraftRequest("A title card, then my photo moves", inputs=inputs))
    body = found.template
    assert {"hero", "loud", "title"} <= {one["name"] for one in body["inputs"]}
    assert "$inputs.hero" in str(body["stages"])
    assert "$inputs.title" in str(body["stages"])
    assert next(one for one in body["inputs"] if one["name"] == "title")["default"] == "Harbor"


def test_a_draft_without_a_template_has_at_most_so_many_steps() -> None:
    found = drafted(FILM, max_steps=12)
    assert Facts(found.template).scenes() == 8
    many = drafted(FILM, max_steps=6)
    assert Facts(many.template).scenes() == 4
    assert warned(many, "6 steps")
