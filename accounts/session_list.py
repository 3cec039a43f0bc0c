"""The list of a person's sessions, and what ends one of them.

Django's session row is the session. A BrowserSession beside it says whose it is, where from and
when it was used last.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import DatabaseError

from accounts import security
from accounts.client_address import current_client
from accounts.models import BrowserSession, User
from core import clock, durable, server_settings

logger = logging.getLogger(__name__)

# Noting each use would turn every read into a write.
SEEN_PRECISION = timedelta(minutes=5)


def enter(*, user: User, session_key: str) -> None:
    """Put the session of this request in the list."""
    client = current_client.get()
    BrowserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user,
            "address": client.address,
            "agent": client.agent,
            "seen_at": clock.now(),
        },
    )


def forget_others(*, user: User, session_key: str) -> None:
    """Delete all but this one, after what ended them."""
    for row in BrowserSession.objects.filter(user=user).exclude(session_key=session_key):
        _delete(row)


def end(*, user: User, session_id: int) -> bool:
    """End one session of a person. False when it had ended before or is not theirs."""
    row = BrowserSession.objects.filter(user=user, pk=session_id).first()
    if row is None:
        return False
    _delete(row)
    security.record(security.SESSION_ENDED, user=user)
    return True


def living(user: User) -> list[BrowserSession]:
    """A person's sessions, used last first."""
    rows = BrowserSession.objects.filter(user=user, seen_at__gt=_idle_since())
    rows = rows.order_by("-seen_at", "-id")
    keys = [row.session_key for row in rows]
    there = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()).values_list(
            "session_key", flat=True
        )
    )
    return [row for row in rows if row.session_key in there]


def is_in_use(session_key: str, user_id: int) -> bool:
    """Note that a session is used. False after SESSION_IDLE_DAYS without use: it has ended.

    Two statements at most in SEEN_PRECISION, else one.
    """
    now = clock.now()
    row = BrowserSession.objects.filter(session_key=session_key).first()
    if row is not None and row.seen_at <= _idle_since():
        _delete(row)
        return False
    if row is not None and row.seen_at > now - SEEN_PRECISION:
        return True
    client = current_client.get()
    # Streams and sockets are told no client: the page that opened them was noted.
    client_fields = {"address": client.address, "agent": client.agent} if client.address else {}
    fields = {"seen_at": now, **client_fields}
    try:
        with durable.without_flush():
            _note(row, session_key, user_id, fields)
    except DatabaseError:
        # A busy database must not reject a request.
        logger.warning("could not note the use of a session", exc_info=True)
    return True


def prune() -> int:
    """Forget rows whose session has ended, and end unused sessions. Returns how many."""
    idle = BrowserSession.objects.filter(seen_at__lte=_idle_since())
    Session.objects.filter(session_key__in=idle.values("session_key")).delete()
    there = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    count, _ = BrowserSession.objects.exclude(session_key__in=there).delete()
    return count


def _note(
    row: BrowserSession | None, session_key: str, user_id: int, fields: dict[str, Any]
) -> None:
    if row is None:
        # It began before sessions were listed.
        BrowserSession.objects.bulk_create(
            [BrowserSession(user_id=user_id, session_key=session_key, **fields)],
            ignore_conflicts=True,
        )
    else:
        BrowserSession.objects.filter(pk=row.pk).update(**fields)


def _delete(row: BrowserSession) -> None:
    # The session first: a row without one is harmless.
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()


def _idle_since() -> datetime:
    return clock.now() - timedelta(days=server_settings.value("SESSION_IDLE_DAYS"))
