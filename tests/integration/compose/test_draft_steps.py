"""The steps of a draft start a run unchanged, without a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from accounts.models import User
from compose.draft_answers import ANSWERS
from compose.plan import Plan
from compose.template_plan.build import build
from compose.template_plan.presets import with_fields
from compose.template_plan.steps import MOST_STEPS, steps_of
from tests.integration.compose.plans import (
    CHOICE,
    CLIP,
    FILM,
    PHOTO,
    SPOKEN,
    edit,
    open_text,
    plan,
    shot,
)
from tests.support.builders.draft_runs import run_steps
from tools import registry

HERO = tuple(
    shot(f"the hero in {place}", uses="photo", ask_before=place == "a city")
    for place in ("a forest", "a desert", "a city")
)
BRIEFS: dict[str, Plan] = {
    "film": FILM,
    "checkpoint": plan(scenes=HERO, media=(PHOTO,)),
    "choice": CHOICE,
    "list": plan(kind="slideshow", repeat={"item_name": "place", "count": 3}, sound=SPOKEN),
    "song": plan(kind="song", title="my dog", sound={"music": True, "lyrics": True}),
    "clip": plan(
        kind="clip_edit", media=(CLIP,), edits=(edit("subtitles"), edit("overlay"), edit("loop"))
    ),
    "open words": plan(
        scenes=(shot("{product}, wide shot"), shot("{product}, close-up")),
        open_texts=(open_text("product", "Product", "a jar of honey"),),
    ),
}
# Each draws for half a minute what the others draw too.
LONG = {"checkpoint", "choice", "clip"}


def steps(name: str) -> list[dict[str, Any]]:
    return list(steps_of(build(BRIEFS[name], "").body).steps)


def answer_of(tool: str, **arguments: Any) -> dict[str, Any]:
    declared = registry.table().get(tool)
    assert declared is not None
    return ANSWERS[tool](declared.Params.model_validate(arguments))


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
    found = steps_of(build(BRIEFS["choice"], "").body)
    shots = [step for step in found.steps if step["toolName"] == "animate_photo"]
    sources = [step["dependsOn"][0] for step in shots]
    assert [one["sourceStepId"] for one in sources] == ["candidates"] * 2
    assert [one["sourceArtifactIndex"] for one in sources] == [0, 1]
    assert any("the first 2 of 4" in warning for warning in found.warnings)


def test_each_text_of_a_list_becomes_a_step_with_its_own_words() -> None:
    found = steps("open words")
    prompts = [step["arguments"]["prompt"] for step in found if step["id"].startswith("images_")]
    assert prompts == ["A jar of honey, wide shot", "A jar of honey, close-up"]
    shots = [step for step in found if step["toolName"] == "animate_photo"]
    assert [step["dependsOn"][0]["sourceStepId"] for step in shots] == ["images_1", "images_2"]


def test_a_checkpoint_becomes_a_question_before_what_needs_it() -> None:
    def question(found: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        return next(step for step in found if step["toolName"] == "ask_clarifying_question")

    found = steps("checkpoint")
    asked = question(found)
    assert asked["dependsOn"] == ["shot_2"]
    assert asked["id"] in next(step for step in found if step["id"] == "image_3")["dependsOn"]
    # Images of a list are approved when all are there.
    listed = with_fields(BRIEFS["open words"], approves_images=True)
    asked = question(steps_of(build(listed, "").body).steps)
    assert asked["dependsOn"] == ["images_1", "images_2"]


def test_a_text_that_begins_with_a_dollar_stays_one() -> None:
    brief = with_fields(
        BRIEFS["film"], scenes=plan(scenes=[shot("$100 on a table"), shot("$inputs.secret")]).scenes
    )
    prompts = [step["arguments"].get("prompt") for step in steps_of(build(brief, "").body).steps]
    assert "$100 on a table" in prompts
    assert "$inputs.secret" in prompts


@pytest.mark.django_db
def test_compose_workflow_answers_with_steps_and_their_price() -> None:
    answer = answer_of("compose_workflow", brief="A harbor. A boat leaves.", scene_count=9)
    assert len(answer["steps"]) <= MOST_STEPS
    assert answer["estimated_capacity_units"] == sum(line["units"] for line in answer["plan"])
    assert answer["fits_budget"] is True
    assert answer["title"]


@pytest.mark.django_db
def test_compose_workflow_template_is_private_and_has_the_callers_fields() -> None:
    answer = answer_of(
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
    body = answer["template_draft"]
    texts = [body[name] for name in ("name", "description", "category")]
    assert texts == ["Harbor", "Two shots.", "cinematic"]
    assert body["visibility"] == "private"
    assert "logo" in [one["name"] for one in body["inputs"]]
    assert any("nothing-like-it" in warning for warning in answer["warnings"])


@pytest.mark.django_db
@pytest.mark.parametrize("tool", ANSWERS)
def test_sound_that_nothing_makes_is_named(tool: str) -> None:
    brief = 'an image of a boat, with a narrator: "Land ahead.", with subtitles'
    more = {"name": "Boat"} if tool == "compose_workflow_template" else {}
    assert [one for one in answer_of(tool, brief=brief, **more)["warnings"] if "unused" in one] == [
        "An image has no voice, so this is unused.",
        "An image has no subtitles, so this is unused.",
    ]
    film = answer_of(tool, brief=brief.replace("an image", "a film"), **more)
    assert "unused" not in "".join(film["warnings"])
