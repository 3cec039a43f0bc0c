"""How this server sends mail: one address of an SMTP server, and who the mail is from.

Only `builder.settings` uses it. Raises ImproperlyConfigured naming the variable and what to write,
and never the password.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from builder.environment import text_of

REMEDY = (
    "write smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or"
    " smtp+plain://host:25 for a mail server on this machine."
)
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """host: empty when no mail is sent."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    scheme: str = ""
    sender: str = ""


def mail_server() -> MailServer:
    """What REELGRAPH_MAIL and REELGRAPH_MAIL_FROM say."""
    text, sender = text_of("REELGRAPH_MAIL"), text_of("REELGRAPH_MAIL_FROM")
    if not text:
        return MailServer()
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise ImproperlyConfigured(f"REELGRAPH_MAIL can't be used: {REMEDY}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured(f"REELGRAPH_MAIL can't be used: {REMEDY}")
    if "@" not in sender:
        raise ImproperlyConfigured(
            "REELGRAPH_MAIL_FROM is needed with REELGRAPH_MAIL: write the address that mail is"
            " from, such as Reelgraph <studio@example.org>."
        )
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        scheme=parts.scheme,
        sender=sender,
    )
