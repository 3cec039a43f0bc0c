"""Settings of outgoing mail: one address of an SMTP server, and who the mail is from.

Only `builder.settings` uses it. Raises ImproperlyConfigured naming the variable and what to write,
and never the password.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

REMEDY = (
    "write smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or"
    " smtp+plain://host:25 for a mail server on this machine. In a password, write @ : / ? # % as"
    " %40 %3A %2F %3F %23 %25."
)
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """host: empty when no mail is sent. sender: as in a From header."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    scheme: str = ""
    sender: str = ""


def read(address: str, sender: str) -> MailServer:
    """Read REELGRAPH_MAIL and REELGRAPH_MAIL_FROM."""
    if not address:
        return MailServer()
    try:
        parts = urlsplit(address)
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise ImproperlyConfigured(f"REELGRAPH_MAIL can't be used: {REMEDY}") from None
    if not _is_server(parts) or not port:
        raise ImproperlyConfigured(f"REELGRAPH_MAIL can't be used: {REMEDY}")
    if bool(parts.username) != bool(parts.password):
        raise ImproperlyConfigured(
            "REELGRAPH_MAIL needs both a username and a password, or neither."
        )
    if parts.password and parts.scheme == "smtp+plain":
        raise ImproperlyConfigured(
            "REELGRAPH_MAIL would send its password unencrypted: use smtp:// or smtps://."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise ImproperlyConfigured(
            "REELGRAPH_MAIL has a username or password with characters beyond ASCII, which can't"
            " be sent to every mail server. Choose another password."
        )
    return MailServer(
        host=parts.hostname or "",
        port=port,
        user=user,
        password=password,
        scheme=parts.scheme,
        sender=_sender(sender),
    )


def _is_server(parts: SplitResult) -> bool:
    is_more = parts.path not in ("", "/") or parts.query or parts.fragment
    return parts.scheme in PORTS and bool(parts.hostname) and not is_more


def _sender(text: str) -> str:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        raise ImproperlyConfigured(
            "REELGRAPH_MAIL_FROM is needed with REELGRAPH_MAIL: write the address that mail is"
            " from, such as Reelgraph <studio@example.org>."
        ) from None
    if not text.isprintable():
        raise ImproperlyConfigured("REELGRAPH_MAIL_FROM has a line break or control character.")
    return text
