"""Notices to those whom a decision concerns: the author, and who reported."""

from __future__ import annotations

from moderation.models import Decision, Report
from notices import telling
from templates_app.models import Template

_NOW = {
    "visible": "“{name}” is visible again.",
    "quarantined": "“{name}” is hidden.",
    "removed": "“{name}” was taken down.",
}


def tell_author(decision: Decision, template: Template, *, before: str) -> None:
    """The page it leads to says why. before: how the template was; nothing where it stays so."""
    if template.moderation != before:
        telling.tell(
            template.owner_id,
            "moderation",
            about=f"decision:{decision.pk}",
            # Not str.format: the name is foreign text.
            text=_NOW[template.moderation].replace("{name}", template.name),
            url=f"/t/{template.public_id}",
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
