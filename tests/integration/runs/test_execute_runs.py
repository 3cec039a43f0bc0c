"""What a run does from its first step to its last event."""

from __future__ import annotations

import pytest

from accounts.auth import Principal
from accounts.models import LedgerEntry, User
from media.sandbox import parent
from runs.admission.start import start_run
from runs.models import Artifact, Event
from tests.support.builders.running import chain, events_of, start, statuses, work_off
from tests.support.fakes import tools
from tests.support.faults.confining import sandbox_children
from tests.support.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chain_completes_in_order(alice: User) -> None:
    run = start(alice, chain("noop", 3))
    assert statuses(run) == {"s0": "ready", "s1": "pending", "s2": "pending"}
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    assert run.finished_at is not None
    assert events_of(run) == [
        "workflow_created",
        "workflow_queued",
        "workflow_started",
        *(["step_started", "step_completed"][place % 2] for place in range(6)),
        "workflow_completed",
    ]


def test_event_sequences_have_no_gap_and_match_the_run(alice: User) -> None:
    runs = [start(alice, chain("noop", 4)) for _ in range(3)]
    work_off()
    for run in runs:
        run.refresh_from_db()
        sequences = list(
            Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)
        )
        assert sequences == list(range(1, run.last_seq + 1))


def test_a_step_sees_what_earlier_steps_made(alice: User) -> None:
    steps = [
        {"id": "a", "toolName": "note", "arguments": {"text": "first", "copies": 2}},
        {
            "id": "b",
            "toolName": "note",
            "arguments": {"text": "second"},
            "dependsOn": [
                {
                    "sourceStepId": "a",
                    "targetArgument": "sourceImageIndex",
                    "transform": "image_index",
                    "sourceArtifactIndex": 1,
                }
            ],
        },
    ]
    run = start(alice, steps)
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    made = {(a.step.key, a.position): a for a in Artifact.objects.filter(run=run)}
    assert made["b", 0].meta["saw"] == [made["a", 1].blob_id]


def test_independent_steps_are_ready_at_once(alice: User) -> None:
    steps = [{"id": name, "toolName": "noop", "arguments": {}} for name in "abc"]
    run = start(alice, [*steps, {"id": "d", "toolName": "noop", "dependsOn": ["a", "b", "c"]}])
    assert statuses(run) == {"a": "ready", "b": "ready", "c": "ready", "d": "pending"}
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_failed_step_fails_the_run_and_skips_the_rest(alice: User) -> None:
    steps = chain("noop", 3)
    steps[1] |= {"toolName": "fail", "arguments": {"retryable": False}}
    run = start(alice, steps)
    work_off()
    run.refresh_from_db()
    assert (run.status, statuses(run)) == (
        "failed",
        {"s0": "completed", "s1": "failed", "s2": "skipped"},
    )
    assert run.error is not None
    assert run.error["error_type"] == "SAFETY_REJECTED"
    assert events_of(run)[-3:] == ["step_failed", "step_skipped", "workflow_failed"]


def test_a_retryable_failure_is_tried_again_and_then_works(alice: User, settings: object) -> None:
    settings.RETRY_BASE_S = 0.0  # type: ignore[attr-defined]
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"times": 2}}])
    while work_off():
        pass
    run.refresh_from_db()
    assert run.status == "completed"
    step = run.steps.get()
    assert (step.attempt, step.failures) == (3, 2)
    keys = {entry["key"] for entry in tools.asked() if entry.get("tool") == "fail"}
    assert f"{run.public_id}:a:1" in keys


def test_retries_end_after_max_attempts(alice: User, settings: object) -> None:
    settings.RETRY_BASE_S = 0.0  # type: ignore[attr-defined]
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


def test_background_runs_wait_for_people(alice: User, bob: User) -> None:
    background = start_run(
        actor=Principal(user=alice, api_key=None, via="session"),
        body={"input": {"steps": chain("noop", 2)}},
        priority=-10,
    ).run
    person = start(bob, chain("sleep", 1, seconds=0.01))
    work_off()
    order = list(
        Event.objects.filter(name="step_started").order_by("id").values_list("run_id", flat=True)
    )
    assert order[0] == person.id
    background.refresh_from_db()
    assert background.status == "completed"


def test_a_result_of_an_unannounced_kind_is_refused(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "stray", "arguments": {}}])
    work_off()
    run.refresh_from_db()
    assert run.status == "failed"
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
