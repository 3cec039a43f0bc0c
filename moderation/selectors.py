"""Reads of moderation. The console's take no viewer: its pages let moderators in only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast

from accounts.models import User
from accounts.services import SYSTEM
from core import clock
from core.paging import Page, next_offset
from moderation import reasons, reporter_reputation
from moderation.models import (
    AUTO_HIDE,
    HIDE,
    OPEN,
    RESTORE,
    TAKE_DOWN,
    TEMPLATE,
    UNDO,
    AuditEntry,
    Case,
    Decision,
    Report,
)
from runs.models import Run
from templates_app.models import Template, TemplateMedia, TemplateVersion

MODERATORS = "moderators"
# How long an author reads that a template is back.
NEWS = timedelta(days=14)
LINEAGE_SHOWN = 12
HISTORY_SHOWN = 100
REPORTS_SHOWN = 200


def is_moderator(user: object) -> bool:
    """Whether this person may decide: active, staff, and in the group."""
    return (
        isinstance(user, User)
        and user.is_active
        and user.is_staff
        and user.groups.filter(name=MODERATORS).exists()
    )


# --- what people see on their own pages -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """What an author reads about one of their templates.

    state: "hidden", "removed" or "restored". message: the moderator's words. by_itself: reports hid
    it and no one has looked yet.
    """

    template: Template
    state: str
    reason: str
    message: str
    at: datetime
    by_itself: bool

    @property
    def title(self) -> str:
        if self.state == "hidden":
            return "Hidden pending review" if self.by_itself else "Hidden"
        return "Taken down" if self.state == "removed" else "Visible again"


def notice_for(template: Template) -> Notice | None:
    """What its author should know about a template; None when there is nothing. Not for others."""
    return _notices([template]).get(template.pk)


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
    return sorted(_notices(mine).values(), key=lambda notice: notice.at, reverse=True)


def _notices(templates: Sequence[Template] | QuerySet[Template]) -> dict[int, Notice]:
    by_key = {str(template.pk): template for template in templates}
    if not by_key:
        return {}
    wanted = Decision.objects.filter(
        case__subject_kind=TEMPLATE,
        case__subject_id__in=by_key,
        undone_by=None,
        action__in=[HIDE, AUTO_HIDE, TAKE_DOWN, RESTORE],
    )
    found: dict[int, Notice] = {}
    for decision in wanted.select_related("case").order_by("id"):
        template = by_key[decision.case.subject_id]
        notice = _notice(template, decision)
        if notice is None:
            found.pop(template.pk, None)
        else:
            found[template.pk] = notice
    return found


def _notice(template: Template, decision: Decision) -> Notice | None:
    """What this decision says, if it is still how the template is."""
    states = {"quarantined": "hidden", "removed": "removed", "visible": "restored"}
    decided = {HIDE: "hidden", AUTO_HIDE: "hidden", TAKE_DOWN: "removed", RESTORE: "restored"}
    state = decided[decision.action]
    if states[template.moderation] != state:
        return None
    if state == "restored" and decision.created_at < clock.now() - NEWS:
        return None
    return Notice(
        template,
        state,
        reasons.title(decision.reason),
        decision.message,
        decision.created_at,
        decision.action == AUTO_HIDE,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """One of a person's reports and what came of it. name: as the template was called then."""

    report: Report
    name: str
    outcome: str


def sent_reports(reporter: User, page: Page) -> tuple[list[Sent], int | None]:
    """A person's own reports, newest first, with how each was decided."""
    rows = Report.objects.filter(reporter=reporter).select_related("case", "answer")
    found = list(rows.order_by("-id")[page.window])
    shown = found[: page.limit]
    names = _reported_names(shown)
    listed = [
        Sent(report, names.get(report.pk, "A template"), _outcome(report)) for report in shown
    ]
    return listed, next_offset(page, len(found) > page.limit)


_OUTCOMES = {HIDE: "Hidden", TAKE_DOWN: "Taken down"}


def _outcome(report: Report) -> str:
    if report.answer is None:
        return "In review"
    return _OUTCOMES.get(report.answer.action, "No problem found")


