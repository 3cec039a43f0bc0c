"""Claims on steps: a claim is one conditional UPDATE that raises `attempt`.

Anyone who holds the attempt may commit; a late worker's commit touches no row. So doubled hints and
paused workers are harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from core import clock
from core.logs import working_on
from core.raw_sql import Statement, from_json
from runs import states
from runs.engine import limits, transitions
from runs.engine.remote_job_polls import Look, take_attempt
from runs.engine.routing import lanes_of
from runs.log.changes import RunChange, RunGone, changing
from runs.log.events import RunStarted, StepStarted, about
from runs.models import Attempt, Run, Step
from runs.options import RunOptions

# What executing a step needs of its row.
STEP_FIELDS = (
    "id",
    "run_id",
    "key",
    "sequence",
    "item_index",
    "parent_id",
    "kind",
    "tool",
    "wire_tool",
    "title",
    "arguments",
    "late",
    "batch",
    "on_error",
    "status",
    "generation",
    "attempt",
    "max_attempts",
    "failures",
    "lost_leases",
    "seed",
    "estimated_milli",
    "progress",
    "label",
    "assigned_provider",
)

_JSON_FIELDS = ("arguments", "late", "batch")
# With the bindings of its needs, which are written with the step.
_READ_STEP_SQL = f"""
    SELECT {", ".join(STEP_FIELDS)}, (
        SELECT {{as_list}} FROM (
            SELECT binding FROM runs_stepedge WHERE step_id = %(id)s ORDER BY position
        ) edge
    ) FROM runs_step WHERE id = %(id)s
    """  # noqa: S608
_READ_STEP = {
    "sqlite": Statement(_READ_STEP_SQL.format(as_list="json_group_array(json(edge.binding))")),
    "postgresql": Statement(_READ_STEP_SQL.format(as_list="jsonb_agg(edge.binding)")),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one attempt of a step. needs: its bindings, in order. options,
    is_background: of its run. labels: the worker's.

    look: set when the attempt was parked and goes on, perhaps begun by another worker.
    """

    step: Step
    needs: Sequence[Mapping[str, Any]]
    attempt: int
    attempt_id: int
    worker: str
    labels: frozenset[str]
    provider_key: str
    run_public_id: str
    owner_id: int
    options: RunOptions
    is_background: bool
    started_at: datetime
    look: Look | None = None

    @property
    def fence(self) -> Q:
        """Return the condition of a worker's writes: the step's row meets it while the claim holds.

        The attempt rises with each claim, so a paused worker that wakes up finds another number;
        the owner distinguishes two machines that both believe to have made this attempt.
        """
        return Q(attempt=self.attempt, lease_owner=self.worker)

    def open_attempt(self) -> QuerySet[Attempt]:
        """The row of the attempt while it is this worker's: once parked, another may go on."""
        return Attempt.objects.filter(id=self.attempt_id, worker=self.worker, outcome="")


def in_logs(claim: Claim) -> AbstractContextManager[None]:
    """Log lines written within name the attempt they are about."""
    return working_on(run=claim.run_public_id, step=claim.step.key, attempt=claim.attempt)


def _read_step(step_id: int) -> tuple[Step, Sequence[Mapping[str, Any]]]:
    """The step, and the bindings of its needs."""
    ((*columns, needs),) = _READ_STEP[connection.vendor].rows(id=step_id)
    values = dict(zip(STEP_FIELDS, columns, strict=True))
    for name in _JSON_FIELDS:
        values[name] = from_json(values[name])
    return Step(**values), from_json(needs) or ()


def claim(
    step_id: int, run_id: int, worker: str, labels: Collection[str] | None = None
) -> Claim | None:
    """Take a ready or parked step. None when it is not due, someone has it, its run is over, a
    limit is in its way, or it is in no lane of a worker with these labels: by default those of the
    settings."""
    labels = frozenset(settings.WORKER_LABELS if labels is None else labels)
    with suppress(RunGone), changing(run_id) as change:
        return claim_within(change, step_id, worker, labels)
    return None


def claim_within(
    change: RunChange,
    step_id: int,
    worker: str,
    labels: frozenset[str],
    *,
    yields: bool = False,
) -> Claim | None:
    """Take a ready or parked step of a worker's lanes inside a change that goes on.

    yields: not while another owner has a step that is due there, and no step that other workers
    are preferred for. A step that the change has kept pending for this is taken, too.
    """
    if change.run.status not in (states.QUEUED, states.RUNNING):
        return None
    step, needs = _read_step(step_id)
    # Under the run's lock, as every write of a route: no race gives a step to another label.
    lanes = lanes_of(labels)
    lane = lanes.get((step.label, step.assigned_provider))
    if lane is None or (yields and lane.behind_s):
        return None
    if step.status == states.PARKED:
        return _look_within(change, step, needs, worker, labels)
    # Several workers hear one hint: most find here that another was quicker. The UPDATE decides.
    is_kept = step.status == states.PENDING and step_id == change.kept_pending
    if step.status != states.READY and not is_kept:
        return None
    permit = limits.permit(change, step)
    if permit is None:
        return None
    number = step.attempt + 1
    now = clock.now()
    run = change.run

    def begin() -> StepStarted:
        change.drop_hint(step_id)
        permit.use()
        if run.status == states.QUEUED:
            transitions.move_run(change, states.RUNNING, RunStarted())
        return StepStarted(**about(step), attempt=number, generation=step.generation)

    yields_in = list(lanes.values()) if yields else ()
    attempt_id = transitions.claim(
        change,
        step,
        begin,
        worker=worker,
        provider_key=_provider_key(run, step),
        now=now,
        yields_in=yields_in,
    )
    if attempt_id is None:
        return None
    step.attempt = number
    return _claim_of(run, step, needs, worker, labels, attempt_id=attempt_id, started_at=now)


def _look_within(
    change: RunChange,
    step: Step,
    needs: Sequence[Mapping[str, Any]],
    worker: str,
    labels: frozenset[str],
) -> Claim | None:
    """Take a parked step: its open attempt becomes this worker's."""
    if not transitions.look(change, step, worker=worker, now=clock.now()):
        return None
    attempt_id, started_at, look = take_attempt(
        step_id=step.id, number=step.attempt, generation=step.generation, worker=worker
    )
    return _claim_of(
        change.run,
        step,
        needs,
        worker,
        labels,
        attempt_id=attempt_id,
        started_at=started_at,
        look=look,
    )


def _provider_key(run: Run, step: Step) -> str:
    """The same for every attempt of a generation: a provider that is asked again recognizes it."""
    return f"{run.public_id}:{step.key}:{step.generation}"


def _claim_of(
    run: Run,
    step: Step,
    needs: Sequence[Mapping[str, Any]],
    worker: str,
    labels: frozenset[str],
    **attempt: Any,
) -> Claim:
    return Claim(
        step=step,
        needs=needs,
        attempt=step.attempt,
        worker=worker,
        labels=labels,
        provider_key=_provider_key(run, step),
        run_public_id=run.public_id,
        owner_id=run.owner_id,
        options=RunOptions.read(run.options),
        is_background=run.is_background,
        **attempt,
    )


def claim_next(change: RunChange, previous: Claim, ready: Sequence[int]) -> Claim | None:
    """Claim one step that ending another readied: its chain goes on without a hint or a poll,
    unless another owner waits."""
    if not ready or change.run.is_background:
        return None
    claim = claim_within(change, ready[0], previous.worker, previous.labels, yields=True)
    if claim is None:
        transitions.make_kept_ready(change)
    change.kept_pending = None
    return claim
