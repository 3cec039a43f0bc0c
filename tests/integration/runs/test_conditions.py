"""Stages with a condition: weighed once all they look at is over; skipping them is no failure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact
from templates_app.graph.types import LATEST, Binding, StepKey
from tests.support.builders.plans import batch, beside, late, run_plan, step, takes
from tests.support.builders.running import (
    events_of,
    status_after_work,
    status_of,
    statuses,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = {"retryable": False}


def expr(*, equals: Any, of: str = "$artifacts.a.mood", source: str | None = "a") -> dict[str, Any]:
    left = {"ref": of} | ({"source": source} if source else {})
    return {"type": "expr", "expression": {"op": "==", "args": [left, {"lit": equals}]}}


@pytest.mark.parametrize(("mood", "then"), [("calm", "completed"), ("wild", "skipped")])
def test_a_step_runs_when_its_condition_holds(alice: User, mood: str, then: str) -> None:
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"mood": mood}}),
        step("b", "noop", beside("a"), condition=expr(equals="calm")),
        step("needs", "noop", "b"),
        step("looks", "note", takes("b", "sourceImageIndex", required=False), beside("b")),
    )
    assert status_after_work(run) == "completed"
    assert statuses(run) == {"a": "completed", "b": then, "needs": then, "looks": "completed"}


def test_a_condition_at_the_root_is_weighed_as_the_run_is_stored(alice: User) -> None:
    never = {"type": "expr", "expression": {"lit": False}}
    run = run_plan(alice, step("a", condition=never), step("b", "noop", "a"))
    assert status_of(run) == "completed"
    assert events_of(run)[-3:] == ["step_skipped", "step_skipped", "workflow_completed"]


@pytest.mark.parametrize(("tool", "then"), [("noop", "skipped"), ("fail", "completed")])
def test_a_step_may_stand_in_for_one_that_failed(alice: User, tool: str, then: str) -> None:
    run = run_plan(
        alice,
        step("a", tool, arguments=REFUSED if tool == "fail" else {}, on_error="continue"),
        step("b", "noop", beside("a"), condition={"type": "if_error_in", "sources": ["a"]}),
        step("c", "noop", beside("a"), condition={"type": "if_success_of", "sources": ["a"]}),
    )
    work_off()
    failed = tool == "fail"
    assert status_of(run) == ("partial_failure" if failed else "completed")
    other = "skipped" if then == "completed" else "completed"
    assert (statuses(run)["b"], statuses(run)["c"]) == (then, other)


def test_a_condition_may_ask_whether_there_is_an_artifact(alice: User) -> None:
    asked = {"type": "if_artifact_exists", "sources": ["note", "dull"]}
    run = run_plan(
        alice,
        step("dull"),
        step("note", "note"),
        step("yes", "noop", beside("note"), beside("dull"), condition=asked),
        step("no", "noop", beside("dull"), condition=asked | {"sources": ["dull"]}),
    )
    assert status_after_work(run) == "completed"
    assert (statuses(run)["yes"], statuses(run)["no"]) == ("completed", "skipped")


def test_a_batch_may_have_a_condition(alice: User) -> None:
    item = step("", "note", late=(late("text", "$item.value"),))
    repeated = batch("looks", item, beside("a"), items=("red", "blue"))
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"mood": "calm"}}),
        replace(repeated, condition=expr(equals="calm")),
        replace(repeated, key=StepKey("others"), condition=expr(equals="wild")),
        step("c", "noop", "looks"),
    )
    assert status_after_work(run) == "completed"
    assert statuses(run) == {
        "a": "completed",
        "looks": "completed",
        "looks_0": "completed",
        "looks_1": "completed",
        "others": "skipped",
        "c": "completed",
    }
    run.refresh_from_db()
    assert (run.reserved_milli, run.actual_milli) == (0, 3000)


def test_once_more_is_also_for_failures_that_may_not_be_retried(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0
    run = run_plan(
        alice, step("a", "fail", arguments={"retryable": False, "times": 1}, on_error="retry_once")
    )
    while work_off():
        pass
    assert status_of(run) == "completed"


def test_what_is_only_looked_for_may_have_been_skipped(alice: User) -> None:
    never = {"type": "expr", "expression": {"lit": False}}
    run = run_plan(
        alice,
        step("a", condition=never),
        step("b", "noop", Binding(StepKey("a"), None, required=False)),
    )
    work_off()
    assert statuses(run) == {"a": "skipped", "b": "completed"}


def test_the_newest_that_is_there_is_taken_when_its_maker_was_skipped(alice: User) -> None:
    never = {"type": "expr", "expression": {"lit": False}}
    newest = takes("b", "sourceImageIndex", pick=LATEST, required=False)
    run = run_plan(
        alice,
        step("a", "note"),
        step("b", "note", beside("a"), condition=never),
        step("c", "note", newest),
    )
    work_off()
    first = Artifact.objects.get(run=run, step__key="a")
    assert Artifact.objects.get(run=run, step__key="c").meta["saw"] == [first.blob_id]
