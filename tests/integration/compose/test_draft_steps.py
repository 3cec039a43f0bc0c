"""The steps of a draft start a run unchanged, without a template."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
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
from compose.draft_answers import ANSWERS
from compose.template_plan.build import built
from compose.template_plan.steps import MOST_STEPS, steps_of
from tests.support.builders.draft_runs import run_steps
from tools import registry

PHOTO = GivenMedia("photo", "image", "Your photo")
CLIP = GivenMedia("clip", "video", "Your clip")
HERO = tuple(
    Scene(f"the hero in {place}", media="photo", ask_before=place == "a city")
    for place in ("a forest", "a desert", "a city")
)
SPOKEN = Sound(music=True, speech=True, subtitles=True)
BRIEFS: dict[str, Brief] = {
    "film": Brief("", scenes=(Scene("a harbor"), Scene("a boat")), sound=SPOKEN),
    "checkpoint": Brief("", scenes=HERO, media=(PHOTO,)),
    "choice": Brief("", scenes=(Scene("looks"),), media=(PHOTO,), choice=Choice(4, 2)),
    "list": Brief("", kind="slideshow", repeat=Repeat("place", count=3), sound=SPOKEN),
    "song": Brief("", kind="song", topic="my dog", sound=Sound(music=True, lyrics=True)),
    "clip": Brief(
        "",
        kind="clip_edit",
        media=(CLIP,),
        edits=(Edit("subtitles"), Edit("overlay"), Edit("loop")),
    ),
    "open words": Brief(
        "",
        scenes=(Scene("{product}"),) * 2,
        open_texts=(OpenText("product", "Product", "a jar of honey", marker="{product}"),),
    ),
}
# Each draws for half a minute what the others draw too.
LONG = {"checkpoint", "choice", "clip"}


def steps(name: str) -> list[dict[str, Any]]:
    return list(steps_of(built(BRIEFS[name]).body).steps)


def form(tool: str, **arguments: Any) -> Any:
    found = registry.table().get(tool)
    assert found is not None
    return found.Params.model_validate(arguments)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.thorough) if one in LONG else one for one in BRIEFS],
)
def test_steps_run_to_the_end(name: str, alice: User) -> None:
    run = run_steps(alice, name, steps(name))
    assert run.status == "completed", run.error


@pytest.mark.parametrize("name", BRIEFS)
def test_steps_have_no_bindings_of_templates(name: str) -> None:
    assert 0 < len(steps(name)) <= MOST_STEPS
    for step in steps(name):
        assert "$inputs" not in str(step), step
        assert "$artifacts" not in str(step), step
        assert "$item" not in str(step["arguments"]), step


def test_a_choice_takes_the_first_and_says_so() -> None:
    found = steps_of(built(BRIEFS["choice"]).body)
    shots = [step for step in found.steps if step["toolName"] == "animate_photo"]
    assert [step["dependsOn"][0]["sourceStepId"] for step in shots] == ["looks_1", "looks_2"]
    assert any("the first 2 of 4" in warning for warning in found.warnings)


def test_each_text_of_a_list_becomes_a_step_with_its_own_words() -> None:
    found = steps("open words")
    prompts = [step["arguments"]["prompt"] for step in found if step["id"].startswith("images_")]
    assert prompts == ["A jar of honey, wide view", "A jar of honey, close-up"]
    shots = [step for step in found if step["toolName"] == "animate_photo"]
    assert [step["dependsOn"][0]["sourceStepId"] for step in shots] == ["images_1", "images_2"]


def test_a_checkpoint_becomes_a_question_before_what_needs_it() -> None:
    found = steps("checkpoint")
    asked = next(step for step in found if step["toolName"] == "ask_clarifying_question")
    last = next(step for step in found if step["id"] == "image_3")
    assert asked["dependsOn"] == ["shot_2"]
    assert asked["id"] in last["dependsOn"]


def test_images_of_a_list_are_approved_when_all_are_there() -> None:
    brief = replace(BRIEFS["open words"], approves_images=True)
    found = steps_of(built(brief).body).steps
    asked = next(step for step in found if step["toolName"] == "ask_clarifying_question")
    assert asked["dependsOn"] == ["images_1", "images_2"]


def test_a_text_that_begins_with_a_dollar_stays_one() -> None:
    brief = replace(BRIEFS["film"], scenes=(Scene("$100 on a table"), Scene("$inputs.secret")))
    prompts = [step["arguments"].get("prompt") for step in steps_of(built(brief).body).steps]
    assert "$100 on a table" in prompts
    assert "$inputs.secret" in prompts


@pytest.mark.django_db
def test_compose_workflow_answers_with_steps_and_their_price() -> None:
    asked = form("compose_workflow", brief="A harbor at dawn. A boat leaves.", scene_count=9)
    answer = ANSWERS["compose_workflow"](asked)
    assert len(answer["steps"]) <= MOST_STEPS
    assert answer["estimated_capacity_units"] == sum(line["units"] for line in answer["plan"])
    assert answer["fits_budget"] is True
    assert answer["title"]


@pytest.mark.django_db
def test_compose_workflow_template_is_private_and_has_the_callers_fields() -> None:
    asked = form(
        "compose_workflow_template",
        brief="A harbor at dawn. A boat leaves.",
        name="Harbor",
        description="Two shots.",
        category="cinematic",
        visibility="public",
        aspect_ratio="9:16",
        duration_seconds=12,
        inputs=[{"name": "logo", "type": "image", "description": "Your logo"}],
        destination_models={"image": "z-turbo", "video": "nothing-like-it"},
    )
    answer = ANSWERS["compose_workflow_template"](asked)
    body = answer["template_draft"]
    assert (body["name"], body["description"], body["category"]) == (
        "Harbor",
        "Two shots.",
        "cinematic",
    )
    assert body["visibility"] == "private"
    assert "logo" in [one["name"] for one in body["inputs"]]
    assert any("nothing-like-it" in warning for warning in answer["warnings"])
