"""Writes of moderation: reporting, deciding, undoing, looking, and who may moderate.

Whatever is decided goes through here, so that it is always told, reversible and in the log. Locks
are taken in one order: case, reporter, template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from accounts.models import User
from accounts.services import ensure_system_user
from accounts.suspension import check_may_act
from core import clock, errors
from moderation import evidence_access, notifications, reasons, reporter_reputation, selectors
from moderation.models import (
    AUTO_HIDE,
    DISMISS,
    DISMISSED,
    HIDE,
    NOTE_LENGTH,
    OPEN,
    RESTORE,
    TAKE_DOWN,
    TEMPLATE,
    UNDO,
    UPHELD,
    USER,
    AuditEntry,
    Case,
    Decision,
    Report,
)
from templates_app import selectors as templates
from templates_app.lifecycle import services as template_services
from templates_app.models import Template

HOUR = timedelta(hours=1)
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Move:
    """What a decision makes of a case and its subject. starts: where the subject may be."""

    state: str
    moderation: str
    starts: frozenset[str]


MOVES: dict[str, Move] = {
    DISMISS: Move(DISMISSED, "visible", frozenset({"visible"})),
    RESTORE: Move(DISMISSED, "visible", frozenset({"quarantined", "removed"})),
    HIDE: Move(UPHELD, "quarantined", frozenset({"visible", "quarantined", "removed"})),
    TAKE_DOWN: Move(UPHELD, "removed", frozenset({"visible", "quarantined", "removed"})),
}


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as it is. is_new: False when this person had reported it before."""

    report: Report
    is_new: bool


class Stale(errors.Conflict):
    """Someone decided after the form was shown. Carries the decision, if there is one."""

    code = "case.stale"
    number = 4098

    def __init__(self, latest: Decision | None) -> None:
        super().__init__("Someone else just decided this case. Reload to see the decision.")
        self.latest = latest


class IllegalMove(errors.Conflict):
    """The decision does not fit how the case and its subject are."""

    code = "case.illegal_move"
    number = 4099


# --- reporting --------------------------------------------------------------------------------


def report_template(*, actor: User, public_id: str, reason: str, note: str = "") -> Reported:
    """Tell the moderators about a published template.

    The first report opens a case, later ones join it; reports of enough weight hide the template
    until a moderator looks. A second report by one person changes nothing. note: at most
    NOTE_LENGTH characters. Raises NotFound for what the actor does not see, Forbidden for their
    own and for people who are suspended, InvalidInput, or QuotaExceeded above REPORTS_PER_HOUR.
    """
    check_may_act(actor)
    template = templates.resolve(actor, public_id)
    if template.owner_id == actor.pk:
        raise errors.Forbidden(
            "You can't report your own template. Unpublish or delete it instead.", code="report.own"
        )
    seen = templates.runnable_version(actor, template)
    chosen = reasons.read(reason)
    text = _text(note, "note", "Details")
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            case = _case_that_takes_reports(template)
            if case is not None:
                return _add_report(case, template, actor, chosen, text, seen.semver)
    raise errors.Conflict("Couldn't send the report. Try again.")


def _case_that_takes_reports(template: Template) -> Case | None:
    """The locked case of this template, open or dismissed. None: it changed meanwhile."""
    subject = {"subject_kind": TEMPLATE, "subject_id": str(template.pk)}
    latest = Case.objects.filter(**subject).order_by("-id").first()
    if latest is None or latest.state == UPHELD:
        # Of two first reports at once, one inserts and both find the same row.
        Case.objects.bulk_create([Case(**subject)], ignore_conflicts=True)
        latest = Case.objects.filter(**subject).order_by("-id").first()
    locked = Case.objects.select_for_update().filter(pk=latest.pk).first() if latest else None
    return locked if locked is not None and locked.state in (OPEN, DISMISSED) else None


