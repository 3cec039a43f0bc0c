"""Effects of an answer on the step that asked: it is completed, released or declined.

All inside the change that takes the answer: of two at once, one closes the wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from core import clock, errors
from core.database import db_now
from runs import states
from runs.engine import advance, artifact_rows, paid_requests, remote_jobs, transitions
from runs.engine.open_questions import resume_run
from runs.engine.unknown_charges import request_asked_about
from runs.log.changes import RunChange
from runs.log.events import StepCompleted, StepResumed, about
from runs.models import Artifact, Step, Wait


def close_wait(
    change: RunChange, wait: Wait, *, answer: Mapping[str, Any], by: User | None
) -> bool:
    """Take an answer. False: someone else answered first, or it is not asked any more."""
    wait.answered_at, wait.answered_by, wait.answer = clock.now(), by, dict(answer)
    return bool(
        Wait.objects.filter(id=wait.id, run_id=change.run.id, answered_at=None).update(
            answered_at=wait.answered_at, answered_by=by, answer=wait.answer
        )
    )


def complete_step(
    change: RunChange,
    step: Step,
    result: Mapping[str, Any],
    *,
    artifacts: Sequence[Artifact] = (),
) -> list[int]:
    """Complete a step that waited, with what was answered, and let the run go on.

    result: values, such as {"answer": text}. artifacts: shown as its own, copied as rows. Returns
    the ids of steps that became ready.
    """
    full_result = {
        "ok": True,
        "tool": step.wire_tool,
        "status": "completed",
        "params": (step.resolved or {}).get("arguments", {}),
        "warnings": [],
        "metadata": {},
        **result,
    }
    is_moved = transitions.move(
        change,
        step,
        states.COMPLETED,
        lambda: _complete(change, step, artifacts),
        before=states.WAITING,
        progress=1,
        result=full_result,
    )
    return advance.step_ended(change, step, states.COMPLETED) if is_moved else []


def _complete(change: RunChange, step: Step, artifacts: Sequence[Artifact]) -> StepCompleted:
    """The run goes on, and the step has these artifacts: rows, not bytes."""
    resume_run(change)
    ids = artifact_rows.insert_copies(change, step, artifacts)
    return StepCompleted(
        **about(step),
        artifact_ids=ids,
        took_ms=clock.ms_since(step.started_at or clock.now()),
    )


def complete_selection(change: RunChange, step: Step, artifacts: Sequence[Artifact]) -> list[int]:
    """Complete a step that had media chosen from: they become its own, in this order."""
    chosen = [row.public_id for row in artifacts]
    return complete_step(change, step, {"selected": chosen}, artifacts=artifacts)


def release_step(change: RunChange, step: Step, why: str = "") -> list[int]:
    """A step that was held goes to a worker again, under the same key of its provider."""

    def resume() -> StepResumed:
        resume_run(change)
        return StepResumed(**about(step), generation=step.generation, why=why)

    if not transitions.move(
        change, step, states.READY, resume, before=states.WAITING, not_before=db_now()
    ):
        return []
    change.hint([step.id])
    return [step.id]


def check_job(wait: Wait, job_id: str) -> None:
    """Raise Conflict for a question that no job answers, InvalidBody for the job of another step.

    Whether it is this step's is asked by a worker: no web process asks a provider.
    """
    request = request_asked_about(wait)
    if request is None or wait.step is None:
        raise errors.Conflict(
            "attach_job can't be accepted: the job of this step can't be looked up by an id. Send"
            " approve_checkpoint or reject.",
            person="This job can't be looked up by its ID.",
            code="workflow.not_asked",
        )
    if remote_jobs.is_of_other_step(wait.step.id, request.provider, job_id):
        raise errors.InvalidBody(
            f"resume_input.jobId: the job {job_id} belongs to another step. Send the id of"
            " the job of this one.",
            person="That job belongs to another step.",
            details={"issues": [{"path": "jobId", "message": "belongs to another step."}]},
        )


def attach_job(change: RunChange, wait: Wait, job_id: str) -> None:
    """Have a worker look at the job that was named, and go on with it if it is the step's."""
    request = request_asked_about(wait)
    if request is None or wait.step is None:
        return
    paid_requests.name_job(wait.step, request, job_id)
    release_step(change, wait.step, "Its job was named")


def decline_step(change: RunChange, step: Step, message: str) -> list[int]:
    """A person decided against what a held step was about to do: it fails."""
    if not Step.objects.filter(id=step.id, status=states.WAITING).exists():
        return []
    resume_run(change)
    error = {
        "code": "step.refused",
        "error_type": "USER_CANCELLED",
        "message": message,
        "retryable": False,
    }
    return advance.fail_step(change, step, error)
