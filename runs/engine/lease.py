"""Who may work on a step: claims, leases, and what happens when one is lost.

A claim is one conditional UPDATE that raises `attempt`. Anyone who holds the attempt may commit; a
late worker's commit touches no row. So doubled hints and paused workers are harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Least

from core import clock
from core.database import db_now
from core.logs import working_on
from core.raw_sql import Statement, from_json
from runs import states
from runs.engine import advance, asking, pending_steps, transitions, worker_registry
from runs.log.changes import Change, RunGone, changing
from runs.log.events import RunStarted, StepFailed, StepProgress, StepStarted, about
from runs.models import Attempt, Heartbeat, Run, Step
from tools import registry

logger = logging.getLogger(__name__)

# This many leases lost in a row, and the step itself is taken to be what kills workers.
LOST_LEASES_THAT_FAIL = 5

# The duty of taking expired leases back; see runs.engine.sweep.
SWEEPER = "sweeper"
# What the names of other duties begin with; see runs.engine.periodic.
CHORE = "chore:"

# A worker died between asking a service and noting its answer.
MAY_BE_CHARGED = "step.may_be_charged"

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
)

_READ_STEP = Statement(f"SELECT {', '.join(STEP_FIELDS)} FROM runs_step WHERE id = %(id)s")  # noqa: S608
_JSON_FIELDS = ("arguments", "late", "batch")
_BEGIN_ATTEMPT = Statement(
    """
    INSERT INTO runs_attempt
        (step_id, owner_id, number, generation, worker, provider_key, provider, outcome,
        actual_milli, started_at)
    VALUES (%(step_id)s, %(owner)s, %(number)s, %(generation)s, %(worker)s, %(provider_key)s, '',
        '', 0, %(now)s)
    RETURNING id
    """
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one attempt of a step. options, is_background: of its run."""

    step: Step
    attempt: int
    attempt_id: int
    worker: str
    provider_key: str
    run_public_id: str
    owner_id: int
    options: Mapping[str, Any]
    is_background: bool
    started_at: datetime

    @property
    def fence(self) -> Q:
        """What holds of the step's row while the claim does: every write of a worker asks for it.

        The attempt alone is not enough: the row of a step that was taken back keeps its number.
        """
        return Q(attempt=self.attempt, lease_owner=self.worker)


def in_logs(claim: Claim) -> AbstractContextManager[None]:
    """Log lines written within name the attempt they are about."""
    return working_on(run=claim.run_public_id, step=claim.step.key, attempt=claim.attempt)


def due(seconds: float) -> Any:
    return db_now() + timedelta(seconds=seconds)


def _read_step(step_id: int) -> Step:
    (row,) = _READ_STEP.rows(id=step_id)
    values = dict(zip(STEP_FIELDS, row, strict=True))
    for name in _JSON_FIELDS:
        values[name] = from_json(values[name])
    return Step(**values)


def claim(step_id: int, run_id: int, worker: str) -> Claim | None:
    """Take a ready step. None when someone else has it, it is not due, or its run is over."""
    with suppress(RunGone), changing(run_id) as change:
        return claim_within(change, step_id, worker)
    return None


def claim_within(
    change: Change, step_id: int, worker: str, *, yields: bool = False
) -> Claim | None:
    """Take a ready step inside a change that goes on.

    yields: not while another owner has a step that is due.
    """
    if change.run.status not in (states.QUEUED, states.RUNNING):
        return None
    step = _read_step(step_id)
    if step.status != states.READY:
        return None
    number = step.attempt + 1
    now = clock.now()
    run = change.run
    provider_key = f"{run.public_id}:{step.key}:{step.generation}"
    attempt_id = 0

    def started() -> StepStarted:
        nonlocal attempt_id
        change.taken(step_id)
        attempt_id = _BEGIN_ATTEMPT.new_id(
            step_id=step_id,
            owner=run.queue_owner_id,
            number=number,
            generation=step.generation,
            worker=worker,
            provider_key=provider_key,
            now=now,
        )
        if run.status == states.QUEUED:
            transitions.move_run(change, states.RUNNING, RunStarted())
        return StepStarted(**about(step), attempt=number, generation=step.generation)

    if not transitions.claim(change, step, started, worker=worker, now=now, yields=yields):
        return None
    step.attempt = number
    return Claim(
        step=step,
        attempt=number,
        attempt_id=attempt_id,
        worker=worker,
        provider_key=provider_key,
        run_public_id=run.public_id,
        owner_id=run.owner_id,
        options=run.options,
        is_background=run.is_background,
        started_at=now,
    )


def claim_next(change: Change, done: Claim, ready: Sequence[int]) -> Claim | None:
    """Claim one step that ending another readied: its chain goes on without a hint or a poll,
    unless another owner waits."""
    if not ready or change.run.is_background:
        return None
    return claim_within(change, ready[0], done.worker, yields=True)


def renew(claim: Claim, *, progress: float | None = None, resolved: Any = None) -> bool:
    """Prolong the lease. False: the step was cancelled or another worker has it; stop working."""
    fields: dict[str, Any] = {"lease_until": due(settings.LEASE_S)}
    if progress is not None:
        fields["progress"] = progress
    if resolved is not None:
        fields["resolved"] = resolved
    return bool(_held(claim).update(**fields))


def report_progress(claim: Claim, progress: float, note: str, *, resolved: Any = None) -> bool:
    """Prolong the lease and log how far the step is. False as in `renew`."""
    progress = round(progress, 4)
    with suppress(RunGone), changing(claim.step.run_id) as change:
        if not renew(claim, progress=progress, resolved=resolved):
            return False
        change.append(
            StepProgress(**about(claim.step), progress=progress, note=note),
            step_id=claim.step.id,
            generation=claim.step.generation,
        )
        return True
    return False


