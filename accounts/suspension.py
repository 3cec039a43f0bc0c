"""Whether a person may act just now.

A suspension ends acting, not reading or signing in to the pages, and hides nothing that was shared
before. Programs get no new tokens.
"""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from core import clock, errors


def suspended_until(user: User) -> datetime | None:
    """When this person's suspension ends, or None when there is none now."""
    until = user.suspended_until
    return until if until is not None and until > clock.now() else None


def check_may_act(user: User) -> None:
    """Raise Forbidden for someone suspended: they cannot start, publish, report or invite."""
    until = suspended_until(user)
    if until is None:
        return
    raise errors.Forbidden(
        f"Your account is suspended until {until.day} {until:%B %Y, %H:%M} UTC. Until then you can"
        " view and download your work, but not run, publish or report.",
        code="account.suspended",
        details={"suspendedUntil": clock.iso(until)},
    )
