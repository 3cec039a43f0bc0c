"""Consequences of a step's end: others become ready, are skipped or ask, and the run may end.

`states.schedule`, `states.decide_batch` and `states.outcome` decide; this applies it inside the
change that ended the step, looking only at that step's neighbours. `reevaluate` looks at them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import clock
from core.errors import ProviderError
from runs import states
from runs.billing import reservations
from runs.engine import batches, kept_results, open_questions, pending_steps, questions, transitions
from runs.engine.redo import redo
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange
from runs.log.events import RunCompleted, RunFailed, RunPartlyFailed, StepFailed, about
from runs.models import Run, Step
from templates_app.graph.evaluate import holds

__all__ = ["fail_step", "redo", "reevaluate", "step_ended", "step_paused"]


def fail_step(change: RunChange, step: Step, error: dict[str, Any]) -> list[int]:
    """Record the final failure of a step that no worker holds, and what follows from it.

    Returns the ids of steps that became ready.
    """
    event = StepFailed(**about(step), error=error)
    if not transitions.move(change, step, states.FAILED, event, error=error):
        # Another step that failed in this change has ended the run, and this one was skipped.
        return []
    return step_ended(change, step, states.FAILED)


def step_ended(change: RunChange, step: Step, status: str) -> list[int]:
    """Move the dependants of a step that just ended, and the run when nothing is left.

    Returns the ids of steps that became ready, in plan order.
    """
    if step.parent_id is not None:
        return _item_ended(change, step.parent_id)
    if status == states.FAILED and step.on_error in states.STOPPING:
        _stop_run(change, f"{step.title or step.key} failed")
        ready: list[int] = []
    else:
        ready = _schedule(change, pending_steps.dependants_of([step.id]))
    if not ready:
        settle_run(change)
    change.hint(ready)
    return ready


def step_paused(change: RunChange, step: Step) -> list[int]:
    """A step that was at work waits for a person now: others may take its place, or the run waits.

    Returns the ids of steps that became ready.
    """
    if step.parent_id is not None:
        return _item_ended(change, step.parent_id)
    settle_run(change)
    return []


def reevaluate(change: RunChange) -> list[int]:
    """Consider every step of a run that has not started: after its opening, an answer, a resume.

    Readies, skips and asks, goes on with batches, lets the run wait or ends it. Returns the ids of
    steps that became ready, in plan order.
    """
    ready = _schedule(change, pending_steps.pending_of(change.run.id))
    open_batches = Step.objects.filter(run_id=change.run.id, status=states.EXPANDED)
    for batch in open_batches.order_by("sequence"):
        ready += _advance_batch(change, batch)
    change.hint(ready)
    settle_run(change)
    return ready


def settle_run(change: RunChange) -> None:
    """Finish the run when its steps say so; let it wait when only a person can go on."""
    run = change.run
    if run.status in states.RUN_TERMINAL:
        return
    rows = Step.objects.filter(run_id=run.id, status__in=states.STEP_UNFINISHED)
    if open_statuses := set(rows.values_list("status", flat=True).distinct()):
        open_questions.pause_if_idle(change, open_statuses)
        return
    final = states.outcome(Step.objects.filter(run_id=run.id).values_list("status", "on_error"))
    if final is not None:
        _end(change, final)


def _end(change: RunChange, final: str) -> None:
    """Write how the run ended, and settle what was reserved but not used."""
    run = change.run
    created_at = Run.objects.values_list("created_at", flat=True).get(id=run.id)
    took_ms = clock.ms_since(created_at)
    reservations.release(change)
    if run.status == states.WAITING_FOR_USER:
        open_questions.resume_run(change)
    if final == states.COMPLETED:
        transitions.move_run(change, final, RunCompleted(took_ms=took_ms))
    elif final == states.PARTIAL_FAILURE:
        transitions.move_run(change, final, RunPartlyFailed(took_ms=took_ms))
    else:
        error = _first_error(run.id)
        transitions.move_run(change, final, RunFailed(error=error), error=error)


def _schedule(change: RunChange, candidates: Sequence[states.Candidate]) -> list[int]:
    """Ready, evaluate, ask or skip pending steps, then the dependants of the skipped."""
    ready: list[int] = []
    broken: list[tuple[Step, ProviderError]] = []
    while candidates:
        schedule = states.schedule(candidates)
        ended_ids: list[int] = []
        if schedule.ready:
            transitions.make_ready(schedule.ready)
            ready += schedule.ready
        if schedule.due:
            eligible, over = _evaluate(change, schedule.due, broken)
            ready += eligible
            ended_ids += over
        if schedule.skipped:
            ended_ids += _skip(change, schedule.skipped, "A stage it needs didn't finish")
        candidates = pending_steps.dependants_of(ended_ids) if ended_ids else ()
    for step, problem in broken:
        ready += fail_step(change, step, questions.error_of(problem))
    return ready


def _evaluate(
    change: RunChange, step_ids: Sequence[int], broken: list[tuple[Step, ProviderError]]
) -> tuple[list[int], list[int]]:
    """Steps with a condition, and those that ask. Returns the ready and the ended ones."""
    ready, ended_ids = [], []
    scope = RunScope(change.run.id)
    steps = Step.objects.filter(id__in=step_ids, status=states.PENDING)
    for step in steps.order_by("sequence"):
        if not holds(step.condition, scope):
            ended_ids += _skip(change, [step.id], "Its condition isn't met")
        elif step.kind in ("wait", "gate"):
            try:
                if kept_results.answer_as_before(change, step, scope):
                    ended_ids.append(step.id)
                else:
                    questions.ask(change, step, scope)
            except ProviderError as problem:
                broken.append((step, problem))
        else:
            transitions.make_ready([step.id])
            ready.append(step.id)
    return ready, ended_ids


def _skip(change: RunChange, step_ids: Sequence[int], reason: str) -> list[int]:
    pending = Step.objects.filter(id__in=step_ids, status=states.PENDING)
    steps = list(pending.only(*pending_steps.EVENT_FIELDS).order_by("sequence"))
    pending_steps.skip(change, steps, reason)
    return [step.id for step in steps]


def _stop_run(change: RunChange, reason: str) -> None:
    """A failure ends the run: what has not started never will, what runs is let finish."""
    pending_steps.skip(change, pending_steps.not_started(change.run.id), reason)
    open_batches = Step.objects.filter(run_id=change.run.id, status=states.EXPANDED)
    for batch in open_batches.order_by("sequence"):
        batches.advance(change, batch, gives_up=True)


def _item_ended(change: RunChange, parent_id: int) -> list[int]:
    """Ready the next items of a batch, or end it."""
    batch = Step.objects.get(id=parent_id)
    ready = _advance_batch(change, batch)
    if not ready:
        settle_run(change)
    change.hint(ready)
    return ready


def _advance_batch(change: RunChange, batch: Step) -> list[int]:
    stopping = pending_steps.is_stopping(change.run.id)
    ready, end_status = batches.advance(change, batch, gives_up=stopping)
    if end_status is None:
        return ready
    if end_status == states.FAILED and batch.on_error in states.STOPPING:
        _stop_run(change, f"{batch.title or batch.key} failed")
        return []
    return ready + _schedule(change, pending_steps.dependants_of([batch.id]))


def _first_error(run_id: int) -> dict[str, Any]:
    rows = Step.objects.filter(run_id=run_id, status=states.FAILED).order_by("finished_at", "id")
    error = rows.values_list("error", flat=True).first()
    return error or {
        "code": "run.failed",
        "error_type": "UNKNOWN_ERROR",
        "message": "The run failed.",
        "retryable": False,
    }
