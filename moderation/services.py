"""Decisions of moderators: dismiss, hide, restore, take down, warn, lift, undo, overturn.

Every decision goes through here, so that its author is told, it can be undone and it is in the
audit log. Locks are taken in one order, here and in `reporting`: case, reporter, subject.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.names import ERASED
from core import clock, errors
from moderation import (
    appeals_queue,
    case_work,
    content_marks,
    decision_measures,
    decision_notices,
    decision_scope,
    notifications,
    reasons,
    sanctions,
    selectors,
    subjects,
)
from moderation.audit_log import changed_fields, record, record_decision
from moderation.case_changes import forget_words, read_note, state_before, update_score
from moderation.decision_measures import NO_MEASURES, Measures
from moderation.models import (
    COMMENT,
    DISMISS,
    DISMISSED,
    HIDE,
    LIFT,
    MEDIA,
    OPEN,
    OVERTURN,
    RESTORE,
    SHARE,
    STRIKE,
    SUSPENSION,
    TAKE_DOWN,
    TEMPLATE,
    UNDO,
    UPHELD,
    USER,
    WARN,
    Case,
    Decision,
    Report,
)
from moderation.moderators import check_moderator, check_not_own
from moderation.subjects import Subject


@dataclass(frozen=True, slots=True)
class Move:
    """The effect of a decision on a case and its subject. starts: where the subject may be."""

    state: str
    moderation: str
    starts: frozenset[str]


MOVES: dict[str, Move] = {
    DISMISS: Move(DISMISSED, "visible", frozenset({"visible"})),
    RESTORE: Move(DISMISSED, "visible", frozenset({"quarantined", "removed"})),
    HIDE: Move(UPHELD, "quarantined", frozenset({"visible", "quarantined", "removed"})),
    TAKE_DOWN: Move(UPHELD, "removed", frozenset({"visible", "quarantined", "removed"})),
    WARN: Move(UPHELD, "visible", frozenset({"visible"})),
    LIFT: Move(DISMISSED, "visible", frozenset({"visible"})),
}
# What can be decided about each kind.
_OF_WORK = frozenset({DISMISS, RESTORE, HIDE, TAKE_DOWN})
ACTIONS_OF: dict[str, frozenset[str]] = {
    TEMPLATE: _OF_WORK,
    SHARE: _OF_WORK,
    COMMENT: _OF_WORK,
    USER: frozenset({DISMISS, WARN, LIFT}),
    MEDIA: frozenset({DISMISS, RESTORE, TAKE_DOWN}),
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
    measures: Measures = NO_MEASURES,
) -> Decision:
    """Decide about the subject of a case, and close it.

    version: the case's version the moderator saw. action: one of `ACTIONS_OF` its kind. note: for
    moderators. message: what the author reads; empty for the usual words. Raises Forbidden for
    people who may not, AlreadyDecided when someone decided meanwhile, IllegalDecision when it would
    change nothing or someone else has the case, InvalidInput.
    """
    check_moderator(actor)
    move = MOVES.get(action)
    if move is None or action not in ACTIONS_OF[case.subject_kind]:
        choices = ", ".join(one for one in MOVES if one in ACTIONS_OF[case.subject_kind])
        raise decision_measures.wrong("action", f"Choose one of: {choices}.")
    decision_measures.check(measures, upholds=move.state == UPHELD)
    chosen = reasons.read(reason)
    note, message = read_note(note, "note", "Note"), read_note(message, "message", "Message")
    with transaction.atomic():
        row = _take(case, version)
        subject = _subject(row)
        check_not_own(actor, subject)
        case_work.check_free(row, actor)
        decision_measures.check_person(subject, measures)
        before = state_before(row, subject.moderation)
        after = {"state": move.state, "moderation": move.moderation}
        _check_changes(action, subject, measures, is_same=after == changed_fields(before))
        _set(subject, move.moderation)
        decision = Decision.objects.create(
            case=row,
            actor=actor,
            action=action,
            reason=chosen.code,
            note=note,
            message=message
            or notifications.author_message(action, subject.name, chosen.code, subject.noun),
            before=before,
        )
        _measure(decision, subject, move, measures)
        # The latest word is the one that says who was right.
        Report.objects.filter(case=row).update(answer=decision)
        _close(row, move.state)
        appeals_queue.supersede(row, decision)
        record_decision(decision, actor, before, after)
        decision_notices.tell_author(decision, subject, before=before["moderation"])
        decision_notices.tell_reporters(decision)
    return decision


def _check_changes(action: str, subject: Subject, measures: Measures, *, is_same: bool) -> None:
    if action == LIFT:
        if not sanctions.holding(subject.owner, SUSPENSION).exists():
            raise IllegalDecision("This person isn't suspended.")
        return
    adds = measures != NO_MEASURES
    if subject.moderation not in MOVES[action].starts or (is_same and not adds):
        raise IllegalDecision(notifications.refusal(action, subject.moderation))


def _measure(decision: Decision, subject: Subject, move: Move, measures: Measures) -> None:
    """All that a decision does beside moving its subject. Part of its transaction."""
    person = subject.owner
    new_sanctions = sanctions.apply(
        decision, person, strike=measures.strike, suspend_days=measures.suspend_days
    )
    if new_sanctions:
        strikes = sanctions.holding(person, STRIKE).count()
        decision.message += notifications.sanctions_text(new_sanctions, strikes)
    if decision.action == LIFT:
        sanctions.end(sanctions.holding(person, SUSPENSION), decision)
    if measures.remixes or measures.holders or measures.same_media:
        effects = decision_scope.extend(
            decision,
            subject,
            move.moderation,
            remixes=measures.remixes,
            holders=measures.holders,
            same_media=measures.same_media,
        )
        decision.reach = {
            "remixes": measures.remixes,
            "holders": measures.holders,
            "same_media": measures.same_media,
            "count": len(effects),
        }
        decision_notices.tell_owners(decision, effects, besides=person)
    elif subject.kind == MEDIA and decision.action == TAKE_DOWN:
        decision_scope.block_copies(decision, subject)
    elif subject.kind == MEDIA and decision.action == RESTORE:
        decision_scope.restore_copies(decision, subject)
    decision.save(update_fields=["message", "reach"])


def dismiss(*, actor: User, case: Case, version: int, reason: str, note: str = "") -> Decision:
    """Nothing is wrong: close the case, its subject stays. As `decide`."""
    return decide(actor=actor, case=case, version=version, action=DISMISS, reason=reason, note=note)


def hide(
    *, actor: User, case: Case, version: int, reason: str, note: str = "", message: str = ""
) -> Decision:
    """Only its author sees it from now on. As `decide`."""
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
    """Everyone sees it again. As `decide`."""
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
    """Hide it for good; its media is served to no one. As `decide`."""
    return decide(
        actor=actor,
        case=case,
        version=version,
        action=TAKE_DOWN,
        reason=reason,
        note=note,
        message=message,
    )


def close_gone(*, actor: User, case: Case, version: int) -> None:
    """Close a case whose subject is deleted for good: no one was right or wrong.

    Raises Forbidden, AlreadyDecided, IllegalDecision while there is something to decide.
    """
    check_moderator(actor)
    with transaction.atomic():
        row = _take(case, version)
        if row.state != OPEN or subjects.locked_subject_of(row) is not None:
            raise IllegalDecision("There's still something to decide. Choose a decision.")
        _close(row, DISMISSED)
        data = {
            "case": row.pk,
            "before": {"state": OPEN},
            "after": {"state": DISMISSED},
        }
        record(actor, "case.close", row.subject_kind, row.subject_id, data)


def undo(*, actor: User, decision: Decision, version: int, note: str = "") -> Decision:
    """Take back the latest decision of a case: everything is as it was before it.

    Raises Forbidden, AlreadyDecided, IllegalDecision for any other decision, InvalidInput.
    """
    check_moderator(actor)
    note = read_note(note, "note", "Note")
    with transaction.atomic():
        row = _take(decision.case, version)
        taken_back = _take_back(row, actor, decision, UNDO, note)
        appeals_queue.grant(decision, actor)
    return taken_back


def overturn(
    *, actor: User, decision: Decision, version: int, note: str = "", message: str = ""
) -> Decision:
    """As `undo`, for an appeal that was right: the case doesn't open again. In a transaction."""
    row = _take(decision.case, version)
    return _take_back(row, actor, decision, OVERTURN, note, message)


