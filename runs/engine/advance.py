"""What follows when a step ends: dependants become ready or are skipped, the run ends.

`states.next_moves` and `states.outcome` decide; this applies it inside the change that ended the
step, looking only at that step's neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from core import clock
from core.statements import Statement
from runs import costs, states
from runs.changes import Change
from runs.events import (
    RunCompleted,
    RunFailed,
    RunPartlyFailed,
    StepFailed,
    StepSkipped,
)
from runs.models import Run, Step


def fail_step(change: Change, step: Step, error: dict[str, Any]) -> None:
    """Record a step's final failure and what follows from it. The caller has ended its attempt."""
    Step.objects.filter(id=step.id).update(
        status=states.FAILED,
        error=error,
        finished_at=clock.now(),
        lease_owner="",
        lease_until=None,
    )
    change.append(
        StepFailed(step=step.key, tool=step.wire_tool, title=step.title, error=error),
        step_id=step.id,
        generation=step.generation,
    )
    step_ended(change, step, states.FAILED)


def step_ended(change: Change, step: Step, status: str) -> list[int]:
    """Move the dependants of a step that just ended, and the run when nothing is left.

    Returns the ids of steps that became ready, in plan order.
    """
    ready: list[int] = []
    if status == states.FAILED and step.on_error in ("stop", "retry_once"):
        _skip(change, _not_begun(change.run.id), f"{step.title or step.key} failed")
    else:
        ready = _move_dependants(change, [step.id])
    if not ready:
        _end_run(change)
    change.hint(ready)
    return ready


def _not_begun(run_id: int) -> list[Step]:
    rows = Step.objects.filter(run_id=run_id, status__in=(states.PENDING, states.READY))
    return list(rows.only("id", "key", "wire_tool", "title", "generation").order_by("sequence"))


_MAKE_READY_SQL = """
    UPDATE runs_step SET status = 'ready', not_before = {now}
    WHERE id = %(id)s AND status = 'pending'
    """
# By the clock of the claim: it may come in this very transaction.
_MAKE_READY = {
    "sqlite": Statement(_MAKE_READY_SQL.format(now="%(now)s")),
    "postgresql": Statement(_MAKE_READY_SQL.format(now="statement_timestamp()")),
}


def _move_dependants(change: Change, ended: list[int]) -> list[int]:
    """Ready or skip the pending dependants of ended steps; a skipped step ends too."""
    ready: list[int] = []
    while ended:
        candidates = _candidates(ended)
        moves = states.next_moves(candidates)
        if moves.ready:
            for step_id in moves.ready:
                _MAKE_READY[connection.vendor].run(id=step_id, now=clock.now())
            ready += moves.ready
        if not moves.skipped:
            break
        skipped = list(
            Step.objects.filter(id__in=moves.skipped, status=states.PENDING)
            .only("id", "key", "wire_tool", "title", "generation")
            .order_by("sequence")
        )
        _skip(change, skipped, "A step it needs did not complete")
        ended = [step.id for step in skipped]
    return ready


# The pending dependants of one step in plan order, each with the states of all its parents.
_DEPENDANTS = Statement(
    """
    SELECT child.id, parent.status, edge.is_barrier
    FROM runs_step child
    JOIN runs_stepedge edge ON edge.step_id = child.id
    JOIN runs_step parent ON parent.id = edge.source_id
    WHERE child.status = 'pending'
        AND child.id IN (SELECT step_id FROM runs_stepedge WHERE source_id = %(ended)s)
    ORDER BY child.sequence, child.item_index
    """
)


def _candidates(ended: Iterable[int]) -> list[states.Candidate]:
    """The pending dependants of some steps, each with the states of all its parents."""
    found: dict[int, states.Candidate] = {}
    for step_id in ended:
        parents: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        for child, state, is_barrier in _DEPENDANTS.rows(ended=step_id):
            parents[child].append((state, bool(is_barrier)))
        found |= {child: states.Candidate(child, tuple(rows)) for child, rows in parents.items()}
    return list(found.values())


def _skip(change: Change, steps: Iterable[Step], reason: str) -> None:
    steps = list(steps)
    if not steps:
        return
    Step.objects.filter(id__in=[step.id for step in steps]).update(
        status=states.SKIPPED, finished_at=clock.now()
    )
    for step in steps:
        change.append(
            StepSkipped(step=step.key, tool=step.wire_tool, title=step.title, reason=reason),
            step_id=step.id,
            generation=step.generation,
        )


def _end_run(change: Change) -> None:
    """Finish the run when its steps say so, and settle what was reserved but not used."""
    run = change.run
    unfinished = Step.objects.filter(run_id=run.id, status__in=states.STEP_UNFINISHED)
    if unfinished.exists():
        return
    rows = list(Step.objects.filter(run_id=run.id).values_list("status", "on_error"))
    final = states.outcome((status, on_error, "") for status, on_error in rows)
    if final is None:
        return
    created_at = Run.objects.values_list("created_at", flat=True).get(id=run.id)
    took_ms = round((clock.now() - created_at).total_seconds() * 1000)
    costs.release(change)
    if final == states.COMPLETED:
        change.move(final)
        change.append(RunCompleted(took_ms=took_ms))
    elif final == states.PARTIAL_FAILURE:
        change.move(final)
        change.append(RunPartlyFailed(took_ms=took_ms))
    else:
        error = _first_error(run.id)
        change.set(error=error)
        change.move(final)
        change.append(RunFailed(error=error))


def _first_error(run_id: int) -> dict[str, Any]:
    failed = Step.objects.filter(run_id=run_id, status=states.FAILED).order_by("finished_at", "id")
    error = failed.values_list("error", flat=True).first()
    return error or {
        "code": "run.failed",
        "errorType": "UNKNOWN_ERROR",
        "message": "The run failed.",
        "retryable": False,
    }
