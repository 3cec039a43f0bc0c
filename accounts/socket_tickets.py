"""Tickets: a page on another origin opens one socket with one, in the address as `?ticket=`.

A browser's WebSocket can send no header, and a key in an address ends up in logs and histories. A
ticket may stand there: it works once, within 60 s, for one path, and never outlives the credential
that it was made with. The shared cache holds its hash and which credential that is, so every web
process takes it, and of two at once only one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.auth import CredentialReference, Principal, reference_to
from core import clock, errors
from core.shared_cache import shared_cache

LIFE = timedelta(seconds=60)
_TICKET = re.compile(r"rt_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is handed out. text: the secret; it is kept nowhere."""

    text: str
    expires_at: datetime


def issue(principal: Principal, path: str) -> Ticket:
    """A ticket that opens the socket at this path as the principal would.

    path: of the socket, such as `/ws/runs/<id>`; who may open it is the caller's to check. Blocks
    on the shared cache. Raises Unauthenticated when the credential has since ended.
    """
    reference = reference_to(principal)
    ticket = Ticket(f"rt_{secrets.token_urlsafe(32)}", clock.now() + LIFE)
    # Plain values: another release may read them.
    value = {
        "path": path,
        # By the clock of all web machines: another one may redeem it.
        "expires_at": shared_cache().time() + LIFE.total_seconds(),
        "credential": (reference.via, reference.id, reference.expires_at),
    }
    shared_cache().set(_key(ticket.text), value, LIFE.total_seconds())
    return ticket


def redeem(text: str, path: str) -> CredentialReference:
    """Use a ticket up, and return the credential that it was made with.

    A ticket that is shown at another path is used up, too. Blocks on the shared cache. Raises
    Unauthenticated for one that is unknown, used or expired; Forbidden at another path; Unavailable
    when the cache cannot be read, and then the ticket stays good.
    """
    if not _TICKET.fullmatch(text):
        raise _invalid()
    values: list[Any] = []

    def take(present: Any) -> None:
        values[:] = [present]

    shared_cache().change(_key(text), take, 0)
    value = values[-1]
    if value is None or value["expires_at"] <= shared_cache().time():
        raise _invalid()
    if value["path"] != path:
        raise errors.Forbidden("This ticket is for another socket.")
    return CredentialReference(*value["credential"])


def _invalid() -> errors.Unauthenticated:
    return errors.Unauthenticated(
        "This ticket is unknown, used or expired. Create one for each connection.",
        code="auth.invalid",
        number=102,
    )


def _key(text: str) -> str:
    return f"socket_ticket:{hashlib.sha256(text.encode()).hexdigest()}"
