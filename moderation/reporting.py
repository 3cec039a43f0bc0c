"""Reports by people: they open a case, weigh on it, and may hide its subject automatically."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum

from accounts.auth import hash_secret
from accounts.models import User
from accounts.names import SYSTEM
from accounts.services import ensure_system_user
from accounts.suspension import check_may_act
from comments import selectors as comments
from comments.models import Comment
from core import clock, errors, server_settings
from creations import selectors as creations
from moderation import (
    decision_notices,
    notifications,
    reasons,
    reporter_reputation,
    selectors,
    subjects,
)
from moderation.audit_log import record, record_decision
from moderation.case_changes import describe, read_note, state_before, update_score
from moderation.models import (
    AUTO_HIDE,
    COMMENT,
    DISMISSED,
    MEDIA,
    OPEN,
    SHARE,
    TEMPLATE,
    UPHELD,
    USER,
    Case,
    Decision,
    Report,
)
from moderation.subjects import Subject
from templates_app import selectors as templates
from templates_app.models import TemplateVersion

HOUR = timedelta(hours=1)
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Reporter:
    """As in `Report`: a person, or the name of a guest and the title of their app."""

    person: User | None
    guest: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as it is. is_new: False when this person had reported it before."""

    report: Report
    is_new: bool


def report_template(*, actor: User, public_id: str, reason: str, note: str = "") -> Reported:
    """Tell the moderators about a published template. As `report`."""
    check_may_act(actor)
    template = templates.resolve(actor, public_id)
    _check_not_own(actor, template.owner_id, "template", "Unpublish or delete it instead.")
    version = templates.runnable_version(actor, template)
    subject = subjects.told(TEMPLATE, template)
    return report(actor=actor, subject=subject, reason=reason, note=note, version=version.semver)


def report_share(*, actor: User, public_id: str, reason: str, note: str = "") -> Reported:
    """Tell the moderators about a creation that the actor may open. As `report`."""
    check_may_act(actor)
    share = creations.visible_share(actor, public_id).share
    _check_not_own(actor, share.owner_id, "creation", "Stop sharing it instead.")
    return report(actor=actor, subject=subjects.told(SHARE, share), reason=reason, note=note)


def report_comment(
    *, actor: User, comment_id: int, public_id: str = "", reason: str, note: str = ""
) -> Reported:
    """Tell the moderators about a comment. As `report`; who asks is checked as by `comment_of`."""
    check_may_act(actor)
    comment = comment_of(actor, comment_id, public_id)
    _check_not_own(actor, comment.author_id, "comment", "Delete it instead.")
    return report(actor=actor, subject=subjects.told(COMMENT, comment), reason=reason, note=note)


def report_person(*, actor: User, public_id: str, reason: str, note: str = "") -> Reported:
    """Tell the moderators about someone who has a page. As `report`."""
    check_may_act(actor)
    person = reported_person(public_id)
    if person.pk == actor.pk:
        raise errors.Forbidden("You can't report yourself.", code="report.own")
    return report(actor=actor, subject=subjects.told(USER, person), reason=reason, note=note)


def report_media(
    *, actor: User, public_id: str, position: int, reason: str, note: str = ""
) -> Reported:
    """Tell the moderators about one file of a creation that the actor may open, wherever else it is
    shown. As `report`.

    public_id: the creation's. position: of the file in it.
    """
    check_may_act(actor)
    subject = reported_file(actor, public_id, position)
    _check_not_own(actor, subject.owner.pk, "creation", "Stop sharing it instead.")
    return report(actor=actor, subject=subject, reason=reason, note=note)


def report_app(
    *, version: TemplateVersion, app: str, guest: str, reason: str, note: str = ""
) -> Reported:
    """Tell the moderators about the template of an app, as someone without an account. As `report`.

    version: the app's, which the caller has seen the guest's right to. app: its title. guest: what
    their browser calls itself. The caller counts how often.
    """
    subject = subjects.told(TEMPLATE, version.template)
    by = _Reporter(None, hash_secret(guest).hex(), app)
    return _report(by, subject, reason, note, version.semver)


def reported_person(public_id: str) -> User:
    """Someone who has a page and can be reported. Raises NotFound."""
    person = creations.author(public_id)
    if person.username == SYSTEM:
        raise errors.NotFound
    return person


def reported_file(actor: User, public_id: str, position: int) -> Subject:
    """A file of a creation that someone may open. Raises NotFound."""
    visible = creations.visible_share(actor, public_id)
    results = [one for one in visible.media if one.role == "result" and one.position == position]
    if not results:
        raise errors.NotFound("This creation has no such file.")
    return subjects.told(MEDIA, results[0].blob, visible.share.owner)


def comment_of(actor: User, comment_id: int, public_id: str = "") -> Comment:
    """A comment on a creation for someone who may open that, or on a draft or what a run of it
    made for someone who works on it. Raises NotFound.

    public_id: the creation's; who doesn't know its address can't ask about its comments. Empty for
    a draft.
    """
    share = creations.visible_share(actor, public_id).share if public_id else None
    comment = comments.visible_comment(actor, comment_id, share_id=public_id)
    if comment.share_id != (share.pk if share else None):
        raise comments.missing()
    return comment


def report(
    *, actor: User, subject: Subject, reason: str, note: str = "", version: str = ""
) -> Reported:
    """Add a report of something that the actor sees and does not own.

    The first report opens a case, later ones join it; reports of enough weight hide the subject
    until a moderator looks. A second report by one person changes nothing. note: at most
    NOTE_LENGTH characters. version: of a template, the one seen. Raises NotFound for what the actor
    does not see, Forbidden for their own and for people who are suspended, InvalidInput, or
    QuotaExceeded above REPORTS_PER_HOUR.
    """
    return _report(_Reporter(actor), subject, reason, note, version)


