"""Runs that are stuck: why, and what to do. `find` is pure, over rows that were read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from core.command_names import START, command
from runs import states
from runs.engine import queue_reasons
from runs.engine.queue_reasons import QueueState, Reason
from runs.models import Event, Run, Step

# A lease lasts seconds and is renewed each second; the sweeper looks each second, too.
LEASE_OVERDUE = timedelta(seconds=30)
# A worker that lives renews its lease even while its provider hangs.
SILENT = timedelta(minutes=20)
READY_FOR = timedelta(minutes=2)
WAITING_FOR = timedelta(days=7)
STANDSTILL = timedelta(minutes=5)
# Jobs of providers take minutes to hours.
PARKED_FOR = timedelta(days=1)
# Of more unfinished runs than this the oldest are looked at.
LOOKED_AT = 1000
HEAVY_FIELDS = ("plan", "request", "media", "options")
STEP_FIELDS = (
    "run_id", "key", "title", "tool", "status", "attempt", "max_attempts", "failures", "progress",
    "lost_leases", "lease_owner", "lease_until", "not_before", "provider", "error", "started_at",
    "finished_at", "generation", "sequence", "item_index", "label", "assigned_provider",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stuck:
    """One thing that is wrong. step: its key, empty when it is about the whole run.

    can_retry: taking the step from its worker, or looking for one at once, may help.
    """

    kind: str
    why: str
    remedy: str
    step: str = ""
    can_retry: bool = False


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
        and queue.now - step.started_at > SILENT
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
    return find(run, open_steps, moments, queue, reasons)


def last_events(step_ids: Collection[int]) -> dict[int, Event]:
    """Return the last event of each step, by the step's id."""
    if not step_ids:
        return {}
    rows = Event.objects.filter(step_id__in=step_ids).values("step_id").annotate(last=Max("id"))
    events = Event.objects.in_bulk([row["last"] for row in rows])
    return {event.step_id: event for event in events.values() if event.step_id is not None}


def find(
    run: Run,
    steps: Collection[Step],
    said_at: Mapping[int, datetime],
    queue: QueueState,
    reasons: Mapping[int, Reason],
) -> list[Stuck]:
    """Return what keeps an unfinished run from going on; empty when all is well.

    steps: all of the run's that are not over. said_at: step id → its last event, where known.
    reasons: step id → why it waits, of `runs.engine.queue_reasons`.
    """
    if run.status in states.RUN_TERMINAL:
        return []
    problems: list[Stuck] = []
    for step in steps:
        problem = None
        if step.status == states.RUNNING:
            problem = _running(step, said_at.get(step.id), queue)
        elif step.status == states.PARKED:
            problem = _at_provider(step, queue, reasons.get(step.id))
        elif step.status == states.READY and run.status != states.WAITING_FOR_USER:
            problem = _ready(run, step, queue, reasons.get(step.id))
        if problem is not None:
            problems.append(problem)
    at_work = {step.status for step in steps} & {states.RUNNING, states.READY, states.PARKED}
    if run.status == states.WAITING_FOR_USER:
        if queue.now - run.updated_at > WAITING_FOR:
            problems.append(_waiting(run, queue))
    elif not at_work and queue.now - run.updated_at > STANDSTILL:
        problems.append(_standing_still(run, steps, queue))
    return problems


def _running(step: Step, said_at: datetime | None, queue: QueueState) -> Stuck | None:
    name = step.title or step.key
    if step.lease_until is not None and queue.now - step.lease_until > LEASE_OVERDUE:
        overdue = lasting(queue.now - step.lease_until)
        why = f"{name}: its worker has been offline for {overdue} and no other took over."
        if not queue.online:
            return Stuck("lease", why, NO_WORKER, step.key, can_retry=True)
        remedy = "Release the step so another worker takes it. See the workers' logs."
        return Stuck("lease", why, remedy, step.key, can_retry=True)
    silence = queue.now - max(filter(None, (said_at, step.started_at, _LONG_AGO)))
    if silence > SILENT:
        return Stuck(
            "silent",
            f"{name}: its worker is online but has reported no progress for {lasting(silence)}.",
            "Wait if this tool is usually slow. If not, release the step so another worker"
            " retries it.",
            step.key,
            can_retry=True,
        )
    return None