def _add_report(
    case: Case, template: Template, actor: User, reason: reasons.Reason, note: str, version: str
) -> Reported:
    existing = Report.objects.filter(case=case, reporter=actor).first()
    if existing is not None:
        return Reported(existing, is_new=False)
    _check_rate(actor)
    standing = reporter_reputation.standing(*selectors.record_of(actor))
    report = Report.objects.create(
        case=case,
        reporter=actor,
        reason=reason.code,
        note=note,
        subject_version=version,
        weight=reporter_reputation.weight(reason.weight, standing),
    )
    if case.state == DISMISSED:
        _reopen_if_doubled(case)
    _weigh(case)
    if case.state == OPEN and reporter_reputation.hides(case.score, settings.HIDE_WEIGHT):
        _hide_by_itself(case, template)
    return Reported(report, is_new=True)


def _check_rate(actor: User) -> None:
    """Raise QuotaExceeded when this hour is used up. Part of the caller's transaction."""
    # The person's row is locked so that twenty-one reports at once are still twenty.
    User.objects.select_for_update().get(pk=actor.pk)
    now = clock.now()
    limit = settings.REPORTS_PER_HOUR
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
    _log(None, "case.reopen", TEMPLATE, case.subject_id, data)


def _weigh(case: Case) -> None:
    total = Report.objects.filter(case=case, answer=None).aggregate(sum=Sum("weight"))["sum"]
    case.score = total or 0
    case.save(update_fields=["score"])


def _hide_by_itself(case: Case, template: Template) -> None:
    if not template_services.set_moderation(
        template=template, state="quarantined", expected="visible"
    ):
        return
    house = ensure_system_user()
    before = _standing_of(case, "visible")
    reason = selectors.heaviest_reason(case)
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    decision = Decision.objects.create(
        case=case,
        actor=house,
        action=AUTO_HIDE,
        reason=reason,
        message=notifications.letter(AUTO_HIDE, template.name, reason),
        before=before,
    )
    _log_decision(decision, None, before, {"state": OPEN, "moderation": "quarantined"})


# --- deciding ---------------------------------------------------------------------------------


def decide(
    *,
    actor: User,
    case: Case,
    version: int,
    action: str,
    reason: str,
    note: str = "",
    message: str = "",
) -> Decision:
    """Dismiss, hide, restore or take down the subject of a case, and close it.

    version: the case's version the moderator saw. note: for moderators. message: what the author
    reads; empty for the usual words. Raises Forbidden for people who may not, Stale when someone
    decided meanwhile, IllegalMove when it would change nothing, InvalidInput.
    """
    _check_moderator(actor)
    move = MOVES.get(action)
    if move is None:
        problem = "Choose one of: " + ", ".join(MOVES) + "."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "action", "message": problem}]}
        )
    chosen = reasons.read(reason)
    note, message = _text(note, "note", "Note"), _text(message, "message", "Message")
    with transaction.atomic():
        locked = _take(case, version)
        template = _subject(locked)
        _check_not_own(actor, template)
        before = _standing_of(locked, template.moderation)
        after = {"state": move.state, "moderation": move.moderation}
        if template.moderation not in move.starts or after == _changing(before):
            raise IllegalMove(notifications.refusal(action, template.moderation))
        _set(template, move.moderation)
        decision = Decision.objects.create(
            case=locked,
            actor=actor,
            action=action,
            reason=chosen.code,
            note=note,
            message=message or notifications.letter(action, template.name, chosen.code),
            before=before,
        )
        # The latest word is the one that says who was right.
        Report.objects.filter(case=locked).update(answer=decision)
        _close(locked, move.state)
        _log_decision(decision, actor, before, after)
    return decision


def dismiss(*, actor: User, case: Case, version: int, reason: str, note: str = "") -> Decision:
    """Nothing is wrong: close the case, the template stays. As `decide`."""
    return decide(actor=actor, case=case, version=version, action=DISMISS, reason=reason, note=note)


