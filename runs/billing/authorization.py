"""Permission of a run to take more: its user's credit, and the ceiling that someone approved."""

from __future__ import annotations

from typing import Any

from accounts import credit
from accounts.auth import Principal
from runs import states
from runs.billing import allowances, quotes
from runs.billing.reservations import committed_milli
from runs.billing.units import credits_text
from runs.log.changes import RunChange
from runs.models import Run, Wait
from runs.options import RunOptions


def check_credit(actor: Principal, milli: int) -> None:
    """Inside the transaction that reserves: raises InsufficientCredit when it may not."""
    refusal = credit.refusal(user=actor.user, api_key=actor.api_key, milli=milli)
    if refusal is not None:
        raise refusal


def hold_reason(change: RunChange, milli: int, *, accepted_milli: int | None = None) -> str:
    """Return why a run must wait for a person before it reserves so much more; "" when it need not.

    milli: on top of what is reserved and used already. accepted_milli: a limit for a run without.
    """
    run = change.run
    limit = ceiling_of(run)
    if limit is None:
        limit = accepted_milli
    if milli > 0 and limit is not None and committed_milli(run) + milli > limit:
        return states.COST_REAUTHORIZATION
    allowances.lock(run.allowance_id)
    refusal = credit.refusal(user=allowances.payer_of(run), api_key=run.api_key_id, milli=milli)
    return "" if refusal is None else states.INSUFFICIENT_CREDIT


def hold_prompt(change: RunChange, reason: str, milli: int) -> dict[str, Any]:
    """The prompt of the wait for a `hold_reason`. For a cost, it also keeps a new quote."""
    run = change.run
    if reason == states.COST_REAUTHORIZATION:
        total = committed_milli(run) + requested_milli(run.id) + milli
        options = RunOptions.read(run.options)
        quote = quotes.new_quote(total, None, options)
        change.set(options=options.with_quote(quote).to_json())
        limit = ceiling_of(run) or 0
        message = (
            f"This run needs {credits_text(milli)} more than you approved: about"
            f" {credits_text(total)} in total (limit {credits_text(limit)}). Continue?"
        )
        return {"message": message, "milli": milli}
    refusal = credit.refusal(user=allowances.payer_of(run), api_key=run.api_key_id, milli=milli)
    message = refusal.message if refusal else "Not enough credits."
    details = refusal.details if refusal else {}
    return {"message": f"{message} Retry the run to continue.", "milli": milli, "details": details}


def ceiling_of(run: Run) -> int | None:
    """The most the run may take without asking: what was last accepted, else its ceiling."""
    approved_milli = RunOptions.read(run.options).approved_milli
    return run.ceiling_milli if approved_milli is None else approved_milli


def requested_milli(run_id: int) -> int:
    """Return how much waiting stages of the run ask for, on top of what is committed."""
    waits = Wait.objects.filter(run_id=run_id, answered_at=None, reason=states.COST_REAUTHORIZATION)
    return sum(int(prompt.get("milli", 0)) for prompt in waits.values_list("prompt", flat=True))
