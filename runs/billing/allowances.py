"""Allowances: how many runs others may start at someone's cost, and for how much, until an end.

A start takes from one in its own transaction, so of many at once no more begin than it has. From
then on `Allowance.milli` is the sum of what its runs have used and reserved. What a run turns out
to need beyond its quote is for its payer to accept, who may go above it.
"""

from __future__ import annotations

from django.db.models import F

from core import clock, errors
from runs.models import Allowance, Run


def payer_of(run: Run) -> int:
    """Return who pays for a run, by primary key: the owner of its allowance, else its own."""
    if run.allowance_id is None:
        return run.owner_id
    rows = Allowance.objects.filter(pk=run.allowance_id).values_list("owner_id", flat=True)
    return rows.first() or run.owner_id


def check_pays(run: Run, person: int) -> None:
    """Raise Forbidden for someone who would accept a higher cost that another person pays."""
    if payer_of(run) != person:
        raise errors.Forbidden(
            "Someone else pays for this run, so you can't accept a higher cost. You can stop it.",
            code="cost.not_payer",
        )


def take(allowance: int, milli: int) -> None:
    """Take a run of this quote, in the transaction that inserts it. Raises AllowanceSpent.

    It locks the row, as all that comes of the run does before it locks its owner's.
    """
    rows = Allowance.objects.filter(
        pk=allowance,
        runs__lt=F("most_runs"),
        milli__lte=F("most_milli") - milli,
        ends_at__gt=clock.now(),
        ended_at=None,
    )
    if not rows.update(runs=F("runs") + 1, milli=F("milli") + milli):
        raise refusal(allowance, milli)


def refusal(allowance: int, milli: int) -> errors.AllowanceSpent:
    """Return why a run of this quote can't be taken."""
    row = Allowance.objects.filter(pk=allowance).first()
    if row is None or row.ended_at is not None or row.ends_at <= clock.now():
        return errors.AllowanceSpent("This has ended.", details={"reason": "ended"})
    left_runs, left_milli = row.most_runs - row.runs, max(0, row.most_milli - row.milli)
    details = {"runsLeft": left_runs, "unitsLeft": left_milli / 1000}
    if left_runs <= 0:
        return errors.AllowanceSpent(
            f"All {row.most_runs} runs are used.", details={"reason": "runs", **details}
        )
    return errors.AllowanceSpent(
        f"This needs about {milli / 1000:g} credits, and {left_milli / 1000:g} are left.",
        details={"reason": "units", "neededUnits": milli / 1000, **details},
    )


def add(allowance: int | None, milli: int) -> None:
    """Add what one of its runs reserves or uses more; less, if negative."""
    if allowance is not None and milli:
        Allowance.objects.filter(pk=allowance).update(milli=F("milli") + milli)


def lock(allowance: int | None) -> None:
    """Lock it before the row of its owner, as a start does."""
    if allowance is not None:
        Allowance.objects.select_for_update(no_key=True).filter(pk=allowance).first()
