"""A run's reservations and charges, inside the change that makes them so.

The ledger's entries of a run always sum to minus what is reserved now and minus what was used:
`Run.reserved_milli` and `Run.actual_milli` hold the same from the run's side, and so does what its
allowance has given, where it has one.
"""

from __future__ import annotations

from accounts import ledger
from runs.billing import allowances
from runs.log.changes import RunChange
from runs.models import Run, Step


def reserve(change: RunChange, milli: int, *, ref: str) -> None:
    """Hold back the quote of steps to come. ref: unique for the run, such as `resume:2`."""
    if milli:
        run = change.run
        ledger.reserve(
            ref=f"run:{run.id}:{ref}" if ref else f"run:{run.id}",
            user=allowances.payer_of(run),
            api_key=run.api_key_id,
            milli=milli,
        )
        allowances.add(run.allowance_id, milli)
        change.set(reserved_milli=run.reserved_milli + milli)


def adjust(change: RunChange, more: int, *, ref: str) -> None:
    """A part of the run is planned in more detail now: it takes so much more, or less."""
    run = change.run
    if more > 0:
        reserve(change, more, ref=ref)
    elif more < 0:
        surplus = min(-more, run.reserved_milli)
        ledger.release(
            ref=f"run:{run.id}:{ref}",
            user=allowances.payer_of(run),
            api_key=run.api_key_id,
            milli=surplus,
        )
        allowances.add(run.allowance_id, -surplus)
        change.set(reserved_milli=run.reserved_milli - surplus)
    if more:
        change.set(estimated_milli=run.estimated_milli + more)


def charge(change: RunChange, step: Step, attempt: int, actual: int) -> None:
    """A step is done: it used `actual`, and what was held back for it is free again."""
    quote = min(step.estimated_milli, change.run.reserved_milli)
    if not quote and not actual:
        return
    run = change.run
    ledger.settle(
        step_id=step.id,
        attempt=attempt,
        user=allowances.payer_of(run),
        api_key=run.api_key_id,
        milli=quote - actual,
    )
    allowances.add(run.allowance_id, actual - quote)
    change.set(reserved_milli=run.reserved_milli - quote, actual_milli=run.actual_milli + actual)


def release(change: RunChange) -> None:
    """The run is over, or will not go on: whatever is still held back is free again."""
    run = change.run
    if run.reserved_milli:
        ledger.release(
            ref=f"run:{run.id}:{run.resume_count}" if run.resume_count else f"run:{run.id}",
            user=allowances.payer_of(run),
            api_key=run.api_key_id,
            milli=run.reserved_milli,
        )
        allowances.add(run.allowance_id, -run.reserved_milli)
        change.set(reserved_milli=0)


def committed_milli(run: Run) -> int:
    """Sum the units that a run used and reserved, in thousandths."""
    return run.actual_milli + run.reserved_milli
