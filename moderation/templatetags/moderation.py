"""What the report form and the console need of the one list of reasons. `{% load moderation %}`."""

from __future__ import annotations

from django import template

from moderation import reasons, reporter_reputation
from moderation.models import NOTE_LENGTH
from moderation.pages import DONE

register = template.Library()


@register.simple_tag
def report_reasons() -> list[reasons.Reason]:
    """All reasons, in the order of the form."""
    return list(reasons.REASONS.values())


@register.simple_tag
def note_length() -> int:
    """How many characters a note may have."""
    return NOTE_LENGTH


@register.filter
def reason_title(code: str) -> str:
    return reasons.title(code)


@register.filter
def points(tenths: int) -> str:
    """A weight as people read it: `6`, `8.5`."""
    return f"{tenths / reporter_reputation.TENTHS:g}"


@register.filter
def done(action: str) -> str:
    """A decision in the past: `Hidden`, `Taken down`."""
    return DONE.get(action, action)
