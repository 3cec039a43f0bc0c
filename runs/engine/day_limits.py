"""How much a provider may book on one UTC day, for everyone together and for one person.

It is counted from attempts: what those of the day were booked, and what those at work may cost. A
run is refused at its start where it would go above a limit, and a step once more when it is
claimed, as several runs may have started before any of them was booked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Case, F, Q, Sum, When

from accounts.credit import day_began
from core import clock
from core.errors import InsufficientCredit, ProviderError
from runs.billing.units import credits_text
from runs.engine.claims import Claim
from runs.models import Attempt, Step
from tools import registry
from tools.providers.base import Provider


def check_steps(steps: Collection[Step], person: int) -> None:
    """Raise InsufficientCredit where what a new run may cost is above what is left of a day."""
    wanted: Counter[str] = Counter()
    for step in steps:
        wanted[step.assigned_provider] += step.estimated_milli
    for name, milli in wanted.items():
        provider = registry.provider_named(name) if name and milli else None
        if provider is not None and (said := _refusal(provider, person, milli)):
            details = {"reason": "provider_day_limit", "resetsAt": clock.iso(_ends_at())}
            raise InsufficientCredit(said, details=details)


def check_step(provider: Provider, claim: Claim, milli: int) -> None:
    """Raise ProviderError where a claimed step may cost more than what is left of the day."""
    if milli and (said := _refusal(provider, claim.owner_id, milli, before=claim.attempt_id)):
        raise ProviderError(
            said, code="provider.day_limit", error_type="COST_LIMIT_EXCEEDED", retryable=False
        )


def _refusal(
    provider: Provider, person: int | None, milli: int, *, before: int | None = None
) -> str:
    """Return why so much may not be used there now, "" where it may. before: an attempt; of those
    at work, only earlier ones count, so that two don't refuse each other."""
    title = provider.title or provider.name
    limits = (
        (provider.day_milli, None, f"{title} may use"),
        (provider.person_day_milli, person, f"You may use, at {title},"),
    )
    for most, whose, who in limits:
        if most is None or (used := _used(provider.name, whose, before)) + milli <= most:
            continue
        return (
            f"{who} {credits_text(most)} a day; {credits_text(used)} are used, and this needs up to"
            f" {credits_text(milli)}. Try again at {_ends_at():%H:%M} UTC."
        )
    return ""


def _used(name: str, person: int | None, before: int | None) -> int:
    at_work = Q(outcome="", step__assigned_provider=name)
    if before is not None:
        at_work &= Q(id__lt=before)
    today = Attempt.objects.filter(id__gt=_last_before(day_began()))
    today = today.filter(at_work | Q(provider=name) & ~Q(outcome=""))
    if person is not None:
        today = today.filter(owner=person)
    cost = Case(When(outcome="", then=F("step__estimated_milli")), default=F("actual_milli"))
    return int(today.aggregate(sum=Sum(cost))["sum"] or 0)


@lru_cache(maxsize=2)
def _last_before(day: datetime) -> int:
    """Return the last attempt before a day: those after it are few, and read by their ids."""
    earlier = Attempt.objects.filter(started_at__lt=day).order_by("-id")
    return earlier.values_list("id", flat=True).first() or 0


def _ends_at() -> datetime:
    return day_began() + timedelta(days=1)
