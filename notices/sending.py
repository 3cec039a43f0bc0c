"""Sending the mail that waits, by a thread of a worker.

A message that the mail server refuses for good is given up with its words; one that it cannot take
now is tried again for two days. After a crash between the server's answer and our note of it, the
message is sent once more under the same Message-ID.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import smtplib
import time
from datetime import timedelta
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import F, QuerySet

from accounts.models import MailAddress
from core import clock, durable
from core.logs import scrubbed
from core.shared_cache import shared_cache
from notices import mailing
from notices.models import Choice, Mail
from notices.notice_types import KINDS

logger = logging.getLogger(__name__)

# After each try of a message that failed; the last one again and again, until TRIED_FOR is over.
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
TRIED_FOR: Final = timedelta(days=2)
# How long the operator can look at what was sent or given up.
KEPT: Final = timedelta(days=30)
# Between two looks at the queue: without mail in it, and on a server that sends none.
IDLE_S, OFF_S = 2.0, 60.0
# Between two tries to reach the mail server.
RESTS_S: Final = (2.0, 5.0, 15.0, 60.0)
# How long one answer of the mail server may take. Some look for viruses before they answer.
ANSWER_S: Final = 60.0
# While a message is being sent, others leave it alone: longer than its five answers may take.
TAKEN_FOR: Final = timedelta(seconds=6 * ANSWER_S)
# Read at once from the queue, and how long one call lasts beyond the message in hand.
BATCH, CALL_S = 50, 2.0
FORGET_EVERY_S: Final = 3600.0
# Why the mail server can't be used now, for the operator; in the cache of all processes.
PROBLEM: Final = "mail:problem"
PROBLEM_KEPT_S: Final = 300


class Outbox:
    """The mail that one worker sends; for `runs.engine.periodic`.

    One connection serves all that is in the queue, and is closed when that is empty.
    """

    def __init__(self) -> None:
        self._server: EmailBackend | None = None
        self._failures = 0
        self._forget_at = 0.0

    def __call__(self) -> float:
        """Send what is due, for CALL_S. Returns in how many seconds to ask again."""
        if not mailing.is_on():
            return OFF_S
        due = _due()
        if not due:
            self.close()
            self._forget_old()
            return IDLE_S
        # A link works, and a notice is there, before anyone reads of it.
        durable.flush()
        end = time.monotonic() + CALL_S
        try:
            for mail in due:
                self._send(mail)
                if time.monotonic() > end:
                    break
        except ServerAway as away:
            return self._rest(str(away))
        return 0

    def close(self) -> None:
        """End the connection to the mail server, if there is one."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.close()

    def _send(self, mail: Mail) -> None:
        if why := _not_wanted(mail):
            _rows(mail).update(given_up=why, text="")
            return
        server = self._open()
        if not _take(mail):
            return
        try:
            server.send_messages([message_of(mail)])
        except smtplib.SMTPSenderRefused as refusal:
            # It says so of every message: nothing is wrong with this one.
            _rows(mail).update(due_at=mail.due_at, tries=mail.tries)
            raise ServerAway(words_of(refusal, mail)) from None
        except (OSError, ValueError) as problem:
            _note_failure(mail, problem)
            server_answers = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
            # After 421 smtplib has hung up.
            if not isinstance(problem, server_answers) or _is_closed(server):
                self.close()
            return
        # What it said is the person's, and may hold a link that still works.
        _rows(mail).update(sent_at=clock.now(), text="")
        self._failures = 0

    def _open(self) -> EmailBackend:
        if self._server is None:
            server = EmailBackend(timeout=ANSWER_S)
            try:
                server.open()
            except (OSError, ValueError) as problem:
                with contextlib.suppress(OSError):
                    server.close()
                raise ServerAway(words_of(problem)) from None
            self._server = server
            if shared_cache().get(PROBLEM):
                shared_cache().delete(PROBLEM)
                logger.info("the mail server takes mail again")
        return self._server

    def _rest(self, why: str) -> float:
        self.close()
        rest_s = RESTS_S[min(self._failures, len(RESTS_S) - 1)]
        self._failures += 1
        if shared_cache().get(PROBLEM) != why:
            logger.warning("the mail server takes no mail, which waits: %s", why)
        shared_cache().set(PROBLEM, why, PROBLEM_KEPT_S)
        late = Mail.objects.filter(
            sent_at=None, given_up="", created_at__lt=clock.now() - TRIED_FOR
        )
        late.update(given_up=f"Waited for {TRIED_FOR.days} days. {why}"[:300], text="")
        return rest_s

    def _forget_old(self) -> None:
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_EVERY_S
            Mail.objects.filter(created_at__lt=clock.now() - KEPT).delete()


