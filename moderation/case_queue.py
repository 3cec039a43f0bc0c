"""The moderators' queue: cases by filter, search and order.

Its pages admit only moderators; the viewer says which cases are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import User
from accounts.names import SYSTEM
from core import clock, server_settings
from moderation import case_work, reasons, reporter_reputation
from moderation.models import (
    OPEN,
    SUBJECT_KINDS,
    Appeal,
    Case,
    Decision,
    Report,
)
from moderation.subjects import KINDS, Brief, briefs_of, hidden_keys

FILTERS = ("open", "mine", "appeals", "opinion", "hidden", "closed")
SORTS = ("weight", "newest")
SEARCH_LENGTH = 100
# More are shown as this many and a plus: counting on helps no one and takes time.
MOST_COUNTED = 999
# What SQLite and Postgres take as a row's id.
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the queue. subject None: it was purged. holder: who works on it now."""

    case: Case
    subject: Brief | None
    reason: str
    reports: int
    urgency: int
    has_appeal: bool
    holder: User | None

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
    """The cases that a moderator asks for. Unreadable words mean the usual ones.

    q: part of a title or of its owner's names, an owner's public id, or a case's number as `#12`.
    """

    show: str = "open"
    sort: str = "weight"
    kind: str = ""
    reason: str = ""
    q: str = ""

    @classmethod
    def read(cls, query: Any) -> QueueFilter:
        show, sort, kind, reason, q = (
            query.get(name, "") for name in ("show", "sort", "kind", "reason", "q")
        )
        return cls(
            show if show in FILTERS else "open",
            sort if sort in SORTS else "weight",
            kind if kind in SUBJECT_KINDS else "",
            reason if reason in reasons.REASONS else "",
            q.replace("\x00", "").strip()[:SEARCH_LENGTH],
        )


def queue(queue_filter: QueueFilter, viewer: User) -> QuerySet[Case]:
    """The cases of a filter, in its order."""
    rows = _rows_for(queue_filter.show, viewer)
    if queue_filter.kind:
        rows = rows.filter(subject_kind=queue_filter.kind)
    if queue_filter.reason:
        about = Report.objects.filter(case=OuterRef("pk"), reason=queue_filter.reason)
        rows = rows.filter(Exists(about))
    if queue_filter.q:
        rows = rows.filter(_found_by(queue_filter.q))
    return rows.order_by(*_order(queue_filter))


def _rows_for(show: str, viewer: User) -> QuerySet[Case]:
    rows = Case.objects.all()
    if show == "open":
        return rows.filter(state=OPEN)
    if show == "mine":
        since = clock.now() - case_work.CLAIM_LIFE
        return rows.filter(state=OPEN, claimed_by=viewer, claimed_at__gt=since)
    if show == "appeals":
        waiting = Appeal.objects.filter(decided_at=None)
        return rows.filter(pk__in=waiting.values("decision__case"))
    if show == "opinion":
        return rows.filter(state=OPEN, opinion_asked_by__isnull=False)
    if show == "closed":
        return rows.exclude(state=OPEN)
    hidden = Q(pk__in=[])
    for kind in KINDS:
        hidden |= Q(subject_kind=kind, subject_id__in=hidden_keys(kind))
    return rows.filter(hidden)


def _found_by(text: str) -> Q:
    number = text.removeprefix("#")
    if text.startswith("#") and number.isascii() and number.isdigit():
        is_one = len(number) < 20 and int(number) <= LARGEST_ID
        return Q(pk=int(number)) if is_one else Q(pk__in=[])
    # By the owners of the cases: a query of its own would read the names of everyone.
    return (
        Q(title__icontains=text)
        | Q(owner__username__icontains=text)
        | Q(owner__display_name__icontains=text)
        | Q(owner__public_id=text)
    )


def _order(queue_filter: QueueFilter) -> tuple[str, ...]:
    if queue_filter.sort == "newest":
        return ("-opened_at", "-id")
    if queue_filter.show == "closed":
        return ("-closed_at", "-id")
    return ("-score", "opened_at", "id")


