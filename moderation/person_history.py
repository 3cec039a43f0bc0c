"""Reads about people for moderators: what they did, what was decided, and how they report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.names import SYSTEM
from accounts.suspension import suspended_until
from comments.models import Comment
from core import clock
from creations import selectors as creations
from creations.models import Share
from moderation import case_queue, reporter_reputation, sanctions, selectors
from moderation.case_queue import CaseRow
from moderation.models import (
    STRIKE,
    USER,
    Appeal,
    Case,
    Decision,
    Report,
    Sanction,
)
from templates_app import selectors as templates
from templates_app.models import Template

MOST_SHOWN: Final = 50
MOST_FOUND: Final = 50


@dataclass(frozen=True, slots=True)
class Sanctions:
    """strikes: how many hold. rows: all there were, newest first, with whether each holds."""

    strikes: int
    rows: Sequence[tuple[Sanction, bool]]


@dataclass(frozen=True, slots=True)
class InShort:
    """A person in short, as a case about them shows them. page: "" while they have none. cases:
    about them and their work, without that case."""

    person: User
    page: str
    sanctions: Sanctions
    cases: Sequence[CaseRow]


@dataclass(frozen=True, slots=True)
class Reporting:
    """A person's record of reports. trust: what the weight of their reports is multiplied by."""

    sent: int
    agreed: int
    dismissed: int
    trust: float
    latest: Sequence[Report]


@dataclass(frozen=True, slots=True)
class OnePerson:
    """All that a person's page shows. counts: (what is public, how many)."""

    short: InShort
    counts: Sequence[tuple[str, int]]
    decisions: Sequence[Decision]
    appeals: Sequence[Appeal]
    reporting: Reporting
    open_case: Case | None


def search(text: str) -> list[User]:
    """People by a part of their names or their public id; without a text, those with strikes or
    suspensions that hold, the latest first."""
    people = User.objects.exclude(username=SYSTEM)
    if not text:
        holding = Sanction.objects.filter(ended_at=None, expires_at__gt=clock.now())
        latest = list(dict.fromkeys(holding.order_by("-id").values_list("person", flat=True)))
        by_id = people.in_bulk(latest[:MOST_FOUND])
        return [by_id[pk] for pk in latest[:MOST_FOUND] if pk in by_id]
    matches = Q(username__icontains=text) | Q(display_name__icontains=text) | Q(public_id=text)
    return list(people.filter(matches).order_by("username")[:MOST_FOUND])


def find(public_id: str) -> User | None:
    """The person of this public id; None also for the server's own account."""
    return User.objects.exclude(username=SYSTEM).filter(public_id=public_id).first()


def strikes_of(people: Sequence[User]) -> list[tuple[User, int, bool]]:
    """Each person with how many strikes hold, and whether they are suspended."""
    rows = Sanction.objects.filter(
        person__in=people, kind=STRIKE, ended_at=None, expires_at__gt=clock.now()
    )
    counts: dict[int, int] = {}
    for pk in rows.values_list("person", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return [(one, counts.get(one.pk, 0), suspended_until(one) is not None) for one in people]


def in_short(person: User, *, besides: Case | None = None) -> InShort:
    """Return what a case about a person shows of them. besides: that case."""
    cases = _cases_of(person)
    if besides is not None:
        cases = cases.exclude(pk=besides.pk)
    return InShort(
        person,
        f"/u/{person.public_id}" if creations.may_have_page(person) else "",
        _sanctions_of(person),
        case_queue.rows_of(list(cases[:MOST_SHOWN])),
    )


def one(person: User) -> OnePerson:
    """All that a person's page shows."""
    decisions = Decision.objects.filter(case__owner=person).select_related("actor", "case")
    appeals = Appeal.objects.filter(person=person).select_related("decision__case", "decided_by")
    return OnePerson(
        in_short(person),
        _counts_of(person),
        list(decisions.order_by("-id")[:MOST_SHOWN]),
        list(appeals.order_by("-id")[:MOST_SHOWN]),
        _reporting_of(person),
        Case.objects.filter(subject_kind=USER, subject_id=str(person.pk), closed_at=None).first(),
    )


def _cases_of(person: User) -> QuerySet[Case]:
    return Case.objects.filter(owner=person).order_by("-id")


def _sanctions_of(person: User) -> Sanctions:
    rows = Sanction.objects.filter(person=person).select_related("decision__case", "ended_by")
    now = clock.now()
    pairs = [
        (row, row.ended_at is None and row.expires_at > now)
        for row in rows.order_by("-id")[:MOST_SHOWN]
    ]
    return Sanctions(sanctions.holding(person, STRIKE).count(), pairs)


def _counts_of(person: User) -> list[tuple[str, int]]:
    shares = Share.objects.filter(creations.OPEN, owner=person, visibility="public")
    comments = Comment.objects.filter(author=person, share__isnull=False, moderation="visible")
    return [
        ("Public templates", Template.objects.filter(templates.OPEN, owner=person).count()),
        ("Public creations", shares.count()),
        ("Comments", comments.count()),
    ]


def _reporting_of(person: User) -> Reporting:
    agreed, dismissed = selectors.record_of(person)
    reports = Report.objects.filter(reporter=person)
    return Reporting(
        reports.count(),
        agreed,
        dismissed,
        reporter_reputation.reputation(agreed, dismissed),
        list(reports.select_related("case", "answer").order_by("-id")[:20]),
    )