class ServerAway(Exception):
    """The mail server can't be reached, or takes nothing from us. Its text says why."""


def message_of(mail: Mail) -> EmailMessage:
    """The message as it goes out. Its Message-ID is the same on each try."""
    domain = sender_address().rpartition("@")[2] or "localhost"
    identity = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    headers = {
        "Message-ID": f"<{identity}@{domain}>",
        # No auto-reply comes back.
        "Auto-Submitted": "auto-generated",
    }
    if mail.purpose in KINDS:
        headers["List-Unsubscribe"] = f"<{mailing.stop_url(mail.person, mail.purpose)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(mail.subject, mail.text, to=[mail.address], headers=headers)


def sender_address() -> str:
    """Our own address, without a name."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def problem() -> str:
    """Return why the mail server took nothing at the latest try; "" when it did or had none."""
    return str(shared_cache().get(PROBLEM) or "")


def words_of(problem: Exception, mail: Mail | None = None) -> str:
    """Return what the mail server said, or what went wrong, without password and address."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(problem.recipients.values()))
        text = f"{code} {_decode(reply)}"
    elif isinstance(problem, smtplib.SMTPResponseException):
        text = f"{problem.smtp_code} {_decode(problem.smtp_error)}"
    else:
        text = f"{type(problem).__name__}: {problem}"
    text = " ".join(text.split())
    for secret, substitute in (
        (settings.EMAIL_HOST_PASSWORD, "…"),
        (mail.address if mail else "", "<address>"),
    ):
        text = text.replace(secret, substitute) if secret else text
    return scrubbed(text)[:300]


def _due() -> list[Mail]:
    """List what is to be sent now. Links that people wait for come before notices."""
    waiting = Mail.objects.select_related("person").order_by("due_at", "pk")
    waiting = waiting.filter(sent_at=None, given_up="", due_at__lte=clock.now())
    links = waiting.filter(purpose__in=mailing.LINK_LIVES)
    return list(links[:BATCH]) or list(waiting[:BATCH])


def _is_closed(server: EmailBackend) -> bool:
    return getattr(server.connection, "sock", None) is None


def _take(mail: Mail) -> bool:
    """Take a message: the UPDATE compares the due time, so only one worker does."""
    return bool(
        Mail.objects.filter(pk=mail.pk, sent_at=None, given_up="", due_at=mail.due_at).update(
            due_at=clock.now() + TAKEN_FOR, tries=F("tries") + 1
        )
    )


def _rows(mail: Mail) -> QuerySet[Mail]:
    return Mail.objects.filter(pk=mail.pk, sent_at=None)


def _note_failure(mail: Mail, problem: Exception) -> None:
    why = words_of(problem, mail)
    is_late = clock.now() - mail.created_at > TRIED_FOR
    if is_late or _is_final(problem):
        logger.warning("mail %s (%s) is given up: %s", mail.pk, mail.purpose, why)
        _rows(mail).update(given_up=why, text="")
        return
    pause = PAUSES[min(mail.tries, len(PAUSES) - 1)]
    logger.warning("mail %s (%s) is tried again in %s: %s", mail.pk, mail.purpose, pause, why)
    _rows(mail).update(due_at=clock.now() + pause)


def _not_wanted(mail: Mail) -> str:
    """Return why it goes to no one; empty when it is to be sent."""
    life = mailing.LINK_LIVES.get(mail.purpose)
    if life is not None and clock.now() - mail.created_at > life:
        return "Its link has expired."
    if not mail.person.is_active:
        return "The account was deleted."
    if mail.purpose not in (mailing.VERIFY, mailing.RESET, *KINDS):
        return ""
    row = MailAddress.objects.filter(person=mail.person).first()
    address = ""
    if row is not None:
        address = row.pending if mail.purpose == mailing.VERIFY else row.address
    if address != mail.address:
        return "The address was changed or removed."
    if mail.purpose in KINDS and not _is_chosen(mail):
        return "The person switched off mail of this kind."
    return ""


def _is_chosen(mail: Mail) -> bool:
    chosen = Choice.objects.filter(person=mail.person, kind=mail.purpose).first()
    return (chosen or KINDS[mail.purpose]).by_mail


def _decode(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _is_final(problem: Exception) -> bool:
    """Return whether another try is of no use: it is refused for good, or can't be written."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPResponseException):
        return problem.smtp_code >= 500
    return isinstance(problem, ValueError)
