"""Reads unfinished runs, and which of them are stuck by the rules of `stuck`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Max

from runs import states
from runs.engine import queue_reasons, stuck
from runs.engine.queue_reasons import QueueState, Reason
from runs.engine.stuck import Stuck
from runs.models import Event, Run, Step

# Of more unfinished runs than this the oldest are looked at.
LOOKED_AT = 1000
HEAVY_FIELDS = ("plan", "request", "media", "options")
STEP_FIELDS = (
    "run_id", "key", "title", "tool", "status", "attempt", "max_attempts", "failures", "progress",
    "lost_leases", "lease_owner", "lease_until", "not_before", "provider", "error", "started_at",
    "finished_at", "generation", "sequence", "item_index", "label", "assigned_provider",
)  # fmt: skip


def stuck_runs(queue: QueueState) -> dict[int, list[Stuck]]:
    """Return what is wrong with unfinished runs, by run id."""
    # Put in order here: asked for the oldest, SQLite reads all runs there ever were.
    oldest = sorted(Run.objects.filter(finished_at=None).values_list("id", flat=True))[:LOOKED_AT]
    runs = list(Run.objects.filter(id__in=oldest).defer(*HEAVY_FIELDS))
    steps: dict[int, list[Step]] = {run.id: [] for run in runs}
    open_steps = Step.objects.filter(
        run__in=[run.id for run in runs], status__in=states.STEP_UNFINISHED
    )
    for step in open_steps.only(*STEP_FIELDS):
        steps[step.run_id].append(step)
    # The last event is read only for runs that seem to take long.
    quiet_ids = [
        step.id
        for some in steps.values()
        for step in some
        if step.status == states.RUNNING
        and step.started_at is not None
        and queue.now - step.started_at > stuck.SILENT
    ]
    events = last_events(quiet_ids)
    reasons = queue_reasons.reasons([step for some in steps.values() for step in some], queue)
    by_run = {run.id: problems_of(run, steps[run.id], events, queue, reasons) for run in runs}
    return {run_id: problems for run_id, problems in by_run.items() if problems}


def problems_of(
    run: Run,
    steps: Collection[Step],
    events: Mapping[int, Event],
    queue: QueueState,
    reasons: Mapping[int, Reason],
) -> list[Stuck]:
    """Return what keeps a run from going on. events: the last one of each step, by its id."""
    open_steps = [step for step in steps if step.status in states.STEP_UNFINISHED]
    moments: dict[int, datetime] = {step: event.created_at for step, event in events.items()}
    return stuck.find(run, open_steps, moments, queue, reasons)


def last_events(step_ids: Collection[int]) -> dict[int, Event]:
    """Return the last event of each step, by the step's id."""
    if not step_ids:
        return {}
    rows = Event.objects.filter(step_id__in=step_ids).values("step_id").annotate(last=Max("id"))
    events = Event.objects.in_bulk([row["last"] for row in rows])
    return {event.step_id: event for event in events.values() if event.step_id is not None}
