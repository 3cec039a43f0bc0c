"""Reading all runs, for staff. Callers have checked that the person is staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet

from accounts.selectors import people_named
from core import errors
from runs import states
from runs.engine import queue_reasons
from runs.engine.queue_reasons import QueueState, Reason
from runs.engine.stuck import (
    HEAVY_FIELDS,
    STEP_FIELDS,
    Stuck,
    last_events,
    problems_of,
    stuck_runs,
)
from runs.log.events import RunStarted
from runs.models import ENDED_BADLY, Attempt, Event, Run, Step, Wait

PAGE = 40
STEPS_SHOWN = 200
EVENTS_SHOWN = 40
# What the filter offers: its value in the URL, its label, and the states that it includes.
FILTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "All", ()),
    ("stuck", "Stuck", ()),
    ("running", "Running", (states.RUNNING,)),
    ("queued", "Queued", (states.QUEUED,)),
    ("waiting", "Waiting", (states.WAITING_FOR_USER,)),
    ("failed", "Failed", (states.FAILED, states.PARTIAL_FAILURE)),
    ("done", "Done", (states.COMPLETED,)),
    ("stopped", "Stopped", (states.CANCELLED,)),
)


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in the list. counts: its steps by state. started: when its first step did, or None."""

    run: Run
    counts: Mapping[str, int]
    stuck: Sequence[Stuck] = ()
    last: Event | None = None
    started: datetime | None = None

    @property
    def done(self) -> int:
        return sum(self.counts.get(state, 0) for state in (states.COMPLETED, states.SKIPPED))

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step with all that is known of how it goes. reason: why it waits, while it does."""

    step: Step
    attempts: Sequence[Attempt] = ()
    stuck: Sequence[Stuck] = ()
    last: Event | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. counts: unfinished runs by state, and `stuck`."""

    rows: Sequence[ListedRun]
    counts: Mapping[str, int]
    following: int | None = None
    queue: QueueState | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of runs, of workers online, and of what is paused and at providers."""

    unfinished: int
    stuck: int
    online: int
    paused: int
    at_providers: int


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run with everything an operator asks about."""

    run: Run
    stuck: Sequence[Stuck]
    steps: Sequence[StepRow]
    hidden_steps: int
    events: Sequence[Event]
    waits: Sequence[Wait]
    counts: Mapping[str, int] = field(default_factory=dict)
    started: datetime | None = None


def list_runs(*, show: str = "", owner: str = "", before: int | None = None) -> Listed:
    """All runs, newest first. show: a word of FILTERS. owner: a username. before: a run's id."""
    queue = queue_reasons.read_state()
    sick = stuck_runs(queue)
    open_runs = Run.objects.filter(finished_at=None)
    counts = Counter(dict(open_runs.values_list("status").annotate(Count("id"))))
    page = _newest(show, owner, before, sick)
    following = page[PAGE - 1].id if len(page) > PAGE else None
    rows = _rows(page[:PAGE], sick)
    return Listed(rows, {**counts, "stuck": len(sick)}, following, queue)


def overview() -> Overview:
    """Count what staff look at first."""
    queue = queue_reasons.read_state()
    return Overview(
        unfinished=Run.objects.filter(finished_at=None).count(),
        stuck=len(stuck_runs(queue)),
        online=queue.online,
        paused=len(queue.paused),
        at_providers=Step.objects.filter(status=states.PARKED).count(),
    )


def run_of(public_id: str) -> Run:
    """A run of any person. Raises NotFound."""
    rows = Run.objects.select_related("owner", "api_key", "template_version__template", "draft_of")
    run = rows.defer("plan", "request", "media", "template_version__spec").filter(
        public_id=public_id
    )
    row = run.first()
    if row is None:
        raise errors.NotFound(code="workflow.not_found")
    return row


