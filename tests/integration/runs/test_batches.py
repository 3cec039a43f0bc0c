"""A stage that repeats: items appear all at once or not at all, so many work, and it ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import LedgerEntry, User
from runs.engine import cancelling, sweep
from runs.models import Artifact, Event, Run, Step, StepEdge
from runs.web import serializers
from templates_app.graph.types import EVERY, DeferredRef, MediaRef, PlanStep, StepKey
from tests.support.builders.plans import batch, late, run_plan, step, takes
from tests.support.builders.running import (
    events_of,
    finish,
    status_after_work,
    status_of,
    statuses,
    take,
    work_off,
)
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("red", "green", "blue")


def notes(key: str = "looks", *needs: Any, items: Any = WORDS, **fields: Any) -> PlanStep:
    """A batch that notes each of its words."""
    item = step("", "note", late=(late("text", "$item.value"),), **fields.pop("item", {}))
    return batch(key, item, *needs, items=items, **fields)


def shown(run: Run) -> dict[str, dict[str, Any]]:
    record = serializers.record(Run.objects.get(id=run.id), base_url="http://testserver")
    return {one["id"]: one for one in record["steps"]}


def test_each_element_becomes_a_step_and_readers_see_them_in_order(alice: User) -> None:
    run = run_plan(
        alice,
        notes(label="Look {index}: {value}", concurrency=2),
        step("film", "note", takes("looks", "sourceImageIndex", pick=EVERY)),
        step("last", "note", takes("looks", "sourceImageIndex", pick=None)),
    )
    assert run.estimated_milli == 5000
    assert statuses(run) == {"looks": "ready", "film": "pending", "last": "pending"}
    first = finish(take(run), take_next=True)
    assert first is not None
    assert statuses(run) | {"film": "", "last": ""} == {
        "looks": "expanded",
        "looks_0": "running",
        "looks_1": "ready",
        "looks_2": "pending",
        "film": "",
        "last": "",
    }
    finish(first)
    assert status_after_work(run) == "completed", run.error
    steps = shown(run)
    assert [one["label"] for one in steps["looks"]["items"]] == [
        "Look 1: red",
        "Look 2: green",
        "Look 3: blue",
    ]
    item = steps["looks_1"]
    assert (item["parentId"], item["itemIndex"], item["itemLabel"]) == ("looks", 1, "Look 2: green")
    assert item["result"]["indices"] == [1]
    assert steps["looks"]["status"] == "completed"
    assert steps["looks"]["result"]["count"] == 3
    assert item["arguments"]["text"] == "green"
    seeds = {steps[f"looks_{place}"]["seed"] for place in range(3)}
    assert len(seeds) == 3
    made = {row.step.key: row for row in Artifact.objects.filter(run=run).select_related("step")}
    # `note` takes one picture: of all it was given the last.
    assert made["film"].meta["saw"] == [made["looks_2"].blob_id]
    assert made["last"].meta["saw"] == [made["looks_0"].blob_id]
    log = events_of(run)
    assert log.count("step_expanded") == 1
    assert log.count("step_completed") == 6
    run.refresh_from_db()
    total = sum(LedgerEntry.objects.filter(user=alice).values_list("milli", flat=True))
    assert (run.actual_milli, run.reserved_milli, total) == (5000, 0, -5000)


def test_no_more_items_work_at_once_than_allowed(alice: User) -> None:
    run = run_plan(alice, notes(concurrency=2, items=tuple("abcde")))
    finish(take(run))
    one, two = take(run, "one"), take(run, "two")
    assert not run.steps.filter(status="ready").exists()
    finish(two)
    assert statuses(run)["looks_2"] == "ready"
    finish(one)
    assert status_after_work(run) == "completed"


def test_elements_may_come_from_an_earlier_result(alice: User) -> None:
    values = {"looks": [{"prompt": "red", "size": 2}, {"prompt": "blue", "size": 1}]}
    source = StepKey("plan")
    item = step("", "note", late=(late("text", "$item.prompt"), late("copies", "$item.look.size")))
    run = run_plan(
        alice,
        step("plan", "say", arguments={"values": values}),
        batch(
            "looks",
            item,
            "plan",
            item_name="look",
            over=DeferredRef((), "$artifacts.plan.looks", source),
            label="{prompt}",
            expected=1,
        ),
    )
    assert run.estimated_milli == 2000
    assert status_after_work(run) == "completed", run.error
    # One more than expected, and one makes two.
    assert (run.estimated_milli, run.actual_milli, run.reserved_milli) == (4000, 4000, 0)
    steps = shown(run)
    assert steps["looks_0"]["title"] == "red"
    assert steps["looks_1"]["result"]["indices"] == [2]


def test_media_and_addresses_become_what_items_work_on(alice: User) -> None:
    item = step("", "note", late=(late("sourceImageIndex", "$item"),))
    media = [
        MediaRef("audio", "https://sounds.example/a.mp3", None),
        MediaRef("image", None, "blob:none"),
    ]
    run = run_plan(
        alice,
        step("sheet", "note", arguments={"copies": 2}),
        batch("each", item, "sheet", over=DeferredRef((), "$artifacts.sheet", StepKey("sheet"))),
        batch(
            "brought",
            item,
            "each",
            items=(
                {"$medium": "input:1", "kind": "image"},
                "https://pictures.example/cat.png",
                "https://pictures.example/cat.png",
            ),
            allow_partial=True,
            concurrency=3,
        ),
        media=media,
    )
    work_off()
    made = {row.step.key: row for row in Artifact.objects.filter(run=run).select_related("step")}
    sheet = Artifact.objects.filter(run=run, step__key="sheet").order_by("position")
    assert [made[f"each_{place}"].meta["saw"] for place in range(2)] == [
        [row.blob_id] for row in sheet
    ]
    run.refresh_from_db()
    assert [ref["url"] for ref in run.media] == [
        "https://sounds.example/a.mp3",
        None,
        "https://pictures.example/cat.png",
    ]
    bindings = StepEdge.objects.filter(step__parent__key="brought").order_by("step__item_index")
    # Of its kind, the one the request brought is the first.
    assert [edge.binding.get("pick", {}).get("index", 0) for edge in bindings] == [0, 1, 1]


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ("http://127.0.0.1/x.png", "127.0.0.1"),
        ("just words", "neither a result of that kind"),
    ],
)
def test_what_is_no_medium_names_the_argument_and_the_item(
    alice: User, element: Any, says: str
) -> None:
    item = step("", "note", late=(late("sourceImageIndex", "$item.it"),))
    run = run_plan(alice, batch("each", item, items=({"it": element},)))
    assert status_after_work(run) == "failed"
    assert run.error is not None
    assert run.error["error_type"] == "PARAMETER_INVALID"
    assert run.error["message"].startswith("Item 1: sourceImageIndex")
    assert says in run.error["message"]
    assert not run.steps.filter(item_index__gte=0).exists()
    assert run.reserved_milli == 0


def test_nothing_to_repeat_completes_at_once(alice: User) -> None:
    run = run_plan(alice, notes(items=()), step("go", "noop", "looks"))
    assert status_after_work(run) == "completed"
    assert shown(run)["looks"]["result"]["count"] == 0


def test_too_many_items_are_refused_with_their_number(alice: User, settings: Any) -> None:
    settings.MAX_STEPS = 4
    run = run_plan(alice, notes(items=tuple("abcd")))
    assert status_after_work(run) == "failed"
    assert run.error is not None
    assert "4 items" in run.error["message"]


FAILING = step(
    "",
    "fail",
    late=(late("retryable", "$item.retryable"), late("times", "$item.times")),
)
GOOD, BAD = {"retryable": True, "times": 0}, {"retryable": False, "times": 9}


def test_a_failed_item_fails_a_batch_that_needs_all(alice: User) -> None:
    run = run_plan(alice, batch("all", FAILING, items=(BAD, GOOD, GOOD)), step("go", "noop", "all"))
    assert status_after_work(run) == "failed"
    assert statuses(run) == {
        "all": "failed",
        "all_0": "failed",
        "all_1": "skipped",
        "all_2": "skipped",
        "go": "skipped",
    }
    assert events_of(run)[-1] == "workflow_failed"


def test_a_batch_that_may_lose_items_completes_with_the_rest(alice: User) -> None:
    run = run_plan(
        alice,
        batch("some", FAILING, items=(GOOD, BAD, GOOD), allow_partial=True),
        step("go", "noop", "some"),
    )
    assert status_after_work(run) == "partial_failure"
    assert statuses(run) == {
        "some": "completed",
        "some_0": "completed",
        "some_1": "failed",
        "some_2": "completed",
        "go": "completed",
    }
    assert shown(run)["some"]["result"]["failed"] == 1


def test_items_are_tried_as_often_as_their_batch_says(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0
    run = run_plan(
        alice, batch("thrice", FAILING, items=({"retryable": False, "times": 2},), tries=3)
    )
    while work_off():
        pass
    assert status_of(run) == "completed"
    assert Step.objects.get(run=run, key="thrice_0").attempt == 3


def test_a_failure_elsewhere_ends_a_batch_at_work(alice: User) -> None:
    run = run_plan(
        alice,
        batch("all", FAILING, items=(GOOD, GOOD, GOOD)),
        step("bad", "fail", arguments={"retryable": False}),
    )
    finish(take(run))
    running = take(run, "one")
    finish(take(run, "two"))
    assert statuses(run) == {
        "all": "expanded",
        "all_0": "running",
        "all_1": "skipped",
        "all_2": "skipped",
        "bad": "failed",
    }
    finish(running)
    assert status_of(run) == "failed"
    assert statuses(run)["all"] == "skipped"


def test_cancel_stops_a_batch_and_its_items(alice: User) -> None:
    run = run_plan(alice, notes())
    claim = take(run)
    finish(claim)
    cancelling.cancel_run(run=run)
    assert set(statuses(run).values()) == {"cancelled"}
    assert sum(LedgerEntry.objects.values_list("milli", flat=True)) == 0


def test_a_worker_that_dies_while_it_expands_leaves_nothing(alice: User) -> None:
    run = run_plan(alice, notes())
    dying = take(run, "one")

    class Killed(BaseException):
        pass

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT INTO runs_event" in sql:
            raise Killed
        return execute(sql, params, many, context)

    before = events_of(run)
    with connection.execute_wrapper(die), pytest.raises(Killed):
        finish(dying)
    assert (statuses(run), events_of(run)) == ({"looks": "running"}, before)
    assert not StepEdge.objects.filter(step__run=run).exists()
    Step.objects.filter(run=run).update(lease_until=dying.started_at)
    assert sweep.sweep() == 1
    late_worker = dying
    finish(take(run, "two"))
    finish(late_worker)
    assert status_after_work(run) == "completed"
    assert run.steps.count() == 4
    log = list(Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert log == list(range(1, run.last_seq + 1))
    heard = [entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")]
    assert sorted(heard) == [f"{run.public_id}:looks_{place}:1" for place in range(3)]


def test_items_are_taken_over_from_an_earlier_run_unless_the_stage_is_to_be_new(
    alice: User,
) -> None:
    runs = []
    for fresh in ((), (), ("looks",)):
        runs.append(run_plan(alice, notes(seed=5), reuse=True, fresh=fresh))
        work_off()
    taken = [run.steps.filter(item_index__gte=0, reused_from__isnull=False) for run in runs]
    assert [rows.count() for rows in taken] == [0, 3, 0]
    runs[1].refresh_from_db()
    assert (runs[1].status, runs[1].actual_milli, runs[1].reserved_milli) == ("completed", 0, 0)
