"""A checkpoint that sends its stage back: made again, paid again, and asked about again."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import LedgerEntry, User
from core import errors
from runs.engine import advance
from runs.interaction import waits
from runs.log.changes import changing
from runs.models import Artifact, Run, Step, Wait
from runs.web import serializers
from tests.support.builders.plans import batch, gate, late, run_plan, step, takes
from tests.support.builders.running import events_of, statuses, work_off
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)


def shown(run: Run) -> dict[str, Any]:
    return serializers.record(Run.objects.get(id=run.id), base_url="http://testserver")


def redo(run: Run, key: str, **override: Any) -> list[int]:
    with changing(run.id) as change:
        return advance.redo(change, Step.objects.get(run=run, key=key), override)


def approve(run: Run) -> None:
    wait = Wait.objects.select_related("step").get(run=run, answered_at=None)
    assert wait.step is not None
    with changing(run.id) as change:
        assert waits.close_wait(change, wait, answer={"type": "approve_checkpoint"}, by=None)
        waits.complete_step(change, wait.step, {"approved": True})


def test_a_stage_is_made_again_until_it_is_approved(alice: User) -> None:
    run = run_plan(
        alice,
        step("look", "note", arguments={"text": "red"}, seed=1),
        gate("look"),
        step("film", "note", takes("look", "sourceImageIndex"), "look__gate"),
    )
    work_off()
    waiting = shown(run)["waiting"]
    assert waiting["reason"] == "workflow_user_input_required"
    assert waiting["details"]["stageId"] == "look"
    assert len(waiting["details"]["candidates"]) == 1
    assert statuses(run) == {"look": "completed", "look__gate": "waiting", "film": "pending"}
    assert redo(run, "look", text="blue", copies=2)
    assert statuses(run) == {"look": "ready", "look__gate": "pending", "film": "pending"}
    work_off()
    waiting = shown(run)["waiting"]
    assert len(waiting["details"]["candidates"]) == 2
    look = Step.objects.get(run=run, key="look")
    assert (look.generation, look.arguments) == (2, {"text": "blue", "copies": 2})
    assert look.seed != 1
    approve(run)
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    newest = Artifact.objects.get(run=run, step=look, generation=2, position=0)
    assert Artifact.objects.get(run=run, step__key="film").meta["saw"] == [newest.blob_id]
    assert events_of(run).count("workflow_waiting_for_user") == 2
    # One, two made again, and the film.
    total = sum(LedgerEntry.objects.filter(user=alice).values_list("milli", flat=True))
    assert (run.actual_milli, run.reserved_milli, total) == (4000, 0, -4000)
    keys = {entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")}
    assert {f"{run.public_id}:look:1", f"{run.public_id}:look:2"} <= keys


def test_one_item_of_a_batch_is_made_again(alice: User) -> None:
    item = step("", "note", late=(late("text", "$item.value"),))
    run = run_plan(
        alice, batch("looks", item, items=("red", "green")), gate("looks"), step("go", "noop")
    )
    work_off()
    before = {row.step.key: row.blob_id for row in Artifact.objects.filter(run=run)}
    assert redo(run, "looks_1", text="blue")
    assert statuses(run)["looks"] == "expanded"
    work_off()
    after = {one["stepId"]: one["id"] for one in shown(run)["artifacts"]}
    made = {row.public_id: row.blob_id for row in Artifact.objects.filter(run=run)}
    assert made[after["looks_0"]] == before["looks_0"]
    assert made[after["looks_1"]] != before["looks_1"]
    redo(run, "looks")
    assert {statuses(run)[key] for key in ("looks_0", "looks_1")} == {"ready", "pending"}
    work_off()
    approve(run)
    run.refresh_from_db()
    assert run.status == "completed"
    assert Step.objects.get(run=run, key="looks").generation == 3
    assert run.actual_milli == 5000


@pytest.mark.parametrize(
    ("override", "says"),
    [({"copies": 99}, "copies"), ({"sourceImageIndex": 0}, "names media")],
)
def test_a_bad_override_changes_nothing(alice: User, override: dict[str, Any], says: str) -> None:
    run = run_plan(alice, step("look", "note"), gate("look"))
    work_off()
    log = events_of(run)
    with pytest.raises(errors.InvalidInput, match=says):
        redo(run, "look", **override)
    assert statuses(run) == {"look": "completed", "look__gate": "waiting"}
    assert events_of(run) == log


def test_a_stage_no_one_is_asked_about_cannot_be_made_again(alice: User) -> None:
    run = run_plan(alice, step("look", "note"), gate("look"), step("other", "note"))
    with pytest.raises(errors.Conflict):
        redo(run, "look")
    work_off()
    with pytest.raises(errors.Conflict):
        redo(run, "other")


def test_a_redo_beyond_the_ceiling_is_refused(alice: User) -> None:
    run = run_plan(alice, step("look", "note"), gate("look"), ceiling=1500)
    work_off()
    with pytest.raises(errors.Conflict, match="exceed"):
        redo(run, "look")
    assert statuses(run)["look__gate"] == "waiting"
