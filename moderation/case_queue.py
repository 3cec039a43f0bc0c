"""The moderators' queue: cases by filter and order.

It takes no viewer: its pages admit only moderators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.names import SYSTEM
from moderation import reasons, reporter_reputation
from moderation.models import (
    OPEN,
    Case,
    Decision,
    Report,
)
from moderation.subjects import KINDS, Subject, hidden_keys, subjects_of

FILTERS = ("open", "hidden", "closed")
SORTS = ("weight", "newest")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the queue. subject None: it was purged."""

    case: Case
    subject: Subject | None
    reason: str
    reports: int
    urgency: int

    @property
    def name(self) -> str:
        noun = KINDS[self.case.subject_kind].noun
        return self.subject.name if self.subject else f"Deleted {noun}"

    @property
    def noun(self) -> str:
        return KINDS[self.case.subject_kind].noun

    @property
    def is_hidden(self) -> bool:
        return self.subject is not None and self.subject.moderation != "visible"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which cases a moderator asks for. Unreadable words mean the usual ones."""

    show: str = "open"
    sort: str = "weight"
    reason: str = ""

    @classmethod
    def read(cls, query: Any) -> QueueFilter:
        show, sort, reason = (query.get(name, "") for name in ("show", "sort", "reason"))
        return cls(
            show if show in FILTERS else "open",
            sort if sort in SORTS else "weight",
            reason if reason in reasons.REASONS else "",
        )


def queue(wanted: QueueFilter) -> QuerySet[Case]:
    """The cases of a filter, in its order."""
    rows = Case.objects.all()
    if wanted.show == "open":
        rows = rows.filter(state=OPEN)
    elif wanted.show == "closed":
        rows = rows.exclude(state=OPEN)
    else:
        hidden = Q(pk__in=[])
        for kind in KINDS:
            hidden |= Q(subject_kind=kind, subject_id__in=hidden_keys(kind))
        rows = rows.filter(hidden)
    if wanted.reason:
        about = Report.objects.filter(case=OuterRef("pk"), reason=wanted.reason)
        rows = rows.filter(Exists(about))
    if wanted.sort == "newest":
        return rows.order_by("-opened_at", "-id")
    if wanted.show == "closed":
        return rows.order_by("-closed_at", "-id")
    return rows.order_by("-score", "opened_at", "id")


def rows_of(cases: Sequence[Case], hide_weight: int) -> list[CaseRow]:
    """Cases as the queue shows them: a few queries, however many."""
    subjects = subjects_of(cases)
    ids = [case.pk for case in cases]
    weights: dict[int, dict[str, int]] = {}
    counts: dict[int, int] = {}
    sums = Report.objects.filter(case__in=ids).values("case", "reason")
    for row in sums.annotate(sum=Sum("weight"), count=Count("pk")).order_by("case", "reason"):
        weights.setdefault(row["case"], {})[row["reason"]] = row["sum"]
        counts[row["case"]] = counts.get(row["case"], 0) + row["count"]
    return [
        CaseRow(
            case,
            subjects.get(case.pk),
            reasons.title(max(weights[case.pk], key=weights[case.pk].__getitem__))
            if case.pk in weights
            else "",
            counts.get(case.pk, 0),
            reporter_reputation.urgency(case.score, hide_weight),
        )
        for case in cases
    ]


def counts() -> dict[str, int]:
    """How many cases each filter holds."""
    return {show: queue(QueueFilter(show=show)).count() for show in FILTERS}


def neighbours(wanted: QueueFilter, case: Case) -> tuple[int | None, int | None]:
    """Ids of the cases before and after this one in the queue; from one that has left it, the
    first."""
    ids = list(queue(wanted).values_list("pk", flat=True)[:1000])
    if case.pk not in ids:
        return None, ids[0] if ids else None
    place = ids.index(case.pk)
    before = ids[place - 1] if place else None
    return before, ids[place + 1] if place + 1 < len(ids) else None


def last_decided_at() -> datetime | None:
    made = Decision.objects.exclude(actor__username=SYSTEM).order_by("-id")
    return made.values_list("created_at", flat=True).first()
