"""How many streams and sockets one person may hold open in this process."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

from accounts.auth import Principal
from core import errors

taken: Counter[int] = Counter()


def take_place(principal: Principal) -> None:
    """Count a person's open streams and sockets together. Raises QuotaExceeded."""
    if taken[principal.user.pk] >= settings.STREAMS_PER_USER:
        raise errors.QuotaExceeded(
            f"You have {settings.STREAMS_PER_USER} streams open already. Close one first.",
            retry_after_s=5,
        )
    taken[principal.user.pk] += 1


def leave_place(principal: Principal) -> None:
    taken[principal.user.pk] -= 1
    if not taken[principal.user.pk]:
        del taken[principal.user.pk]
