"""Claims, leases and fences: two workers never both keep a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection

from accounts.models import User
from core import clock
from runs.engine import cancelling, claims, lease, queue_order, reclaiming, sweep
from runs.engine import worker as worker_module
from runs.engine.attempt_context import AttemptContext
from runs.engine.worker import Worker
from runs.interaction import answers
from runs.models import Artifact, Attempt, Event, Run, Step
from tests.support.builders.running import (
    USUAL,
    chain,
    events_of,
    finish,
    start,
    status_after_work,
    status_of,
    statuses,
    take,
    work_off,
)
from tests.support.fakes import tools
from tools.providers.base import Stopped

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = [{"id": "a", "toolName": "note", "arguments": {"text": "x"}}]


def expire(step_id: int) -> None:
    """As if the worker had been silent for longer than its lease."""
    past = clock.now() - timedelta(seconds=1)
    Step.objects.filter(id=step_id).update(lease_until=past)


def test_second_worker_cannot_claim_a_running_step(alice: User) -> None:
    run = start(alice, NOTE)
    claim = take(run, "one")
    assert claims.claim(claim.step.id, run.id, "two") is None


def test_expired_lease_goes_to_the_next_worker(alice: User) -> None:
    run = start(alice, NOTE)
    claim = take(run, "one")
    assert sweep.sweep() == 0
    expire(claim.step.id)
    assert sweep.sweep() == 1
    again = take(run, "two")
    assert again.attempt == 2
    assert again.provider_key == claim.provider_key
    finish(again)
    assert status_of(run) == "completed"


def test_late_worker_leaves_nothing_behind(alice: User) -> None:
    run = start(alice, NOTE)
    late = take(run, "one")
    expire(late.step.id)
    sweep.sweep()
    finish(take(run, "two"))
    before = events_of(run)
    finish(late)
    assert events_of(run) == before
    assert Artifact.objects.filter(run=run).count() == 1
    assert Event.objects.filter(run=run, name="step_completed").count() == 1


def test_late_worker_learns_from_its_heartbeat(alice: User) -> None:
    run = start(alice, NOTE)
    late = take(run, "one")
    assert lease.renew(late)
    expire(late.step.id)
    sweep.sweep()
    assert not lease.renew(late)
    take(run, "two")
    assert not lease.renew(late)


def test_five_lost_leases_in_a_row_fail_the_step(alice: User) -> None:
    run = start(alice, NOTE)
    for place in range(5):
        take(run, f"worker-{place}")
        reclaiming.release_worker(f"worker-{place}")
    assert status_of(run) == "failed"
    assert run.error is not None
    assert run.error["error_type"] == "GPU_WORKER_FAILED"


def test_blind_provider_is_not_asked_twice_after_a_crash(alice: User, settings: Any) -> None:
    settings.ASK_BEFORE_REPAYING = False
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {}}])
    claim = take(run, "one")
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=clock.now(), provider="paid-service"
    )
    reclaiming.release_worker("one")
    assert status_of(run) == "failed"
    assert run.error is not None
    assert run.error["error_type"] == "PERMISSION_REQUIRED"


def test_a_dead_sweeper_is_replaced_at_once(alice: User) -> None:
    assert sweep.is_elected(reclaiming.SWEEPER, "one", 4)
    assert sweep.is_elected("pruner", "one", 3600)
    reclaiming.release_worker("one")
    assert sweep.is_elected(reclaiming.SWEEPER, "two", 4)
    assert not sweep.is_elected("pruner", "two", 3600)


def test_hand_backs_are_not_held_against_the_step(alice: User) -> None:
    run = start(alice, NOTE)
    for place in range(2 * reclaiming.LOST_LEASES_THAT_FAIL):
        take(run, f"worker-{place}")
        assert reclaiming.release_worker(f"worker-{place}", handed_back=True) == 1
    assert run.steps.get().lost_leases == 0
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"returned"}
    assert status_after_work(run) == "completed"


def test_step_that_lost_its_worker_keeps_its_place_in_the_queue(alice: User) -> None:
    first = start(alice, NOTE)
    take(first, "one")
    start(alice, NOTE)
    reclaiming.release_worker("one")
    assert [run_id for _, run_id in queue_order.pick(USUAL)] == [first.id]


def test_worker_told_to_stop_hands_back_what_it_took_on_the_way(alice: User) -> None:
    run = start(alice, chain("noop", 3))
    worker = Worker("one")

    def stop_at_the_first_result(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if "UPDATE runs_attempt SET" in sql:
            worker.stop()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop_at_the_first_result):
        worker.run()
    assert statuses(run) == {"s0": "completed", "s1": "ready", "s2": "pending"}
    assert list(run.steps.values_list("lost_leases", flat=True)) == [0, 0, 0]


def test_database_that_is_away_fails_no_step(alice: User) -> None:
    run = start(alice, NOTE)
    worker = Worker("one")
    with connection.execute_wrapper(refuse_artifacts):
        assert worker.run_until_idle() == 0
    assert statuses(run) == {"a": "running"}
    assert worker.run_until_idle() == 1
    assert (status_of(run), run.steps.get().attempt) == ("completed", 2)
    assert Event.objects.filter(run=run, name="step_completed").count() == 1


def test_a_step_whose_failure_the_database_never_takes_ends(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "FIRST_REST_S", 0.0)
    monkeypatch.setattr(worker_module, "LONGEST_REST_S", 0.0)
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"retryable": False}}])
    worker = Worker("one")
    with connection.execute_wrapper(refuse_the_failure):
        for _ in range(2 * reclaiming.LOST_LEASES_THAT_FAIL):
            worker.run_until_idle()
    run.refresh_from_db()
    step = run.steps.get()
    assert (run.status, step.attempt) == ("failed", reclaiming.LOST_LEASES_THAT_FAIL)
    assert step.error is not None
    assert step.error["code"] == "step.workers_lost"


def refuse_the_failure(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """As a database that answers, and refuses to store why the step failed."""
    # What Postgres gets as JSON is shown shortened; `obj` is the whole of it.
    if "The test provider refuses." in str([getattr(one, "obj", one) for one in params or ()]):
        raise DataError("unsupported Unicode escape sequence")
    return execute(sql, params, many, context)


def refuse_artifacts(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """As a database that is locked or gone just when a step's results are to be kept."""
    if "INSERT" in sql and "runs_artifact" in sql:
        raise OperationalError("the database went away")
    return execute(sql, params, many, context)


