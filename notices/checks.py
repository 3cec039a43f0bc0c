"""Checks of mail: whether its server takes it from us, where its links lead, what was given up."""

from __future__ import annotations

import contextlib
import smtplib
import ssl

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from core.checks import Check, Checks, ok, register, warning
from notices import mailing, sending
from notices.models import Mail

PATIENCE_S = 10.0


@register("mail", every_s=300)
def server() -> Checks:
    """Offer the server our sender, as for a message, and send none."""
    if not mailing.is_on():
        yield ok("off, as REELGRAPH_MAIL isn't set: no notices by mail, no password reset")
        return
    yield _server()
    if not settings.PUBLIC_URL:
        says = "its links lead to 127.0.0.1, which others can't open"
        yield warning(says, "Set REELGRAPH_PUBLIC_URL.")


@register("mail given up", every_s=5, after="database")
def mail_given_up() -> Checks:
    """Count what won't be tried again."""
    if mailing.is_on() and (count := Mail.objects.exclude(given_up="").count()):
        says = f"{count} given up in {sending.KEPT.days} days"
        yield warning(says, "See /admin/mail for why.")


def _server() -> Check:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    backend = EmailBackend(timeout=PATIENCE_S)
    try:
        backend.open()
        refusal = _refusal_of_sender(backend)
    except (OSError, ValueError) as problem:
        says = f"{where} can't be used: {sending.words_of(problem)}"
        return warning(says, _remedy(problem))
    finally:
        with contextlib.suppress(OSError):
            backend.close()
    if refusal:
        says = f"{where} takes nothing from {settings.DEFAULT_FROM_EMAIL}: {refusal}"
        return warning(says, "Fix REELGRAPH_MAIL_FROM, or allow that address there.")
    return ok(f"{where} takes mail from {settings.DEFAULT_FROM_EMAIL}")


def _refusal_of_sender(backend: EmailBackend) -> str:
    """Return what the server says to our address as a sender; "" when it takes it."""
    connection = backend.connection
    assert isinstance(connection, smtplib.SMTP)  # noqa: S101  it was opened
    connection.ehlo_or_helo_if_needed()
    code, answer = connection.mail(sending.sender_address())
    if code < 400:
        connection.rset()
        return ""
    return f"{code} {answer.decode(errors='replace')}"


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
