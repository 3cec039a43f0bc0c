"""The address a person is written to, and a way back in when the password is lost.

No answer tells whether an address or a name is known here. The links work once: an hour for a new
password, a day for an address.
"""

from __future__ import annotations

import secrets
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import one_time_links, rate_limits, security, selectors, services
from accounts.auth import hash_secret
from accounts.models import MailAddress, OneTimeLink, User
from core import clock, errors
from notices import mailing

VERIFY: Final = "verify-mail"
RESET: Final = "reset-password"
ADDRESS_LENGTH: Final = 254
# What is told of a change to those who read the address that a person had.
CHANGES: Final = {
    mailing.ADDRESS_ASKED: (
        "The account {name} on Reelgraph asks for mail at another address. Until that one is"
        " confirmed, mail and links for a new password come here. If it wasn't you, sign in, cancel"
        " it under Account, Email address, change your password and sign out other browsers.\n"
    ),
    mailing.ADDRESS_CHANGED: (
        "The email address of {name} on Reelgraph was changed. If it wasn't you, ask the person who"
        " runs the server for help.\n"
    ),
    mailing.ADDRESS_REMOVED: (
        "{name} on Reelgraph gets no more mail at this address. If it wasn't you, sign in, change"
        " your password and add the address again.\n"
    ),
    mailing.PASSWORD_CHANGED: (
        "The password of {name} on Reelgraph was changed. If it wasn't you, ask the person who runs"
        " the server for help.\n"
    ),
}


def ask_to_verify(*, person: User, address: str, base_url: str) -> None:
    """Send a link to an address; it becomes the person's when they follow it.

    Until then mail goes on to the address they had, which is told of it. Raises InvalidInput for
    what is no address, QuotaExceeded above MAIL_LINKS_PER_HOUR, Conflict where this server sends no
    mail. Says nothing of whether another account has the address.
    """
    _check_on()
    address = address.strip()
    try:
        validate_email(address)
        MaxLengthValidator(ADDRESS_LENGTH)(address)
    except ValidationError:
        raise _invalid("Enter an email address, such as ana@example.org.") from None
    before = MailAddress.objects.filter(person=person).first()
    if before is not None and before.address.lower() == address.lower():
        raise _invalid("This address is already confirmed.")
    rate_limits.check_mail_links(person, address, mailing.VERIFY)
    with transaction.atomic():
        MailAddress.objects.update_or_create(
            person=person, defaults={"pending": address, "asked_at": clock.now()}
        )
        # One for another address is worth nothing any more.
        _end_links(person, VERIFY)
        mailing.drop_links(person.pk, mailing.VERIFY)
        token = _new_link(person, VERIFY, mailing.VERIFY)
        mailing.queue(
            person.pk,
            purpose=mailing.VERIFY,
            key=f"verify:{hash_secret(token).hex()}",
            address=address,
            text=(
                f"The account {person.username} on Reelgraph asks for mail at this address."
                f" Confirm that it is yours:\n\n{base_url}/mail/{token}\n\n"
                "The link works once, within a day. If you didn't ask for it, do nothing.\n"
            ),
        )
        if before is not None and before.address and before.pending != address:
            _tell_of_change(person, before.address, mailing.ADDRESS_ASKED, hash_secret(token).hex())


def ask_again(*, person: User, base_url: str) -> None:
    """Send another link to the address that waits. Raises as `ask_to_verify`, and NotFound."""
    row = MailAddress.objects.filter(person=person).exclude(pending="").first()
    if row is None:
        raise errors.NotFound("No address waits to be confirmed.")
    ask_to_verify(person=person, address=row.pending, base_url=base_url)


def take_back(*, person: User) -> None:
    """Ask for the address that waits no longer. One that was confirmed before stays."""
    with transaction.atomic():
        _end_links(person, VERIFY)
        mailing.drop_links(person.pk, mailing.VERIFY)
        MailAddress.objects.filter(person=person, address="").delete()
        MailAddress.objects.filter(person=person).update(pending="")


def verify(*, token: str, visitor: User | None) -> MailAddress:
    """Make the address that a link was sent to the person's.

    visitor: who is signed in here; no one need be. Raises NotFound for a spent link, Conflict when
    the link is of another account than the visitor's, or when another person has confirmed the
    address before; then the link stays good.
    """
    check_link(token=token, visitor=visitor)
    try:
        with transaction.atomic():
            person = one_time_links.consume_link(token=token, purpose=VERIFY)
            row = MailAddress.objects.select_for_update().filter(person=person).first()
            if row is None or not row.pending:
                raise one_time_links.spent()
            before = row.address
            row.address, row.verified_at, row.pending = row.pending, clock.now(), ""
            row.save()
            User.objects.filter(pk=person.pk).update(email=row.address)
            # One that was sent to the address before opens the account no more.
            _end_links(person, RESET)
            security.record(security.MAIL_CONFIRMED, user=person)
            if before:
                _tell_of_change(
                    person, before, mailing.ADDRESS_CHANGED, row.verified_at.isoformat()
                )
    except IntegrityError:
        raise errors.Conflict(
            "Another account uses this address. Sign in there, or use another address.",
            code="mail.taken",
        ) from None
    return row