def show_run(public_id: str) -> RunDetail:
    """One run. Of more than STEPS_SHOWN steps, only those that are not done are shown."""
    run = run_of(public_id)
    steps = Step.objects.filter(run=run).only(*STEP_FIELDS)
    total = steps.count()
    if total > STEPS_SHOWN:
        open_first = list(
            steps.exclude(status__in=(states.COMPLETED, states.SKIPPED)).order_by("sequence")
        )[:STEPS_SHOWN]
        page_steps = sorted(open_first, key=lambda step: (step.sequence, step.item_index))
    else:
        page_steps = list(steps.order_by("sequence", "item_index"))
    events_by_step = last_events([step.id for step in page_steps])
    queue = queue_reasons.read_state()
    reasons = queue_reasons.reasons(page_steps, queue)
    problems = problems_of(run, page_steps, events_by_step, queue, reasons)
    attempts: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.filter(step__in=page_steps).defer("job_ref").order_by("number"):
        attempts.setdefault(attempt.step_id, []).append(attempt)
    by_step: dict[str, list[Stuck]] = {}
    for problem in problems:
        by_step.setdefault(problem.step, []).append(problem)
    return RunDetail(
        run=run,
        stuck=problems,
        steps=[
            StepRow(
                step,
                attempts.get(step.id, ()),
                by_step.get(step.key, ()),
                events_by_step.get(step.id),
                reasons.get(step.id),
            )
            for step in page_steps
        ],
        hidden_steps=total - len(page_steps),
        events=list(Event.objects.filter(run=run).order_by("-seq")[:EVENTS_SHOWN]),
        waits=list(Wait.objects.filter(run=run, answered_at=None).select_related("step")),
        counts=dict(
            Step.objects.filter(run=run).values_list("status").annotate(Count("id")).order_by()
        ),
        started=_start_times([run]).get(run.id),
    )


def _newest(
    show: str, owner: str, before: int | None, sick: Mapping[int, Sequence[Stuck]]
) -> list[Run]:
    """The runs of a page, newest first, and one more.

    Each query is answered from an index in order: else all runs there ever were would be read for
    the few that are shown.
    """
    condition = Q() if before is None else Q(id__lt=before)
    if owner:
        condition &= Q(owner__in=people_named(owner))
    rows = [
        run
        for some in _runs(show, condition, sick)
        for run in some.select_related("owner").defer(*HEAVY_FIELDS).order_by("-id")[: PAGE + 1]
    ]
    return sorted(rows, key=lambda run: -run.id)[: PAGE + 1]


def _runs(show: str, condition: Q, sick: Mapping[int, Sequence[Stuck]]) -> list[QuerySet[Run]]:
    rows = Run.objects.filter(condition)
    if show == "stuck":
        return [rows.filter(id__in=sick)]
    queries = []
    for state in next((matches for word, _, matches in FILTERS if word == show), ()):
        if state not in states.RUN_TERMINAL:
            open_ids = rows.filter(finished_at=None, status=state).values_list("id", flat=True)
            queries.append(Run.objects.filter(id__in=sorted(open_ids)[-PAGE - 1 :]))
        elif state == states.COMPLETED:
            queries.append(rows.filter(status=state))
        else:
            queries.append(rows.filter(ENDED_BADLY, status=state))
    return queries or [rows]


def _rows(runs: Sequence[Run], sick: Mapping[int, Sequence[Stuck]]) -> list[ListedRun]:
    counts: dict[int, dict[str, int]] = {run.id: {} for run in runs}
    steps = Step.objects.filter(run__in=runs).values_list("run_id", "status")
    for run_id, status, count in steps.annotate(Count("id")).order_by():
        counts[run_id][status] = count
    last = Event.objects.filter(run__in=runs, seq=F("run__last_seq"))
    last_of = {event.run_id: event for event in last}
    started_at = _start_times(runs)
    return [
        ListedRun(
            run, counts[run.id], sick.get(run.id, ()), last_of.get(run.id), started_at.get(run.id)
        )
        for run in runs
    ]


def _start_times(runs: Sequence[Run]) -> dict[int, datetime]:
    """Run id → when its first step started; queued runs are not in it."""
    rows = Event.objects.filter(run__in=runs, name=RunStarted.name).order_by()
    return dict(rows.values_list("run_id").annotate(Min("created_at")))


def as_words(error: Any) -> str:
    """The message of a stored error of any shape."""
    if isinstance(error, dict):
        return str(error.get("message") or error.get("code") or "")
    return str(error or "")