def _reported_names(reports: Sequence[Report]) -> dict[int, str]:
    """Names as published then: what the author calls it since is not the reporter's to see."""
    wanted = {int(report.case.subject_id) for report in reports}
    versions = TemplateVersion.objects.filter(
        template_id__in=wanted, semver__in={report.subject_version for report in reports}
    )
    names = {(version.template_id, version.semver): version.spec["name"] for version in versions}
    return {
        report.pk: names[key]
        for report in reports
        if (key := (int(report.case.subject_id), report.subject_version)) in names
    }


# --- scoring ----------------------------------------------------------------------------------


def record_of(reporter: User) -> tuple[int, int]:
    """How many of a person's reports moderators agreed with, and how many they dismissed."""
    counts = Report.objects.filter(reporter=reporter).aggregate(
        upheld=Count("pk", filter=Q(answer__action__in=[HIDE, TAKE_DOWN])),
        dismissed=Count("pk", filter=Q(answer__action__in=["dismiss", RESTORE])),
    )
    return counts["upheld"], counts["dismissed"]


def heaviest_reason(case: Case) -> str:
    """The reason most of the unanswered weight is about; of all reports when none waits."""
    for reports in (Report.objects.filter(case=case, answer=None), case.reports.all()):
        row = (
            reports.values("reason").annotate(sum=Sum("weight")).order_by("-sum", "reason").first()
        )
        if row:
            return str(row["reason"])
    return "other"


# --- decisions --------------------------------------------------------------------------------


def standing_decisions(case: Case) -> QuerySet[Decision]:
    """Moderators' decisions that hold, latest first."""
    return (
        Decision.objects.filter(case=case, undone_by=None)
        .exclude(action__in=[UNDO, AUTO_HIDE])
        .order_by("-id")
    )


def latest_decision(case: Case) -> Decision | None:
    """What was done last, anyone who did it."""
    return Decision.objects.filter(case=case).select_related("actor").order_by("-id").first()


def undoable(case: Case) -> Decision | None:
    """The decision that can be taken back: the latest that holds, unless the server made it."""
    latest = (
        Decision.objects.filter(case=case, undone_by=None)
        .exclude(action=UNDO)
        .select_related("case", "actor")
        .order_by("-id")
        .first()
    )
    return latest if latest is not None and latest.action != AUTO_HIDE else None


# --- the console ------------------------------------------------------------------------------

FILTERS = ("open", "hidden", "closed")
SORTS = ("weight", "newest")


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the queue. subject None: it was purged."""

    case: Case
    subject: Template | None
    reason: str
    reports: int
    heat: int

    @property
    def name(self) -> str:
        return self.subject.name if self.subject else "Deleted template"

    @property
    def is_hidden(self) -> bool:
        return self.subject is not None and self.subject.moderation != "visible"


@dataclass(frozen=True, slots=True)
class Queue:
    """Which cases a moderator asks for. Unreadable words mean the usual ones."""

    show: str = "open"
    sort: str = "weight"
    reason: str = ""

    @classmethod
    def read(cls, query: Any) -> Queue:
        show, sort, reason = (query.get(name, "") for name in ("show", "sort", "reason"))
        return cls(
            show if show in FILTERS else "open",
            sort if sort in SORTS else "weight",
            reason if reason in reasons.REASONS else "",
        )


def queue(wanted: Queue) -> QuerySet[Case]:
    """The cases of a filter, in its order."""
    rows = Case.objects.all()
    if wanted.show == "open":
        rows = rows.filter(state=OPEN)
    elif wanted.show == "closed":
        rows = rows.exclude(state=OPEN)
    else:
        hidden = Template.objects.exclude(moderation="visible").annotate(
            key=Cast("pk", CharField())
        )
        rows = rows.filter(subject_kind=TEMPLATE, subject_id__in=hidden.values("key"))
    if wanted.reason:
        about = Report.objects.filter(case=OuterRef("pk"), reason=wanted.reason)
        rows = rows.filter(Exists(about))
    if wanted.sort == "newest":
        return rows.order_by("-opened_at", "-id")
    if wanted.show == "closed":
        return rows.order_by("-closed_at", "-id")
    return rows.order_by("-score", "opened_at", "id")


def rows_of(cases: Sequence[Case], hide_weight: int) -> list[Row]:
    """Cases as the queue shows them: four queries, however many."""
    subjects = Template.objects.in_bulk([int(case.subject_id) for case in cases])
    ids = [case.pk for case in cases]
    weights: dict[int, dict[str, int]] = {}
    counts: dict[int, int] = {}
    sums = Report.objects.filter(case__in=ids).values("case", "reason")
    for row in sums.annotate(sum=Sum("weight"), count=Count("pk")).order_by("case", "reason"):
        weights.setdefault(row["case"], {})[row["reason"]] = row["sum"]
        counts[row["case"]] = counts.get(row["case"], 0) + row["count"]
    return [
        Row(
            case,
            subjects.get(int(case.subject_id)),
            reasons.title(max(weights[case.pk], key=weights[case.pk].__getitem__))
            if case.pk in weights
            else "",
            counts.get(case.pk, 0),
            reporter_reputation.heat(case.score, hide_weight),
        )
        for case in cases
    ]


def counts() -> dict[str, int]:
    """How many cases each filter holds."""
    return {show: queue(Queue(show=show)).count() for show in FILTERS}


def neighbours(wanted: Queue, case: Case) -> tuple[int | None, int | None]:
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


@dataclass(frozen=True, slots=True)
class Relative:
    """A template that a case's subject came from, or that was remixed from it."""

    name: str
    author: str
    public_id: str
    is_public: bool
    moderation: str
    same_media: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """source: None when it came from nowhere. private: how many remixes no one else sees."""

    source: Relative | None
    forks: list[Relative]
    more: int
    private: int