def asking(claim: claims.Claim) -> AttemptContext:
    """The hold on an attempt that asks the paid service."""
    work = AttemptContext(claim)
    work.provider = "paid-service"
    return work


def test_job_submitted_while_the_run_was_cancelled_is_called_off(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {}}])
    work = asking(take(run))
    work.submitting()
    cancelling.cancel_run(run=run)
    with pytest.raises(Stopped):
        work.remember({"job": "late"})
    sweep.sweep()
    assert {"job": "late"} in [entry.get("cancelled") for entry in tools.asked()]


def test_job_of_a_lost_worker_is_called_off_by_a_cancel(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {}}])
    work = asking(take(run, "one"))
    work.submitting()
    work.remember({"job": "orphan"})
    reclaiming.release_worker("one")
    cancelling.cancel_run(run=run)
    sweep.sweep()
    assert {"job": "orphan"} in [entry.get("cancelled") for entry in tools.asked()]


PAID = [{"id": "a", "toolName": "paid", "arguments": {"seconds": 0}}]


def test_worker_that_lost_its_step_before_sending_sends_nothing(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(alice, PAID)
    claim = take(run, "paused")

    def pause() -> None:
        expire(claim.step.id)
        sweep.sweep()
        # As if as much time had passed by this process's own clock.
        settings.LEASE_S = -1

    monkeypatch.setattr(tools, "BEFORE_SENDING", [pause])
    finish(claim)
    assert [entry for entry in tools.asked() if claim.provider_key == entry.get("key")] == []


def test_worker_that_lost_its_step_cannot_announce_a_payment(alice: User) -> None:
    run = start(alice, PAID)
    work = asking(take(run, "paused"))
    expire(work.claim.step.id)
    sweep.sweep()
    with pytest.raises(Stopped):
        work.submitting()


def test_another_owner_of_the_same_attempt_is_not_written_over(alice: User) -> None:
    run = start(alice, NOTE)
    claim = take(run, "one")
    Step.objects.filter(id=claim.step.id).update(lease_owner="two")
    assert not lease.renew(claim)
    finish(claim)
    assert statuses(run) == {"a": "running"}


def test_job_of_a_worker_that_woke_too_late_is_attached_to_and_paid_once(alice: User) -> None:
    run = start(alice, PAID)
    work = asking(take(run, "paused"))
    work.submitting()
    expire(work.claim.step.id)
    sweep.sweep()
    with pytest.raises(Stopped):
        work.remember({"job": "known"})
    run.refresh_from_db()
    assert run.waiting_reason == "permission_required"
    answer_wait(run, alice)
    assert status_after_work(run) == "completed"
    second = Attempt.objects.get(step__run=run, number=2)
    assert (second.job_ref, second.submitting_at) == ({"job": "known"}, None)


def test_job_known_too_late_for_anyone_is_called_off(alice: User) -> None:
    run = start(alice, PAID)
    work = asking(take(run, "paused"))
    work.submitting()
    expire(work.claim.step.id)
    sweep.sweep()
    answer_wait(run, alice)
    work_off()
    with pytest.raises(Stopped):
        work.remember({"job": "second thoughts"})
    sweep.sweep()
    assert {"job": "second thoughts"} in [entry.get("cancelled") for entry in tools.asked()]


def answer_wait(run: Run, by: User) -> None:
    """Approve what a held step asks about."""
    approved = {"type": "approve_checkpoint", "stepId": "a"}
    assert answers.answer(run=run, actor=by, resume_input=approved)
