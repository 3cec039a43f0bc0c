"""The address a person is written to, and a way back in when the password is lost.

No answer tells whether an address or a name is known here. The links work once: an hour for a new
password, a day for an address.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import one_time_links, security, services
from accounts.auth import hash_secret
from accounts.models import MailAddress, OneTimeLink, User
from core import clock, errors
from core.counters import Counter
from notices import mailing

VERIFY: Final = "verify-mail"
RESET: Final = "reset-password"
VERIFY_LIFE: Final = timedelta(days=1)
RESET_LIFE: Final = timedelta(hours=1)
ADDRESS_LENGTH: Final = 254
# An hour, of one person.
MAILS_PER_HOUR: Final = 5

asked = Counter("mail_links", 3600.0)


def ask_to_verify(*, person: User, address: str, base_url: str) -> None:
    """Send a link to an address; it becomes the person's when they follow it.

    Until then mail goes on to the address they had. Raises InvalidInput for what is no address,
    QuotaExceeded above MAILS_PER_HOUR, Conflict where this server sends no mail.
    """
    if not mailing.is_on():
        raise errors.Conflict("This server isn't set up to send mail.", code="mail.off")
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise errors.InvalidInput(
            "Enter an email address, such as ana@example.org.",
            code="mail.invalid",
            details={"issues": [{"path": "address", "message": "Not an email address."}]},
        ) from None
    _count(person)
    with transaction.atomic():
        MailAddress.objects.update_or_create(
            person=person, defaults={"pending": address, "asked_at": clock.now()}
        )
        # A link for another address is worth nothing any more.
        _end_links(person, VERIFY)
        token = _link(person, VERIFY, VERIFY_LIFE)
        mailing.queue(
            person.pk,
            purpose="verify",
            key=f"verify:{hash_secret(token).hex()}",
            address=address,
            subject="Confirm your email address",
            text=(
                f"Confirm that this is your address on Reelgraph:\n\n{base_url}/mail/{token}\n\n"
                "The link works once, within a day. If you didn't ask for it, do nothing.\n"
            ),
        )


def verify(*, token: str) -> MailAddress:
    """Make the address that a link was sent to the person's. Raises NotFound for a spent link,
    Conflict when another person has confirmed it before."""
    try:
        with transaction.atomic():
            person = one_time_links.consume_link(token=token, purpose=VERIFY)
            row = MailAddress.objects.select_for_update().filter(person=person).first()
            if row is None or not row.pending:
                raise one_time_links.spent()
            row.address, row.verified_at, row.pending = row.pending, clock.now(), ""
            row.save()
            security.record("mail_verified", user=person)
    except IntegrityError:
        raise errors.Conflict(
            "Another account uses this address. Sign in there, or use another address.",
            code="mail.taken",
        ) from None
    return row


def forget(*, person: User) -> None:
    """Write to the person no more."""
    with transaction.atomic():
        MailAddress.objects.filter(person=person).delete()
        _end_links(person, VERIFY)
        _end_links(person, RESET)
        security.record("mail_removed", user=person)


def ask_reset(*, name: str, base_url: str) -> None:
    """Send a link for a new password to the verified address of a person.

    name: their username or address. Says nothing, whoever it names.
    """
    if not mailing.is_on() or "\x00" in name:
        return
    name = name.strip()[:ADDRESS_LENGTH]
    row = (
        MailAddress.objects.select_related("person")
        .filter(Q(person__username=name) | Q(address__iexact=name), person__is_active=True)
        .exclude(address="")
        .first()
    )
    if row is None or asked.wait_s(str(row.person_id), MAILS_PER_HOUR):
        return
    with transaction.atomic():
        _end_links(row.person, RESET)
        token = _link(row.person, RESET, RESET_LIFE)
        mailing.queue(
            row.person_id,
            purpose="reset",
            key=f"reset:{hash_secret(token).hex()}",
            address=row.address,
            subject="Choose a new password",
            text=(
                f"Choose a new password for Reelgraph:\n\n{base_url}/reset/{token}\n\n"
                "The link works once, within an hour. If you didn't ask for it, do nothing: your"
                " password stays as it is.\n"
            ),
        )


def reset(*, token: str, password: str) -> User:
    """Set a new password, which ends every session and every other link. Raises NotFound for a
    spent link, InvalidInput for a password that is too weak, which leaves the link good."""
    with transaction.atomic():
        person = one_time_links.consume_link(token=token, purpose=RESET)
        services.change_password(user=person, password=password)
        _end_links(person, RESET)
        _end_links(person, one_time_links.SIGN_IN)
    return person


def _link(person: User, purpose: str, life: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        token_sha256=hash_secret(token),
        purpose=purpose,
        subject=person.public_id,
        user=person,
        expires_at=clock.now() + life,
    )
    return token


def _end_links(person: User, purpose: str) -> None:
    now = clock.now()
    OneTimeLink.objects.filter(
        user=person, purpose=purpose, used_at=None, expires_at__gt=now
    ).update(expires_at=now)


def _count(person: User) -> None:
    wait_s = asked.wait_s(str(person.pk), MAILS_PER_HOUR)
    if wait_s:
        raise errors.QuotaExceeded("Too many mails were asked for.", retry_after_s=wait_s)
