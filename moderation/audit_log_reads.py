"""Reads of the audit log: its pages, and what is exported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from core import clock
from moderation.models import USER, AuditEntry, Case

PAGE: Final = 50
EXPORTED_AT_ONCE: Final = 500
# A name that fits more people than this is no filter.
PEOPLE: Final = 50


@dataclass(frozen=True, slots=True)
class LogFilter:
    """A filter of the audit log. action: exact, such as `case.hide`. actor: who did it, person:
    whom or whose work it is about, each by username, display name or public id. subject: a
    subject's id. since, until: days in UTC, both included."""

    action: str = ""
    actor: str = ""
    person: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


def entries(log_filter: LogFilter) -> QuerySet[AuditEntry]:
    """Return what a filter lets through, newest first."""
    rows = AuditEntry.objects.select_related("actor")
    if log_filter.action:
        rows = rows.filter(action=log_filter.action)
    if log_filter.actor:
        rows = rows.filter(actor__in=_people(log_filter.actor))
    if log_filter.person:
        rows = rows.filter(_about(_people(log_filter.person)))
    if log_filter.subject:
        rows = rows.filter(subject_id=log_filter.subject)
    if log_filter.since:
        rows = rows.filter(created_at__gte=_midnight(log_filter.since))
    if log_filter.until:
        rows = rows.filter(created_at__lte=datetime.combine(log_filter.until, time.max, UTC))
    return rows.order_by("-id")


def page(log_filter: LogFilter, before: int | None) -> tuple[list[AuditEntry], int | None]:
    """A page of the log, and the id to go on from, or None. before: where it begins."""
    rows = entries(log_filter)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    batch = list(rows[: PAGE + 1])
    return batch[:PAGE], batch[PAGE - 1].pk if len(batch) > PAGE else None


def actions() -> list[str]:
    """Every action the log holds, for its filter."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())


async def exported(rows: QuerySet[AuditEntry]) -> AsyncIterator[dict[str, Any]]:
    """Every one of these `entries` with all its columns, newest first, read in parts.

    Entries don't change and new ones come at the front, so the parts fit together.
    """
    last: int | None = None
    while True:
        part = rows if last is None else rows.filter(pk__lt=last)
        batch = await sync_to_async(_fetch)(part[:EXPORTED_AT_ONCE])
        for entry in batch:
            yield _columns(entry)
        if len(batch) < EXPORTED_AT_ONCE:
            return
        last = batch[-1].pk


def _fetch(rows: QuerySet[AuditEntry]) -> list[AuditEntry]:
    return list(rows)


COLUMNS: Final = ("id", "created_at", "actor", "action", "subject_kind", "subject_id", "data")


def _columns(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "created_at": clock.iso(entry.created_at),
        # Empty: the server did it.
        "actor": entry.actor.username if entry.actor else "",
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "data": entry.data,
    }


def _people(name: str) -> list[User]:
    matches = Q(username__iexact=name) | Q(display_name__icontains=name) | Q(public_id=name)
    return list(User.objects.filter(matches).order_by("pk")[:PEOPLE])


def _about(people: list[User]) -> Q:
    # Cases name a person by the row's id, other entries by the public one.
    ids = {name for one in people for name in (str(one.pk), one.public_id)}
    theirs = Case.objects.filter(
        owner__in=people, subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id")
    )
    return Q(subject_kind=USER, subject_id__in=ids) | Q(Exists(theirs))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
