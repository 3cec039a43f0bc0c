"""Strikes and suspensions: rows that expire, and `User.suspended_until`, which follows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from core import clock, errors
from moderation.models import STRIKE, SUSPENSION, Decision, Sanction

STRIKE_LIFE: Final = timedelta(days=90)
# So many that hold together suspend their person without being asked.
STRIKES_SUSPEND: Final = 3
STRIKES_SUSPEND_DAYS: Final = 30
# What a moderator chooses from, in days.
SUSPENSIONS: Final = (1, 7, 30, 365)
EXEMPT: Final = (
    "An owner of this server can't get a strike or be suspended. Another owner takes the role away"
    " first, at /admin/roles."
)


def holding(person: User, kind: str) -> QuerySet[Sanction]:
    """The strikes or suspensions of a person that count now."""
    rows = Sanction.objects.filter(person=person, kind=kind, ended_at=None)
    return rows.filter(expires_at__gt=clock.now())


def apply(decision: Decision, person: User, *, strike: bool, suspend_days: int) -> list[Sanction]:
    """Give a strike, suspend, or both, for a decision; the third strike suspends as well.

    Part of the decision's transaction. The person's row is locked: two decisions at once are two
    strikes. Raises Forbidden for an owner of the server.
    """
    if not (strike or suspend_days):
        return []
    _check_no_owner(User.objects.select_for_update().get(pk=person.pk))
    rows = []
    if strike:
        rows.append(_row(decision, person, STRIKE, STRIKE_LIFE))
        if holding(person, STRIKE).count() + 1 >= STRIKES_SUSPEND:
            suspend_days = max(suspend_days, STRIKES_SUSPEND_DAYS)
    if suspend_days:
        rows.append(_row(decision, person, SUSPENSION, timedelta(days=suspend_days)))
    Sanction.objects.bulk_create(rows)
    _follow(person)
    return rows


def end(rows: QuerySet[Sanction], by: Decision) -> int:
    """End strikes and suspensions early. Returns how many held. Part of a transaction."""
    people = sorted(set(rows.values_list("person_id", flat=True)))
    users = list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    count = rows.filter(ended_at=None, expires_at__gt=clock.now()).update(
        ended_at=clock.now(), ended_by=by
    )
    for person in users:
        _follow(person)
    return count


def give_back(rows: QuerySet[Sanction]) -> None:
    """Have sanctions that a decision ended hold again, as that decision is taken back.

    Raises Forbidden where one of them is an owner's by now.
    """
    people = sorted(set(rows.values_list("person_id", flat=True)))
    users = list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    for person in users:
        _check_no_owner(person)
    rows.update(ended_at=None, ended_by=None)
    for person in users:
        _follow(person)


def is_exempt(person: User) -> bool:
    """Return whether this is an owner of the server. Otherwise a moderator could lock them out of
    it."""
    return person.is_superuser


def _check_no_owner(person: User) -> None:
    if is_exempt(person):
        raise errors.Forbidden(EXEMPT, code="case.owner")


def _row(decision: Decision, person: User, kind: str, life: timedelta) -> Sanction:
    now = clock.now()
    return Sanction(
        person=person, kind=kind, decision=decision, created_at=now, expires_at=now + life
    )


def _follow(person: User) -> None:
    """Set until when the person is suspended: as the longest of what holds says."""
    latest = holding(person, SUSPENSION).order_by("-expires_at").first()
    person.suspended_until = latest.expires_at if latest is not None else None
    User.objects.filter(pk=person.pk).update(suspended_until=person.suspended_until)