def _ready(run: Run, step: Step, queue: QueueState, reason: Reason | None) -> Stuck | None:
    # Background work waits for people's; a step that retries is not due yet.
    wait = queue.now - max(step.not_before, run.created_at)
    if run.priority < 0 or wait <= READY_FOR or reason is None:
        return None
    name = step.title or step.key
    why = f"{name}: ready for {lasting(wait)}"
    if reason.code == "label_missing":
        return _no_worker(step, queue, why)
    if reason.code != "next":
        return None  # a queue, a limit or a pause: no fault
    idle = queue.idle.get(step.label, 0)
    return Stuck(
        "ready",
        f"{why}, but {idle} worker{'s are' if idle > 1 else ' is'} idle.",
        "Requeue the step. If that doesn't help, see the workers' logs.",
        step.key,
        can_retry=True,
    )


def _at_provider(step: Step, queue: QueueState, reason: Reason | None) -> Stuck | None:
    name = step.title or step.key
    late = queue.now - step.not_before
    if reason is not None and reason.code == "label_missing" and late > READY_FOR:
        return _no_worker(step, queue, f"{name}: due for another look for {lasting(late)}")
    since = reason.params.get("since") if reason is not None else None
    if since is None or queue.now - since <= PARKED_FOR:
        return None
    return Stuck(
        "parked",
        f"{name}: at the provider for {lasting(queue.now - since)}.",
        "See how the job is there. If it's lost, stop the run.",
        step.key,
    )


def _no_worker(step: Step, queue: QueueState, why: str) -> Stuck:
    if not queue.online:
        return Stuck("ready", f"{why}, and no worker is online.", NO_WORKER, step.key)
    return Stuck(
        "label",
        f"{why}, and no online worker has label {step.label}.",
        start_worker_with(step.label),
        step.key,
    )


def start_worker_with(label: str) -> str:
    """Return what to do about steps of a label that no worker has."""
    return f"Start one: `{command(f'worker --labels {label}')}`."


def _waiting(run: Run, queue: QueueState) -> Stuck:
    return Stuck(
        "waiting",
        f"Waiting for its owner for {lasting(queue.now - run.updated_at)}"
        f" ({reason_text(run.waiting_reason)}).",
        "It uses no worker. Ask the owner, or stop it to release its reserved credits.",
    )


def _standing_still(run: Run, steps: Collection[Step], queue: QueueState) -> Stuck:
    since = lasting(queue.now - run.updated_at)
    if any(step.status == states.WAITING for step in steps):
        why = f"A step is waiting for an answer, but its owner hasn't been asked for {since}."
    elif steps:
        why = f"No step is running or can start, and nothing has happened for {since}."
    else:
        why = f"All steps finished {since} ago, but the run hasn't ended."
    return Stuck("standstill", why, "Stop it and report this bug.")


def reason_text(reason: str) -> str:
    """Return what a run waits for, as people read it. reason: one of `states.WAITING_REASONS`."""
    return _REASONS.get(reason, "an answer")


NO_WORKER = f"Start workers: `{START}` here, or `{command('worker')}` on another machine."
_REASONS = {
    states.ASK_CLARIFYING_QUESTION: "a question",
    states.SELECT_MEDIA: "a choice",
    states.COST_APPROVAL: "approval of its cost",
    states.COST_REAUTHORIZATION: "approval of a higher cost",
    states.SAFETY_REVIEW: "a safety review",
    states.USER_INPUT: "an answer",
    states.INSUFFICIENT_CREDIT: "credits",
    states.PERMISSION: "permission",
}
_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def lasting(length: timedelta) -> str:
    """`40 s`, `5 min`, `3 h`, `9 days`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "day"):
            count = seconds // size
            return f"{count} {unit}{'s' if unit == 'day' else ''}"
    return f"{seconds} s"