def _report(by: _Reporter, subject: Subject, reason: str, note: str, version: str) -> Reported:
    chosen = reasons.read(reason)
    text = read_note(note, "note", "Details")
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            case = _case_that_takes_reports(subject)
            if case is not None:
                return _add_report(case, subject, by, chosen, text, version)
    raise errors.Conflict("Couldn't send the report. Try again.")


def _check_not_own(actor: User, owner_id: int, noun: str, remedy: str) -> None:
    if owner_id == actor.pk:
        raise errors.Forbidden(f"You can't report your own {noun}. {remedy}", code="report.own")


def _case_that_takes_reports(subject: Subject) -> Case | None:
    """The locked case of this subject, open or dismissed. None: it changed since."""
    subject_fields = {"subject_kind": subject.kind, "subject_id": subject.key}
    latest = Case.objects.filter(**subject_fields).order_by("-id").first()
    if latest is None or latest.state == UPHELD:
        # Of two first reports at once, one inserts and both find the same row.
        Case.objects.bulk_create(
            [Case(**subject_fields, **describe(subject))], ignore_conflicts=True
        )
        latest = Case.objects.filter(**subject_fields).order_by("-id").first()
    case = Case.objects.select_for_update().filter(pk=latest.pk).first() if latest else None
    return case if case is not None and case.state in (OPEN, DISMISSED) else None


def _add_report(
    case: Case, subject: Subject, by: _Reporter, reason: reasons.Reason, note: str, version: str
) -> Reported:
    existing = Report.objects.filter(case=case, reporter=by.person, guest=by.guest).first()
    if existing is not None:
        return Reported(existing, is_new=False)
    reputation = 0.0
    if by.person is not None:
        _check_rate(by.person)
        reputation = reporter_reputation.reputation(*selectors.record_of(by.person))
    report = Report.objects.create(
        case=case,
        reporter=by.person,
        guest=by.guest,
        app=by.app,
        reason=reason.code,
        note=note,
        subject_version=version,
        subject_text=_text_of(subject),
        weight=reporter_reputation.weight(reason.weight, reputation),
    )
    if case.state == DISMISSED:
        _reopen_if_doubled(case)
    update_score(case)
    weight = server_settings.value("HIDE_WEIGHT")
    if (
        case.state == OPEN
        and reporter_reputation.hides(case.score, weight)
        # Anyone may be many guests, so what they say hides nothing before a person looked.
        and reporter_reputation.hides(_weight_of_people(case), weight)
    ):
        _hide_automatically(case, subject)
    return Reported(report, is_new=True)


def _weight_of_people(case: Case) -> int:
    """Sum the weights of reports that wait for an answer, without those of guests."""
    rows = Report.objects.filter(case=case, answer=None, reporter__isnull=False)
    return rows.aggregate(sum=Sum("weight"))["sum"] or 0


def _text_of(subject: Subject) -> str:
    """Return what the report is about, where its author may write something else there later."""
    if subject.kind == COMMENT:
        return str(subject.row.text)
    return subject.name if subject.kind == USER else ""


def _check_rate(actor: User) -> None:
    """Raise QuotaExceeded when this hour is used up. Part of the caller's transaction."""
    # The person's row is locked so that twenty-one reports at once are still twenty.
    User.objects.select_for_update().get(pk=actor.pk)
    now = clock.now()
    limit = server_settings.value("REPORTS_PER_HOUR")
    mine = Report.objects.filter(reporter=actor, created_at__gt=now - HOUR)
    recent = list(mine.order_by("-created_at").values_list("created_at", flat=True)[:limit])
    if len(recent) < limit:
        return
    wait_s = max(1.0, (recent[-1] + HOUR - now).total_seconds()) if recent else HOUR.seconds
    raise errors.QuotaExceeded(
        f"You've sent {limit} reports this hour. Try again in {int(wait_s // 60) + 1} min.",
        code="quota.reports",
        details={"limit": limit, "per": "hour", "what": "reports"},
        retry_after_s=wait_s,
    )


def _reopen_if_doubled(case: Case) -> None:
    answered = Report.objects.filter(case=case, answer__isnull=False).count()
    new = Report.objects.filter(case=case, answer=None).count()
    if not reporter_reputation.reopens(answered, new):
        return
    case.state, case.closed_at = OPEN, None
    case.version += 1
    case.save(update_fields=["state", "closed_at", "version"])
    data = {"case": case.pk, "reports": answered + new}
    record(None, "case.reopen", case.subject_kind, case.subject_id, data)


def _hide_automatically(case: Case, subject: Subject) -> None:
    # People and files aren't hidden by the number of reports: too much would go with them.
    if subject.kind in (USER, MEDIA) or not subject.set_moderation("quarantined", "visible"):
        return
    system = ensure_system_user()
    before = state_before(case, "visible")
    reason = selectors.heaviest_reason(selectors.reports_of(case))
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    decision = Decision.objects.create(
        case=case,
        actor=system,
        action=AUTO_HIDE,
        reason=reason,
        message=notifications.author_message(AUTO_HIDE, subject.name, reason, subject.noun),
        before=before,
    )
    record_decision(decision, None, before, {"state": OPEN, "moderation": "quarantined"})
    decision_notices.tell_author(decision, subject, before="visible")
