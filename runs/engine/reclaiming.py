"""What happens when a lease is lost: the step goes back, asks a person, or fails for good."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Least

from core import clock
from core.database import db_now
from core.logs import working_on
from runs import states
from runs.billing.units import credits_text
from runs.engine import (
    advance,
    asking,
    claims,
    paid_requests,
    pending_steps,
    transitions,
    worker_registry,
)
from runs.engine.looks import NEWS_DUE_S
from runs.log.changes import RunChange, RunGone, changing
from runs.log.events import StepFailed, StepProgress, about
from runs.models import Attempt, Heartbeat, Run, Step
from tools import registry

logger = logging.getLogger(__name__)

# This many leases lost in a row, and the step itself is taken to be what kills workers.
LOST_LEASES_THAT_FAIL = 5

# The elected duty of taking expired leases back; see runs.engine.sweep.
SWEEPER = "sweeper"
# What the names of other duties begin with; see runs.engine.periodic.
PERIODIC_PREFIX = "chore:"

# A worker died between asking a service and noting its answer.
MAY_BE_CHARGED = "step.may_be_charged"


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
        # Locked before its attempt is read: a worker that lives after all notes that it submits and
        # then renews its lease. So either the note is seen here, or that renewal fails.
        # Without its key: who notes a job of the step refers to it, and holds the attempt's row.
        rows = Step.objects.select_for_update(no_key=True).only(*claims.STEP_FIELDS, "lease_owner")
        step = rows.get(id=step_id)
        if step.status != states.RUNNING:
            return False
        attempts = Attempt.objects.select_for_update(no_key=True)
        attempt = attempts.get(step_id=step_id, number=step.attempt)
        outcome = "returned" if handed_back else "lost"
        failure = _why_not_again(step, attempt, losses)
        held = gone & Q(attempt=step.attempt, lease_owner=step.lease_owner)
        if handed_back and attempt.parked_at is not None:
            return _park_again(change, step, held)
        counted: dict[str, Any] = {"lost_leases": F("lost_leases") + losses}

        def note() -> None:
            with working_on(run=change.run.public_id, step=step.key, attempt=step.attempt):
                level = logging.INFO if handed_back else logging.WARNING
                logger.log(level, "the attempt lost its worker %s", step.lease_owner)
            fields: dict[str, Any] = {"outcome": outcome, "ended_at": clock.now()}
            if failure:
                # The person who is asked decides about the next request.
                fields["paid_request"] = None
            Attempt.objects.filter(id=attempt.id).update(**fields)

        if failure and _is_to_be_asked(run_id, failure):
            prompt = {"message": failure["message"], "details": {"worker": "lost"}}
            if not asking.open_wait(change, step, states.PERMISSION, prompt, fence=held, **counted):
                return False
            note()
            advance.step_paused(change, step)
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


def _park_again(change: RunChange, step: Step, held: Q) -> bool:
    """Give back a look that did not come to its end: the attempt goes on at the next one."""
    # It was its turn, and a webhook may have come since: before those that are only due.
    first = db_now() + timedelta(seconds=NEWS_DUE_S)
    if not transitions.move(change, step, states.PARKED, fence=held, not_before=first):
        return False
    change.hint([step.id])
    return True


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
    if submitted and paid_requests.is_blind(provider, step.id, step.generation):
        title = (provider.title if provider is not None else "") or attempt.provider
        failure = may_be_charged(f"The worker stopped right after sending this to {title}.", step)
        return {**failure, "provider": attempt.provider}
    return None


def may_be_charged(what: str, step: Step) -> dict[str, Any]:
    """The error of a step that was perhaps paid for. what: a sentence on how that came."""
    request = paid_requests.open_request(step.id, step.generation)
    clue = ""
    if request is not None:
        cost = f" (about {credits_text(step.estimated_milli)})" if step.estimated_milli else ""
        clue = f" Look there for a job{cost} at {request.sent_at:%H:%M:%S} UTC."
    return {
        "code": MAY_BE_CHARGED,
        "error_type": "PERMISSION_REQUIRED",
        "message": f"{what} It may already have been charged.{clue} Retry only if that's OK.",
        "retryable": False,
    }


def _is_to_be_asked(run_id: int, failure: Mapping[str, Any]) -> bool:
    """Whether a person decides if the step is done again, though it may be paid for twice."""
    asks = settings.ASK_BEFORE_REPAYING and failure["code"] == MAY_BE_CHARGED
    return asks and not pending_steps.is_stopping(run_id)


def release_worker(worker: str, *, handed_back: bool = False, stays: bool = False) -> int:
    """Take back every step of a worker at once, and its duties. Returns how many steps.

    The worker is known to be dead; or handed_back: it stops and calls this itself. stays: it goes
    on with other steps.
    """
    # Else no one would look for expired leases until the dead sweeper's time is up.
    duties = Q(name=SWEEPER) | Q(name__startswith=PERIODIC_PREFIX)
    Heartbeat.objects.filter(duties, owner=worker).update(until=db_now())
    if not stays:
        worker_registry.forget(worker)
    rows = Step.objects.filter(status=states.RUNNING, lease_owner=worker)
    held = list(rows.values_list("id", "run_id"))
    return sum(
        reclaim(step_id, run_id, lost_by=worker, handed_back=handed_back)
        for step_id, run_id in held
    )
