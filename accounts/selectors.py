"""Reads of accounts: someone's keys, what they used, and which invitations are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import ApiKey, LedgerEntry, OneTimeLink, User
from accounts.one_time_links import INVITATION
from core import clock


@dataclass(frozen=True, slots=True)
class Day:
    """What one UTC day cost, in thousandths of a unit; what was given back counts against it."""

    date: date
    used_milli: int


def live_keys(user: User) -> QuerySet[ApiKey]:
    """Keys that are not revoked, newest first; those that ended by themselves too."""
    return ApiKey.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-id")


def used_by_day(user: User, days: int) -> list[Day]:
    """The last `days` UTC days, today first, days without use included."""
    today = clock.now().date()
    first = today - timedelta(days=days - 1)
    sums = (
        LedgerEntry.objects.filter(
            ~Q(kind="grant"),
            user=user,
            created_at__gte=datetime.combine(first, time.min, UTC),
        )
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values("day")
        .annotate(milli=Sum("milli"))
        .order_by("day")
        .values_list("day", "milli")
    )
    used = {day: -milli for day, milli in sums}
    wanted = [today - timedelta(days=back) for back in range(days)]
    return [Day(day, used.get(day, 0)) for day in wanted]


def granted_and_net(user: User) -> tuple[int, int]:
    """What a person was ever granted and what is left of it, in thousandths of a unit."""
    sums = LedgerEntry.objects.filter(user=user).aggregate(
        granted=Sum("milli", filter=Q(kind="grant")), net=Sum("milli")
    )
    return sums["granted"] or 0, sums["net"] or 0


def open_invitations() -> QuerySet[OneTimeLink]:
    """Invitations that someone may still take up, those that end last first."""
    return OneTimeLink.objects.filter(
        purpose=INVITATION, used_at=None, expires_at__gt=clock.now()
    ).order_by("-expires_at", "-id")
