"""A run that asks a person holds no worker, waits when nothing else goes on, then goes on."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.engine import cancelling
from runs.interaction import waits
from runs.log.changes import changing
from runs.models import Run, Wait
from runs.web import serializers
from tests.support.builders.plans import question, run_plan, step
from tests.support.builders.running import (
    events_of,
    finish,
    status_after_work,
    status_of,
    statuses,
    take,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)


def open_wait(run: Run, key: str) -> Wait:
    return Wait.objects.select_related("step").get(run=run, step__key=key, answered_at=None)


def shown(run: Run) -> dict[str, Any]:
    run = Run.objects.get(id=run.id)
    return serializers.record(run, base_url="http://testserver")


def test_a_run_waits_only_when_nothing_else_goes_on(alice: User) -> None:
    run = run_plan(
        alice, step("a"), question("ask", "a"), step("slow", "noop"), step("go", "noop", "ask")
    )
    first = take(run)
    assert first.step.key == "a"
    slow = take(run)
    finish(first)
    assert (status_of(run), statuses(run)["ask"]) == ("running", "waiting")
    assert shown(run)["waits"][0]["details"]["stepId"] == "ask"
    finish(slow)
    assert (status_of(run), run.waiting_reason) == ("waiting_for_user", "ask_clarifying_question")


def test_a_question_takes_one_answer(alice: User) -> None:
    run = run_plan(alice, question("ask"))
    wait = open_wait(run, "ask")
    with changing(run.id) as change:
        taken = [waits.close_wait(change, wait, answer={}, by=None) for _ in range(2)]
    assert taken == [True, False]


def test_a_cancelled_run_asks_nothing_any_more(alice: User) -> None:
    run = run_plan(alice, step("paid", "note"), question("ask"))
    assert status_after_work(run) == "waiting_for_user"
    assert cancelling.cancel_run(run=run)
    assert not Wait.objects.filter(run=run, answered_at=None).exists()
    assert "waitingReason" not in shown(run)
    assert events_of(run)[-2:] == ["step_cancelled", "workflow_cancelled"]


def test_a_failure_elsewhere_takes_the_question_back(alice: User) -> None:
    run = run_plan(alice, question("ask"), step("bad", "fail", arguments={"retryable": False}))
    assert (status_after_work(run), statuses(run)) == (
        "failed",
        {"ask": "skipped", "bad": "failed"},
    )
    assert not Wait.objects.filter(run=run, answered_at=None).exists()


def test_no_more_are_to_be_chosen_than_were_made(alice: User) -> None:
    ask = {"select": {"source": "looks", "kind": "image", "min": 3, "max": 3}}
    run = run_plan(
        alice,
        step("looks", "note", arguments={"copies": 2}),
        step("pick", "ask_clarifying_question", "looks", kind="wait", ask=ask),
    )
    work_off()
    details = shown(run)["waiting"]["details"]
    assert (details["mediaType"], details["min"], details["max"]) == ("image", 2, 2)
    assert [one["stepId"] for one in details["candidates"]] == ["looks", "looks"]
    assert all(one["url"].startswith("http://testserver/media/") for one in details["candidates"])


def test_two_questions_about_nothing_fail_the_run_once(alice: User) -> None:
    ask = {"select": {"source": "first", "kind": "image"}}
    run = run_plan(
        alice,
        step("first", "noop"),
        question("one", "first", ask=ask),
        question("two", "first", ask=ask),
    )
    work_off()
    assert statuses(run) == {"first": "completed", "one": "failed", "two": "skipped"}
    assert run.steps.get(key="one").error["error_type"] == "ASSET_NOT_FOUND"
    told = events_of(run)
    assert told[-1] == "workflow_failed"
    assert (told.count("step_failed"), told.count("step_skipped")) == (1, 1)
