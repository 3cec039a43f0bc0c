"""Cancels a run: waiting steps never start, running ones are asked to stop, charging ends."""

from __future__ import annotations

from django.db.models import Q

from core import clock
from runs import states
from runs.billing import reservations
from runs.engine import open_questions, pending_steps, step_kinds, transitions
from runs.log.changes import RunChange, changing
from runs.log.events import RunCancelled, StepCancelled, about
from runs.models import Attempt, Run, Step


def cancel_run(*, run: Run, reason: str = "") -> bool:
    """Stop a run: what waits never starts, what runs is asked to stop. False: it was over already.

    Nothing is appended to the run's log after its terminal event.
    """
    with changing(run.id) as change:
        if change.run.status in states.RUN_TERMINAL:
            return False
        cancel_within(change, reason)
    return True


def cancel_within(change: RunChange, reason: str) -> None:
    """`cancel_run` as part of a change that found the run unfinished."""
    open_steps = list(
        Step.objects.filter(run_id=change.run.id, status__in=states.STEP_UNFINISHED)
        .only(*pending_steps.EVENT_FIELDS, "kind")
        .order_by("sequence", "item_index")
    )
    now = clock.now()
    # No fence: a worker at one of these steps learns at its next renewal that its claim is gone.
    transitions.move_all(
        change, open_steps, states.CANCELLED, lambda step: StepCancelled(**about(step))
    )
    # A lost attempt's job may still run, and no one will attach to it now.
    Attempt.objects.filter(
        Q(outcome="") | Q(outcome__in=("lost", "returned", "held"), job_ref__isnull=False),
        step_id__in=[step.id for step in open_steps],
    ).update(outcome="cancelled", ended_at=now)
    for step in open_steps:
        if (executor := step_kinds.executor_of(step.kind)) is not None:
            executor.on_cancel(step)
    reservations.release(change)
    open_questions.withdraw_all(change)
    transitions.move_run(change, states.CANCELLED, RunCancelled(reason=reason))