def hide(
    *, actor: User, case: Case, version: int, reason: str, note: str = "", message: str = ""
) -> Decision:
    """Only its author sees the template from now on. As `decide`."""
    return decide(
        actor=actor,
        case=case,
        version=version,
        action=HIDE,
        reason=reason,
        note=note,
        message=message,
    )


def restore(
    *, actor: User, case: Case, version: int, reason: str, note: str = "", message: str = ""
) -> Decision:
    """Everyone sees the template again. As `decide`."""
    return decide(
        actor=actor,
        case=case,
        version=version,
        action=RESTORE,
        reason=reason,
        note=note,
        message=message,
    )


def take_down(
    *, actor: User, case: Case, version: int, reason: str, note: str = "", message: str = ""
) -> Decision:
    """Hide the template for good; its media is served to no one. As `decide`."""
    return decide(
        actor=actor,
        case=case,
        version=version,
        action=TAKE_DOWN,
        reason=reason,
        note=note,
        message=message,
    )


def undo(*, actor: User, decision: Decision, version: int, note: str = "") -> Decision:
    """Take back the latest decision of a case: everything is as it stood before it.

    Raises Forbidden, Stale, IllegalMove for any other decision, InvalidInput.
    """
    _check_moderator(actor)
    note = _text(note, "note", "Note")
    with transaction.atomic():
        locked = _take(decision.case, version)
        if selectors.undoable(locked) != decision:
            raise IllegalMove("Only the latest decision can be undone, and only once.")
        template = _subject(locked)
        _check_not_own(actor, template)
        before = _standing_of(locked, template.moderation)
        was = decision.before
        _set(template, was["moderation"])
        _unanswer(locked, decision)
        undone = Decision.objects.create(
            case=locked,
            actor=actor,
            action=UNDO,
            reason=decision.reason,
            note=note,
            before=before,
            reverses=decision,
        )
        try:
            with transaction.atomic():
                _close(locked, was["state"])
        except IntegrityError as clash:
            raise IllegalMove("There's a newer case for this template. Decide that one.") from clash
        _log_decision(undone, actor, before, _changing(was))
    return undone


def _unanswer(case: Case, decision: Decision) -> None:
    """Give the reports back to the decision before, those it knew; the newer ones wait again."""
    earlier = selectors.standing_decisions(case).exclude(pk=decision.pk).first()
    reports = Report.objects.filter(case=case, answer=decision)
    if earlier is not None:
        reports.filter(pk__lte=earlier.before["last_report"]).update(answer=earlier)
    Report.objects.filter(case=case, answer=decision).update(answer=None)


def _take(case: Case, version: int) -> Case:
    """Lock the case by counting its version up. Raises Stale when it is not at `version`."""
    # One conditional UPDATE: of two moderators at once, one wins.
    won = Case.objects.filter(pk=case.pk, version=version).update(version=F("version") + 1)
    if not won:
        raise Stale(selectors.latest_decision(case))
    return Case.objects.get(pk=case.pk)


def _subject(case: Case) -> Template:
    template = Template.objects.select_for_update().filter(pk=int(case.subject_id)).first()
    if template is None:
        raise IllegalMove("This template was deleted for good. Nothing to decide.")
    return template


def _set(template: Template, moderation: str) -> None:
    if template.moderation != moderation:
        template_services.set_moderation(
            template=template, state=moderation, expected=template.moderation
        )


def _close(case: Case, state: str) -> None:
    case.state = state
    case.closed_at = None if state == OPEN else clock.now()
    case.save(update_fields=["state", "closed_at"])
    _weigh(case)


def _standing_of(case: Case, moderation: str) -> dict[str, Any]:
    """How things are before a decision, to be able to go back."""
    last = Report.objects.filter(case=case).order_by("-id").values_list("pk", flat=True).first()
    return {"state": case.state, "moderation": moderation, "last_report": last or 0}


