"""Decisions of moderators: dismiss, hide, restore, take down, undo.

Every decision goes through here, so that its author is told, it can be undone and it is in the
audit log. Locks are taken in one order, here and in `reporting`: case, reporter, template.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from core import clock, errors
from moderation import evidence_access, notifications, reasons, selectors, telling
from moderation.audit_log import changed_fields, record, record_decision
from moderation.case_changes import read_note, state_before, update_score
from moderation.models import (
    DISMISS,
    DISMISSED,
    HIDE,
    OPEN,
    RESTORE,
    TAKE_DOWN,
    UNDO,
    UPHELD,
    AuditEntry,
    Case,
    Decision,
    Report,
)
from moderation.moderators import check_moderator
from templates_app.lifecycle import services as template_services
from templates_app.models import Template


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


class AlreadyDecided(errors.Conflict):
    """Someone decided after the form was shown. Carries the decision, if there is one."""

    code = "case.stale"
    number = 4098

    def __init__(self, latest: Decision | None) -> None:
        super().__init__("Someone else just decided this case. Reload to see the decision.")
        self.latest = latest


class IllegalDecision(errors.Conflict):
    """The decision does not fit how the case and its subject are."""

    code = "case.illegal_move"
    number = 4099


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
    check_moderator(actor)
    move = MOVES.get(action)
    if move is None:
        problem = "Choose one of: " + ", ".join(MOVES) + "."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "action", "message": problem}]}
        )
    chosen = reasons.read(reason)
    note, message = read_note(note, "note", "Note"), read_note(message, "message", "Message")
    with transaction.atomic():
        locked = _take(case, version)
        template = _subject(locked)
        _check_not_own(actor, template)
        before = state_before(locked, template.moderation)
        after = {"state": move.state, "moderation": move.moderation}
        if template.moderation not in move.starts or after == changed_fields(before):
            raise IllegalDecision(notifications.refusal(action, template.moderation))
        _set(template, move.moderation)
        decision = Decision.objects.create(
            case=locked,
            actor=actor,
            action=action,
            reason=chosen.code,
            note=note,
            message=message or notifications.author_message(action, template.name, chosen.code),
            before=before,
        )
        # The latest word is the one that says who was right.
        Report.objects.filter(case=locked).update(answer=decision)
        _close(locked, move.state)
        record_decision(decision, actor, before, after)
        telling.tell_author(decision, template, before=before["moderation"])
        telling.tell_reporters(decision)
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
    check_moderator(actor)
    note = read_note(note, "note", "Note")
    with transaction.atomic():
        locked = _take(decision.case, version)
        if selectors.undoable(locked) != decision:
            raise IllegalDecision("Only the latest decision can be undone, and only once.")
        template = _subject(locked)
        _check_not_own(actor, template)
        before = state_before(locked, template.moderation)
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
            raise IllegalDecision(
                "There's a newer case for this template. Decide that one."
            ) from clash
        record_decision(undone, actor, before, changed_fields(was))
        telling.tell_author(undone, template, before=before["moderation"])
    return undone


def _unanswer(case: Case, decision: Decision) -> None:
    """Give the reports back to the decision before, those it knew; the newer ones wait again."""
    earlier = selectors.valid_decisions(case).exclude(pk=decision.pk).first()
    reports = Report.objects.filter(case=case, answer=decision)
    if earlier is not None:
        reports.filter(pk__lte=earlier.before["last_report"]).update(answer=earlier)
    Report.objects.filter(case=case, answer=decision).update(answer=None)


def _take(case: Case, version: int) -> Case:
    """Lock the case by counting its version up. Raises Stale when it is not at `version`."""
    # One conditional UPDATE: of two moderators at once, one wins.
    won = Case.objects.filter(pk=case.pk, version=version).update(version=F("version") + 1)
    if not won:
        raise AlreadyDecided(selectors.latest_decision(case))
    return Case.objects.get(pk=case.pk)


def _subject(case: Case) -> Template:
    template = Template.objects.select_for_update().filter(pk=int(case.subject_id)).first()
    if template is None:
        raise IllegalDecision("This template was deleted for good. Nothing to decide.")
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
    update_score(case)


def log_evidence_access(*, actor: User, case: Case) -> AuditEntry:
    """Log that a moderator views the media of a case. `evidence_access.path_of` makes its links.

    Raises Forbidden, or NotFound when there is no version to view any more.
    """
    check_moderator(actor)
    version = selectors.reported_version(case)
    if version is None:
        raise errors.NotFound("This template was deleted for good.")
    data = {"case": case.pk, "version": version.pk, "semver": version.semver}
    return record(actor, evidence_access.LOOK, case.subject_kind, case.subject_id, data)


def _check_not_own(actor: User, template: Template) -> None:
    if template.owner_id == actor.pk:
        raise errors.Forbidden("You can't decide on your own template.", code="case.own")
