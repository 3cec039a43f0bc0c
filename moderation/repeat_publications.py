"""Publishing again what a moderator took down: it is held until a moderator has looked at it.

Files are refused by their hash; this does the same for words, of those who are concerned: whose it
was, and those who remixed it. Other people's equal words are their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from django.db.models import F, Model

from accounts.models import User
from accounts.services import ensure_system_user
from creations.models import Remix, Share
from moderation import decision_notices, notifications, reasons, subjects
from moderation.audit_log import record_decision
from moderation.case_changes import describe, state_before, update_score
from moderation.decision_scope import MOST
from moderation.models import (
    AUTO_HIDE,
    OPEN,
    SHARE,
    TAKE_DOWN,
    TEMPLATE,
    Case,
    ContentMark,
    Decision,
    Effect,
    Report,
)
from moderation.subjects import Subject
from moderation.template_fingerprints import fingerprints
from templates_app.lifecycle.publication_holds import Hold
from templates_app.models import Template

# In `Decision.before`: the hashes of what the server hid.
SAME_AS: Final = "same_as"


def review(person: User, spec: Mapping[str, Any], row: Model | None) -> Hold | None:
    """Hold, as `publication_holds.register` has it, what is the same as something taken down."""
    subject = _subject_of(row) if row is not None else None
    hashes = fingerprints(spec)
    marks = ContentMark.objects.filter(sha256__in=hashes)
    if subject is not None:
        # What was taken down itself stays so, and is given back just as it was.
        marks = marks.exclude(subject_kind=subject.kind, subject_id=subject.key)
    for mark in marks.order_by("-pk"):
        if subject is not None and _is_cleared(subject, mark.sha256):
            continue
        if mark.person_id == person.pk or _has_remixed(person, mark):
            return partial(_hold, mark=mark, hashes=hashes)
    return None


def _subject_of(row: Model) -> Subject:
    return subjects.told(SHARE if isinstance(row, Share) else TEMPLATE, row)


def _is_cleared(subject: Subject, sha256: str) -> bool:
    """Return whether a moderator let this subject with this content pass after the server had hid
    it."""
    if subject.moderation != "visible":
        return False
    holds = Decision.objects.filter(
        case__subject_kind=subject.kind, case__subject_id=subject.key, action=AUTO_HIDE
    )
    return any(sha256 in one.before.get(SAME_AS, ()) for one in holds)


def _has_remixed(person: User, mark: ContentMark) -> bool:
    """Return whether a template of this person's descends from what was taken down, deleted ones
    too."""
    level = _first_remixes(mark)
    family: set[int] = set()
    while level - family and len(family) < MOST:
        if Template.objects.filter(pk__in=level, owner=person).exists():
            return True
        family |= level
        level = _forks_of(level)
    return False


def _first_remixes(mark: ContentMark) -> set[int]:
    if mark.subject_kind == TEMPLATE:
        return _forks_of({int(mark.subject_id)})
    remixes = Remix.objects.filter(share=int(mark.subject_id))
    return set(remixes.values_list("template_id", flat=True))


def _forks_of(templates: Collection[int]) -> set[int]:
    rows = Template.objects.filter(source__template__in=templates)
    return set(rows.values_list("pk", flat=True))


def _hold(row: Model, *, mark: ContentMark, hashes: Collection[str]) -> None:
    """Hide what was just written from all but its author, and open a case. Part of the write."""
    subject = _subject_of(row)
    if not subject.set_moderation("quarantined", "visible"):
        # Someone looks at it already, or has.
        return
    case = _open_case(subject)
    taken_down = _decision_about(mark)
    reason = taken_down.reason if taken_down else "other"
    _report(case, subject, reason, _note(mark, taken_down))
    before = state_before(case, "visible")
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    decision = Decision.objects.create(
        case=case,
        actor=ensure_system_user(),
        action=AUTO_HIDE,
        reason=reason,
        message=notifications.repeat_message(subject.name, subject.noun),
        before={**before, SAME_AS: sorted(hashes)},
    )
    record_decision(decision, None, before, {"state": OPEN, "moderation": "quarantined"})
    decision_notices.tell_author(decision, subject, before="visible")


def _open_case(subject: Subject) -> Case:
    """The open case about a subject, which is there now; locked."""
    about = {"subject_kind": subject.kind, "subject_id": subject.key}
    Case.objects.bulk_create([Case(**about, **describe(subject))], ignore_conflicts=True)
    return Case.objects.select_for_update().get(**about, closed_at=None)


def _report(case: Case, subject: Subject, reason: str, note: str) -> None:
    """A report of the server's own: why the case is there, and which version it is about."""
    row = subject.row
    version = row.head.semver if isinstance(row, Template) and row.head else ""
    entry = reasons.REASONS[reason]
    Report.objects.get_or_create(
        case=case,
        reporter=ensure_system_user(),
        defaults={
            "reason": reason,
            "note": note,
            "subject_version": version,
            "weight": entry.weight,
        },
    )
    update_score(case)


def _decision_about(mark: ContentMark) -> Decision | None:
    """The decision that took down what a mark is of."""
    about = {"subject_kind": mark.subject_kind, "subject_id": mark.subject_id}
    beside = Effect.objects.filter(**about, after="removed", decision__undone_by=None)
    direct = Decision.objects.filter(
        case__subject_kind=mark.subject_kind,
        case__subject_id=mark.subject_id,
        action=TAKE_DOWN,
        undone_by=None,
    )
    keys = {*direct.values_list("pk", flat=True), *beside.values_list("decision_id", flat=True)}
    return Decision.objects.filter(pk__in=keys).select_related("case").order_by("-pk").first()


def _note(mark: ContentMark, decision: Decision | None) -> str:
    """Return what moderators read of it."""
    rows = subjects.KINDS[mark.subject_kind].rows()
    row = rows.filter(pk=int(mark.subject_id)).first()
    name = f"“{subjects.told(mark.subject_kind, row).name}”" if row is not None else "something"
    where = f" in case {decision.case_id}" if decision is not None else ""
    return f"Has the same words as {name}, which was taken down{where}."
