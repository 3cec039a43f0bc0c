"""The right of a person to spend: their balance, where credit is limited, and the budgets of a day.

Ask inside the transaction that reserves. It locks the person's row first, so that two starts at
once cannot both take what is enough for one.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.db.models import Sum

from accounts import ledger, person_limits
from accounts.models import ApiKey, LedgerEntry, User
from core import clock, server_settings
from core.errors import InsufficientCredit


def refusal(
    *, user: User | int, api_key: ApiKey | int | None, milli: int
) -> InsufficientCredit | None:
    """Say why these thousandths of a unit may not be reserved now, or None. Needs a transaction."""
    user_id = user.pk if isinstance(user, User) else user
    key_id = api_key.pk if isinstance(api_key, ApiKey) else api_key
    if milli <= 0:
        return None
    budget = _budget_of_key(key_id)
    is_limited = server_settings.value("LIMIT_CREDIT")
    daily = person_limits.limits_of(user_id).daily_milli
    if not is_limited and daily is None and budget is None:
        return None
    # FOR NO KEY UPDATE: anyone who only refers to the person, as most inserts do, need not wait.
    list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))
    if daily is not None:
        used_milli = ledger.used_since(day_began(), user_id=user_id)
        if used_milli + milli > daily:
            return _over_budget("", used_milli, daily, milli)
    if budget is not None:
        used_milli = ledger.used_since(day_began(), user_id=user_id, key_id=key_id)
        if used_milli + milli > budget:
            return _over_budget(" of this API key", used_milli, budget, milli)
    if is_limited and (balance := ledger.balance(user_id)) < milli:
        return InsufficientCredit(
            f"Not enough credits: this needs about {_text(milli)} and you have"
            f" {max(0, balance) / 1000:g}. Ask the owner of this server for more.",
            details={
                "reason": "balance",
                "neededUnits": milli / 1000,
                "balanceUnits": balance / 1000,
            },
        )
    return None


def day_began() -> datetime:
    """Return when the current UTC day began: budgets are per day of that clock, for everyone."""
    return datetime.combine(clock.now().date(), time.min, UTC)


def set_daily_budget(*, key: ApiKey, milli: int | None) -> None:
    """Set what a key may use on one UTC day, in thousandths; None: as much as its owner may."""
    ApiKey.objects.filter(pk=key.pk).update(daily_budget_milli=milli)


def used_today_by_key(user: User) -> dict[int, int]:
    """Key → what it used since the UTC day began, in thousandths, for the keys that did."""
    rows = (
        LedgerEntry.objects.filter(user=user, created_at__gte=day_began(), api_key__isnull=False)
        .exclude(kind="grant")
        .order_by()
        .values_list("api_key_id")
        .annotate(total=Sum("milli"))
    )
    return {key: max(-total, 0) for key, total in rows if key is not None}


def _budget_of_key(key_id: int | None) -> int | None:
    if key_id is None:
        return None
    budget = ApiKey.objects.filter(pk=key_id).values_list("daily_budget_milli", flat=True).first()
    return None if budget is None else int(budget)


def _over_budget(of_key: str, used_milli: int, limit: int, milli: int) -> InsufficientCredit:
    resets_at = day_began() + timedelta(days=1)
    if limit or of_key:
        message = (
            f"Daily limit{of_key} reached: this needs about {_text(milli)}, and"
            f" {used_milli / 1000:g} of {limit / 1000:g} are used today (UTC). Try tomorrow or"
            " raise the limit."
        )
    else:
        message = "Your daily limit is 0 credits. Ask the operator of this server to raise it."
    return InsufficientCredit(
        message,
        details={
            "reason": "daily_budget",
            "neededUnits": milli / 1000,
            "usedUnits": used_milli / 1000,
            "limitUnits": limit / 1000,
            "resetsAt": clock.iso(resets_at),
        },
    )


def _text(milli: int) -> str:
    return f"{milli / 1000:g} credit{'' if milli == 1000 else 's'}"
