"""Seconds that a run worked, and those that it waited for its owner. Only reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from runs import states
from runs.models import Event, Run

# After these a run does nothing until someone answers, or retries it.
_RESTS = frozenset(
    {
        "workflow_waiting_for_user",
        "workflow_completed",
        "workflow_partial_failure",
        "workflow_failed",
        "workflow_cancelled",
    }
)
_GOES_ON = "workflow_resumed"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """In seconds. work: from the start to the end, or until now, without any waiting. waited: for
    the owner's answers. rested: what a clock that began with the run leaves out, up to the present
    waiting. resting_since: since when an unfinished run waits; None while it works.
    """

    work: float
    waited: float
    rested: float = 0.0
    resting_since: datetime | None = None


def elapsed_of(runs: Collection[Run], now: datetime) -> dict[int, Elapsed]:
    """Return each run's times, by id. now: up to when unfinished runs are counted."""
    log: dict[int, list[tuple[str, datetime]]] = {run.id: [] for run in runs}
    rows = Event.objects.filter(run__in=runs, name__in=[*_RESTS, _GOES_ON]).order_by(
        "run_id", "seq"
    )
    for run_id, name, at in rows.values_list("run_id", "name", "created_at"):
        log[run_id].append((name, at))
    return {run.id: _times(run, log[run.id], now) for run in runs}


def _times(run: Run, log: Collection[tuple[str, datetime]], now: datetime) -> Elapsed:
    waited = rested = 0.0
    since: datetime | None = None
    why = ""
    for name, at in log:
        if since is not None:
            length = max(0.0, (at - since).total_seconds())
            rested += length
            waited += length if why == states.WAITING_FOR_USER else 0.0
            since = None
        if name in _RESTS:
            since, why = at, name.removeprefix("workflow_")
    end = run.finished_at or now
    work = (end - run.created_at).total_seconds() - rested
    if run.finished_at is None and since is not None:
        waiting = max(0.0, (now - since).total_seconds())
        return Elapsed(max(0.0, work - waiting), waited + waiting, rested, since)
    return Elapsed(max(0.0, work), waited, rested)
