"""What people see of moderation: notices about what is theirs, and their own reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from accounts.models import User
from core import clock
from core.paging import Page, next_offset
from creations.models import Share
from moderation import reasons, subjects
from moderation.models import (
    AUTO_HIDE,
    HIDE,
    RESTORE,
    SHARE,
    TAKE_DOWN,
    TEMPLATE,
    Case,
    Decision,
    Effect,
    Report,
)
from moderation.subjects import Subject
from templates_app.models import Template, TemplateVersion

# How long an author reads that a template is back.
NEWS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """What an author reads about one of their templates or creations.

    name: of it. state: "hidden", "removed" or "restored". message: the moderator's words.
    is_automatic: reports hid it, and no moderator has decided yet.
    """

    name: str
    state: str
    reason: str
    message: str
    at: datetime
    is_automatic: bool

    @property
    def title(self) -> str:
        if self.state == "hidden":
            return "Hidden pending review" if self.is_automatic else "Hidden"
        return "Taken down" if self.state == "removed" else "Visible again"


def notice_for(template: Template) -> Notice | None:
    """What its author should know about a template; None when there is nothing. Not for others."""
    return _notices(TEMPLATE, [template]).get(template.pk)


def notice_for_share(share: Share) -> Notice | None:
    """What its author should know about a creation; None when there is nothing. Not for others."""
    return _notices(SHARE, [share]).get(share.pk)


def notice_out(template: Template) -> dict[str, Any] | None:
    """`notice_for` as the API shows it: `{state, reason, message, since}`."""
    notice = notice_for(template)
    if notice is None:
        return None
    return {
        "state": notice.state,
        "reason": notice.reason or None,
        "message": notice.message,
        "since": clock.iso(notice.at),
    }


def notices_for(user: User) -> list[Notice]:
    """All that one author should know about their templates, newest first."""
    # A template that was never decided about costs nothing here.
    cases = Case.objects.filter(subject_kind=TEMPLATE, subject_id=OuterRef("key"))
    mine = (
        Template.objects.filter(owner=user, deleted_at=None)
        .annotate(key=Cast("pk", CharField()))
        .filter(Exists(cases))
    )
    return sorted(_notices(TEMPLATE, mine).values(), key=lambda notice: notice.at, reverse=True)


def _notices(kind: str, rows: Iterable[Template | Share]) -> dict[int, Notice]:
    by_key = {str(row.pk): row for row in rows}
    if not by_key:
        return {}
    wanted = Decision.objects.filter(
        case__subject_kind=kind,
        case__subject_id__in=by_key,
        undone_by=None,
        action__in=[HIDE, AUTO_HIDE, TAKE_DOWN, RESTORE],
    )
    beside = Effect.objects.filter(
        subject_kind=kind, subject_id__in=by_key, decision__undone_by=None
    ).select_related("decision__case")
    decided = [(decision, decision.case.subject_id) for decision in wanted.select_related("case")]
    decided += [(effect.decision, effect.subject_id) for effect in beside]
    found: dict[int, Notice] = {}
    for decision, key in sorted(decided, key=lambda pair: pair[0].pk):
        row = by_key[key]
        notice = _notice(subjects.told(kind, row), decision)
        if notice is None:
            found.pop(row.pk, None)
        else:
            found[row.pk] = notice
    return found


def _notice(subject: Subject, decision: Decision) -> Notice | None:
    """What this decision says, if it is still how its subject is."""
    states = {"quarantined": "hidden", "removed": "removed", "visible": "restored"}
    decided = {HIDE: "hidden", AUTO_HIDE: "hidden", TAKE_DOWN: "removed", RESTORE: "restored"}
    state = decided[decision.action]
    if states[subject.moderation] != state:
        return None
    if state == "restored" and decision.created_at < clock.now() - NEWS:
        return None
    return Notice(
        subject.name,
        state,
        reasons.title(decision.reason),
        decision.message,
        decision.created_at,
        decision.action == AUTO_HIDE,
    )


@dataclass(frozen=True, slots=True)
class SentReport:
    """One of a person's reports and what came of it. name: of a template, as it was called then."""

    report: Report
    name: str
    outcome: str


def sent_reports(reporter: User, page: Page) -> tuple[list[SentReport], int | None]:
    """A person's own reports, newest first, with how each was decided."""
    rows = Report.objects.filter(reporter=reporter).select_related("case", "answer")
    found = list(rows.order_by("-id")[page.window])
    shown = found[: page.limit]
    names = _reported_names(shown)
    listed = [
        SentReport(report, names.get(report.pk, _nameless(report)), _outcome(report))
        for report in shown
    ]
    return listed, next_offset(page, len(found) > page.limit)


_OUTCOMES = {HIDE: "Hidden", TAKE_DOWN: "Taken down"}


def _nameless(report: Report) -> str:
    return f"A {subjects.KINDS[report.case.subject_kind].noun}"


def _outcome(report: Report) -> str:
    if report.answer is None:
        # No one decided: its author deleted it first.
        return "In review" if report.case.closed_at is None else "Deleted by its author"
    return _OUTCOMES.get(report.answer.action, "No problem found")


def _reported_names(reports: Sequence[Report]) -> dict[int, str]:
    """Of templates, names as published then: what the author calls it since is not the reporter's
    to see. Creations are named while others may open them, comments never."""
    open_shares = subjects.subjects_of(
        [report.case for report in reports if report.case.subject_kind == SHARE]
    )
    shown = {
        report.pk: subject.name
        for report in reports
        if (subject := open_shares.get(report.case_id)) is not None and subject.page
    }
    reports = [report for report in reports if report.case.subject_kind == TEMPLATE]
    wanted = {int(report.case.subject_id) for report in reports}
    versions = TemplateVersion.objects.filter(
        template_id__in=wanted, semver__in={report.subject_version for report in reports}
    )
    names = {(version.template_id, version.semver): version.spec["name"] for version in versions}
    return shown | {
        report.pk: names[key]
        for report in reports
        if (key := (int(report.case.subject_id), report.subject_version)) in names
    }
