"""Counts of mail by its state, and the subject of each purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from notices import mailing
from notices.models import Mail
from notices.notice_types import KINDS

_PURPOSES = {
    mailing.VERIFY: "Confirm an address",
    mailing.RESET: "A new password",
    mailing.JOIN: "An invitation",
}
# Of releases before, and what is told of an account.
_OTHER = "A change of the account"


@dataclass(frozen=True, slots=True)
class Counts:
    """oldest: since when the message that waits longest has waited."""

    waiting: int
    given_up: int
    sent: int
    oldest: datetime | None


def counts() -> Counts:
    """Count the mail of the last `sending.KEPT`."""
    waits = Q(sent_at=None, given_up="")
    totals = Mail.objects.aggregate(
        waiting=Count("pk", filter=waits),
        # Not by the column's own name: filters after it would mean the count.
        ended=Count("pk", filter=~Q(given_up="")),
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        oldest=Min("created_at", filter=waits),
    )
    return Counts(totals["waiting"], totals["ended"], totals["sent"], totals["oldest"])


def purpose(key: str) -> str:
    """Return what a message of this purpose is about."""
    return KINDS[key].about if key in KINDS else _PURPOSES.get(key, _OTHER)
