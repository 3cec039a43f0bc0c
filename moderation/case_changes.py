"""What reporting and deciding share: the score of a case, its state before a change, notes."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from core import errors
from moderation.models import NOTE_LENGTH, Case, Report
from moderation.subjects import Subject


def update_score(case: Case) -> None:
    total = Report.objects.filter(case=case, answer=None).aggregate(sum=Sum("weight"))["sum"]
    case.score = total or 0
    case.save(update_fields=["score"])


def describe(subject: Subject) -> dict[str, Any]:
    """What a case remembers of its subject, to be found by it."""
    return {"owner": subject.owner, "title": subject.name[:200]}


def state_before(case: Case, moderation: str) -> dict[str, Any]:
    """How things are before a decision, to be able to go back."""
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
