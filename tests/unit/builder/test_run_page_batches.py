"""A batch on a run's page: what it says of its items."""

from __future__ import annotations

from typing import Any

from builder.web.runs_pages import stage_rows, view_models
from templates_app.graph.types import BatchSpec
from tests.support.builders.plans import step as planned

SPEC = BatchSpec("it", planned("each"), expected=12, concurrency=2)


def step(key: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    shape = {"id": key, "title": key.title(), "toolName": "note", "status": status, "sequence": 0}
    rest = {"artifacts": [], "dependsOn": [], "cost": {"estimated": 1}, "progress": 0.0}
    return {**shape, **rest, **more}


def item(place: int, status: str, **more: Any) -> dict[str, Any]:
    title = {"title": f"Try {place + 1}", "parentId": "each", "itemIndex": place}
    return step(f"each_{place}", status, **title, **more)


def shown(*steps: dict[str, Any], status: str = "running", **more: Any) -> list[Any]:
    run = {"steps": steps, "status": status, "events": [], **more}
    return stage_rows.stage_rows(run, {"note": 3.0}, specs={"each": SPEC})


def test_items_are_inside_their_batch_and_no_stages() -> None:
    failed = item(1, "failed", error={"headline": "The provider is full."})
    skipped = item(3, "skipped")
    why = {"event": "step_skipped", "stepId": "each_3", "message": "The run ended"}
    steps = [
        step("each", "running"),
        item(0, "completed"),
        failed,
        item(2, "running", progress=0.5),
    ]
    batch, last = shown(*steps, skipped, step("last", "pending"), events=[why])
    assert [(one["title"], one["note"]) for one in batch["inside"]] == [
        ("Try 1", ""),
        ("Try 2", "The provider is full."),
        ("Try 3", ""),
        ("Try 4", "The run ended"),
    ]
    assert [one["anchor"] for one in batch["inside"]] == [f"item-0-{place}" for place in range(4)]
    assert (batch["progress"], batch["units"]) == (3.5 / 4, 5)
    # Two at a time.
    assert batch["usual_ms"] == 6000
    assert last["id"] == "last"
    [shown_batch, _last] = view_models.stage_table([batch, last])
    assert shown_batch["words"] == "Running, 1 of 4"


def test_what_holds_stages_counts_them_and_asks_with_them() -> None:
    def inside(key: str, status: str, holder: str) -> dict[str, Any]:
        return step(key, status, parentId=holder, toolName="note")

    def element(place: int, status: str) -> dict[str, Any]:
        return step(
            f"each_{place}", status, parentId="each", itemIndex=place, toolName="group", title="Fox"
        )

    steps = [
        step("each", "running", toolName="group"),
        *(element(0, "completed"), inside("done", "completed", "each_0")),
        *(element(1, "running"), inside("still", "running", "each_1")),
        inside("look", "pending", "each_1"),
        *(step("shot", "running", toolName="group"), inside("clip", "running", "shot")),
    ]
    batch, group = shown(*steps)
    assert [len(row["inside"]) for row in (batch, group)] == [2, 1]
    assert [len(element["inside"]) for element in batch["inside"]] == [1, 2]
    look = next(row for row in steps if row["id"] == "look")
    look["status"] = "waiting_for_user"
    batch, _group = shown(*steps)
    assert view_models.stage_table([batch])[0]["words"] == "Your turn, 1 of 2"


def test_a_batch_without_items_says_how_many_are_expected() -> None:
    [batch] = shown(step("each", "pending"))
    assert (batch["expected"], batch["inside"]) == ("about 12 items", [])


def test_a_run_that_is_over_says_how_many_items_failed() -> None:
    error = {"headline": "No."}
    steps = [step("each"), item(0, "completed"), *(item(n, "failed", error=error) for n in (1, 2))]
    [batch] = shown(*steps, status="partial_failure")
    assert batch["note"] == ""
    times = {"createdAt": "2026-01-01T00:00:00Z", "completedAt": "2026-01-01T00:00:09Z"}
    run = {"steps": steps, "status": "partial_failure", "actualCapacityUnits": 1, **times}
    assert view_models.summary(run, 9) == "1 of 1 stage done, 2 of 3 items failed. 1 credit used."


def test_what_waits_for_a_checkpoint_waits_for_an_approval() -> None:
    def needs(*keys: str) -> list[dict[str, Any]]:
        return [{"sourceStepId": key} for key in keys]

    gate = step("gate", "waiting_for_user", dependsOn=needs("look"))
    steps = [step("look"), gate, step("film", "pending", dependsOn=needs("look", "gate"))]
    run = {"steps": steps, "status": "running", "events": []}
    rows = stage_rows.stage_rows(run, {}, asks={"gate": stage_rows.CHECKPOINT})
    assert rows[2]["note"] == "Waiting for your approval of Look"
