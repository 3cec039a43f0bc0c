"""Moderation as people see it: notices about what is theirs, and their own reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from accounts.models import User
from core import clock
from core.paging import Page, next_offset
from creations.models import Share
from moderation import appeals, notifications, reasons, subjects
from moderation.models import (
    AUTO_HIDE,
    HIDE,
    MEDIA,
    RESTORE,
    SHARE,
    TAKE_DOWN,
    TEMPLATE,
    USER,
    WARN,
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
    """A notice to an author about one of their templates or creations.

    name: of it. state: "hidden", "removed" or "restored". message: the moderator's words, or the
    usual ones where the decision was about something else. is_automatic: reports hid it, and no
    moderator has decided yet. appeal_until: while its owner may appeal.
    """

    name: str
    state: str
    reason: str
    message: str
    at: datetime
    is_automatic: bool
    decision: int
    appeal_until: datetime | None = None

    @property
    def title(self) -> str:
        if self.state == "hidden":
            return "Hidden pending review" if self.is_automatic else "Hidden"
        return "Taken down" if self.state == "removed" else "Visible again"


def notice_for(template: Template) -> Notice | None:
    """Return what its author should know about a template; None when there is nothing. Not for
    others."""
    return _notices(TEMPLATE, [template]).get(template.pk)


def notice_for_share(share: Share) -> Notice | None:
    """Return what its author should know about a creation; None when there is nothing. Not for
    others."""
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
    rows = list(rows)
    by_key = {str(row.pk): row for row in rows}
    if not by_key:
        return {}
    decisions = Decision.objects.filter(
        case__subject_kind=kind,
        case__subject_id__in=by_key,
        undone_by=None,
        action__in=[HIDE, AUTO_HIDE, TAKE_DOWN, RESTORE],
    )
    beside = Effect.objects.filter(
        subject_kind=kind, subject_id__in=by_key, decision__undone_by=None
    ).select_related("decision__case")
    pairs = [(decision, decision.case.subject_id) for decision in decisions.select_related("case")]
    pairs += [(effect.decision, effect.subject_id) for effect in beside]
    latest: dict[int, tuple[Notice, Decision]] = {}
    for decision, key in sorted(pairs, key=lambda pair: pair[0].pk):
        row = by_key[key]
        notice = _notice(subjects.told(kind, row), decision)
        if notice is None:
            latest.pop(row.pk, None)
        else:
            latest[row.pk] = notice, decision
    return {row.pk: _appealable(*latest[row.pk], row.owner) for row in rows if row.pk in latest}


def _appealable(notice: Notice, decision: Decision, owner: User) -> Notice:
    if notice.is_automatic or notice.state == "restored":
        return notice
    right = appeals.right_of(owner, decision)
    return replace(notice, appeal_until=right.until) if right.may else notice


def _notice(subject: Subject, decision: Decision) -> Notice | None:
    """Return what this decision says, if it is still how its subject is."""
    states = {"quarantined": "hidden", "removed": "removed", "visible": "restored"}
    action_states = {HIDE: "hidden", AUTO_HIDE: "hidden", TAKE_DOWN: "removed", RESTORE: "restored"}
    state = action_states[decision.action]
    if states[subject.moderation] != state:
        return None
    if state == "restored" and decision.created_at < clock.now() - NEWS:
        return None
    case = decision.case
    message = decision.message
    if (case.subject_kind, case.subject_id) != (subject.kind, subject.key):
        # What the moderator wrote names something else, perhaps of someone else.
        message = notifications.author_message(
            decision.action, subject.name, decision.reason, subject.noun
        )
    return Notice(
        subject.name,
        state,
        reasons.title(decision.reason),
        message,
        decision.created_at,
        decision.action == AUTO_HIDE,
        decision.pk,
    )


@dataclass(frozen=True, slots=True)
class SentReport:
    """One of a person's reports and what came of it. name: of a template, as it was called then."""

    report: Report
    name: str
    outcome: str


def sent_reports(reporter: User, page: Page) -> tuple[list[SentReport], int | None]:
    """A person's own reports, newest first, with how each was decided."""
    reports = list(_sent_by(reporter)[page.window])
    return _with_outcomes(reports[: page.limit]), next_offset(page, len(reports) > page.limit)


def exported_reports(reporter: User) -> list[dict[str, Any]]:
    """All of a person's reports, as they may take them with them."""
    return [
        {
            "about": one.name,
            "reason": reasons.title(one.report.reason),
            "details": one.report.note,
            "outcome": one.outcome,
            "createdAt": clock.iso(one.report.created_at),
        }
        for one in _with_outcomes(list(_sent_by(reporter)))
    ]


def _sent_by(reporter: User) -> QuerySet[Report]:
    rows = Report.objects.filter(reporter=reporter).select_related("case", "answer")
    return rows.order_by("-id")


def _with_outcomes(reports: Sequence[Report]) -> list[SentReport]:
    names = _reported_names(reports)
    return [
        SentReport(report, names.get(report.pk, _nameless(report)), _outcome(report))
        for report in reports
    ]


_OUTCOMES = {HIDE: "Hidden", TAKE_DOWN: "Taken down", WARN: "Warned"}


def _nameless(report: Report) -> str:
    kind = report.case.subject_kind
    return "A file of a creation" if kind == MEDIA else f"A {subjects.KINDS[kind].noun}"


def _outcome(report: Report) -> str:
    if report.answer is None:
        # No one decided: its author deleted it first.
        return "In review" if report.case.closed_at is None else "Deleted by its author"
    if report.answer.action == TAKE_DOWN and report.case.subject_kind == MEDIA:
        return "Blocked"
    return _OUTCOMES.get(report.answer.action, "No problem found")


def _reported_names(reports: Sequence[Report]) -> dict[int, str]:
    """Return the names of templates as published then: what the author calls it since is not the
    reporter's to see. Creations and people are named while others may open their page, comments
    never."""
    shown_now = subjects.subjects_of(
        [report.case for report in reports if report.case.subject_kind in (SHARE, USER)]
    )
    visible_names = {
        report.pk: subject.owner.shown_name if subject.kind == USER else subject.name
        for report in reports
        if (subject := shown_now.get(report.case_id)) is not None and subject.page
    }
    reports = [report for report in reports if report.case.subject_kind == TEMPLATE]
    template_ids = {int(report.case.subject_id) for report in reports}
    versions = TemplateVersion.objects.filter(
        template_id__in=template_ids, semver__in={report.subject_version for report in reports}
    )
    names = {(version.template_id, version.semver): version.spec["name"] for version in versions}
    return visible_names | {
        report.pk: names[key]
        for report in reports
        if (key := (int(report.case.subject_id), report.subject_version)) in names
    }
