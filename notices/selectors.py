"""Reads of notices, for the person they are for."""

from __future__ import annotations

from django.db.models import Max

from accounts.models import User
from core import clock
from notices.models import Notice


def unread_count(person: User) -> int:
    """How many the bell shows."""
    return Notice.objects.filter(person=person, in_page=True, read_at=None).count()


def newest_id(person: User) -> int:
    """Of the latest notice; 0 without any."""
    return Notice.objects.filter(person=person).aggregate(last=Max("id"))["last"] or 0


def notices_of(person: User, *, before: int | None = None, limit: int = 30) -> list[Notice]:
    """A person's notices, newest first. before: only those with a smaller id."""
    rows = Notice.objects.filter(person=person, in_page=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:limit])


def later(person: User, after: int, limit: int = 10) -> list[Notice]:
    """Those written after the one with this id, oldest first."""
    return list(Notice.objects.filter(person=person, pk__gt=after).order_by("id")[:limit])


def mark_read(person: User, up_to: int) -> None:
    """All up to this one are read."""
    Notice.objects.filter(person=person, pk__lte=up_to, read_at=None).update(read_at=clock.now())
