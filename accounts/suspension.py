"""Whether a person may act just now.

A suspension ends acting, not reading or signing in to the pages. Programs get no new tokens.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import User
from core import clock, errors


def suspended_until(user: User) -> datetime | None:
    """When this person's suspension ends, or None when there is none now."""
    until = user.suspended_until
    return until if until is not None and until > clock.now() else None


def acting(person: str = "") -> Q:
    """Those who are not suspended now, of rows of people or of rows with such a field."""
    field = f"{person}__suspended_until" if person else "suspended_until"
    return Q(**{field: None}) | Q(**{f"{field}__lte": clock.now()})


def check_may_act(user: User) -> None:
    """Raise Forbidden for someone suspended: they cannot start, publish or report."""
    until = suspended_until(user)
    if until is None:
        return
    raise errors.Forbidden(
        f"Your account is suspended until {until.day} {until:%B %Y, %H:%M} UTC. Until then you can"
        " view and download your work, but not run, publish or report.",
        code="account.suspended",
        details={"suspendedUntil": clock.iso(until)},
    )
