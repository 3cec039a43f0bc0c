"""Notices to those whom a decision concerns: the author, and who reported."""

from __future__ import annotations

from moderation.models import Decision, Report
from moderation.subjects import Subject
from notices import telling

_NOW = {
    "visible": "“{name}” is visible again.",
    "quarantined": "“{name}” is hidden.",
    "removed": "“{name}” was taken down.",
}


def tell_author(decision: Decision, subject: Subject, *, before: str) -> None:
    """The page it leads to says why. before: how the subject was; nothing where it stays so."""
    if subject.moderation != before:
        telling.tell(
            subject.owner.pk,
            "moderation",
            about=f"decision:{decision.pk}",
            # Not str.format: the name is foreign text.
            text=_NOW[subject.moderation].replace("{name}", subject.name),
            url=subject.own_page,
        )


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
