"""Forgetting what has run out: expired links, sessions that ended, old events."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts import security, session_list
from accounts.models import OneTimeLink
from core import clock

# Kept for a while, so that an expired link can say that it has expired.
LINKS_KEPT = timedelta(days=30)


def forget_expired() -> int:
    """Delete one-time links a month after they ended, sessions, and old security events.

    Returns how many rows went.
    """
    now = clock.now()
    long_ago = now - LINKS_KEPT
    links, _ = OneTimeLink.objects.filter(
        Q(expires_at__lt=long_ago) | Q(used_at__lt=long_ago)
    ).delete()
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    return links + ended + session_list.prune() + security.prune()
