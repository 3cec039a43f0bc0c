"""What a run does from its first step to its last event."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import LedgerEntry, User
from media.sandbox import parent
from tests.support.builders.running import (
    chain,
    events_of,
    start,
    status_after_work,
    status_of,
    statuses,
    work_off,
)
from tests.support.fakes import tools
from tests.support.faults.confining import sandbox_children
from tests.support.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chain_completes_in_order(alice: User) -> None:
    run = start(alice, chain("noop", 3))
    assert statuses(run) == {"s0": "ready", "s1": "pending", "s2": "pending"}
    assert status_after_work(run) == "completed"
    assert run.finished_at is not None
    assert events_of(run) == [
        "workflow_created",
        "workflow_queued",
        "workflow_started",
        *(["step_started", "step_completed"][place % 2] for place in range(6)),
        "workflow_completed",
    ]


def test_a_retryable_failure_is_tried_again_and_then_works(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"times": 2}}])
    while work_off():
        pass
    assert status_of(run) == "completed"
    step = run.steps.get()
    assert (step.attempt, step.failures) == (3, 2)
    keys = {entry["key"] for entry in tools.asked() if entry.get("tool") == "fail"}
    assert f"{run.public_id}:a:1" in keys


def test_retries_end_after_max_attempts(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {}}])
    while work_off():
        pass
    run.refresh_from_db()
    step = run.steps.get()
    assert (run.status, step.attempt, step.error["error_type"]) == (
        "failed",
        3,
        "GPU_WORKER_FAILED",
    )


def test_a_finished_run_sums_to_what_it_used(alice: User) -> None:
    steps = [
        {"id": "a", "toolName": "note", "arguments": {"copies": 2}},
        {"id": "b", "toolName": "fail", "arguments": {"retryable": False}, "dependsOn": ["a"]},
        {"id": "c", "toolName": "note", "arguments": {}, "dependsOn": ["b"]},
    ]
    run = start(alice, steps)
    assert run.estimated_milli == 2_000 + 5_000 + 1_000
    work_off()
    run.refresh_from_db()
    total = sum(LedgerEntry.objects.filter(user=alice).values_list("milli", flat=True))
    assert (run.status, run.actual_milli, total) == ("failed", 2_000, -2_000)


def test_a_result_of_an_unannounced_kind_is_refused(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "stray", "arguments": {}}])
    assert status_after_work(run) == "failed"
    assert "does not make" in run.error["message"]
    assert not run.artifacts.exists()


def test_a_sandbox_child_starts_at_the_claim_where_the_provider_uses_one(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent.close()
    start(alice, chain("noop", 1))
    work_off()
    assert sandbox_children() == []
    monkeypatch.setattr(tools.TestProvider, "uses_sandbox", True)
    start(alice, chain("noop", 1))
    work_off()
    wait_for(sandbox_children, "a child that waits for its job")
