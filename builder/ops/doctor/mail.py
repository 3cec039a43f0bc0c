"""Whether the mail server takes mail from us, and what waits or was given up."""

from __future__ import annotations

import contextlib
import smtplib
import ssl

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import DatabaseError

from builder.ops import mail_status
from builder.ops.doctor import Checks, ok, warning
from notices import mailing, sending

NAME = "mail"
PATIENCE_S = 10.0


def all_checks() -> Checks:
    """A line for the server, one for links that lead nowhere, and one for what was given up."""
    if not mailing.is_on():
        yield ok(NAME, "off, as REELGRAPH_MAIL isn't set: no notices by mail, no password reset")
        return
    yield from _server()
    if not settings.PUBLIC_URL:
        yield warning(
            NAME,
            "its links lead to 127.0.0.1, which others can't open",
            "Set REELGRAPH_PUBLIC_URL.",
        )
    try:
        found = mail_status.counts()
    except DatabaseError:
        return
    if found.given_up:
        says = f"{found.given_up} given up in {sending.KEPT.days} days"
        yield warning(NAME, says, "See /admin/mail for why.")


def _server() -> Checks:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    server = EmailBackend(timeout=PATIENCE_S)
    try:
        server.open()
        refused = _refusal_of_sender(server)
    except (OSError, ValueError) as problem:
        says = f"{where} can't be used: {sending.words_of(problem)}"
        yield warning(NAME, says, _remedy(problem))
        return
    finally:
        with contextlib.suppress(OSError):
            server.close()
    if refused:
        says = f"{where} takes nothing from {settings.DEFAULT_FROM_EMAIL}: {refused}"
        yield warning(NAME, says, "Fix REELGRAPH_MAIL_FROM, or allow that address there.")
    else:
        yield ok(NAME, f"{where} takes mail from {settings.DEFAULT_FROM_EMAIL}")


def _refusal_of_sender(server: EmailBackend) -> str:
    """What the server says to our address as a sender; empty when it takes it."""
    connection = server.connection
    assert isinstance(connection, smtplib.SMTP)  # noqa: S101  it was opened
    connection.ehlo_or_helo_if_needed()
    code, said = connection.mail(sending.sender_address())
    if code < 400:
        connection.rset()
        return ""
    return f"{code} {said.decode(errors='replace')}"


def _remedy(problem: Exception) -> str:
    match problem:
        case smtplib.SMTPAuthenticationError():
            return "Fix the username or the password in REELGRAPH_MAIL."
        case smtplib.SMTPNotSupportedError():
            return "Use another scheme in REELGRAPH_MAIL: smtp://, smtps:// or smtp+plain://."
        case ssl.SSLError():
            return (
                "Name the host in REELGRAPH_MAIL as its certificate does, and use smtps:// only"
                " where TLS begins at once. SSL_CERT_FILE names certificates of your own."
            )
    return "Start it, or fix REELGRAPH_MAIL. Until then mail waits, for two days at most."
