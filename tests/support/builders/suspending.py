"""Suspending people and lifting it, by the column alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from accounts.suspension import forget_suspended_people
from core import clock


def suspend(person: User, *, lasts: timedelta = timedelta(days=1)) -> datetime:
    """Returns when it ends."""
    until = clock.now() + lasts
    _write(person, until)
    return until


def lift(person: User) -> None:
    _write(person, None)


def _write(person: User, until: datetime | None) -> None:
    User.objects.filter(pk=person.pk).update(suspended_until=until)
    # Of this process; others know within half a second.
    forget_suspended_people()
