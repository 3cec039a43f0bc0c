"""Reads of notices, for the person they are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from notices.models import Notice

# What the bell's list shows.
LATEST = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """The state that a bell compares to see whether anything is new. newest: an id; 0: none."""

    newest: int = 0
    unread: int = 0


def standings(people: Iterable[int]) -> dict[int, Standing]:
    """Person → the state of their notices. One query, of the unread and the newest only."""
    mine = Notice.objects.filter(person=OuterRef("pk")).order_by()
    newest = mine.order_by("-id").values("id")[:1]
    unread = (
        mine.filter(in_page=True, read_at=None)
        .values("person")
        .annotate(count=Count("id"))
        .values("count")
    )
    rows = User.objects.filter(pk__in=list(people)).values_list(
        "pk",
        Coalesce(Subquery(newest, output_field=IntegerField()), 0),
        Coalesce(Subquery(unread, output_field=IntegerField()), 0),
    )
    return {person: Standing(last, count) for person, last, count in rows}


def standing(person_id: int) -> Standing:
    """The same of one; nothing for an account that is gone."""
    return standings([person_id]).get(person_id, Standing())


def latest(person_id: int) -> list[Notice]:
    """The newest for the page or the browser, newest first."""
    return list(Notice.objects.filter(person=person_id).order_by("-id")[:LATEST])


def notices_of(person: User, *, before: int | None = None, limit: int = 30) -> list[Notice]:
    """A person's notices in the page, newest first. before: only those with a smaller id."""
    rows = Notice.objects.filter(person=person, in_page=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:limit])


def all_of(person: User) -> list[Notice]:
    """All that is kept of them, oldest first; for their export."""
    return list(Notice.objects.filter(person=person).order_by("id"))
