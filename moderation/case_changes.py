"""Parts of reporting and deciding: the score of a case, its state before a change, notes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum

from core import errors
from moderation.models import NOTE_LENGTH, OPEN, TEMPLATE, USER, Case, Report
from moderation.subjects import KINDS, Subject


def update_score(case: Case) -> None:
    total = Report.objects.filter(case=case, answer=None).aggregate(sum=Sum("weight"))["sum"]
    case.score = total or 0
    case.save(update_fields=["score"])


def describe(subject: Subject) -> dict[str, Any]:
    """Return what a case remembers of its subject, to be found by it."""
    return {"owner": subject.owner, "title": subject.name[:200]}


def forget_words(owner: int) -> None:
    """Forget what cases quote of someone whose account is deleted: their name at once, words of
    what is gone as soon as no case about it is open. owner: their primary key. Harmless to repeat.
    """
    template_ids = (
        KINDS[TEMPLATE].rows().filter(owner=owner, deleted_at=None).values_list("pk", flat=True)
    )
    cases = Case.objects.filter(Q(subject_kind=USER) | ~Q(state=OPEN), owner=owner)
    # Published templates stay, and so does what they are called.
    cases = cases.exclude(subject_kind=TEMPLATE, subject_id__in=[str(key) for key in template_ids])
    Report.objects.filter(case__in=cases).update(subject_text="")
    cases.update(title="")


def state_before(case: Case, moderation: str) -> dict[str, Any]:
    """Return how things are before a decision, to be able to go back."""
    last = Report.objects.filter(case=case).order_by("-id").values_list("pk", flat=True).first()
    return {"state": case.state, "moderation": moderation, "last_report": last or 0}


def read_note(text: str, field: str, label: str) -> str:
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
