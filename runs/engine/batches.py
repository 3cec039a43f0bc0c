"""A batch whose items are at work: which begin next, and how it ends. Inside a run's change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count

from core import clock
from runs import states
from runs.engine import groups, pending_steps, transitions
from runs.log.changes import RunChange
from runs.log.events import StepCompleted, StepFailed, StepSkipped, about
from runs.models import Step

# Why items that have not started never will.
_SIBLING = "Another item failed"
_RUN = "The run ended"


class Progress(NamedTuple):
    """Progress of a batch. ready: ids of items that a worker may take. openings: of groups.
    gives_up: no more begin. ends: its final state, if it ended."""

    ready: list[int]
    openings: list[int]
    gives_up: bool
    ends: str | None


def advance(change: RunChange, batch: Step, *, gives_up: bool = False) -> Progress:
    """Ready the items that may begin now, or end the batch. gives_up: its run is ending."""
    spec = batch.batch or {}
    # Those cancelled are no elements any more: the batch was expanded again.
    items = Step.objects.filter(parent_id=batch.id).exclude(status=states.CANCELLED)
    counts = dict(items.order_by().values_list("status").annotate(Count("id")))
    # Elements of which no step is at work block no others.
    resting = pending_steps.resting_groups(batch.id) if batch.tool == "group" else 0
    decision = states.decide_batch(
        counts,
        concurrency=spec.get("concurrency", 1) + resting,
        allow_partial=bool(spec.get("allow_partial")),
        gives_up=gives_up,
    )
    if decision.gives_up:
        remaining = pending_steps.not_started(change.run.id, batch=batch.id)
        whole = pending_steps.with_members(remaining)
        pending_steps.skip(change, whole, _RUN if gives_up else _SIBLING)
    ready: list[int] = []
    openings: list[int] = []
    if decision.ready:
        pending = items.filter(status=states.PENDING).order_by("item_index")
        for item in pending[: decision.ready]:
            if item.kind == "group":
                groups.begin(change, item)
                openings.append(item.id)
            else:
                ready.append(item.id)
        transitions.make_ready(ready)
    if decision.ends is not None:
        end(change, batch, decision.ends, counts)
    else:
        over = sum(count for state, count in counts.items() if state in states.STEP_TERMINAL)
        Step.objects.filter(id=batch.id).update(progress=over / max(1, sum(counts.values())))
    return Progress(ready, openings, decision.gives_up, decision.ends)


def end(change: RunChange, batch: Step, status: str, items: Mapping[str, int]) -> None:
    """Write how a batch ended. items: how many were in each state."""
    if status == states.COMPLETED:
        failures = items.get(states.FAILED, 0)
        result = {
            "ok": True,
            "tool": batch.wire_tool,
            "status": "completed",
            "params": {},
            "warnings": [f"{failures} of {sum(items.values())} items failed."] if failures else [],
            "metadata": {},
            "count": items.get(states.COMPLETED, 0),
            "failed": failures,
        }
        took_ms = clock.ms_since(batch.started_at or clock.now())
        event = StepCompleted(**about(batch), artifact_ids=[], took_ms=took_ms)
        transitions.move(change, batch, status, event, progress=1, result=result, error=None)
    elif status == states.FAILED:
        error = _error_of(batch)
        failed_event = StepFailed(**about(batch), error=error)
        transitions.move(change, batch, status, failed_event, error=error)
    else:
        transitions.move(change, batch, status, StepSkipped(**about(batch), reason=_RUN))


def _error_of(batch: Step) -> dict[str, Any]:
    """Return the error of the item that failed first, with its name."""
    failed_items = Step.objects.filter(parent_id=batch.id, status=states.FAILED)
    first = failed_items.order_by("finished_at", "item_index").only("key", "title", "error").first()
    if first is None or not first.error:
        return {
            "code": "batch.failed",
            "error_type": "UNKNOWN_ERROR",
            "message": "No items were made.",
            "retryable": False,
        }
    return {**first.error, "message": f"{first.title or first.key}: {first.error['message']}"}
