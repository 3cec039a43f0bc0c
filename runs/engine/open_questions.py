"""Questions that a run asks a person: opened, taken back, and the pause while nothing else goes on.

Answers are taken by `runs.interaction.waits`. A wait is a row; it holds no worker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from core import clock
from runs import states
from runs.engine import transitions
from runs.log.changes import RunChange
from runs.log.events import RunResumed, RunStarted, RunWaiting, StepWaiting, about
from runs.models import Step, Wait

# The answer of a question that was withdrawn.
WITHDRAWN: Mapping[str, Any] = {"type": "withdrawn"}


def open_wait(
    change: RunChange,
    step: Step,
    reason: str,
    prompt: Mapping[str, Any],
    *,
    fence: Q | None = None,
    **fields: Any,
) -> bool:
    """Make a step wait for a person. False: it is not in the state it was read in any more.

    reason: one of `states.WAITING_REASONS`. prompt: what to show; `message` is its sentence, and
    `told` what the run's log says of it as well.
    fence, fields: as in `transitions.move`.
    """

    def create_wait() -> StepWaiting:
        wait = Wait.objects.create(
            run_id=change.run.id,
            step=step,
            reason=reason,
            prompt=dict(prompt),
            created_at=clock.now(),
        )
        if change.run.status == states.QUEUED:
            # Its first step asks: no worker will say that it has started.
            transitions.move_run(change, states.RUNNING, RunStarted())
        return StepWaiting(**about(step), reason=reason, question=wait.message)

    return transitions.move(
        change, step, states.WAITING, create_wait, fence=fence, progress=0, **fields
    )


def withdraw(step_ids: Collection[int]) -> None:
    """Steps that asked something need no answer any more."""
    if step_ids:
        Wait.objects.filter(step_id__in=step_ids, answered_at=None).update(
            answered_at=clock.now(), answer=dict(WITHDRAWN)
        )


def withdraw_all(change: RunChange) -> None:
    """The run is over: withdraw all its questions."""
    Wait.objects.filter(run_id=change.run.id, answered_at=None).update(
        answered_at=clock.now(), answer=dict(WITHDRAWN)
    )
    if change.run.waiting_reason:
        change.set(waiting_reason="")


def pause_if_idle(change: RunChange, unfinished_states: Collection[str] | None = None) -> None:
    """Let the run wait for a person when nothing else of it goes on.

    unfinished_states: those of its steps that have not ended, when the caller knows them.
    """
    run = change.run
    if run.status not in (states.QUEUED, states.RUNNING):
        return
    if unfinished_states is None:
        rows = Step.objects.filter(run_id=run.id, status__in=states.STEP_UNFINISHED)
        unfinished_states = set(rows.values_list("status", flat=True).distinct())
    if not {states.READY, states.RUNNING, states.PARKED}.isdisjoint(unfinished_states):
        return
    open_waits = Wait.objects.filter(run_id=run.id, answered_at=None).select_related("step")
    first = open_waits.order_by("id").first()
    if first is None:
        return
    waiting = RunWaiting(
        reason=first.reason,
        question=first.message,
        asking="" if first.step is None else first.step.key,
        details=first.prompt.get("told"),
    )
    transitions.move_run(change, states.WAITING_FOR_USER, waiting, waiting_reason=first.reason)


def resume_run(change: RunChange, why: str = "") -> None:
    """The run goes on, if it waited. Anyone who calls this looks at its steps afterwards."""
    if change.run.status == states.WAITING_FOR_USER:
        transitions.move_run(change, states.RUNNING, RunResumed(why=why), waiting_reason="")
