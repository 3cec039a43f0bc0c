"""Mail: written in the transaction of what it tells; `notices.sending` sends it.

Its links switch off mail of one kind, also for someone who is not signed in: mail programs press
them by themselves when a person says so (RFC 8058). They are signed, and work for as long as the
account is there: mail is read years later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing

from accounts.models import MailAddress, User
from accounts.one_time_links import INVITATION_LIFE
from core import errors
from core.server_address import server_url
from notices.models import Choice, Mail
from notices.notice_types import KINDS, Kind

# Beside the kinds of notices; no choice switches these off.
VERIFY: Final = "verify"
RESET: Final = "reset"
# An invitation, to an address that no one here has; its person is the operator who invites.
JOIN: Final = "join"
# To an address that was confirmed before: what changed about the account.
ADDRESS_ASKED: Final = "address_asked"
ADDRESS_CHANGED: Final = "address_changed"
ADDRESS_REMOVED: Final = "address_removed"
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105  the name of a purpose
# All of what the list of a mailbox shows of our mail. Nothing that a person typed is in it: a title
# or a name could pretend to be from someone else.
SUBJECTS: Final[Mapping[str, str]] = {
    VERIFY: "Confirm your email address",
    RESET: "Choose a new password",
    JOIN: "You're invited to Reelgraph",
    ADDRESS_ASKED: "A new email address was requested",
    ADDRESS_CHANGED: "Your email address was changed",
    ADDRESS_REMOVED: "Your email address was removed",
    PASSWORD_CHANGED: "Your password was changed",
    **{kind.key: kind.about for kind in KINDS.values()},
}
# For how long the link in such a message works.
LINK_LIVES: Final = {VERIFY: timedelta(days=1), RESET: timedelta(hours=1), JOIN: INVITATION_LIFE}
_STOP_SALT: Final = "notices.stop"
_LONGEST_STOP: Final = 300


def is_on() -> bool:
    """Return whether this server can send mail."""
    return bool(settings.EMAIL_HOST)


def queue_notice(person_id: int, kind: str, *, about: str, text: str, url: str) -> None:
    """Send what a notice says to its person's verified address, if there is one."""
    if not is_on():
        return
    row = (
        MailAddress.objects.select_related("person")
        .filter(person_id=person_id, person__is_active=True)
        .exclude(address="")
        .first()
    )
    if row is None:
        return
    base = server_url()
    queue(
        person_id,
        purpose=kind,
        key=f"{person_id}:{about}",
        address=row.address,
        text=(
            f"{text}\n\n{base}{url}\n\n-- \n"
            f"You get this mail for “{KINDS[kind].about}”.\n"
            f"No more of these: {stop_url(row.person, kind)}\n"
            f"All settings: {base}/me/notices/settings\n"
        ),
    )


def queue(person_id: int, *, purpose: str, key: str, address: str, text: str) -> None:
    """Have a message sent; one with this key goes out once. Part of the caller's transaction.

    purpose: one of SUBJECTS.
    """
    Mail.objects.bulk_create(
        [
            Mail(
                person_id=person_id,
                key=key[:200],
                purpose=purpose,
                address=address,
                subject=SUBJECTS[purpose],
                text=text,
            )
        ],
        ignore_conflicts=True,
    )


def drop_links(person_id: int, purpose: str) -> None:
    """Don't send what was queued with a link that no longer works."""
    Mail.objects.filter(person_id=person_id, purpose=purpose, sent_at=None).delete()


def drop(key: str) -> None:
    """Don't send the message of this key, if it still waits."""
    Mail.objects.filter(key=key, sent_at=None).delete()


def stop_url(person: User, kind: str) -> str:
    """Return the address where a person ends mail of this kind."""
    return f"{server_url()}/mail/stop/{_signer().sign_object([person.public_id, kind])}"


def kind_of_stop_link(token: str) -> Kind:
    """Return what a link switches off. Raises NotFound for one that we did not sign."""
    return _read_stop_link(token)[1]


def stop(token: str) -> Kind:
    """Send the person no more mail of the link's kind. Harmless to repeat.

    Raises as `kind_of_stop_link`.
    """
    person, kind = _read_stop_link(token)
    Choice.objects.update_or_create(
        person=person,
        kind=kind.key,
        defaults={"by_mail": False},
        create_defaults={
            "by_mail": False,
            "in_page": kind.in_page,
            "in_browser": kind.in_browser,
        },
    )
    return kind


def _read_stop_link(token: str) -> tuple[User, Kind]:
    try:
        public_id, key = _signer().unsign_object(token[:_LONGEST_STOP])
    except (signing.BadSignature, ValueError, TypeError):
        raise _unknown() from None
    person = User.objects.filter(public_id=public_id, is_active=True).first()
    if person is None or key not in KINDS:
        raise _unknown()
    return person, KINDS[key]


def _signer() -> signing.Signer:
    return signing.Signer(salt=_STOP_SALT)


def _unknown() -> errors.NotFound:
    return errors.NotFound(
        "This link doesn't work. Choose what you get by mail under Account, Notices.",
        code="link.unknown",
    )