def _changing(before: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": before["state"], "moderation": before["moderation"]}


# --- looking and the log ----------------------------------------------------------------------


def look(*, actor: User, case: Case) -> AuditEntry:
    """Log that a moderator looks at the media of a case. `looks.path_of` makes its links.

    Raises Forbidden, or NotFound when there is no version to look at any more.
    """
    _check_moderator(actor)
    version = selectors.reported_version(case)
    if version is None:
        raise errors.NotFound("This template was deleted for good.")
    data = {"case": case.pk, "version": version.pk, "semver": version.semver}
    return _log(actor, evidence_access.LOOK, case.subject_kind, case.subject_id, data)


def _log_decision(
    decision: Decision, actor: User | None, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    data = {
        "case": decision.case_id,
        "decision": decision.pk,
        "reason": decision.reason,
        "note": decision.note,
        "message": decision.message,
        "before": _changing(before),
        "after": dict(after),
    }
    if decision.reverses_id:
        data["reverses"] = decision.reverses_id
    case = decision.case
    _log(actor, f"case.{decision.action}", case.subject_kind, case.subject_id, data)


def enter(
    *, actor: User, action: str, subject_kind: str, subject_id: str, data: dict[str, Any]
) -> AuditEntry:
    """Enter into the log what staff did elsewhere in the server; part of their transaction.

    data: shown as words: `before` and `after` as changes, `note`, `step`.
    """
    return _log(actor, action, subject_kind, subject_id, data)


def _log(
    actor: User | None, action: str, subject_kind: str, subject_id: str, data: dict[str, Any]
) -> AuditEntry:
    return AuditEntry.objects.create(
        actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, data=data
    )


# --- who may ----------------------------------------------------------------------------------


def ensure_moderators(owner: User) -> Group:
    """Make the group; while no one is in it, the owner of the server is. Safe to repeat."""
    group, _ = Group.objects.get_or_create(name=selectors.MODERATORS)
    if not group.user_set.exists():
        owner.groups.add(group)
    return group


def add_moderator(*, user: User, actor: User | None = None) -> None:
    """Let a person moderate. actor: None for the one who has the server's command line."""
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(name=selectors.MODERATORS)
        before = {"moderator": selectors.is_moderator(user)}
        User.objects.filter(pk=user.pk).update(is_staff=True)
        user.is_staff = True
        user.groups.add(group)
        _log(actor, "moderator.add", USER, user.public_id, _roles(before, moderator=True))


def remove_moderator(*, user: User, actor: User | None = None) -> None:
    """End it. `is_staff` goes too, except for the owner of the server."""
    with transaction.atomic():
        before = {"moderator": selectors.is_moderator(user)}
        user.groups.remove(*Group.objects.filter(name=selectors.MODERATORS))
        if not user.is_superuser:
            User.objects.filter(pk=user.pk).update(is_staff=False)
            user.is_staff = False
        _log(actor, "moderator.remove", USER, user.public_id, _roles(before, moderator=False))


def _roles(before: dict[str, bool], *, moderator: bool) -> dict[str, Any]:
    return {"before": before, "after": {"moderator": moderator}}


def _check_moderator(actor: User) -> None:
    if not selectors.is_moderator(actor):
        raise errors.Forbidden("Only moderators decide.")


def _check_not_own(actor: User, template: Template) -> None:
    if template.owner_id == actor.pk:
        raise errors.Forbidden("You can't decide on your own template.", code="case.own")


def _text(text: str, field: str, label: str) -> str:
    """The text, trimmed. label: of the form's field. Raises InvalidInput naming the field."""
    text = text.replace("\r\n", "\n").strip()
    problem = ""
    if "\x00" in text:
        problem = "Remove the invalid character."
    elif len(text) > NOTE_LENGTH:
        problem = f"Too long: {len(text):,} of {NOTE_LENGTH:,} characters."
    if problem:
        raise errors.InvalidInput(
            f"{label}: {problem}", details={"issues": [{"path": field, "message": problem}]}
        )
    return text