def subject_of(case: Case) -> Template | None:
    """The template a case is about, deleted ones too; None when it was purged."""
    return (
        Template.objects.select_related("owner", "head", "published", "source__template__owner")
        .filter(pk=int(case.subject_id))
        .first()
    )


def reported_version(case: Case) -> TemplateVersion | None:
    """What people see, or what they saw when they last reported; never an author's draft."""
    template = Template.objects.select_related("published").filter(pk=int(case.subject_id)).first()
    if template is None:
        return None
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


def runs_of(template: Template) -> int:
    """How often a template was run."""
    return Run.objects.filter(template_version__template=template).count()


def lineage_of(template: Template) -> Lineage:
    """Where a template comes from and what came of it. Private remixes are only counted."""
    forks = Template.objects.filter(source__template=template, deleted_at=None)
    public = forks.filter(visibility="public")
    total = public.count()
    shown = list(public.select_related("owner").order_by("-published_at")[:LINEAGE_SHOWN])
    source = template.source.template if template.source else None
    family = [*shown, source] if source else shown
    blobs = _blobs_of([template, *family])
    mine = blobs.get(template.pk, set())

    def relative(one: Template) -> Relative:
        shares = bool(mine & blobs.get(one.pk, set()))
        is_public = one.visibility == "public" and one.deleted_at is None
        # What was never public is counted, not named.
        known = is_public or one.published_at is not None
        name, author = (one.name, one.owner.shown_name) if known else ("Not public", "")
        return Relative(name, author, one.public_id, is_public, one.moderation, shares)

    return Lineage(
        relative(source) if source else None,
        [relative(one) for one in shown],
        total - len(shown),
        forks.exclude(visibility="public").count(),
    )


def _blobs_of(templates: Sequence[Template]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = TemplateMedia.objects.filter(version__template__in=templates)
    for template_id, sha256 in rows.values_list("version__template_id", "blob_id"):
        found.setdefault(template_id, set()).add(sha256)
    return found


# --- the log ----------------------------------------------------------------------------------

LOG_PAGE = 50


def audit_entries(
    *, action: str = "", actor: str = "", subject: str = "", before: int | None = None
) -> tuple[list[AuditEntry], int | None]:
    """A page of the log, newest first, and the id to go on from, or None.

    action: exact, such as `case.hide`. actor: a user name. subject: a subject's id.
    """
    rows = AuditEntry.objects.select_related("actor")
    if action:
        rows = rows.filter(action=action)
    if actor:
        rows = rows.filter(actor__username=actor)
    if subject:
        rows = rows.filter(subject_id=subject)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: LOG_PAGE + 1])
    return found[:LOG_PAGE], found[LOG_PAGE - 1].pk if len(found) > LOG_PAGE else None


def audit_actions() -> list[str]:
    """Every action the log holds, for its filter."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())
