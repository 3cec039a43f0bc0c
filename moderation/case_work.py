"""The work on a case: claims, second opinions, notes between moderators, cases opened by hand, and
looks at their media."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import User
from core import clock, errors
from moderation import evidence_access, selectors, subjects
from moderation.audit_log import record
from moderation.case_changes import describe, read_note
from moderation.models import MEDIA, OPEN, SHARE, USER, AuditEntry, Case, CaseNote
from moderation.moderators import all_of_them, check_moderator, check_not_own
from notices import create_notice

# A claim whose holder does nothing for this time keeps no one else from deciding.
CLAIM_LIFE: Final = timedelta(minutes=30)


class CaseTaken(errors.Conflict):
    """Another moderator works on the case, or must decide it."""

    code = "case.taken"
    number = 4099


def is_claimed(case: Case) -> bool:
    """Return whether a moderator works on a case now."""
    return case.claimed_at is not None and case.claimed_at > clock.now() - CLAIM_LIFE


def claimed_by(case: Case) -> User | None:
    """The moderator who works on a case now."""
    return case.claimed_by if is_claimed(case) else None


def check_free(case: Case, actor: User) -> None:
    """Raise CaseTaken when someone else has the case, or is to decide it."""
    holder = claimed_by(case)
    if holder is not None and holder.pk != actor.pk:
        raise CaseTaken(f"{holder.username} is working on this case. Take it over first.")
    if case.opinion_asked_by_id == actor.pk:
        raise CaseTaken("You asked for a second opinion. Another moderator decides this case.")


def claim(*, actor: User, case: Case, takes_over: bool = False) -> None:
    """Work on an open case for CLAIM_LIFE. takes_over: also from another moderator.

    Raises Forbidden, CaseTaken when another moderator has it or it is closed. Repeating renews it.
    """
    check_moderator(actor)
    now = clock.now()
    with transaction.atomic():
        free = Q(claimed_by=None) | Q(claimed_by=actor) | Q(claimed_at__lte=now - CLAIM_LIFE)
        rows = Case.objects.filter(Q() if takes_over else free, pk=case.pk, state=OPEN)
        row = Case.objects.select_for_update().filter(pk=case.pk).first()
        if row is not None:
            _check_not_about(actor, row)
        # One conditional UPDATE: of two moderators at once, one has it.
        if not rows.update(claimed_by=actor, claimed_at=now):
            holder = claimed_by(row) if row is not None else None
            who = holder.username if holder is not None else "Someone"
            problem = f"{who} is working on this case." if holder else "This case is closed."
            raise CaseTaken(problem)
        # Renewing every few minutes is no news.
        if row is not None and claimed_by(row) != actor:
            record(actor, "case.claim", case.subject_kind, case.subject_id, {"case": case.pk})


def renew(*, actor: User, case: Case) -> None:
    """Have the claim last for CLAIM_LIFE from now on, if it is this moderator's.

    Also one that ran out and that no one else has taken since. Called for all that its holder does
    there.
    """
    mine = Case.objects.filter(pk=case.pk, state=OPEN, claimed_by=actor)
    mine.update(claimed_at=clock.now())


def release(*, actor: User, case: Case) -> None:
    """Stop working on a case. Harmless to repeat, and for a case of someone else's."""
    check_moderator(actor)
    rows = Case.objects.filter(pk=case.pk, claimed_by=actor)
    rows.update(claimed_by=None, claimed_at=None)


def ask_opinion(*, actor: User, case: Case, text: str) -> None:
    """Have another moderator decide an open case. text: what is unclear; the others read it.

    Raises Forbidden, InvalidInput, CaseTaken for a closed case or one that another moderator has.
    """
    check_moderator(actor)
    note = _required_note(text)
    with transaction.atomic():
        row = Case.objects.select_for_update().get(pk=case.pk)
        _check_not_about(actor, row)
        if row.state != OPEN:
            raise CaseTaken("This case is closed.")
        check_free(row, actor)
        row.opinion_asked_by, row.claimed_by, row.claimed_at = actor, None, None
        row.save(update_fields=["opinion_asked_by", "claimed_by", "claimed_at"])
        CaseNote.objects.create(case=row, author=actor, text=note)
        data = {"case": case.pk, "note": note}
        record(actor, "case.second_opinion", case.subject_kind, case.subject_id, data)
        for other in all_of_them().exclude(pk__in=[actor.pk, row.owner_id or 0]):
            create_notice.tell(
                other.pk,
                "moderation",
                about=f"opinion:{row.pk}:{row.version}",
                text=f"{actor.username} asks for a second opinion on a case.",
                url=f"/admin/moderation/cases/{row.pk}",
            )


def withdraw_opinion(*, actor: User, case: Case) -> None:
    """Decide it oneself after all. Only the moderator who asked; harmless to repeat."""
    check_moderator(actor)
    Case.objects.filter(pk=case.pk, opinion_asked_by=actor).update(opinion_asked_by=None)


def add_note(*, actor: User, case: Case, text: str) -> CaseNote:
    """Write to the other moderators about a case. Raises Forbidden, InvalidInput."""
    check_moderator(actor)
    _check_not_about(actor, case)
    renew(actor=actor, case=case)
    return CaseNote.objects.create(case=case, author=actor, text=_required_note(text))


def open_case(*, actor: User, kind: str, key: str) -> Case:
    """The open case about something, made where there is none: a moderator found it themselves.

    key: as `Case.subject_id`. Raises Forbidden, also for one's own, and NotFound.
    """
    check_moderator(actor)
    with transaction.atomic():
        subject_fields = {"subject_kind": kind, "subject_id": key}
        subject = subjects.subject_of(Case(**subject_fields)) if kind in subjects.KINDS else None
        if subject is None:
            raise errors.NotFound
        check_not_own(actor, subject)
        try:
            with transaction.atomic():
                case = Case.objects.create(**subject_fields, **describe(subject))
        except IntegrityError:
            # There is an open one, perhaps since this moment.
            return Case.objects.get(**subject_fields, closed_at=None)
        record(actor, "case.open", kind, key, {"case": case.pk})
    return case


def open_case_about(*, actor: User, person: User) -> Case:
    """As `open_case`, about a person."""
    return open_case(actor=actor, kind=USER, key=str(person.pk))


def _check_not_about(actor: User, case: Case) -> None:
    subject = subjects.subject_of(case)
    if subject is not None:
        check_not_own(actor, subject)


def _required_note(text: str) -> str:
    note = read_note(text, "note", "Note")
    if not note:
        problem = "Write what the other moderators should know."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "note", "message": problem}]}
        )
    return note


def log_evidence_access(*, actor: User, case: Case) -> AuditEntry:
    """Log that a moderator views the media of a case. `evidence_access.path_of` makes its links.

    Raises Forbidden, or NotFound when there is nothing to view any more.
    """
    check_moderator(actor)
    data: dict[str, Any] = {"case": case.pk}
    subject = subjects.subject_of(case)
    version = selectors.reported_version(case, subject)
    if version is not None:
        data |= {"version": version.pk, "semver": version.semver}
    elif case.subject_kind == SHARE and subject is not None:
        data |= {"share": int(case.subject_id)}
    elif case.subject_kind == MEDIA and subject is not None:
        data |= {"file": case.subject_id}
    else:
        noun = subjects.KINDS[case.subject_kind].noun
        raise errors.NotFound(f"This {noun} was deleted for good, or has no media.")
    renew(actor=actor, case=case)
    return record(actor, evidence_access.LOOK, case.subject_kind, case.subject_id, data)
