"""A run goes back to a stage, or on to the next: what follows is made again, the rest is kept."""

from __future__ import annotations

import pytest

from accounts import ledger
from accounts.models import User
from runs.models import Artifact, Step
from tests.integration.runs.test_items import FILM, LOOKS, give, logged, made, saw, waiting
from tests.support.builders.plans import batch, gate, late, run_plan, step, takes
from tests.support.builders.running import (
    generations,
    start,
    status_after_work,
    statuses,
    take,
    work_off,
)
from tests.support.clients.api import Api
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
SONG = {"id": "song", "type": "fixed", "tool": "note", "args": {"text": "song"}, "produces": ["s"]}
CUT = {
    "id": "cut",
    "type": "fixed",
    "tool": "note",
    "produces": ["cut"],
    "args": {"text": "cut", "source_image_url": "$artifacts.film"},
    "checkpointRequired": True,
}


def test_going_back_makes_a_stage_and_what_follows_again(mine: Api, alice: User) -> None:
    run = waiting(alice, SONG, LOOKS, FILM, CUT)
    give(mine, run, "approve_checkpoint")
    assert run.status == "waiting_for_user"
    song, colors, film = made(run, "song"), made(run, "looks_0", "looks_1"), made(run, "film")
    answer = give(mine, run, "jump_to_stage", stageId="looks")
    assert (answer.status_code, answer.json()["data"]["resumed"]) == (202, True), answer.content
    # Its own checkpoint asks again, and what follows waits for that.
    assert run.status == "waiting_for_user"
    assert {"looks__gate": "waiting", "film": "pending", "cut__gate": "pending"}.items() <= (
        statuses(run).items()
    )
    assert made(run, "song") == song
    assert set(made(run, "looks_0", "looks_1")).isdisjoint(colors)
    assert "looks" in logged(mine, run, "workflow_resumed")[-1]["message"].lower()
    give(mine, run, "approve_checkpoint")
    assert made(run, "film") != film
    assert saw(run) == [Artifact.objects.get(public_id=made(run, "looks_1")[0]).blob_id]
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed", run.error
    assert (generations(run)["song"], generations(run)["film"]) == (1, 2)
    assert (ledger.balance(alice), run.reserved_milli) == (-run.actual_milli, 0)


def test_locked_items_stay_and_cost_nothing(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM, CUT)
    give(mine, run, "approve_checkpoint")
    for name in ("looks/0", "film/main"):
        give(mine, run, "lock_item", itemId=name)
    looks, film, spent = made(run, "looks_0"), made(run, "film", "cut"), run.actual_milli
    give(mine, run, "jump_to_stage", stageId="palette")
    give(mine, run, "approve_checkpoint", stageId="looks")
    assert made(run, "looks_0") == looks
    # What only needs what is locked is as it was.
    assert made(run, "film", "cut") == film
    assert run.actual_milli - spent == 2 * Step.objects.get(run=run, key="looks_1").estimated_milli
    refused = give(mine, run, "jump_to_stage", stageId="film")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "workflow.item_locked")


def test_a_later_batch_is_made_of_the_new_elements(mine: Api, alice: User) -> None:
    item = step("", "note", late=(late("text", "$item.value"),))
    run = run_plan(
        alice,
        step("words", "say", arguments={"values": {"list": ["red", "green", "blue"]}}),
        batch("looks", item, "words", over=late("", "$artifacts.words.list", "words").refs[0]),
        step("film", "note", takes("looks", "sourceImageIndex")),
        gate("film"),
    )
    work_off()
    run.refresh_from_db()
    first = made(run, "looks_0", "looks_1", "looks_2")
    assert (run.status, len(first)) == ("waiting_for_user", 3)
    for words in (["teal"], ["rose", "gold", "grey", "white"]):
        Step.objects.filter(run=run, key="words").update(arguments={"values": {"list": words}})
        answer = give(mine, run, "jump_to_stage", stageId="words")
        assert answer.status_code == 202, answer.content
        assert run.status == "waiting_for_user", (statuses(run), run.error)
        items = run.steps.filter(parent__key="looks", status="completed").order_by("item_index")
        assert [row.result["params"]["text"] for row in items] == words
        assert len(made(run, *(row.key for row in items))) == len(words)
        record = mine.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
        assert len([a for a in record["artifacts"] if a["stepId"].startswith("looks_")]) == len(
            words
        )
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed", run.error
    assert (ledger.balance(alice), run.reserved_milli) == (-run.actual_milli, 0)


