"""Mail: written in the transaction of what it tells; `notices.sending` sends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from accounts.models import MailAddress
from core.server_address import server_url
from notices import stop_links
from notices.kinds import KINDS
from notices.models import Mail

# Beside the kinds of notices; no choice switches these off.
VERIFY: Final = "verify"
RESET: Final = "reset"
# To an address that was confirmed before: what changed about the account.
CHANGED: Final = "changed"
# For how long the link in such a message works.
LINK_LIVES: Final = {VERIFY: timedelta(days=1), RESET: timedelta(hours=1)}


def is_on() -> bool:
    """Whether this server can send mail."""
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
        subject=text,
        text=(
            f"{text}\n\n{base}{url}\n\n-- \n"
            f"You get this mail for “{KINDS[kind].about}”.\n"
            f"No more of these: {stop_links.url(row.person, kind)}\n"
            f"All settings: {base}/me/notices/settings\n"
        ),
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


def drop_links(person_id: int, purpose: str) -> None:
    """Don't send what was queued with a link that no longer works."""
    Mail.objects.filter(person_id=person_id, purpose=purpose, sent_at=None).delete()
