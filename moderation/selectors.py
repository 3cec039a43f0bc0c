"""Reads of moderation. The console's take no viewer: its pages let moderators in only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from accounts.models import User
from core import clock
from moderation.models import (
    AUTO_HIDE,
    DISMISS,
    HIDE,
    OVERTURN,
    RESTORE,
    TAKE_DOWN,
    TEMPLATE,
    UNDO,
    WARN,
    Appeal,
    Case,
    CaseNote,
    Decision,
    Report,
)
from moderation.subjects import Subject
from runs.models import Run
from templates_app.models import Template, TemplateVersion

HISTORY_SHOWN = 100
REPORTS_SHOWN = 200
# For so long a key undoes one's latest decision wherever one is.
UNDO_AT_HAND: Final = timedelta(days=1)


def record_of(reporter: User) -> tuple[int, int]:
    """Count how many of a person's reports moderators agreed with, and how many they dismissed."""
    counts = Report.objects.filter(reporter=reporter).aggregate(
        upheld=Count("pk", filter=Q(answer__action__in=[HIDE, TAKE_DOWN, WARN])),
        dismissed=Count("pk", filter=Q(answer__action__in=[DISMISS, RESTORE, OVERTURN])),
    )
    return counts["upheld"], counts["dismissed"]


def heaviest_reason(reports: Collection[Report]) -> str:
    """The reason most of the unanswered weight of a case's reports is about; of all of them when
    none waits."""
    waiting = [report for report in reports if report.answer_id is None] or reports
    weights = Counter[str]()
    for report in sorted(waiting, key=lambda one: one.reason):
        weights[report.reason] += report.weight
    return max(weights, key=weights.__getitem__, default="other")


def valid_decisions(case: Case) -> QuerySet[Decision]:
    """Moderators' decisions that hold, latest first."""
    return (
        Decision.objects.filter(case=case, undone_by=None)
        .exclude(action__in=[UNDO, OVERTURN, AUTO_HIDE])
        .order_by("-id")
    )


def latest_decision(case: Case) -> Decision | None:
    """Return what was done last, whoever did it."""
    return Decision.objects.filter(case=case).select_related("actor").order_by("-id").first()


def undoable(case: Case) -> Decision | None:
    """The decision that can be taken back: the latest that holds, unless the server made it."""
    latest = (
        Decision.objects.filter(case=case, undone_by=None)
        .exclude(action__in=[UNDO, OVERTURN])
        .select_related("case", "actor")
        .order_by("-id")
        .first()
    )
    return latest if latest is not None and latest.action != AUTO_HIDE else None


def latest_undoable_by(moderator: User) -> Decision | None:
    """Return what this moderator decided last and can still undo; after a day, only at the case."""
    since = clock.now() - UNDO_AT_HAND
    in_force = Decision.objects.filter(undone_by=None).exclude(action__in=[UNDO, OVERTURN])
    newer = in_force.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    rows = in_force.filter(actor=moderator, created_at__gt=since).exclude(action=AUTO_HIDE)
    return rows.exclude(Exists(newer)).select_related("case").order_by("-id").first()


def latest_of(case_ids: Collection[int]) -> dict[int, int]:
    """Case → the decision that holds in it, also one of the server's; by primary keys."""
    rows = Decision.objects.filter(case__in=case_ids, undone_by=None).exclude(
        action__in=[UNDO, OVERTURN]
    )
    latest = rows.order_by().values_list("case").annotate(latest=Max("pk"))
    return dict(latest)


def reported_version(case: Case, subject: Subject | None) -> TemplateVersion | None:
    """Return what people see of a template, or saw when they last reported; never an author's
    draft.

    subject: what the case is about.
    """
    if subject is None or subject.kind != TEMPLATE:
        return None
    template: Template = subject.row
    if template.published is not None:
        return template.published
    last = Report.objects.filter(case=case).order_by("-id").first()
    if last is None:
        return None
    return TemplateVersion.objects.filter(template=template, semver=last.subject_version).first()


def reports_of(case: Case) -> list[Report]:
    return list(
        Report.objects.filter(case=case)
        .select_related("reporter", "answer")
        .order_by("-weight", "-id")[:REPORTS_SHOWN]
    )


def history_of(case: Case) -> list[Decision]:
    """All decisions about the same subject, this case's and earlier ones', latest first."""
    return list(
        Decision.objects.filter(
            case__subject_kind=case.subject_kind, case__subject_id=case.subject_id
        )
        .select_related("actor", "case", "reverses")
        .order_by("-id")[:HISTORY_SHOWN]
    )


def notes_of(case: Case) -> list[CaseNote]:
    """Return what moderators wrote to each other about a case, oldest first."""
    return list(CaseNote.objects.filter(case=case).select_related("author").order_by("id"))


def appeals_of(case: Case) -> list[Appeal]:
    """Appeals against the decisions of a case, oldest first."""
    rows = Appeal.objects.filter(decision__case=case)
    return list(rows.select_related("person", "decided_by").order_by("id")[:HISTORY_SHOWN])


def runs_of(template: Template) -> int:
    """Count how often a template was run."""
    return Run.objects.filter(template_version__template=template).count()
