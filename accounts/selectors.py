"""Reads of accounts: someone's keys, and what they used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import ApiKey, LedgerEntry, User
from core import clock, errors

# How entries of the ledger begin that are about one call of a tool outside a run:
# `call:<person>:<call>:<tool>`, see `call_ref`.
CALL = "call"
_PERSON_ID = re.compile(r"usr_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class PaidCall:
    """One call of a tool that is no step of a run, and what it cost in thousandths of a unit."""

    id: str
    tool: str
    milli: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """The cost of one UTC day, in thousandths of a unit; what was given back counts against it."""

    date: date
    used_milli: int


def person_of_id(public_id: str) -> User:
    """Raises NotFound for an id that is no one's."""
    rows = User.objects.filter(public_id=public_id) if _PERSON_ID.fullmatch(public_id) else None
    person = rows.first() if rows is not None else None
    if person is None:
        raise errors.NotFound
    return person


def people_named(name: str) -> list[User]:
    """List whom a username may mean: who has exactly this name, else those with it in another case.

    Only databases of earlier releases have several of the latter: then no one is meant.
    """
    # Postgres refuses NUL in a query, so such a name does not exist.
    people = [] if "\x00" in name else list(User.objects.filter(username__iexact=name))
    return [person for person in people if person.username == name] or people


def person_named(name: str) -> User | None:
    """Return the one person whom a username means, in any case; None for no one and for several."""
    people = people_named(name)
    return people[0] if len(people) == 1 else None


def live_keys(user: User) -> QuerySet[ApiKey]:
    """Keys that are not revoked, newest first; expired ones too. Connections of apps are not among
    them: `accounts.connected_apps.of_person`."""
    mine = ApiKey.objects.filter(user=user, revoked_at=None, client=None)
    return mine.order_by("-created_at", "-id")


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
    milli_by_day = {day: -milli for day, milli in sums}
    dates = [today - timedelta(days=back) for back in range(days)]
    return [Day(day, milli_by_day.get(day, 0)) for day in dates]


def call_ref(user: User, call_id: str, tool: str = "") -> str:
    """The ledger's name of a call, or how it begins where tool is empty.

    With the person, as callers may choose the id.
    """
    return f"{CALL}:{user.pk}:{call_id}" + (f":{tool}" if tool else "")


def call_entries(user: User) -> QuerySet[LedgerEntry]:
    """Select what a person paid for calls of tools outside a run, with the holds of open ones."""
    entries = LedgerEntry.objects.filter(user=user, ref__startswith=f"{CALL}:")
    given_back = entries.filter(kind="release").values("ref")
    return entries.exclude(ref__in=given_back)


def paid_calls(user: User, limit: int | None = None) -> list[PaidCall]:
    """A person's latest calls of tools outside a run, newest first; all without a limit."""
    calls = []
    for entry in call_entries(user).order_by("-created_at", "-id")[:limit]:
        _, _, call_id, tool = entry.ref.split(":", 3)
        calls.append(PaidCall(call_id, tool, -entry.milli, entry.created_at))
    return calls


def granted_and_net(user: User) -> tuple[int, int]:
    """Return what a person was ever granted and what is left of it, in thousandths of a unit."""
    sums = LedgerEntry.objects.filter(user=user).aggregate(
        granted=Sum("milli", filter=Q(kind="grant")), net=Sum("milli")
    )
    return sums["granted"] or 0, sums["net"] or 0
