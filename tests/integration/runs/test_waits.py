"""A run that asks a person holds no worker, waits when nothing else goes on, then goes on."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from accounts.models import LedgerEntry, User
from runs.engine import cancelling, queue_order, reclaiming
from runs.interaction import waits
from runs.log.changes import changing
from runs.models import Artifact, Attempt, Event, Run, Step, Wait
from runs.web import serializers
from tests.support.builders.plans import beside, question, run_plan, step, takes
from tests.support.builders.running import USUAL, events_of, finish, statuses, take, work_off
from tests.support.fakes import tools
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db(transaction=True)


def open_wait(run: Run, key: str) -> Wait:
    return Wait.objects.select_related("step").get(run=run, step__key=key, answered_at=None)


def answer(run: Run, key: str, text: str = "blue") -> bool:
    """As anyone who answers does."""
    wait = open_wait(run, key)
    assert wait.step is not None
    with changing(run.id) as change:
        if not waits.close_wait(change, wait, answer={"type": "answer", "text": text}, by=None):
            return False
        waits.complete_step(change, wait.step, {"answer": text})
    return True


def shown(run: Run) -> dict[str, Any]:
    run = Run.objects.get(id=run.id)
    return serializers.record(run, base_url="http://testserver")


def test_a_run_may_begin_with_a_question(alice: User) -> None:
    run = run_plan(alice, question("ask"), step("go", "noop", "ask"))
    assert statuses(run) == {"ask": "waiting", "go": "pending"}
    assert events_of(run)[-2:] == ["step_waiting_for_user", "workflow_waiting_for_user"]
    assert queue_order.pick(USUAL) == []
    record = shown(run)
    assert (record["status"], record["waitingReason"]) == (
        "waiting_for_user",
        "ask_clarifying_question",
    )
    assert record["awaitingCostApproval"] is False
    waiting = record["waiting"]
    assert waiting["reason"] == "ask_clarifying_question"
    assert waiting["message"] == "Which one?"
    assert waiting["details"]["question"] == "Which one?"
    assert waiting["details"]["stepId"] == "ask"
    assert record["steps"][0]["status"] == "waiting_for_user"
    assert answer(run, "ask")
    assert statuses(run) == {"ask": "completed", "go": "ready"}
    work_off()
    record = shown(run)
    assert record["status"] == "completed"
    assert "waiting" not in record
    assert record["steps"][0]["result"]["answer"] == "blue"
    names = events_of(run)
    assert names.index("workflow_resumed") < names.index("step_completed")


def test_a_run_waits_only_when_nothing_else_goes_on(alice: User) -> None:
    run = run_plan(
        alice, step("a"), question("ask", "a"), step("slow", "noop"), step("go", "noop", "ask")
    )
    first = take(run)
    assert first.step.key == "a"
    slow = take(run)
    finish(first)
    run.refresh_from_db()
    assert (run.status, statuses(run)["ask"]) == ("running", "waiting")
    assert shown(run)["waits"][0]["details"]["stepId"] == "ask"
    finish(slow)
    run.refresh_from_db()
    assert (run.status, run.waiting_reason) == ("waiting_for_user", "ask_clarifying_question")


def test_of_two_questions_the_second_keeps_the_run_waiting(alice: User) -> None:
    run = run_plan(alice, question("one"), question("two"), step("go", "noop", "one", "two"))
    assert answer(run, "one")
    run.refresh_from_db()
    assert run.status == "waiting_for_user"
    assert events_of(run)[-3:] == [
        "workflow_resumed",
        "step_completed",
        "workflow_waiting_for_user",
    ]
    assert answer(run, "two")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"


def test_of_two_answers_at_once_one_counts(alice: User) -> None:
    run = run_plan(alice, question("ask"), step("go", "noop", "ask"))
    wait = open_wait(run, "ask")
    gate, taken = threading.Barrier(2), []

    def race(text: str) -> None:
        try:
            gate.wait(WAIT_S)
            with changing(run.id) as change:
                given = {"type": "answer", "text": text}
                if waits.close_wait(change, wait, answer=given, by=None):
                    assert wait.step is not None
                    waits.complete_step(change, wait.step, {"answer": text})
                    taken.append(text)
        finally:
            connections.close_all()

    racers = [threading.Thread(target=race, args=(text,)) for text in ("red", "blue")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(WAIT_S)
    assert len(taken) == 1
    assert Step.objects.get(run=run, key="ask").result["answer"] == taken[0]
    assert events_of(run).count("workflow_resumed") == 1


def test_a_cancelled_run_asks_nothing_any_more(alice: User) -> None:
    run = run_plan(alice, step("paid", "note"), question("ask"))
    work_off()
    run.refresh_from_db()
    assert run.status == "waiting_for_user"
    assert cancelling.cancel_run(run=run)
    assert not Wait.objects.filter(run=run, answered_at=None).exists()
    record = shown(run)
    assert (record["status"], "waitingReason" in record) == ("cancelled", False)
    assert events_of(run)[-2:] == ["step_cancelled", "workflow_cancelled"]
    assert sum(LedgerEntry.objects.values_list("milli", flat=True)) == -1000


def test_a_failure_elsewhere_takes_the_question_back(alice: User) -> None:
    run = run_plan(alice, question("ask"), step("bad", "fail", arguments={"retryable": False}))
    work_off()
    run.refresh_from_db()
    assert (run.status, statuses(run)) == ("failed", {"ask": "skipped", "bad": "failed"})
    assert not Wait.objects.filter(run=run, answered_at=None).exists()


def test_chosen_media_become_the_waits_own(alice: User) -> None:
    ask = {
        "reason": "select_media_required",
        "prompt": {"userMessage": "Which looks?"},
        "select": {"source": "looks", "kind": "image", "min": 3, "max": 3},
    }
    run = run_plan(
        alice,
        step("looks", "note", arguments={"copies": 2}),
        step("pick", "ask_clarifying_question", "looks", kind="wait", ask=ask),
        step("use", "note", takes("pick", "sourceImageIndex")),
    )
    work_off()
    waiting = shown(run)["waiting"]
    assert waiting["reason"] == "select_media_required"
    details = waiting["details"]
    assert (details["mediaType"], details["min"], details["max"]) == ("image", 2, 2)
    assert [one["stepId"] for one in details["candidates"]] == ["looks", "looks"]
    assert all(one["url"].startswith("http://testserver/media/") for one in details["candidates"])
    second = Artifact.objects.get(public_id=details["candidates"][1]["id"])
    wait = open_wait(run, "pick")
    assert wait.step is not None
    with changing(run.id) as change:
        assert waits.close_wait(change, wait, answer={"type": "select_media"}, by=None)
        waits.complete_selection(change, wait.step, [second])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    used = Artifact.objects.get(run=run, step__key="use")
    assert used.meta["saw"] == [second.blob_id]
    assert shown(run)["steps"][1]["result"]["selected"] == [second.public_id]


def test_nothing_to_choose_from_fails_the_wait(alice: User) -> None:
    ask = {"select": {"source": "dull", "kind": "image", "min": 1, "max": 1}}
    run = run_plan(
        alice, step("dull"), step("pick", "ask_clarifying_question", "dull", kind="wait", ask=ask)
    )
    work_off()
    run.refresh_from_db()
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["error_type"] == "ASSET_NOT_FOUND"


def test_a_provider_that_holds_is_asked_again_with_the_same_key(alice: User) -> None:
    run = run_plan(alice, step("held", "held"), step("go", "noop", "held"))
    work_off()
    run.refresh_from_db()
    assert (run.status, run.waiting_reason) == ("waiting_for_user", "safety_review_required")
    assert shown(run)["waiting"]["message"] == "Someone must look at this first."
    assert shown(run)["waiting"]["details"]["score"] == 0.7
    wait = open_wait(run, "held")
    assert wait.step is not None
    with changing(run.id) as change:
        assert waits.close_wait(change, wait, answer={"type": "approve"}, by=alice)
        waits.release_step(change, wait.step, "Approved")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    keys = [
        entry["key"]
        for entry in tools.asked()
        if entry.get("tool") == "held" and run.public_id in entry["key"]
    ]
    assert keys == [f"{run.public_id}:held:1"] * 2


def test_a_refused_hold_fails_its_step(alice: User) -> None:
    run = run_plan(alice, step("held", "held"))
    work_off()
    wait = open_wait(run, "held")
    assert wait.step is not None
    with changing(run.id) as change:
        assert waits.close_wait(change, wait, answer={"type": "reject"}, by=alice)
        waits.decline_step(change, wait.step, "Not like this.")
    run.refresh_from_db()
    assert (run.status, run.waiting_reason) == ("failed", "")
    assert run.error is not None
    assert run.error["message"] == "Not like this."


def test_a_service_that_may_be_paid_twice_is_asked_about(alice: User, settings: Any) -> None:
    run = run_plan(
        alice, step("a", "paid", arguments={"seconds": 0}), step("b", "noop", beside("a"))
    )
    claim = take(run, "one")
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=claim.started_at, provider="paid-service"
    )
    reclaiming.release_worker("one")
    run.refresh_from_db()
    assert (run.status, run.waiting_reason) == ("waiting_for_user", "permission_required")
    assert "may already have been charged" in shown(run)["waiting"]["message"]
    wait = open_wait(run, "a")
    assert wait.step is not None
    with changing(run.id) as change:
        waits.close_wait(change, wait, answer={"type": "approve"}, by=alice)
        waits.release_step(change, wait.step, "Approved")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    log = Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)
    assert list(log) == list(range(1, run.last_seq + 1))


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
    told = events_of(run)
    assert told[-1] == "workflow_failed"
    assert (told.count("step_failed"), told.count("step_skipped")) == (1, 1)