def test_going_on_to_the_next_stage_passes_its_checkpoint(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM, CUT)
    far = give(mine, run, "jump_to_stage", stageId="cut")
    assert (far.status_code, "film" in far.json()["message"].lower()) == (409, True)
    assert give(mine, run, "jump_to_stage", stageId="film").json()["data"]["resumed"] is True
    assert statuses(run)["cut__gate"] == "waiting"
    assert logged(mine, run, "step_completed")[-2]["stepId"] == "film"


def test_a_failed_run_goes_on_from_an_earlier_stage(mine: Api, alice: User) -> None:
    run = start(
        alice,
        [
            {"id": "beside", "toolName": "note", "arguments": {"text": "b"}},
            {"id": "one", "toolName": "note", "arguments": {"text": "a"}},
            {
                "id": "two",
                "toolName": "fail",
                "arguments": {"times": 1, "retryable": False},
                "dependsOn": ["one"],
            },
        ],
    )
    work_off()
    Step.objects.filter(run=run, key="two").update(arguments={"times": 0})
    before = made(run, "beside", "one")
    assert give(mine, run, "jump_to_stage", stageId="one").status_code == 202
    assert run.status == "completed", run.error
    after = made(run, "beside", "one")
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)
    keys = [entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")]
    assert len(keys) == len(set(keys))
    assert ledger.balance(alice) == -run.actual_milli


def test_what_failed_beside_the_stage_is_tried_again_too(mine: Api, alice: User) -> None:
    item = step("", "fail", late=(late("times", "$item.value"),), arguments={"retryable": False})
    run = run_plan(
        alice,
        batch("tries", item, items=(0, 1), allow_partial=True),
        step("note", "note"),
    )
    assert status_after_work(run) == "partial_failure"
    Step.objects.filter(run=run, tool="fail").update(arguments={"times": 0})
    assert give(mine, run, "jump_to_stage", stageId="note").status_code == 202
    assert run.status == "completed", statuses(run)
    assert generations(run) == {"tries": 2, "tries_0": 1, "tries_1": 2, "note": 2}
    assert (ledger.balance(alice), run.reserved_milli) == (-run.actual_milli, 0)


def test_what_is_no_stage_is_no_place_to_go(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    for given, status, says in (
        ({}, 400, "stageId"),
        ({"stageId": "elsewhere"}, 404, "elsewhere"),
        ({"stageId": 7}, 400, "stageId"),
    ):
        refused = give(mine, run, "jump_to_stage", **given)
        assert (refused.status_code, says in refused.json()["message"]) == (status, True), given


def test_no_one_goes_back_behind_work_or_after_the_end(mine: Api, alice: User) -> None:
    run = start(
        alice,
        [
            {"id": "one", "toolName": "note"},
            {"id": "two", "toolName": "note", "dependsOn": ["one"]},
        ],
    )
    body = {"resume_input": {"type": "jump_to_stage", "stageId": "one"}}
    # It is there already.
    there = mine.post(f"{PATH}/{run.public_id}/resume", body)
    assert there.json()["data"]["resumed"] is False
    take(run)
    Step.objects.filter(run=run, key="one").update(status="completed", lease_until=None)
    Step.objects.filter(run=run, key="two").update(status="ready")
    busy = mine.post(f"{PATH}/{run.public_id}/resume", body)
    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "workflow.item_in_use")
    work_off()
    over = mine.post(f"{PATH}/{run.public_id}/resume", body)
    assert (over.status_code, over.json()["error"]["code"]) == (409, "workflow.over")
