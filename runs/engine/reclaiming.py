"""Consequences of a lost lease: the step goes back, asks a person, or fails for good."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Least

from core import clock
from core.database import db_now
from core.logs import working_on
from runs import states
from runs.engine import advance, claims, open_questions, paid_requests, transitions, worker_registry
from runs.engine.remote_job_polls import NEWS_DUE_S
from runs.engine.unknown_charges import UnknownCharge, title_of, unknown_charge
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
    is_lost = Q(lease_owner=lost_by) if lost_by is not None else Q(lease_until__lt=db_now())
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
        charge = _unknown_charge(step, attempt, losses)
        failure = charge.error() if charge is not None else _workers_lost(step, losses)
        question = charge if charge is not None and charge.is_asked else None
        goes_on = question is not None and not question.sends_again
        fence = is_lost & Q(attempt=step.attempt, lease_owner=step.lease_owner)
        if handed_back and attempt.parked_at is not None:
            return _park_again(change, step, fence)
        counters: dict[str, Any] = {"lost_leases": F("lost_leases") + losses}

        def note() -> None:
            with working_on(run=change.run.public_id, step=step.key, attempt=step.attempt):
                level = logging.INFO if handed_back else logging.WARNING
                logger.log(level, "the attempt lost its worker %s", step.lease_owner)
            fields: dict[str, Any] = {"outcome": outcome, "ended_at": clock.now()}
            if failure and not goes_on:
                # The person who is asked decides about the next request.
                fields["paid_request"] = None
            Attempt.objects.filter(id=attempt.id).update(**fields)

        if question is not None:
            # A yes is a new beginning: no earlier loss counts.
            prompt = question.prompt(worker="lost")
            if not open_questions.open_wait(
                change, step, states.PERMISSION, prompt, fence=fence, lost_leases=0
            ):
                return False
            note()
            advance.step_paused(change, step)
        elif failure:
            event = StepFailed(**about(step), error=failure)
            if not transitions.move(
                change, step, states.FAILED, event, fence=fence, error=failure, **counters
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
                fence=fence,
                progress=0,
                not_before=Least(Value(began), db_now()),
                **counters,
            ):
                return False
            note()
            change.hint([step.id])
        return True
    return False


def _park_again(change: RunChange, step: Step, fence: Q) -> bool:
    """Give back a look that did not come to its end: the attempt goes on at the next one."""
    # It was its turn, and a webhook may have come since: before those that are only due.
    first = db_now() + timedelta(seconds=NEWS_DUE_S)
    if not transitions.move(change, step, states.PARKED, fence=fence, not_before=first):
        return False
    change.hint([step.id])
    return True


def _unknown_charge(step: Step, attempt: Attempt, losses: int) -> UnknownCharge | None:
    """Return what its person decides before the step runs again; None where it simply may."""
    is_open = attempt.submitting_at is not None and attempt.job_ref is None
    provider = registry.provider_named(attempt.provider)
    if is_open and paid_requests.is_blind(provider, step.id, step.generation):
        what = f"The worker stopped right after sending this to {title_of(attempt.provider)}."
        return unknown_charge(step, what, sends_again=True)
    if not _kills_workers(step, losses):
        return None
    charge = unknown_charge(step, "", sends_again=False)
    if charge.request is None:
        return None
    title = title_of(charge.request.provider)
    what = f"The worker stopped {LOST_LEASES_THAT_FAIL} times in a row after sending this to"
    return replace(charge, what=f"{what} {title}.")


def _workers_lost(step: Step, losses: int) -> dict[str, Any] | None:
    """Return the error of a step that is taken to be what kills workers; None for all others."""
    if not _kills_workers(step, losses):
        return None
    return {
        "code": "step.workers_lost",
        "error_type": "GPU_WORKER_FAILED",
        "message": (
            f"{step.title or step.key} failed: its worker stopped {LOST_LEASES_THAT_FAIL} times"
            " in a row."
        ),
        "retryable": True,
    }


def _kills_workers(step: Step, losses: int) -> bool:
    return bool(losses) and step.lost_leases + losses >= LOST_LEASES_THAT_FAIL


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
    leases = list(rows.values_list("id", "run_id"))
    return sum(
        reclaim(step_id, run_id, lost_by=worker, handed_back=handed_back)
        for step_id, run_id in leases
    )
