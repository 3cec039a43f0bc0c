"""The record of security events: who came in, who tried to, and what opens an account.

Each event is a line of the log `security` and a row that its person sees. Neither holds a secret.
Events that can come in thousands are one row an hour, with a count.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from accounts.client_address import current_client
from accounts.models import SecurityEvent, User
from core import clock

logger = logging.getLogger("security")

SIGN_IN = "sign_in"
SIGN_IN_FAILED = "sign_in_failed"
API_SIGN_IN = "api_sign_in"
SIGN_OUT = "sign_out"
SESSION_ENDED = "session_ended"
SESSIONS_ENDED = "sessions_ended"
PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of an event
MAIL_CONFIRMED = "mail_confirmed"
MAIL_REMOVED = "mail_removed"
RESET_ASKED = "reset_asked"
KEY_MADE = "key_made"
KEY_REVOKED = "key_revoked"
KEY_REFUSED = "key_refused"
APP_CONNECTED = "app_connected"
APP_DISCONNECTED = "app_disconnected"
APP_ENDED = "app_ended"
LINK_MADE = "link_made"
INVITATION_MADE = "invitation_made"
INVITATION_REVOKED = "invitation_revoked"
JOINED = "joined"
SECOND_FACTOR_ON = "second_factor_on"
SECOND_FACTOR_OFF = "second_factor_off"
SECOND_FACTOR_RESET = "second_factor_reset"
SECOND_FACTOR_FAILED = "second_factor_failed"
RECOVERY_CODES_MADE = "recovery_codes_made"
RECOVERY_CODE_USED = "recovery_code_used"
ACCOUNT_DELETED = "account_deleted"
TERMS_ACCEPTED = "terms_accepted"
ACCOUNT_CLOSED = "account_closed"
ACCOUNT_OPENED = "account_opened"
RENAMED = "renamed"
IDENTITY_LINKED = "identity_linked"
IDENTITY_UNLINKED = "identity_unlinked"

# As the person reads them.
WORDS = {
    SIGN_IN: "Signed in",
    SIGN_IN_FAILED: "Sign-in failed",
    API_SIGN_IN: "A program signed in",
    SIGN_OUT: "Signed out",
    SESSION_ENDED: "Session ended",
    SESSIONS_ENDED: "All other sessions ended",
    PASSWORD_CHANGED: "Password changed",
    MAIL_CONFIRMED: "Email address confirmed",
    MAIL_REMOVED: "Email address removed",
    RESET_ASKED: "Link for a new password requested",
    KEY_MADE: "API key created",
    KEY_REVOKED: "API key revoked",
    KEY_REFUSED: "API key refused: its scope is too small",
    APP_CONNECTED: "App connected",
    APP_DISCONNECTED: "App disconnected",
    APP_ENDED: "App disconnected: its code or token was used twice",
    LINK_MADE: "Sign-in link created",
    INVITATION_MADE: "Invitation created",
    INVITATION_REVOKED: "Invitation revoked",
    JOINED: "Account created",
    TERMS_ACCEPTED: "Terms accepted",
    SECOND_FACTOR_ON: "Second factor turned on",
    SECOND_FACTOR_OFF: "Second factor turned off",
    SECOND_FACTOR_RESET: "Second factor reset by the operator",
    SECOND_FACTOR_FAILED: "Wrong code",
    RECOVERY_CODES_MADE: "New recovery codes created",
    RECOVERY_CODE_USED: "Recovery code used",
    ACCOUNT_DELETED: "Account deleted",
    ACCOUNT_CLOSED: "Account deactivated",
    ACCOUNT_OPENED: "Account activated",
    RENAMED: "Display name changed",
    IDENTITY_LINKED: "Sign-on connected",
    IDENTITY_UNLINKED: "Sign-on disconnected",
}
# Anyone can cause these as often as they like.
MERGED_KINDS = frozenset({SIGN_IN_FAILED, API_SIGN_IN, SECOND_FACTOR_FAILED})
# Of these only the first in MERGED_FOR is stored, so that a program's refusals cost no writes.
FIRST_ONLY = frozenset({KEY_REFUSED})
MERGED_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=180)
# The newest of each person, and of names that do not exist.
MOST_KEPT = 1_000
MOST_SHOWN = 30


def record(kind: str, *, user: User | None, **details: str | int) -> None:
    """Note an event of this request. user: None for a name that does not exist.

    Never fails what it is about: without the row there is still the line.
    """
    client = current_client.get()
    logger.info(
        "%s user=%s address=%s agent=%s %s",
        kind,
        user.public_id if user else "-",
        client.address or "-",
        repr(client.agent),
        " ".join(f"{name}={value!r}" for name, value in sorted(details.items())),
    )
    try:
        if kind in FIRST_ONLY and _same(kind, user).exists():
            return
        # A savepoint where the caller has a transaction: a failed row must not take it along.
        with transaction.atomic():
            _store(kind, user, details)
    except DatabaseError:
        logger.warning("the security event %s was not stored", kind, exc_info=True)


def recent(user: User) -> QuerySet[SecurityEvent]:
    """A person's newest events, newest first."""
    return SecurityEvent.objects.filter(user=user).order_by("-id")[:MOST_SHOWN]


def prune() -> int:
    """Forget old events, and more than MOST_KEPT of one person. Returns how many rows went."""
    # Which terms a person accepted, and when, is known as long as they are here.
    forgettable = SecurityEvent.objects.exclude(kind=TERMS_ACCEPTED)
    count, _ = forgettable.filter(created_at__lt=clock.now() - KEPT_FOR).delete()
    owners = forgettable.order_by().values_list("user", flat=True).distinct()
    for owner in list(owners):
        mine = forgettable.filter(user=owner)
        oldest_kept = mine.order_by("-id").values_list("pk", flat=True)[MOST_KEPT - 1 : MOST_KEPT]
        for pk in list(oldest_kept):
            surplus, _ = mine.filter(pk__lt=pk).delete()
            count += surplus
    return count


def _store(kind: str, user: User | None, details: dict[str, Any]) -> None:
    client = current_client.get()
    if kind in MERGED_KINDS:
        same = _same(kind, user).select_for_update().order_by("-id").first()
        if same is not None:
            same.details = {**same.details, **details, "count": same.details.get("count", 1) + 1}
            same.save(update_fields=["details"])
            return
    SecurityEvent.objects.create(
        user=user, kind=kind, address=client.address, agent=client.agent, details=details
    )


def _same(kind: str, user: User | None) -> QuerySet[SecurityEvent]:
    """Events like this one, from the same address, of the last MERGED_FOR."""
    return SecurityEvent.objects.filter(
        user=user,
        kind=kind,
        address=current_client.get().address,
        created_at__gte=clock.now() - MERGED_FOR,
    )
