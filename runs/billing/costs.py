"""What a run reserves, uses and gives back, inside the change that makes it so.

The ledger's entries of a run always sum to minus what is reserved now and minus what was used:
`Run.reserved_milli` and `Run.actual_milli` say the same from the run's side.
"""

from __future__ import annotations

from typing import Any

from accounts import credit, ledger
from accounts.auth import Principal
from runs import states
from runs.billing import pricing
from runs.log.changes import Change
from runs.models import Run, Step, Wait


def check_credit(actor: Principal, milli: int) -> None:
    """Inside the transaction that reserves: raises InsufficientCredit when it may not."""
    refused = credit.refusal(user=actor.user, api_key=actor.api_key, milli=milli)
    if refused is not None:
        raise refused


def may_spend(change: Change, milli: int) -> str:
    """Whether a run may reserve so much more: "", or the reason why it must wait for a person.

    What is asked for comes on top of what is reserved and used already.
    """
    run = change.run
    limit = approved_milli(run)
    if milli > 0 and limit is not None and spent(run) + milli > limit:
        return states.COST_REAUTHORIZATION
    refused = credit.refusal(user=run.owner_id, api_key=run.api_key_id, milli=milli)
    return "" if refused is None else states.INSUFFICIENT_CREDIT


def prompt(change: Change, reason: str, milli: int) -> dict[str, Any]:
    """For the wait that such a reason leads to: what to say. Of a cost, a new quote begins here."""
    run = change.run
    if reason == states.COST_REAUTHORIZATION:
        total = spent(run) + asked_for(run.id) + milli
        quote = pricing.quote_now(total, None, run.options)
        change.set(options=pricing.with_quote(run.options, quote))
        limit = approved_milli(run) or 0
        said = (
            f"This run needs {text_of(milli)} more than you approved: about {text_of(total)} in"
            f" total (limit {text_of(limit)}). Continue?"
        )
        return {"message": said, "milli": milli}
    refused = credit.refusal(user=run.owner_id, api_key=run.api_key_id, milli=milli)
    said = refused.message if refused else "Not enough credits."
    details = refused.details if refused else {}
    return {"message": f"{said} Retry the run to continue.", "milli": milli, "details": details}


def approved_milli(run: Run) -> int | None:
    """The most the run may take without asking: what was last accepted, else its ceiling."""
    accepted = run.options.get("approved_milli")
    return run.ceiling_milli if accepted is None else int(accepted)


def reserve(change: Change, milli: int, *, ref: str) -> None:
    """Hold back the quote of steps to come. ref: unique for the run, such as `resume:2`."""
    if milli:
        run = change.run
        ledger.reserve(
            ref=f"run:{run.id}:{ref}" if ref else f"run:{run.id}",
            user=run.owner_id,
            api_key=run.api_key_id,
            milli=milli,
        )
        change.set(reserved_milli=run.reserved_milli + milli)


def adjust(change: Change, more: int, *, ref: str) -> None:
    """A part of the run is planned in more detail now: it takes so much more, or less."""
    run = change.run
    if more > 0:
        reserve(change, more, ref=ref)
    elif more < 0:
        freed = min(-more, run.reserved_milli)
        ledger.release(
            ref=f"run:{run.id}:{ref}", user=run.owner_id, api_key=run.api_key_id, milli=freed
        )
        change.set(reserved_milli=run.reserved_milli - freed)
    if more:
        change.set(estimated_milli=run.estimated_milli + more)


def settle(change: Change, step: Step, attempt: int, actual: int) -> None:
    """A step is done: it used `actual`, and what was held back for it is free again."""
    quote = min(step.estimated_milli, change.run.reserved_milli)
    if not quote and not actual:
        return
    run = change.run
    ledger.settle(
        step_id=step.id,
        attempt=attempt,
        user=run.owner_id,
        api_key=run.api_key_id,
        milli=quote - actual,
    )
    change.set(reserved_milli=run.reserved_milli - quote, actual_milli=run.actual_milli + actual)


def release(change: Change) -> None:
    """The run is over, or will not go on: whatever is still held back is free again."""
    run = change.run
    if run.reserved_milli:
        ledger.release(
            ref=f"run:{run.id}:{run.resume_count}" if run.resume_count else f"run:{run.id}",
            user=run.owner_id,
            api_key=run.api_key_id,
            milli=run.reserved_milli,
        )
        change.set(reserved_milli=0)


def spent(run: Run) -> int:
    """What the run used and what is held back for it."""
    return run.actual_milli + run.reserved_milli


def asked_for(run_id: int) -> int:
    """What stages of the run wait to be allowed on top of that."""
    waits = Wait.objects.filter(run_id=run_id, answered_at=None, reason=states.COST_REAUTHORIZATION)
    return sum(int(asked.get("milli", 0)) for asked in waits.values_list("prompt", flat=True))


def text_of(milli: int) -> str:
    """`1 credit`, `2.5 credits`."""
    return f"{pricing.units(milli):g} credit{'' if milli == 1000 else 's'}"