def rows_of(cases: Sequence[Case]) -> list[CaseRow]:
    """Cases as the queue shows them: a few queries, however many."""
    subjects, hide_weight = briefs_of(cases), server_settings.value("HIDE_WEIGHT")
    ids = [case.pk for case in cases]
    weights: dict[int, dict[str, int]] = {}
    counts: dict[int, int] = {}
    sums = Report.objects.filter(case__in=ids).values("case", "reason")
    for row in sums.annotate(sum=Sum("weight"), count=Count("pk")).order_by("case", "reason"):
        weights.setdefault(row["case"], {})[row["reason"]] = row["sum"]
        counts[row["case"]] = counts.get(row["case"], 0) + row["count"]
    waiting = Appeal.objects.filter(decided_at=None, decision__case__in=ids)
    with_appeals = set(waiting.values_list("decision__case_id", flat=True))
    holders = User.objects.in_bulk({one.claimed_by_id for one in cases if one.claimed_by_id})
    return [
        CaseRow(
            case,
            subjects.get(case.pk),
            reasons.title(max(weights[case.pk], key=weights[case.pk].__getitem__))
            if case.pk in weights
            else "",
            counts.get(case.pk, 0),
            reporter_reputation.urgency(case.score, hide_weight),
            case.pk in with_appeals,
            holders.get(case.claimed_by_id or 0) if case_work.is_claimed(case) else None,
        )
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of cases in each filter, up to MOST_COUNTED + 1; and how many appeals wait, which
    are several of one case where several people are concerned."""

    of_filters: Mapping[str, int]
    appeals: int


def counts(viewer: User) -> Counts:
    # What is open is read once for three counts: none of them has an index of its own.
    since = clock.now() - case_work.CLAIM_LIFE
    of_open = Case.objects.filter(state=OPEN).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(claimed_by=viewer, claimed_at__gt=since)),
        opinion=Count("pk", filter=Q(opinion_asked_by__isnull=False)),
    )
    waiting = Appeal.objects.filter(decided_at=None).aggregate(
        cases=Count("decision__case", distinct=True), appeals=Count("pk")
    )
    others = {show: _count(_rows_for(show, viewer)) for show in ("hidden", "closed")}
    return Counts({**of_open, **others, "appeals": waiting["cases"]}, waiting["appeals"])


def open_cases() -> int:
    """Count the cases that are open, up to MOST_COUNTED + 1."""
    return _count(Case.objects.filter(state=OPEN))


def _count(rows: QuerySet[Case]) -> int:
    return rows.order_by()[: MOST_COUNTED + 1].count()


def neighbors(queue_filter: QueueFilter, case: Case, viewer: User) -> tuple[int | None, int | None]:
    """Ids of the cases before and after this one in the queue; from one that has left it, the
    first."""
    rows = queue(queue_filter, viewer)
    if not rows.filter(pk=case.pk).exists():
        return None, rows.values_list("pk", flat=True).first()
    order = _order(queue_filter)
    before = rows.filter(_beyond(case, order, is_after=False)).reverse()
    after = rows.filter(_beyond(case, order, is_after=True))
    return (
        before.values_list("pk", flat=True).first(),
        after.values_list("pk", flat=True).first(),
    )


def _beyond(case: Case, order: Sequence[str], *, is_after: bool) -> Q:
    """The cases that an order puts after this one, or before it."""
    beyond, same = Q(), Q()
    for name in order:
        field = name.removeprefix("-")
        value = getattr(case, field)
        rises = is_after != name.startswith("-")
        beyond |= same & Q(**{f"{field}__{'gt' if rises else 'lt'}": value})
        same &= Q(**{field: value})
    return beyond


def last_decided_at() -> datetime | None:
    decisions = Decision.objects.exclude(actor__username=SYSTEM).order_by("-id")
    return decisions.values_list("created_at", flat=True).first()
