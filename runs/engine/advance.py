"""Consequences of a step's end: others become ready, are skipped or ask, and the run may end.

`runs.states` decides; this applies it inside the change that ended the step, looking only at that
step's neighbours. `reevaluate` looks at them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core import clock
from core.errors import ProviderError
from core.raw_sql import Statement
from runs import states
from runs.billing import reservations
from runs.engine import (
    batches,
    groups,
    kept_results,
    open_questions,
    pending_steps,
    questions,
    transitions,
)
from runs.engine.redo import redo
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange
from runs.log.events import RunCompleted, RunFailed, RunPartlyFailed, StepFailed, about
from runs.models import Step
from runs.stage_titles import stage_title
from templates_app.graph.evaluate import holds

# What is to be known of a run's steps to end it. What a failure of a member or an item means, its
# group or batch has decided.
_PAIRS = Statement(
    """
    SELECT DISTINCT status, CASE WHEN parent_id IS NULL THEN on_error ELSE 'continue' END
    FROM runs_step WHERE run_id = %(run)s
    """
)

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


def step_ended(
    change: RunChange, step: Step, status: str, *, takes_first: bool = False
) -> list[int]:
    """Move the dependants of a step that just ended, and the run when nothing is left.

    takes_first: the caller goes on to claim the first of those that became ready, which may be left
    pending for that: `RunChange.kept_pending`. Returns their ids, in plan order.
    """
    if step.is_item:
        return _item_ended(change, step.parent_id)
    # Where the element goes on, or ended and others began, there is no place for one more.
    followers = _follow(change, step, status, takes_first=takes_first)
    ready = followers or _let_others_begin(change, step)
    if not ready:
        settle_run(change)
    change.hint(ready)
    return ready


def step_paused(change: RunChange, step: Step) -> list[int]:
    """A step that was at work waits for a person now: others may take its place, or the run waits.

    Returns the ids of steps that became ready.
    """
    if step.is_item:
        return _item_ended(change, step.parent_id)
    ready = _let_others_begin(change, step)
    if not ready:
        settle_run(change)
    change.hint(ready)
    return ready


def _let_others_begin(change: RunChange, step: Step) -> list[int]:
    """Let other elements of a batch begin where the one that holds a step waits for a person."""
    if step.item_index < 0 or step.is_item:
        return []
    group = step
    while not group.is_item and group.parent_id is not None:
        group = Step.objects.get(id=group.parent_id)
    if not group.is_item or group.status != states.EXPANDED:
        return []
    return _advance_batch(change, Step.objects.get(id=group.parent_id or 0))


def reevaluate(change: RunChange) -> list[int]:
    """Consider every step of a run that has not started: after its opening, an answer, a resume.

    Readies, skips and asks, goes on with batches, lets the run wait or ends it. Returns the ids of
    steps that became ready, in plan order.
    """
    ready = _schedule(change, pending_steps.pending_of(change.run.id))
    ready += _go_on(change)
    change.hint(ready)
    settle_run(change)
    return ready


def _go_on(change: RunChange) -> list[int]:
    """Go on with open batches, then with the groups that this may have ended, the innermost first.

    Returns the ids of steps that became ready.
    """
    ready: list[int] = []
    open_steps = Step.objects.filter(run_id=change.run.id, status=states.EXPANDED)
    for batch in open_steps.exclude(kind="group").order_by("sequence", "-id"):
        ready += _advance_batch(change, batch)
    for group in open_steps.filter(kind="group").order_by("-sequence").values_list("id", flat=True):
        ready += _settle_group(change, group)
    return ready


def settle_run(change: RunChange) -> None:
    """Finish the run when its steps say so; let it wait when only a person can go on."""
    run = change.run
    if run.status in states.RUN_TERMINAL:
        return
    pairs = [(status, on_error) for status, on_error in _PAIRS.rows(run=run.id)]
    if open_statuses := {status for status, _ in pairs} & states.STEP_UNFINISHED:
        open_questions.pause_if_idle(change, open_statuses)
        return
    if (final := states.outcome(pairs)) is not None:
        _end(change, final)


def _end(change: RunChange, final: str) -> None:
    """Write how the run ended, and settle what was reserved but not used."""
    run = change.run
    took_ms = clock.ms_since(run.created_at)
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


def _schedule(
    change: RunChange, candidates: list[states.Candidate], *, takes_first: bool = False
) -> list[int]:
    """Ready, evaluate, ask or skip pending steps, then the dependants of the skipped.

    takes_first: as in `step_ended`.
    """
    ready: list[int] = []
    broken: list[tuple[Step, ProviderError]] = []
    # Groups that started here, or of which a member was skipped.
    holders: set[int] = set()
    while candidates:
        schedule = states.schedule(candidates)
        ended_ids: list[int] = []
        openings: list[int] = []
        if schedule.ready:
            if takes_first and not schedule.due and not schedule.skipped:
                # Nothing looks at the states of steps before it is claimed.
                change.kept_pending = schedule.ready[0]
            transitions.make_ready(one for one in schedule.ready if one != change.kept_pending)
            ready += schedule.ready
        if schedule.due:
            eligible, over, openings = _evaluate(change, schedule.due, broken, holders)
            ready += eligible
            ended_ids += over
        if schedule.skipped:
            ended_ids += _skip(change, schedule.skipped, "A stage it needs didn't finish", holders)
        holders.update(openings)
        takes_first = False
        candidates = pending_steps.dependants_of(ended_ids) if ended_ids else []
        for group in openings:
            candidates += pending_steps.pending_of(change.run.id, group=group)
    for group in sorted(holders, reverse=True):
        ready += _settle_group(change, group)
    for step, problem in broken:
        ready += fail_step(change, step, questions.error_of(problem))
    return ready


def _evaluate(
    change: RunChange,
    step_ids: Sequence[int],
    broken: list[tuple[Step, ProviderError]],
    holders: set[int],
) -> tuple[list[int], list[int], list[int]]:
    """Steps with a condition, those that ask, and groups.

    holders: gets the groups that hold what ended. Returns the ids of those that are ready, that
    have ended and that have started.
    """
    ready: list[int] = []
    ended_ids: list[int] = []
    openings: list[int] = []
    scope = RunScope(change.run.id)
    steps = Step.objects.filter(id__in=step_ids, status=states.PENDING)
    for step in steps.order_by("sequence"):
        if not holds(step.condition, scope):
            ended_ids += _skip(change, [step.id], "Its condition isn't met", holders)
        elif step.kind == "group":
            groups.begin(change, step)
            openings.append(step.id)
        elif step.kind in ("wait", "gate"):
            try:
                if kept_results.answer_as_before(change, step, scope):
                    ended_ids.append(step.id)
                    if step.parent_id is not None:
                        holders.add(step.parent_id)
                else:
                    questions.ask(change, step, scope)
            except ProviderError as problem:
                broken.append((step, problem))
        else:
            transitions.make_ready([step.id])
            ready.append(step.id)
    return ready, ended_ids, openings


def _skip(change: RunChange, step_ids: Sequence[int], reason: str, holders: set[int]) -> list[int]:
    """Skip steps, groups with all that they hold. holders: gets the groups that hold them."""
    pending = Step.objects.filter(id__in=step_ids, status=states.PENDING)
    fields = (*pending_steps.EVENT_FIELDS, "kind", "parent_id")
    steps = list(pending.only(*fields).order_by("sequence"))
    holders.update(step.parent_id for step in steps if step.parent_id is not None)
    whole = pending_steps.with_members(steps)
    pending_steps.skip(change, whole, reason)
    return [step.id for step in whole]


def _follow(change: RunChange, step: Step, status: str, *, takes_first: bool = False) -> list[int]:
    """Move what depends on a step of the plan that has ended. Returns the ids of ready steps.

    takes_first: as in `step_ended`.
    """
    ready: list[int] = []
    # Where the group goes on with the step that is kept, it isn't over: nothing is asked.
    goes_on = False
    if status == states.FAILED and step.on_error in states.STOPPING:
        reason = f"{stage_title(step)} failed"
        if step.parent_id is None:
            _stop_run(change, reason)
        else:
            _stop_group(change, step.parent_id, reason)
    else:
        dependants = pending_steps.dependants_of([step.id])
        ready = _schedule(change, dependants, takes_first=takes_first)
        goes_on = takes_first and any(
            (one.id, one.holder) == (change.kept_pending, step.parent_id) for one in dependants
        )
    if step.parent_id is not None and not goes_on:
        ready += _settle_group(change, step.parent_id)
    return ready


def _settle_group(change: RunChange, group_id: int) -> list[int]:
    """End a group whose members are over, and move what depends on it."""
    if groups.is_at_work(group_id):
        return []
    transitions.make_kept_ready(change)
    group = Step.objects.get(id=group_id)
    if group.status != states.EXPANDED:
        return []
    final = groups.end_if_over(change, group)
    if final is None:
        return []
    if group.is_item:
        return _advance_batch(change, Step.objects.get(id=group.parent_id or 0))
    return _follow(change, group, final)


def _stop_run(change: RunChange, reason: str) -> None:
    """A failure ends the run: what has not started never will, what runs is let finish."""
    pending_steps.skip(change, pending_steps.not_started(change.run.id), reason)
    open_steps = Step.objects.filter(run_id=change.run.id, status=states.EXPANDED)
    _give_up(change, open_steps.order_by("-sequence", "-id"))


def _stop_group(change: RunChange, group_id: int, reason: str) -> None:
    """A failure ends a group: the same for what it holds."""
    _give_up(change, groups.stop(change, Step.objects.get(id=group_id), reason))


def _stop_elements(change: RunChange, batch: Step) -> None:
    """Another item failed: the elements that are at work end, too, once nothing in them runs."""
    for group in Step.objects.filter(parent=batch, kind="group", status=states.EXPANDED):
        _stop_group(change, group.id, "Another item failed")
        groups.end_if_over(change, group, gives_up=True)


def _give_up(change: RunChange, open_steps: Iterable[Step]) -> None:
    """Let batches and groups end once nothing in them is at work. The innermost come first."""
    for step in open_steps:
        if step.kind == "group":
            groups.end_if_over(change, step, gives_up=True)
        else:
            batches.advance(change, step, gives_up=True)


def batch_begun(change: RunChange, batch_id: int) -> list[int]:
    """Let the first items of a batch begin. Returns the ids of steps that became ready."""
    return _item_ended(change, batch_id)


def _item_ended(change: RunChange, batch_id: int | None) -> list[int]:
    """Ready the next items of a batch, or end it."""
    batch = Step.objects.get(id=batch_id or 0)
    ready = _advance_batch(change, batch)
    if not ready:
        settle_run(change)
    change.hint(ready)
    return ready


def _advance_batch(change: RunChange, batch: Step) -> list[int]:
    """Let items of a batch begin until no more may, and go on behind it once it has ended."""
    if batch.id in change.batches:
        # An element that begins has ended at once: the loop below looks at the batch again.
        return []
    ready: list[int] = []
    has_stopped = False
    change.batches.add(batch.id)
    while True:
        stopping = pending_steps.is_stopping(change.run.id, batch.parent_id)
        progress = batches.advance(change, batch, gives_up=stopping)
        ready += progress.ready
        for group in progress.openings:
            ready += _schedule(change, pending_steps.pending_of(change.run.id, group=group))
            ready += _settle_group(change, group)
        stops = progress.gives_up and progress.ends is None and not has_stopped
        if stops:
            has_stopped = True
            _stop_elements(change, batch)
        if progress.ends is not None or not (progress.openings or stops):
            break
    change.batches.discard(batch.id)
    return ready if progress.ends is None else ready + _follow(change, batch, progress.ends)


def _first_error(run_id: int) -> dict[str, Any]:
    """Return the error of the step that failed first, with the stage that it is inside of."""
    rows = Step.objects.filter(run_id=run_id, status=states.FAILED).order_by("finished_at", "id")
    first = rows.only("error", "parent").first()
    if first is None or not first.error:
        return {
            "code": "run.failed",
            "error_type": "UNKNOWN_ERROR",
            "message": "The run failed.",
            "retryable": False,
        }
    error: dict[str, Any] = first.error
    stage, holder = None, first.parent
    while holder is not None:
        stage = holder if holder.kind == "group" else stage
        holder = holder.parent
    if stage is None:
        return error
    return {**error, "message": f"In {stage_title(stage)}: {error['message']}"}
