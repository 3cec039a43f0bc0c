"""A batch on a run's page: what it says of its items."""

from __future__ import annotations

from typing import Any

import pytest

from builder.web.runs_pages import batches, stage_rows, view_models
from core import clock
from templates_app.graph.types import BatchSpec
from tests.support.builders.plans import step as planned

SPEC = BatchSpec("it", planned("each"), expected=12, concurrency=2)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["pending"] * 3, "0 of 3"),
        (["completed"] * 9 + ["failed"] * 2 + ["running"], "9 of 12, 2 failed, 1 running"),
        (
            ["completed", "waiting_for_user", "skipped", "cancelled"],
            "1 of 4, 1 waiting, 1 skipped, 1 stopped",
        ),
    ],
)
def test_the_count_names_what_is_not_done(statuses: list[str], said: str) -> None:
    assert batches.count_words(statuses) == said


def step(key: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    shape = {"id": key, "title": key.title(), "toolName": "note", "status": status, "sequence": 0}
    rest = {"artifacts": [], "dependsOn": [], "cost": {"estimated": 1}, "progress": 0.0}
    return {**shape, **rest, **more}


def item(place: int, status: str, **more: Any) -> dict[str, Any]:
    title = {"title": f"Try {place + 1}", "parentId": "each", "itemIndex": place}
    return step(f"each_{place}", status, **title, **more)


def shown(*steps: dict[str, Any], status: str = "running", **more: Any) -> list[Any]:
    run = {"steps": steps, "status": status, "events": [], **more}
    return stage_rows.stage_rows(run, {"note": 3.0}, clock.now(), specs={"each": SPEC})


def test_items_are_tiles_of_their_batch_and_no_stages() -> None:
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
    assert [tile["tile_name"] for tile in batch["tiles"]] == [
        "Try 1, done",
        "Try 2, failed: The provider is full.",
        "Try 3, running",
        "Try 4, skipped: The run ended",
    ]
    assert batch["count_words"] == "1 of 4, 1 failed, 1 running, 1 skipped"
    assert (batch["progress"], batch["cost_text"]) == (3.5 / 4, "5 credits")
    # Two at a time.
    assert batch["usual_ms"] == 6000
    assert last["id"] == "last"
    assert [tile["to_try"] for tile in batch["tiles"]] == [0, 0, 0, 0]


def test_what_holds_stages_names_the_one_that_is_running() -> None:
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
    assert [batch["count_words"], group["count_words"]] == ["1 of 2 · Still", "0 of 1 · Clip"]
    assert [tile.get("count_words") for tile in batch["tiles"]] == ["1 of 1", "0 of 2 · Still"]
    look = next(row for row in steps if row["id"] == "look")
    look["status"] = "waiting_for_user"
    batch, _group = shown(*steps)
    assert (batch["pill"]["word"], batch["count_words"]) == ("Your turn", "1 of 2, 1 waiting")


def test_a_batch_without_items_says_how_many_are_expected() -> None:
    [batch] = shown(step("each", "pending"))
    assert (batch["count_words"], batch["tiles"]) == ("about 12 items", [])


def test_a_run_that_is_over_says_how_many_items_failed_and_offers_them_again() -> None:
    error = {"headline": "No."}
    steps = [step("each"), item(0, "completed"), *(item(n, "failed", error=error) for n in (1, 2))]
    [batch] = shown(*steps, status="partial_failure")
    assert [tile["to_try"] for tile in batch["tiles"]] == [0, 2, 2]
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
    rows = stage_rows.stage_rows(run, {}, clock.now(), asks={"gate": stage_rows.CHECKPOINT})
    assert rows[2]["note"] == "Waiting for your approval of Look"
