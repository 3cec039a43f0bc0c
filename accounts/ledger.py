"""Credit, in thousandths of a unit. Plain inserts for use inside the caller's transaction.

A finished run sums to minus what it really cost: reserve takes the quotes, each settle gives back
what a step did not need, release gives back quotes of steps that never ran. A second insert of the
same `(ref, kind)` is ignored, so doing it again is harmless.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from accounts.models import ApiKey, LedgerEntry, User


def reserve(*, ref: str, user: User | int, api_key: ApiKey | int | None, milli: int) -> None:
    """Take the sum of a run's quotes, or the price of a call. ref: `run:<id>` or `call:…`, or
    longer. milli: what is taken, not negative."""
    _insert("reserve", ref, user, api_key, -milli)


def settle(
    *, step_id: int, attempt: int, user: User | int, api_key: ApiKey | int | None, milli: int
) -> None:
    """Give back what a finished step did not need. milli: its quote minus its actual cost."""
    _insert("settle", f"step:{step_id}:{attempt}", user, api_key, milli)


def release(*, ref: str, user: User | int, api_key: ApiKey | int | None, milli: int) -> None:
    """Give back the quotes of steps that were never settled, or the price of a call that failed.
    milli: what is given back, not negative."""
    _insert("release", ref, user, api_key, milli)


def grant(*, user: User | int, milli: int, ref: str) -> None:
    """Add credit. ref: unique among grants; a second one with the same is ignored."""
    _insert("grant", ref, user, None, milli)


def balance(user: User | int) -> int:
    """The sum of all entries. May be negative while credit is not limited."""
    total = LedgerEntry.objects.filter(user=user).aggregate(total=Sum("milli"))["total"]
    return total or 0


def used_since(moment: datetime, *, user_id: int, key_id: int | None = None) -> int:
    """Sum the units used by a person or one key since then, in thousandths; never below zero.

    Reservations count at once, refunds when booked.
    """
    entries = LedgerEntry.objects.filter(user_id=user_id, created_at__gte=moment)
    if key_id is not None:
        entries = entries.filter(api_key_id=key_id)
    total = entries.exclude(kind="grant").aggregate(total=Sum("milli"))["total"]
    return max(-(total or 0), 0)


def _insert(
    kind: str, ref: str, user: User | int, api_key: ApiKey | int | None, milli: int
) -> None:
    entry = LedgerEntry(
        user_id=user.pk if isinstance(user, User) else user,
        api_key_id=api_key.pk if isinstance(api_key, ApiKey) else api_key,
        kind=kind,
        milli=milli,
        ref=ref,
    )
    LedgerEntry.objects.bulk_create([entry], ignore_conflicts=True)
