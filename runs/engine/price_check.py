"""A step's price once its files are there, against what is held back for it.

A quote may have been "at most" of what was known then. Above it no request is sent before a person
has said yes: the price of what was accepted is the most that a run takes unasked.
"""

from __future__ import annotations

from contextlib import suppress

from runs import states
from runs.billing import authorization, reservations
from runs.billing.units import credits_text
from runs.engine import day_limits, failure_handling
from runs.engine.claims import Claim
from runs.engine.preparation import Prepared
from runs.log.changes import RunChange, RunGone, changing
from runs.models import Step
from tools.providers.base import Facts, Price


def may_ask(claim: Claim, prepared: Prepared) -> bool:
    """Return whether the provider may be asked now. False: a person is asked first.

    A request that was sent already is never held: its price was accepted then.
    """
    job, step = prepared.job, claim.step
    if claim.is_background or job.job_ref is not None or job.paid_request is not None:
        return True
    price = _price_of(prepared)
    day_limits.check_step(prepared.provider, claim, price.milli if price else step.estimated_milli)
    more = 0 if price is None else price.milli - step.estimated_milli
    if price is None or more <= 0:
        return True
    with suppress(RunGone), changing(step.run_id) as change:
        reason = authorization.hold_reason(change, more, accepted=_accepted(change))
        if reason:
            prompt = authorization.hold_prompt(change, reason, more)
            if reason == states.COST_REAUTHORIZATION:
                prompt["message"] = _question(prepared, step, price)
            failure_handling.pause_within(change, claim, reason, prompt)
            return False
        if Step.objects.filter(claim.fence, id=step.id).update(estimated_milli=price.milli):
            reservations.adjust(change, more, ref=f"price:{step.id}:{claim.attempt}")
    step.estimated_milli = price.milli
    return True


def _price_of(prepared: Prepared) -> Price | None:
    media = {
        port: [Facts(file.width, file.height, file.duration_s) for file in files]
        for port, files in prepared.job.media.items()
    }
    return prepared.provider.quote(prepared.tool.name, prepared.job.params, media)


def _accepted(change: RunChange) -> int:
    """Return the total that people saw when they started the run without a limit."""
    return reservations.committed_milli(change.run)


def _question(prepared: Prepared, step: Step, price: Price) -> str:
    who = prepared.provider.title or prepared.provider.name
    most = "up to " if price.at_most else ""
    stage = step.title if step.title not in ("", step.key) else prepared.tool.title
    return (
        f"{who} now quotes {most}{credits_text(price.milli)} for {stage}, instead of"
        f" {credits_text(step.estimated_milli)}. Continue?"
    )