def check_link(*, token: str, visitor: User | None) -> User:
    """Return whose address a link confirms. Uses nothing up. Raises as `verify`."""
    person = one_time_links.person_of_link(token=token, purpose=VERIFY)
    if visitor is not None and visitor.pk != person.pk:
        raise errors.Conflict(
            "This link is for another account. Sign out here first, then open it again.",
            code="mail.other_account",
        )
    return person


def forget(*, person: User) -> None:
    """Write to the person no more."""
    with transaction.atomic():
        _end_links(person, VERIFY)
        _end_links(person, RESET)
        row = MailAddress.objects.select_for_update().filter(person=person).first()
        if row is not None:
            row.delete()
            if row.address:
                _tell_of_change(
                    person, row.address, mailing.ADDRESS_REMOVED, clock.now().isoformat()
                )
            User.objects.filter(pk=person.pk).update(email="")
            security.record(security.MAIL_REMOVED, user=person)


def ask_reset(*, name: str, base_url: str) -> None:
    """Send a link for a new password to the verified address of a person.

    name: their username or address, in any case. Never says whether there is such a person.
    """
    if not mailing.is_on() or "\x00" in name:
        return
    name = name.strip()[:ADDRESS_LENGTH]
    person = selectors.person_named(name)
    row = (
        MailAddress.objects.select_related("person")
        .filter(Q(person=person) | Q(address__iexact=name), person__is_active=True)
        .exclude(address="")
        .first()
    )
    if row is None:
        return
    try:
        rate_limits.check_mail_links(row.person, row.address, mailing.RESET)
    except errors.QuotaExceeded:
        return
    with transaction.atomic():
        # Those before it stay good: anyone may ask, and would make them worthless.
        token = _new_link(row.person, RESET, mailing.RESET)
        security.record(security.RESET_ASKED, user=row.person)
        mailing.queue(
            row.person_id,
            purpose=mailing.RESET,
            key=f"reset:{hash_secret(token).hex()}",
            address=row.address,
            text=(
                f"Choose a new password for {row.person.username} on Reelgraph:\n\n"
                f"{base_url}/reset/{token}\n\n"
                "The link works once, within an hour. If you didn't ask for it, do nothing: your"
                " password stays as it is.\n"
            ),
        )


def offer_reset(*, person: User, base_url: str, by_mail: bool) -> str:
    """A link for a new password, from an operator; the one offered before it ends.

    by_mail: send it to the person's verified address; raises Conflict where there is none, or
    where this server sends no mail. Part of the caller's transaction. Returns the link.
    """
    row = MailAddress.objects.filter(person=person).exclude(address="").first()
    if by_mail:
        _check_on()
        if row is None:
            raise errors.Conflict(
                f"{person.username} has no confirmed email address. Show the link instead.",
            )
    _end_links(person, RESET)
    mailing.drop_links(person.pk, mailing.RESET)
    token = _new_link(person, RESET, mailing.RESET)
    link = f"{base_url}/reset/{token}"
    security.record(security.RESET_ASKED, user=person, by="operator")
    if by_mail and row is not None:
        mailing.queue(
            person.pk,
            purpose=mailing.RESET,
            key=f"reset:{hash_secret(token).hex()}",
            address=row.address,
            text=(
                f"The operator of the server sends you this link. Choose a new password for"
                f" {person.username} on Reelgraph:\n\n{link}\n\n"
                "The link works once, within an hour. Your password stays as it is until then.\n"
            ),
        )
    return link


def reset(*, token: str, password: str) -> User:
    """Set a new password, which ends every session and every other link. Raises NotFound for a
    spent link, InvalidInput for a password that is too weak, which leaves the link good."""
    person = one_time_links.person_of_link(token=token, purpose=RESET)
    services.set_password(user=person, password=password)
    with transaction.atomic():
        one_time_links.consume_link(token=token, purpose=RESET)
        services.store_password(user=person, by="mail")
        _end_links(person, RESET)
        _end_links(person, one_time_links.SIGN_IN)
        row = MailAddress.objects.filter(person=person).exclude(address="").first()
        if row is not None:
            _tell_of_change(person, row.address, mailing.PASSWORD_CHANGED, hash_secret(token).hex())
    return person


def _tell_of_change(person: User, address: str, change: str, key: str) -> None:
    """Tell those who read the address that a person had: it may not have been them."""
    mailing.queue(
        person.pk,
        purpose=change,
        key=f"{person.pk}:{change}:{key}",
        address=address,
        text=CHANGES[change].format(name=person.username),
    )


def _check_on() -> None:
    if not mailing.is_on():
        raise errors.Conflict("This server isn't set up to send mail.", code="mail.off")


def _invalid(message: str) -> errors.InvalidInput:
    issues = [{"path": "address", "message": message}]
    return errors.InvalidInput(message, code="mail.invalid", details={"issues": issues})


def _new_link(person: User, purpose: str, mail: str) -> str:
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        token_sha256=hash_secret(token),
        purpose=purpose,
        subject=person.public_id,
        user=person,
        expires_at=clock.now() + mailing.LINK_LIVES[mail],
    )
    return token


def _end_links(person: User, purpose: str) -> None:
    now = clock.now()
    OneTimeLink.objects.filter(
        user=person, purpose=purpose, used_at=None, expires_at__gt=now
    ).update(expires_at=now)