def _take_back(
    row: Case, actor: User, decision: Decision, action: str, note: str, message: str = ""
) -> Decision:
    if selectors.undoable(row) != decision:
        raise IllegalDecision("Only the latest decision can be undone, and only once.")
    # Of what is deleted for good, strikes and what else the decision reached are still taken back.
    subject = subjects.locked_subject_of(row)
    was = decision.before
    before = state_before(row, subject.moderation if subject else was["moderation"])
    if subject is not None:
        check_not_own(actor, subject)
        _set(subject, was["moderation"])
    taken_back = Decision.objects.create(
        case=row,
        actor=actor,
        action=action,
        reason=decision.reason,
        note=note,
        message=message,
        before=before,
        reverses=decision,
    )
    sanctions.end(decision.sanctions.all(), taken_back)
    sanctions.give_back(decision.ended.all())
    reverted_subjects = decision_scope.revert(decision)
    state = was["state"]
    if action == OVERTURN:
        Report.objects.filter(case=row, answer=decision).update(answer=taken_back)
        state = DISMISSED if state == OPEN else state
    else:
        _unanswer(row, decision)
    noun = subjects.KINDS[row.subject_kind].noun
    try:
        with transaction.atomic():
            _close(row, state)
    except IntegrityError as clash:
        raise IllegalDecision(f"There's a newer case for this {noun}. Decide that one.") from clash
    record_decision(taken_back, actor, before, {**changed_fields(was), "state": state})
    if subject is not None:
        decision_notices.tell_author(taken_back, subject, before=before["moderation"])
    decision_notices.tell_reverted(taken_back, reverted_subjects, besides=row.owner)
    return taken_back


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
    row_count = Case.objects.filter(pk=case.pk, version=version).update(version=F("version") + 1)
    if not row_count:
        raise AlreadyDecided(selectors.latest_decision(case))
    return Case.objects.get(pk=case.pk)


def _subject(case: Case) -> Subject:
    subject = subjects.locked_subject_of(case)
    if subject is None:
        noun = subjects.KINDS[case.subject_kind].noun
        raise IllegalDecision(f"This {noun} was deleted for good. Close the case.")
    return subject


def _set(subject: Subject, moderation: str) -> None:
    if subject.moderation != moderation:
        subject.set_moderation(moderation, subject.moderation)
        content_marks.follow([subject])


def _close(case: Case, state: str) -> None:
    case.state = state
    case.closed_at = None if state == OPEN else clock.now()
    case.claimed_by = case.claimed_at = case.opinion_asked_by = None
    case.save(update_fields=["state", "closed_at", "claimed_by", "claimed_at", "opinion_asked_by"])
    update_score(case)
    if state != OPEN and case.owner is not None and case.owner.username.startswith(ERASED):
        # It was kept for this decision alone.
        forget_words(case.owner.pk)
