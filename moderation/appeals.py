"""Appeals: a person concerned asks once that another moderator looks at a decision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from core import clock, errors
from moderation import appeals_queue, decision_scope, selectors, services, subjects
from moderation.audit_log import record
from moderation.case_changes import read_note
from moderation.models import (
    HIDE,
    NOTE_LENGTH,
    TAKE_DOWN,
    WARN,
    Appeal,
    Case,
    Decision,
)
from moderation.moderators import check_moderator, check_not_own

# How long after a decision it can be appealed.
LIFE: Final = timedelta(days=14)
APPEALABLE: Final = (HIDE, TAKE_DOWN, WARN)
UPHELD, OVERTURNED = "upheld", "overturned"


@dataclass(frozen=True, slots=True)
class Right:
    """The right of a person to appeal a decision. until: when that ends. appeal: the one they
    made."""

    may: bool
    until: datetime
    appeal: Appeal | None = None


def waiting() -> QuerySet[Appeal]:
    """Those that wait for a moderator, oldest first."""
    rows = Appeal.objects.filter(decided_at=None)
    return rows.select_related("person", "decision__case", "decision__actor").order_by(
        "created_at", "id"
    )


def right_of(person: User, decision: Decision) -> Right:
    """Return whether a person may appeal a decision now, and what they did."""
    return rights_of(person, [decision])[decision.pk]


def rights_of(person: User, decisions: Collection[Decision]) -> dict[int, Right]:
    """As `right_of`, of several, by their primary keys.

    Open is what holds and took something of theirs away: of a case, the latest decision alone; of
    what a decision reached beside its subject, also an earlier one.
    """
    rows = Appeal.objects.filter(decision__in=decisions, person=person)
    by_decision = {row.decision_id: row for row in rows}
    latest = selectors.latest_of([decision.case_id for decision in decisions])
    hit = set(
        decision_scope.effects_on(person)
        .filter(decision__in=decisions)
        .values_list("decision_id", flat=True)
    )
    now, rights = clock.now(), {}
    for decision in decisions:
        until, appeal = decision.created_at + LIFE, by_decision.get(decision.pk)
        is_about = decision.case.owner_id == person.pk
        is_open = decision.action in APPEALABLE and not hasattr(decision, "undone_by")
        is_concerned = decision.pk in hit or (
            is_about and latest.get(decision.case_id) == decision.pk
        )
        may = appeal is None and until > now and is_open and is_concerned
        rights[decision.pk] = Right(may, until, appeal)
    return rights


def concerns(person: User, decision: Decision) -> bool:
    """Return whether a decision is about this person or something of theirs."""
    beside = decision_scope.effects_on(person).filter(decision=decision)
    return decision.case.owner_id == person.pk or beside.exists()


def file(*, person: User, decision: Decision, text: str) -> Appeal:
    """Appeal a decision; also people who are suspended may. text: why it is wrong.

    Raises NotFound for a decision about someone else, Conflict when it can't be appealed (any
    more), InvalidInput.
    """
    note = read_note(text, "text", "Appeal")
    if not note:
        problem = f"Write why the decision is wrong, in at most {NOTE_LENGTH:,} characters."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "text", "message": problem}]}
        )
    with transaction.atomic():
        # The case's row is what decisions lock: no decision and appeal miss each other.
        Case.objects.select_for_update().get(pk=decision.case_id)
        decision = Decision.objects.select_related("case").get(pk=decision.pk)
        if not concerns(person, decision):
            raise errors.NotFound
        right = right_of(person, decision)
        if right.appeal is not None:
            raise errors.Conflict("You appealed this decision already.", code="appeal.once")
        if not right.may:
            raise errors.Conflict("This decision can't be appealed any more.", code="appeal.late")
        appeal = Appeal.objects.create(decision=decision, person=person, text=note)
        case = decision.case
        data = {"case": case.pk, "decision": decision.pk, "note": note}
        record(person, "appeal.file", case.subject_kind, case.subject_id, data)
    return appeal


def check_may_answer(actor: User, appeal: Appeal) -> None:
    """Raises Forbidden for people who don't moderate, made the decision, or are concerned."""
    check_moderator(actor)
    if appeal.decision.actor_id == actor.pk:
        raise errors.Forbidden(
            "You made this decision. Another moderator answers the appeal.", code="appeal.own"
        )
    if appeal.person_id == actor.pk or concerns(actor, appeal.decision):
        raise errors.Forbidden("You can't answer an appeal about your own work.", code="case.own")


def answer(*, actor: User, appeal: Appeal, version: int, outcome: str, text: str = "") -> Appeal:
    """Uphold the decision, or overturn it: all that it did to this person is taken back.

    version: of the case, as the moderator saw it. outcome: UPHELD or OVERTURNED. text: what the
    person reads. Raises Forbidden, AlreadyDecided, IllegalDecision, InvalidInput, and Conflict
    when it was answered.
    """
    if outcome not in (UPHELD, OVERTURNED):
        problem = "Choose whether the decision stays."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "outcome", "message": problem}]}
        )
    message = read_note(text, "text", "Answer")
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=appeal.decision.case_id)
        appeal = (
            Appeal.objects.select_for_update(of=("self",))
            .select_related("decision__case", "person")
            .get(pk=appeal.pk)
        )
        check_may_answer(actor, appeal)
        if appeal.decided_at is not None:
            raise services.AlreadyDecided(selectors.latest_decision(case))
        if case.version != version:
            raise services.AlreadyDecided(selectors.latest_decision(case))
        if outcome == OVERTURNED:
            _overturn(actor, appeal, case, message)
        appeal.decided_by, appeal.decided_at = actor, clock.now()
        appeal.outcome, appeal.answer = outcome, message
        appeal.save(update_fields=["decided_by", "decided_at", "outcome", "answer"])
        data = {"case": case.pk, "decision": appeal.decision_id, "message": message}
        record(actor, f"appeal.{outcome}", case.subject_kind, case.subject_id, data)
        appeals_queue.tell_person(appeal)
    return appeal


def _overturn(actor: User, appeal: Appeal, case: Case, message: str) -> None:
    decision = appeal.decision
    if case.owner_id == appeal.person_id and selectors.undoable(case) == decision:
        services.overturn(actor=actor, decision=decision, version=case.version, message=message)
        # Others who were hit by the same decision have what they asked for, too.
        appeals_queue.grant(decision, actor, besides=appeal)
        return
    subject = subjects.subject_of(case)
    if subject is not None:
        check_not_own(actor, subject)
    # The decision was right about its subject, and wrong about what is this person's.
    decision_scope.revert(decision, of=appeal.person)