def _held(claim: Claim) -> Any:
    """The step's row while the claim still is."""
    return Step.objects.filter(claim.fence, id=claim.step.id, status=states.RUNNING)


def expired() -> list[tuple[int, int]]:
    """Running steps whose lease ran out, as (step id, run id)."""
    rows = Step.objects.filter(status=states.RUNNING, lease_until__lt=db_now())
    return list(rows.values_list("id", "run_id")[:200])


def reclaim(
    step_id: int, run_id: int, *, lost_by: str | None = None, handed_back: bool = False
) -> bool:
    """Take a step back from a worker that is gone. True when it was taken back.

    lost_by: the worker known to be dead; without it only an expired lease is taken.
    handed_back: that worker gives it back itself as it stops, which says nothing against the step.
    """
    gone = Q(lease_owner=lost_by) if lost_by is not None else Q(lease_until__lt=db_now())
    losses = 0 if handed_back else 1
    with suppress(RunGone), changing(run_id) as change:
        step = Step.objects.only(*STEP_FIELDS, "lease_owner").get(id=step_id)
        if step.status != states.RUNNING:
            return False
        attempt = Attempt.objects.get(step_id=step_id, number=step.attempt)
        outcome = "returned" if handed_back else "lost"
        failure = _why_not_again(step, attempt, losses)
        held = gone & Q(attempt=step.attempt, lease_owner=step.lease_owner)
        counted: dict[str, Any] = {"lost_leases": F("lost_leases") + losses}

        def note() -> None:
            with working_on(run=change.run.public_id, step=step.key, attempt=step.attempt):
                level = logging.INFO if handed_back else logging.WARNING
                logger.log(level, "the attempt lost its worker %s", step.lease_owner)
            Attempt.objects.filter(id=attempt.id).update(outcome=outcome, ended_at=clock.now())

        if failure and _is_to_be_asked(run_id, failure):
            prompt = {"message": failure["message"], "details": {"worker": "lost"}}
            if not asking.open_wait(change, step, states.PERMISSION, prompt, fence=held, **counted):
                return False
            note()
            advance.step_held(change, step)
        elif failure:
            failed = StepFailed(**about(step), error=failure)
            if not transitions.move(
                change, step, states.FAILED, failed, fence=held, error=failure, **counted
            ):
                return False
            note()
            advance.step_ended(change, step, states.FAILED)
        else:
            # Into the queue where its run began: before runs that have not started at all.
            began = Run.objects.values_list("created_at", flat=True).get(id=run_id)
            again = StepProgress(
                **about(step),
                progress=0.0,
                retrying="Restarting on another worker",
                outcome=outcome,
            )
            if not transitions.move(
                change,
                step,
                states.READY,
                again,
                fence=held,
                progress=0,
                not_before=Least(Value(began), db_now()),
                **counted,
            ):
                return False
            note()
            change.hint([step.id])
        return True
    return False


def _why_not_again(step: Step, attempt: Attempt, losses: int) -> dict[str, Any] | None:
    """The error that ends a step whose worker is gone, or None when it may simply run again."""
    if losses and step.lost_leases + losses >= LOST_LEASES_THAT_FAIL:
        return {
            "code": "step.workers_lost",
            "error_type": "GPU_WORKER_FAILED",
            "message": (
                f"{step.title or step.key} failed: its worker stopped {LOST_LEASES_THAT_FAIL} times"
                " in a row."
            ),
            "retryable": True,
        }
    submitted = attempt.submitting_at is not None and attempt.job_ref is None
    provider = registry.provider_named(attempt.provider)
    # One that is not configured any more cannot be asked whether it knows the request.
    if submitted and (provider is None or provider.submit == "blind"):
        title = (provider.title if provider is not None else "") or attempt.provider
        failure = may_be_charged(f"The worker stopped right after sending this to {title}.")
        return {**failure, "provider": attempt.provider}
    return None


def may_be_charged(what: str) -> dict[str, Any]:
    """The error of a step that was perhaps paid for. what: a sentence on how that came."""
    return {
        "code": MAY_BE_CHARGED,
        "error_type": "PERMISSION_REQUIRED",
        "message": (f"{what} It may already have been charged. Retry only if that's OK."),
        "retryable": False,
    }


def _is_to_be_asked(run_id: int, failure: Mapping[str, Any]) -> bool:
    """Whether a person decides if the step is done again, though it may be paid for twice."""
    asks = settings.ASK_BEFORE_REPAYING and failure["code"] == MAY_BE_CHARGED
    return asks and not pending_steps.is_stopping(run_id)


def release_worker(worker: str, *, handed_back: bool = False) -> int:
    """Take back every step of a worker at once, and its duties. Returns how many steps.

    The worker is known to be dead; or handed_back: it stops and calls this itself.
    """
    # Else no one would look for expired leases until the dead sweeper's time is up.
    duties = Q(name=SWEEPER) | Q(name__startswith=CHORE)
    Heartbeat.objects.filter(duties, owner=worker).update(until=clock.now())
    worker_registry.forget(worker)
    rows = Step.objects.filter(status=states.RUNNING, lease_owner=worker)
    held = list(rows.values_list("id", "run_id"))
    return sum(
        reclaim(step_id, run_id, lost_by=worker, handed_back=handed_back)
        for step_id, run_id in held
    )
