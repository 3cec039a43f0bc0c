"""A group of steps: it begins, stops and ends as one. Inside a run's change.

A group holds no worker. Its members are rows whose parent it is; which of them may begin, their own
needs say, once it has started.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import clock
from core.raw_sql import Statement
from runs import states
from runs.engine import pending_steps, result_makers, transitions
from runs.log.changes import RunChange
from runs.log.events import StepCompleted, StepExpanded, StepFailed, StepSkipped, about
from runs.models import Artifact, Step

_RUN = "The run ended"
# Asked after each member, so prepared.
_OPEN_MEMBER = Statement(
    """
    SELECT id FROM runs_step WHERE parent_id = %(group)s
        AND status NOT IN ('completed', 'failed', 'skipped', 'cancelled') LIMIT 1
    """
)


def is_at_work(group_id: int) -> bool:
    """Return whether a member of a group isn't over yet."""
    return bool(_OPEN_MEMBER.rows(group=group_id))


def begin(change: RunChange, group: Step) -> None:
    """Let the members of a pending group begin, as their own needs allow."""
    members = Step.objects.filter(parent_id=group.id).order_by("sequence").only("key", "title")
    items = [
        {"id": member.key, "index": place, "label": member.title or member.key}
        for place, member in enumerate(members)
    ]
    event = StepExpanded(**about(group), items=items, concurrency=max(1, len(items)))
    transitions.move(change, group, states.EXPANDED, event, started_at=clock.now())


def opened_by(steps: Iterable[Step], again: Iterable[Step]) -> set[int]:
    """Return the ids of batches and groups that go on because what they hold is done again.

    steps: all of the run. again: those that begin again. A group that never began isn't one of
    them: it begins again itself.
    """
    by_id = {step.id: step for step in steps}
    holders: set[int] = set()
    for step in again:
        holder = by_id.get(step.parent_id or 0)
        while holder is not None and holder.id not in holders:
            if holder.kind == "group" and holder.started_at is None:
                break
            holders.add(holder.id)
            holder = by_id.get(holder.parent_id or 0)
    return holders


def stop(change: RunChange, group: Step, reason: str) -> list[Step]:
    """Skip what has not started in a group. Returns its batches and groups that are still open."""
    ids = [step.id for step in pending_steps.inside([group.id])]
    pending_steps.skip(change, pending_steps.not_started(change.run.id, within=ids), reason)
    rows = Step.objects.filter(id__in=ids, status=states.EXPANDED)
    return list(rows.order_by("-sequence", "-id"))


def end_if_over(change: RunChange, group: Step, *, gives_up: bool = False) -> str | None:
    """End a group whose members are over. Returns its final state, None while it goes on.

    gives_up: what holds it is ending, so that its members were skipped; else it is looked up.
    """
    rows = Step.objects.filter(parent_id=group.id)
    pairs = list(rows.values_list("status", "on_error"))
    if not gives_up and any(status == states.SKIPPED for status, _ in pairs):
        gives_up = pending_steps.is_stopping(change.run.id, group.parent_id)
    final = states.outcome_of_group(pairs, gives_up=gives_up)
    if final == states.COMPLETED:
        _complete(change, group, sum(status == states.FAILED for status, _ in pairs))
    elif final == states.FAILED:
        error = _first_error(group)
        transitions.move(change, group, final, StepFailed(**about(group), error=error), error=error)
    elif final == states.SKIPPED:
        transitions.move(change, group, final, StepSkipped(**about(group), reason=_RUN))
    return final


def _complete(change: RunChange, group: Step, failures: int) -> None:
    result = {
        "ok": True,
        "tool": group.wire_tool,
        "status": "completed",
        "params": {},
        "warnings": [f"{failures} of its stages failed."] if failures else [],
        "metadata": {},
    }
    took_ms = clock.ms_since(group.started_at or clock.now())
    event = StepCompleted(**about(group), artifact_ids=_files(group), took_ms=took_ms)
    transitions.move(change, group, states.COMPLETED, event, progress=1, result=result, error=None)


def _files(group: Step) -> list[str]:
    """Return the ids of the files that are the group's: those of one member, or of its items."""
    makers = [one.step for one in result_makers.makers_of([group])[group.id]]
    files = Artifact.objects.filter(run_id=group.run_id, hidden_at=None, step__in=makers)
    rows = files.order_by("step__item_index", "position")
    return [
        artifact
        for artifact, generation, current in rows.values_list(
            "public_id", "generation", "step__generation"
        )
        if generation == current
    ]


def _first_error(group: Step) -> dict[str, Any]:
    """Return the error of the member that failed first, with its name."""
    failures = Step.objects.filter(
        parent_id=group.id, status=states.FAILED, on_error__in=states.STOPPING
    )
    first = failures.order_by("finished_at", "sequence").only("key", "title", "error").first()
    if first is None or not first.error:
        return {
            "code": "group.failed",
            "error_type": "UNKNOWN_ERROR",
            "message": "None of its stages was done.",
            "retryable": False,
        }
    return {**first.error, "message": f"{first.title or first.key}: {first.error['message']}"}
