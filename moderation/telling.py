"""Notices to those whom a decision concerns: the author, and who reported.

The one place that writes them; `notices` is what pages say of how things are.
"""

from __future__ import annotations

from moderation.models import COMMENT, Decision, Report
from moderation.subjects import Subject
from notices import telling

_NOW = {
    "visible": "“{name}” is visible again.",
    "quarantined": "“{name}” is hidden.",
    "removed": "“{name}” was taken down.",
}


def tell_author(decision: Decision, subject: Subject, *, before: str) -> None:
    """before: how the subject was; nothing is told where it stays so."""
    if subject.moderation != before:
        telling.tell(
            subject.owner.pk,
            "moderation",
            about=f"decision:{decision.pk}",
            text=_text(decision, subject),
            url=subject.own_page,
        )


def _text(decision: Decision, subject: Subject) -> str:
    """How it is now. The page it leads to says why, but of a comment, which has none."""
    # Not str.format: the name is foreign text.
    now = _NOW[subject.moderation].replace("{name}", subject.name)
    if subject.kind != COMMENT or not decision.message:
        return now
    # The usual message names it already.
    is_named = subject.name in decision.message
    return decision.message if is_named else f"{now} {decision.message}"


def tell_reporters(decision: Decision) -> None:
    """Without a name: what its author calls it since is not theirs to see."""
    answered = Report.objects.filter(answer=decision).order_by("reporter_id")
    for reporter_id in answered.values_list("reporter_id", flat=True):
        telling.tell(
            reporter_id,
            "moderation",
            about=f"answer:{decision.pk}",
            text="A moderator answered your report.",
            url="/me/reports",
        )
