"""Mail: written in the transaction of what it tells, sent by an idle worker.

A message that the mail server refuses for good is given up with its words; one that it cannot take
now is tried again for two days. After a crash between the server's answer and our note of it, the
message is sent once more under the same Message-ID.
"""

from __future__ import annotations

import hashlib
import logging
import smtplib
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F

from accounts.models import MailAddress
from core import clock
from notices.kinds import KINDS
from notices.models import Mail

logger = logging.getLogger(__name__)

# After each try that failed; the last one is followed by giving up.
PAUSES: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720)
)
KEPT: Final = timedelta(days=30)
IDLE_S: Final = 2.0
OFF_S: Final = 60.0
# While one is being sent, others leave it alone.
TAKEN_FOR: Final = timedelta(minutes=2)


def is_on() -> bool:
    """Whether this server can send mail."""
    return bool(settings.EMAIL_HOST)


def queue_notice(person_id: int, kind: str, *, about: str, text: str, url: str) -> None:
    """Send what a notice says to its person's verified address, if there is one."""
    address = (
        MailAddress.objects.filter(person_id=person_id, person__is_active=True)
        .exclude(address="")
        .values_list("address", flat=True)
        .first()
    )
    if not address or not is_on():
        return
    base = settings.PUBLIC_URL or ""
    where = f"\n\n{base}{url}" if base else ""
    ending = f"\n\n{KINDS[kind].about}: {base}/me/notices/settings" if base else ""
    queue(
        person_id,
        purpose=kind,
        key=f"{person_id}:{about}",
        address=address,
        subject=text,
        text=f"{text}{where}{ending}\n",
    )


def queue(person_id: int, *, purpose: str, key: str, address: str, subject: str, text: str) -> None:
    """Have a message sent; one with this key goes out once. Part of the caller's transaction."""
    Mail.objects.bulk_create(
        [
            Mail(
                person_id=person_id,
                key=key[:200],
                purpose=purpose,
                address=address,
                # A header has no line breaks.
                subject=" ".join(subject.split())[:200],
                text=text,
            )
        ],
        ignore_conflicts=True,
    )


def send_due() -> float:
    """Send one message that is due; for `runs.engine.periodic`.

    Returns in how many seconds to ask again.
    """
    if not is_on():
        return OFF_S
    now = clock.now()
    mail = (
        Mail.objects.filter(sent_at=None, given_up="", due_at__lte=now).order_by("due_at").first()
    )
    if mail is None:
        Mail.objects.filter(created_at__lt=now - KEPT).delete()
        return IDLE_S
    # Taken by an UPDATE that names when it was due: of two workers one sends it.
    taken = Mail.objects.filter(pk=mail.pk, sent_at=None, given_up="", due_at=mail.due_at).update(
        due_at=now + TAKEN_FOR, tries=F("tries") + 1
    )
    if taken:
        _send(mail)
    return 0


def _send(mail: Mail) -> None:
    rows = Mail.objects.filter(pk=mail.pk)
    if not _is_wanted(mail):
        rows.update(given_up="The address was changed or removed.")
        return
    identity = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMessage(
        mail.subject,
        mail.text,
        to=[mail.address],
        headers={
            "Message-ID": f"<{identity}@{domain}>",
            # No auto-reply comes back.
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=20),
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as problem:
        why, is_final = _told(problem)
        if is_final or mail.tries >= len(PAUSES):
            logger.warning("mail %s for %s given up: %s", mail.pk, mail.purpose, why)
            rows.update(given_up=why[:300])
        else:
            rows.update(due_at=clock.now() + PAUSES[mail.tries])
        return
    rows.update(sent_at=clock.now())


def _is_wanted(mail: Mail) -> bool:
    """Whether the address is still the person's: nothing goes to one that is not verified."""
    kept = MailAddress.objects.filter(person_id=mail.person_id, person__is_active=True).first()
    if kept is None:
        return False
    if mail.purpose == "verify":
        return kept.pending == mail.address
    return kept.address == mail.address


def _told(problem: Exception) -> tuple[str, bool]:
    """What the mail server said, and whether trying again is of no use."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(problem.recipients.values()))
        return f"{code} {said.decode(errors='replace')}", 500 <= code < 600
    if isinstance(problem, smtplib.SMTPResponseException):
        refused = problem.smtp_error
        text = refused.decode(errors="replace") if isinstance(refused, bytes) else refused
        # A wrong password of ours is not the message's fault.
        is_final = 500 <= problem.smtp_code < 600 and not isinstance(
            problem, smtplib.SMTPAuthenticationError
        )
        return f"{problem.smtp_code} {text}", is_final
    return f"{type(problem).__name__}: {problem}", False
