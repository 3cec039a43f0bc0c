"""Stages inside a stage: they begin together, end together and fail together, in one run."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.engine import cancelling
from runs.interaction.retry import retry_or_answer
from runs.models import Artifact, Event, Run, Step
from tests.support.builders.drafts import note
from tests.support.builders.running import (
    generations,
    principal_of,
    start_template,
    status_after_work,
    statuses,
    work_off,
)
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = "/v1/creative-agent/workflows"
Stage = dict[str, Any]


def group(key: str, *stages: Stage, **fields: Any) -> Stage:
    return {"id": key, "label": key.title(), "type": "fixed", "subStages": list(stages), **fields}


def failing(key: str, **fields: Any) -> Stage:
    return {"id": key, "type": "fixed", "tool": "fail", "args": {"retryable": False}, **fields}


def plain(key: str, **fields: Any) -> Stage:
    return {"id": key, "type": "fixed", "tool": "noop", "produces": [key], **fields}


def question(key: str) -> Stage:
    return {"id": key, "type": "interactive", "userMessage": "Which one?"}


def begun(person: User, *stages: Stage, inputs: list[Any] | None = None) -> Run:
    template = make_template(person, stages=list(stages), inputs=inputs or [])
    return start_template(person, template)


def worked_off(person: User, *stages: Stage, **more: Any) -> Run:
    run = begun(person, *stages, **more)
    work_off()
    run.refresh_from_db()
    return run


def answer(run: Run, person: User, **resume_input: Any) -> None:
    body = {"resume_input": resume_input} if resume_input else {}
    run.refresh_from_db()
    assert retry_or_answer(run=run, actor=principal_of(person), body=body)
    work_off()
    run.refresh_from_db()


WORDS = {"name": "words", "type": "text", "multiple": True, "default": ["red", "blue"]}
SHOT = group("shot", note("still"), note("look", "look", "still"), produces=["shot_image"])


def test_a_group_begins_and_ends_with_what_it_holds(alice: User) -> None:
    run = begun(alice, note("first"), {**SHOT, "requiredArtifactsIn": ["first"]}, plain("x"))
    assert statuses(run) == {
        "first": "ready",
        "shot": "pending",
        "still": "pending",
        "look": "pending",
        "x": "ready",
    }
    assert status_after_work(run) == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}
    log = list(Event.objects.filter(run=run).order_by("seq").values_list("name", "step__key"))
    of_shot = [name for name, key in log if key == "shot"]
    assert of_shot == ["step_expanded", "step_completed"]
    places = {entry: place for place, entry in enumerate(log)}
    assert places["step_expanded", "shot"] < places["step_started", "still"]
    assert places["step_completed", "look"] < places["step_completed", "shot"]


def test_a_later_stage_takes_the_result_of_a_group(alice: User) -> None:
    run = worked_off(alice, SHOT, note("film", "film", "shot_image"))
    made = {row.step.key: row for row in Artifact.objects.filter(run=run).select_related("step")}
    assert made["film"].meta["saw"] == [made["look"].blob_id]
    done = Event.objects.get(run=run, step__key="shot", name="step_completed")
    assert done.payload["artifact_ids"] == [made["look"].public_id]


def test_a_failure_ends_its_group_and_the_run(alice: User) -> None:
    shot = group("shot", failing("bad", produces=["bad"]), plain("after"))
    shot["subStages"][1]["requiredArtifactsIn"] = ["bad"]
    run = worked_off(alice, shot, plain("film", requiredArtifactsIn=["after"]))
    assert run.status == "failed"
    assert statuses(run) == {
        "shot": "failed",
        "bad": "failed",
        "after": "skipped",
        "film": "skipped",
    }
    step = Step.objects.get(run=run, key="shot")
    assert step.error is not None
    assert step.error["message"].startswith("bad: ")


@pytest.mark.parametrize("policy", ["continue", "skip"])
def test_a_run_goes_on_past_a_group_that_may_fail(alice: User, policy: str) -> None:
    shot = group("shot", failing("bad"), note("still", requiredArtifactsIn=["bad"]), onError=policy)
    shot["subStages"][0]["produces"] = ["bad"]
    after = note("after", optionalArtifactsIn=["still"])
    run = worked_off(alice, shot, plain("film"), after)
    assert run.status == "partial_failure"
    assert statuses(run) == {
        "shot": "failed",
        "bad": "failed",
        "still": "skipped",
        "film": "completed",
        "after": "completed",
    }


def test_a_member_may_fail_without_ending_its_group(alice: User) -> None:
    shot = group("shot", failing("bad", onError="continue"), note("still"), produces=["picture"])
    run = worked_off(alice, shot, note("film", "film", "picture"))
    assert run.status == "partial_failure"
    assert statuses(run) == {
        "shot": "completed",
        "bad": "failed",
        "still": "completed",
        "film": "completed",
    }
    assert Step.objects.get(run=run, key="shot").result["warnings"] == ["1 of its stages failed."]


def test_a_group_whose_condition_isnt_met_is_skipped_whole(alice: User) -> None:
    never = {"type": "expr", "expression": "1 == 2"}
    inner = group("inner", note("deep"))
    shot = group("shot", note("still"), inner, condition=never, produces=["picture"])
    after = note("after", optionalArtifactsIn=["picture"])
    run = worked_off(alice, shot, after)
    assert run.status == "completed"
    assert statuses(run) == {
        "shot": "skipped",
        "still": "skipped",
        "inner": "skipped",
        "deep": "skipped",
        "after": "completed",
    }


def test_a_batch_inside_a_group_repeats(alice: User) -> None:
    shots = batch_stage("shots", "$inputs.words", "note", {"text": "$item"})
    inside = group("all", note("still"), shots, produces=["pictures"])
    run = worked_off(alice, inside, note("film", "film", "pictures"), inputs=[WORDS])
    assert run.status == "completed", run.error
    made = Artifact.objects.filter(run=run, step__parent__key="shots").order_by("step__item_index")
    done = Event.objects.get(run=run, step__key="all", name="step_completed")
    assert done.payload["artifact_ids"] == [row.public_id for row in made]
    assert len(made) == 2


def test_a_question_inside_holds_the_group_and_the_run(alice: User) -> None:
    run = worked_off(alice, group("shot", question("which"), note("still")), plain("film"))
    assert run.status == "waiting_for_user"
    assert statuses(run) == {
        "shot": "expanded",
        "which": "waiting",
        "still": "completed",
        "film": "completed",
    }
    answer(run, alice, type="answer", text="The red one")
    assert run.status == "completed", run.error
    assert statuses(run)["shot"] == "completed"


def test_a_checkpoint_comes_after_the_whole_group(alice: User) -> None:
    run = worked_off(alice, {**SHOT, "checkpointRequired": True}, note("film", "x", "still"))
    assert run.status == "waiting_for_user"
    assert statuses(run) == {
        "shot": "completed",
        "still": "completed",
        "look": "completed",
        "shot__gate": "waiting",
        "film": "pending",
    }
    before = list(Artifact.objects.filter(run=run).values_list("public_id", flat=True))
    answer(run, alice, type="redo_stage", stageId="shot")
    assert run.status == "waiting_for_user"
    assert set(before).isdisjoint(
        Artifact.objects.filter(run=run, generation=2).values_list("public_id", flat=True)
    )
    assert set(
        Step.objects.filter(run=run, key__in=("shot", "still", "look")).values_list(
            "generation", flat=True
        )
    ) == {2}
    answer(run, alice, type="approve_checkpoint")
    assert run.status == "completed", run.error


def test_a_checkpoint_inside_asks_about_its_own_stage(alice: User) -> None:
    shot = group("shot", note("still", checkpointRequired=True), note("look", "look", "still"))
    run = worked_off(alice, shot)
    assert statuses(run) == {
        "shot": "expanded",
        "still": "completed",
        "still__gate": "waiting",
        "look": "pending",
    }
    answer(run, alice, type="redo_stage", stageId="still")
    again = generations(run)
    assert (again["still"], again["shot"]) == (2, 1)
    answer(run, alice, type="approve_checkpoint")
    assert run.status == "completed", run.error


def test_a_retry_does_again_what_failed_inside(alice: User) -> None:
    bad = failing("bad", produces=["bad"])
    shot = group("shot", note("still"), bad, note("look", requiredArtifactsIn=["bad"]))
    run = worked_off(alice, group("outer", shot), note("film", requiredArtifactsIn=["look"]))
    assert run.status == "failed"
    assert statuses(run) == {
        "outer": "failed",
        "shot": "failed",
        "still": "completed",
        "bad": "failed",
        "look": "skipped",
        "film": "skipped",
    }
    Step.objects.filter(run=run, key="bad").update(arguments={"times": 0})
    answer(run, alice)
    assert run.status == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}
    assert generations(run) == {"outer": 2, "shot": 2, "still": 1, "bad": 2, "look": 2, "film": 2}


def test_a_retry_begins_a_group_that_never_began(alice: User) -> None:
    bad = failing("bad", produces=["bad"])
    run = worked_off(alice, bad, {**SHOT, "requiredArtifactsIn": ["bad"]})
    assert statuses(run) == {
        "bad": "failed",
        "shot": "skipped",
        "still": "skipped",
        "look": "skipped",
    }
    Step.objects.filter(run=run, key="bad").update(arguments={"times": 0})
    answer(run, alice)
    assert run.status == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}


def test_going_back_to_a_stage_inside_ends_its_group_again(alice: User) -> None:
    last = note("last", "last", "look", checkpointRequired=True)
    run = worked_off(alice, SHOT, last)
    assert run.status == "waiting_for_user"
    answer(run, alice, type="jump_to_stage", stageId="look")
    again = generations(run)
    assert again["still"] == 1
    assert again["look"] == again["shot"] == again["last"] == 2
    assert statuses(run)["shot"] == "completed"
    answer(run, alice, type="approve_checkpoint")
    assert run.status == "completed"


def test_going_back_to_a_group_makes_all_of_it_again(alice: User) -> None:
    last = note("last", "last", "look", checkpointRequired=True)
    run = worked_off(alice, SHOT, last)
    answer(run, alice, type="jump_to_stage", stageId="shot")
    assert generations(run) == {"shot": 2, "still": 2, "look": 2, "last": 2, "last__gate": 1}
    answer(run, alice, type="approve_checkpoint")
    assert run.status == "completed"


def test_items_of_a_batch_that_is_skipped_the_second_time_are_skipped_too(alice: User) -> None:
    first = failing("first", produces=["first"], onError="continue")
    first["args"] = {"times": 0, "retryable": False}
    args = {"text": "$item"}
    after = {"requiredArtifactsIn": ["first"], "checkpointRequired": True}
    shots = batch_stage("shots", "$inputs.words", "note", args, **after)
    run = worked_off(alice, first, shots, inputs=[WORDS])
    Step.objects.filter(run=run, key="first").update(arguments={"retryable": False})
    answer(run, alice, type="jump_to_stage", stageId="first")
    assert statuses(run)["shots"] == "skipped"
    assert {statuses(run)["shots_0"], statuses(run)["shots_1"]} == {"skipped"}
    assert run.status == "failed"


def test_cancelling_ends_a_group_with_all_it_holds(alice: User) -> None:
    run = begun(alice, SHOT)
    assert cancelling.cancel_run(run=run)
    assert set(statuses(run).values()) == {"cancelled"}


def test_clients_see_the_group_with_its_members(alice: User, alice_key: str) -> None:
    api = Api(alice_key)
    saved = api.post(
        TEMPLATES, {"name": "Shots", "stages": [SHOT, note("film", "film", "shot_image")]}
    )
    assert saved.status_code == 201, saved.json()
    template = saved.json()["data"]["template"]["id"]
    started = api.post(RUNS, {"workflow_id": template, "inputs": {}})
    assert started.status_code == 201, started.json()
    run = started.json()["data"]["workflow"]
    assert "sub_stages_run_as_group" in [
        one["code"] for one in started.json()["data"]["compileWarnings"]
    ]
    work_off()
    record = api.get(f"{RUNS}/{run['id']}").json()["data"]["workflow"]
    assert record["status"] == "completed"
    steps = {step["id"]: step for step in record["steps"]}
    assert steps["shot"].get("parentId") is None
    assert steps["still"]["parentId"] == steps["look"]["parentId"] == "shot"
    assert steps["still"].get("itemIndex") is None
    assert [one["id"] for one in steps["shot"]["items"]] == ["still", "look"]
    assert [one["id"] for one in steps["shot"]["artifacts"]] == [
        one["id"] for one in steps["look"]["artifacts"]
    ]


def test_a_quote_sums_up_what_a_group_holds(alice: User, alice_key: str) -> None:
    template = make_template(alice, stages=[SHOT, note("film", "film", "shot_image")], inputs=[])
    body = {"workflow_id": template.public_id, "inputs": {}, "confirm_cost": False}
    answer = Api(alice_key).post(RUNS, body)
    asked = answer.json()["data"]["workflow"]
    assert asked["status"] == "waiting_for_user", asked
    preview = asked["billingPreview"]
    assert [(one["stageId"], one["units"]) for one in preview["perStageBreakdown"]] == [
        ("shot", 2),
        ("film", 1),
    ]
    assert [one["stepId"] for one in preview["perToolBreakdown"]] == ["still", "look", "film"]
