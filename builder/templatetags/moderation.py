"""Tags of the report form and the console for the one list of reasons. `{% load moderation %}`."""

from __future__ import annotations

from django import template

from accounts import roles
from accounts.models import User
from builder.staff.moderation.decision_form import DONE
from moderation import own_decisions, reasons, reporter_reputation, selectors
from moderation.case_queue import MOST_COUNTED
from moderation.models import NOTE_LENGTH, Appeal, Decision

register = template.Library()
_OUTCOMES = {"upheld": "The decision stays", "overturned": "Overturned"}


@register.simple_tag
def report_reasons() -> list[reasons.Reason]:
    """All reasons, in the order of the form."""
    return list(reasons.REASONS.values())


@register.simple_tag
def note_length() -> int:
    """Return how many characters a note may have."""
    return NOTE_LENGTH


@register.simple_tag
def has_decisions(person: User) -> bool:
    """Return whether moderators decided anything about this person or their work."""
    return own_decisions.has_any(person)


@register.simple_tag
def latest_undoable(moderator: User) -> Decision | None:
    """Return what this moderator decided last and can still undo."""
    return selectors.latest_undoable_by(moderator)


@register.filter
def at_version(query: str, version: int) -> str:
    """The end of an address that undoes at this version of a case. query: the queue's filter."""
    return f"{query}&version={version}" if query else f"?version={version}"


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


@register.filter
def outcome(appeal: Appeal) -> str:
    """Say how an appeal ended: `Overturned`, or `Waiting`."""
    if not appeal.decided_at:
        return "Waiting"
    return _OUTCOMES.get(appeal.outcome, "Replaced by a newer decision")


@register.filter
def counted(number: int) -> str:
    """A count of cases: `14`, `999+`."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


@register.filter
def moderates(person: object) -> bool:
    """Return whether this person may open the console."""
    return roles.is_moderator(person)
