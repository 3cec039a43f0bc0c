"""Ends of an attempt that did not work: a retry later, a failure for good, or a decision."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from core import clock
from core.errors import (
    JobMismatch,
    ProviderError,
    ProviderHolds,
    ProviderOutOfCredit,
    ProviderUnsure,
)
from runs import states
from runs.engine import (
    advance,
    automatic_pauses,
    cooldowns,
    lease,
    open_questions,
    paid_requests,
    pending_steps,
    transitions,
)
from runs.engine.claims import Claim
from runs.engine.clock_changes import MAX_RETRY_DELAY_S
from runs.engine.questions import error_of
from runs.engine.unknown_charges import MAY_BE_CHARGED, UnknownCharge, unknown_charge
from runs.log.changes import RunChange, RunGone, changing
from runs.log.events import StepFailed, StepProgress, about
from runs.models import Attempt
from tools import registry

logger = logging.getLogger(__name__)

# A service that asks for so long a rest has limits of its own: a step that waits for them has not
# failed.
LONG_REST_S = 60.0
HOUR = timedelta(hours=1)


def fail_or_retry(claim: Claim, error: ProviderError, provider_id: str = "") -> None:
    """Retry later when the failure allows it, else fail the step and what depends on it.

    provider_id: the one that failed, once it was settled who does it.
    """
    # Not its message: a provider may quote the prompt in it.
    logger.warning("the attempt failed: %s, %s", error.code, error.error_type)
    step = claim.step
    # Not who was asked where the check of its content failed.
    payer = error.provider or provider_id
    if isinstance(error, ProviderOutOfCredit) and registry.provider_named(payer) is not None:
        put_off(claim, error, lambda: automatic_pauses.pause(payer, error.message))
        return
    if error.is_rate_limit and (error.retry_after_s or 0) >= LONG_REST_S:
        put_off(claim, error, lambda: _cool_down(payer, claim.owner_id, error))
        return
    with suppress(RunGone), changing(step.run_id) as change:
        # Once a failure has ended the run, what failed too is not tried again.
        if not _may_retry(claim, error) or pending_steps.is_stopping(step.run_id, step.parent_id):
            _fail(change, claim, error, provider_id)
            return
        delay = min(
            settings.RETRY_CAP_S, settings.RETRY_BASE_S * 2**step.failures
        ) * random.uniform(0.5, 1.0)  # noqa: S311
        again = StepProgress(
            **about(step), progress=0.0, retrying=f"{error.message} Retrying.", outcome="error"
        )
        if transitions.move(
            change,
            step,
            states.READY,
            again,
            fence=claim.fence,
            progress=0,
            failures=F("failures") + 1,
            lost_leases=0,
            not_before=lease.due(min(error.retry_after_s or delay, MAX_RETRY_DELAY_S)),
        ):
            columns: dict[str, Any] = {}
            if not isinstance(error, ProviderUnsure):
                # What became of the request is known: the next may be sent to anyone. Else the next
                # repeats it, and has its charge.
                columns = {"paid_request": None, "unbilled_milli": _unbilled_milli(claim, error)}
            end_attempt(
                claim, outcome="error", error=error_of(error), provider=provider_id, **columns
            )
            _cool_down(payer, claim.owner_id, error)


def put_off(claim: Claim, error: ProviderError, hold: Callable[[], None]) -> None:
    """End an attempt that nothing was taken of: its step waits in its place in the queue.

    hold: what keeps it from being taken again at once, in the same transaction.
    """
    step = claim.step
    event = StepProgress(**about(step), progress=0.0, retrying=error.message, outcome="returned")
    with suppress(RunGone), changing(step.run_id) as change:
        if pending_steps.is_stopping(step.run_id, step.parent_id):
            _fail(change, claim, error, "")
        elif transitions.move(change, step, states.READY, event, fence=claim.fence, progress=0):
            end_attempt(claim, outcome="returned", submitting_at=None, paid_request=None)
            hold()


def _cool_down(provider_name: str, owner: int | None, error: ProviderError) -> None:
    """Begin the cooldown that a failure asks for, in the transaction that keeps it, once its
    attempt has ended."""
    provider = registry.provider_named(provider_name)
    if provider is None:
        return
    title = provider.title or provider.name
    if error.is_rate_limit and error.retry_after_s:
        until = clock.now() + timedelta(seconds=error.retry_after_s)
        reason = f"{title} asks to be sent nothing for a while."
        cooldowns.begin(provider.name, None, until, "busy", reason)
    most = provider.refusals_per_hour
    if error.error_type != cooldowns.REFUSED or most is None:
        return
    attempts = cooldowns.refusals(HOUR).filter(owner=owner, provider=provider.name)
    times = list(attempts.order_by("-ended_at").values_list("ended_at", flat=True)[:most])
    if len(times) == most and times[-1] is not None:
        reason = f"{title} refused {most} of your requests in the last hour."
        # Until one of so many is an hour ago.
        cooldowns.begin(provider.name, owner, times[-1] + HOUR, "refusals", reason)


def on_ambiguous_result(claim: Claim, error: ProviderUnsure, provider_id: str) -> None:
    """Ask again where that costs nothing twice; else a person decides, or the step fails."""
    provider, step = registry.provider_named(provider_id), claim.step
    is_blind = not error.may_repeat or paid_requests.is_blind(provider, step.id, step.generation)
    if not is_blind:
        fail_or_retry(claim, error, provider_id)
        return
    on_unknown_charge(
        claim,
        error.message,
        provider_id,
        ends_job=error.ends_job,
        mismatch=error if isinstance(error, JobMismatch) else None,
        unbilled_milli=_unbilled_milli(claim, error),
    )


def on_unknown_charge(
    claim: Claim,
    what: str,
    provider_id: str,
    *,
    ends_job: bool = False,
    mismatch: JobMismatch | None = None,
    unbilled_milli: int | None = None,
) -> None:
    """A person decides whether it may be paid for twice, or the step fails. what: a sentence.

    ends_job: its job is gone, so that the next attempt attaches to none. mismatch: as of
    `UnknownCharge`. unbilled_milli: what may have been charged; None: its quote.
    """
    step = claim.step
    sends_again = ends_job or not paid_requests.has_job(step.id, step.generation)
    charge = unknown_charge(step, what, sends_again=sends_again, mismatch=mismatch)
    with suppress(RunGone), changing(step.run_id) as change:
        if charge.is_asked:
            paid_requests.settle(step.id, step.generation, ends_job=ends_job)
            # What goes on with the job has its charge.
            milli = claim.step.estimated_milli if unbilled_milli is None else unbilled_milli
            columns = {"unbilled_milli": milli} if sends_again else {}
            pause_within(change, claim, states.PERMISSION, charge.prompt(), **columns)
            return
    fail_as_charged(claim, charge, provider_id, unbilled_milli)


def fail_as_charged(
    claim: Claim, charge: UnknownCharge, provider_id: str, unbilled_milli: int | None = None
) -> None:
    """Fail a step for good whose job may have been paid for.

    unbilled_milli: as of `on_unknown_charge`.
    """
    failure = charge.error()
    final = ProviderError(
        failure["message"],
        code=failure["code"],
        error_type=failure["error_type"],
        retryable=failure["retryable"],
    )
    final.provider, final.charged_milli = provider_id, unbilled_milli
    fail_or_retry(claim, final, provider_id)


def pause_for_approval(claim: Claim, error: ProviderHolds, provider_id: str = "") -> None:
    """A person decides whether the step goes on. No one works on it meanwhile."""
    step = claim.step
    reason = error.waiting_reason
    with suppress(RunGone), changing(step.run_id) as change:
        if pending_steps.is_stopping(step.run_id, step.parent_id):
            # No one is asked about what will not be used any more.
            _fail(change, claim, error, provider_id)
            return
        pause_within(
            change,
            claim,
            reason if reason in states.WAITING_REASONS else states.OTHER,
            {"message": error.message, "details": error.details},
        )


def pause_within(
    change: RunChange, claim: Claim, reason: str, prompt: Mapping[str, Any], **columns: Any
) -> bool:
    """End an attempt by a question. columns: of the attempt. False: the claim was lost."""
    if not open_questions.open_wait(
        change, claim.step, reason, prompt, fence=claim.fence, failures=0, lost_leases=0
    ):
        return False
    end_attempt(claim, outcome="held", **columns)
    advance.step_paused(change, claim.step)
    return True


def end_attempt(claim: Claim, **fields: Any) -> None:
    """Write down how an attempt ended."""
    Attempt.objects.filter(id=claim.attempt_id).update(ended_at=clock.now(), **fields)


def _unbilled_milli(claim: Claim, error: ProviderError) -> int:
    """Return what the service charged for an attempt that failed, the quote where it may have."""
    milli = error.charged_milli
    return claim.step.estimated_milli if milli is None else milli


def _may_retry(claim: Claim, error: ProviderError) -> bool:
    step = claim.step
    if error.code == MAY_BE_CHARGED:
        # However often the author wants it tried: that is not theirs to pay twice for unasked.
        return False
    # The tries of an item, or of a step in one, count for every kind of failure.
    tries = (step.batch or {}).get("tries", 0) if step.kind == "tool" else 0
    if step.on_error == "retry_once":
        tries = 2
    if tries:
        return step.failures + 1 < tries
    return error.retryable and step.failures + 1 < step.max_attempts


def _fail(change: RunChange, claim: Claim, error: ProviderError, provider_id: str) -> None:
    step = claim.step
    reason = error_of(error)
    if transitions.move(
        change,
        step,
        states.FAILED,
        StepFailed(**about(step), error=reason),
        fence=claim.fence,
        error=reason,
        failures=step.failures + 1,
        provider=provider_id,
    ):
        milli = _unbilled_milli(claim, error)
        end_attempt(
            claim, outcome="error", error=reason, provider=provider_id, unbilled_milli=milli
        )
        _cool_down(error.provider or provider_id, claim.owner_id, error)
        advance.step_ended(change, step, states.FAILED)
