"""Claims, leases and fences: two workers never both keep a step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from core import clock
from runs.engine import lease, sweep
from runs.models import Artifact, Attempt, Event, Step
from tests.support.running import events_of, finish, start, statuses, take, work_off

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = [{"id": "a", "toolName": "note", "arguments": {"text": "x"}}]


def expire(step_id: int) -> None:
    """As if the worker had been silent for longer than its lease."""
    past = clock.now() - timedelta(seconds=1)
    Step.objects.filter(id=step_id).update(lease_until=past)


def test_second_worker_cannot_claim_a_running_step(alice: User) -> None:
    run = start(alice, NOTE)
    claim = take(run, "one")
    assert lease.claim(claim.step.id, run.id, "two") is None


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
    run.refresh_from_db()
    assert run.status == "completed"


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


def test_dead_workers_steps_are_released_at_once(alice: User) -> None:
    run = start(alice, NOTE)
    take(run, "one")
    assert lease.release_worker("other") == 0
    assert lease.release_worker("one") == 1
    assert statuses(run) == {"a": "ready"}


def test_five_lost_leases_in_a_row_fail_the_step(alice: User) -> None:
    run = start(alice, NOTE)
    for place in range(5):
        take(run, f"worker-{place}")
        lease.release_worker(f"worker-{place}")
    run.refresh_from_db()
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["errorType"] == "GPU_WORKER_FAILED"


def test_blind_provider_is_not_asked_twice_after_a_crash(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {}}])
    claim = take(run, "one")
    Attempt.objects.filter(id=claim.attempt_id).update(submitting_at=clock.now())
    lease.release_worker("one")
    run.refresh_from_db()
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["errorType"] == "PERMISSION_REQUIRED"


def test_stored_job_is_attached_to_instead_of_paid_again(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {"seconds": 0}}])
    claim = take(run, "one")
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=clock.now(), job_ref={"job": "known"}
    )
    lease.release_worker("one")
    finish(take(run, "two"))
    run.refresh_from_db()
    assert run.status == "completed"
    second = Attempt.objects.get(step__run=run, number=2)
    assert (second.job_ref, second.submitting_at) == ({"job": "known"}, None)


def test_only_one_worker_sweeps(alice: User) -> None:
    assert sweep.elected("sweeper", "one", 4)
    assert not sweep.elected("sweeper", "two", 4)
    assert sweep.elected("sweeper", "one", 4)


def test_a_silent_sweeper_is_replaced(alice: User) -> None:
    assert sweep.elected("sweeper", "one", -1)
    assert sweep.elected("sweeper", "two", 4)
    assert not sweep.elected("sweeper", "one", 4)


def test_worker_that_stops_hands_its_step_back(alice: User) -> None:
    run = start(alice, NOTE)
    take(run, "one")
    lease.release_worker("one")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
