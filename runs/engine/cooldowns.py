"""Providers that are asked for nothing new for a while, by everyone or by one person.

A service that names a time to come back, a day's limit that is used up, many refusals of one
person's content: their steps there stay ready, in their place, and begin when the time is over.
What is at the provider already goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from django.db.models import F, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from core import clock
from core.recent_reading import RecentReading
from runs.models import Attempt, Cooldown

_REASON_LENGTH: Final = 200
# A job that takes longer is found no more when refusals are counted.
_LONGEST_JOB: Final = timedelta(hours=6)
# Of refused content, as providers' failures say it.
REFUSED: Final = "SAFETY_REJECTED"

Cause: TypeAlias = Literal["busy", "day_limit", "refusals"]


def _read_cooldowns() -> list[Cooldown]:
    return list(Cooldown.objects.filter(until__gt=clock.now()))


_cooldowns = RecentReading(_read_cooldowns)


def forget() -> None:
    """This process or a test has changed one: have it hold here at once."""
    _cooldowns.forget()


def current() -> dict[tuple[str, int | None], Cooldown]:
    """Return those that last, by provider and person; None: everyone."""
    now = clock.now()
    return {(row.provider, row.owner_id): row for row in _cooldowns.get() if row.until > now}


def begin(provider: str, owner: int | None, until: datetime, cause: Cause, reason: str) -> None:
    """Have nothing of a person, or with None of anyone, begin at a provider until then.

    reason: a sentence for those who wait. A later one takes its place. Holds on
    all hosts within a second.
    """
    fields = {"until": until, "cause": cause, "reason": reason[:_REASON_LENGTH]}
    rows = Cooldown.objects.filter(provider=provider, owner=owner)
    if not rows.update(**fields):
        row = Cooldown(provider=provider, owner_id=owner, **fields)
        Cooldown.objects.bulk_create([row], ignore_conflicts=True)
    forget()


def end(provider: str) -> int:
    """End all of a provider. Returns how many there were."""
    count, _ = Cooldown.objects.filter(provider=provider).delete()
    forget()
    return count


def refusals(within: timedelta) -> QuerySet[Attempt]:
    """Return the attempts of that time whose content a provider refused. What a checker of this
    server found never reached the service."""
    since = clock.now() - within
    # Attempts are read by their ids: those after one that began well before.
    before = Attempt.objects.filter(started_at__lt=since - _LONGEST_JOB).order_by("-id")
    recent = Attempt.objects.filter(id__gt=Coalesce(Subquery(before.values("id")[:1]), 0))
    recent = recent.filter(outcome="error", ended_at__gt=since, error__error_type=REFUSED)
    return recent.alias(by=KT("error__provider")).filter(by=F("provider"))
