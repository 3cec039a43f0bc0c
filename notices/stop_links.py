"""Links in mail that switch off mail of one kind, also for someone who is not signed in.

Mail programs press them by themselves when a person says so (RFC 8058). A link is signed, and works
for as long as the account is there: mail is read years later.
"""

from __future__ import annotations

from typing import Final

from django.core import signing

from accounts.models import User
from core import errors
from core.server_address import server_url
from notices.kinds import KINDS, Kind
from notices.models import Choice

SALT: Final = "notices.stop"
LONGEST: Final = 300


def url(person: User, kind: str) -> str:
    """Where a person has no more mail of this kind sent."""
    return f"{server_url()}/mail/stop/{_signer().sign_object([person.public_id, kind])}"


def kind_of(token: str) -> Kind:
    """What a link switches off. Raises NotFound for one that we did not sign."""
    return _read(token)[1]


def stop(token: str) -> Kind:
    """Send the person no more mail of the link's kind. Harmless to repeat. Raises as `kind_of`."""
    person, kind = _read(token)
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


def _read(token: str) -> tuple[User, Kind]:
    try:
        public_id, key = _signer().unsign_object(token[:LONGEST])
    except (signing.BadSignature, ValueError, TypeError):
        raise _unknown() from None
    person = User.objects.filter(public_id=public_id, is_active=True).first()
    if person is None or key not in KINDS:
        raise _unknown()
    return person, KINDS[key]


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)


def _unknown() -> errors.NotFound:
    return errors.NotFound(
        "This link doesn't work. Choose what you get by mail under Account, Notices.",
        code="link.unknown",
    )
