"""The rules of a URL that hears of runs, of one or of all of a person's."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.conf import settings

from accounts import rate_limits
from accounts.auth import Principal
from accounts.names import invalid
from core import errors
from core.shared_cache import shared_cache
from media import addresses
from media.guarded_client import target_of
from media.pinned_connection import OutOfBounds
from runs.options import Receiver

_HOUR_S: Final = 3600


def allowance() -> addresses.Allowance:
    """Return the private receivers that the operator allows."""
    return addresses.read_allowance(settings.WEBHOOK_ALLOW, "REELGRAPH_WEBHOOK_ALLOW")


def check_url(url: str, *, person_id: int, field: str) -> None:
    """Check a receiver's URL, and count it where the person hasn't used it within an hour.

    Raises InvalidInput naming the field, QuotaExceeded above 30 new ones an hour.
    """
    try:
        target_of(url, allowance())
    except OutOfBounds as refusal:
        raise invalid(field, refusal.message) from refusal
    # Programs write the job into the query: that is no new receiver.
    mark = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()[:32]
    slot = f"webhook:{person_id}:{mark}"
    if shared_cache().get(slot) is None:
        rate_limits.check_new_receivers(person_id)
        shared_cache().set(slot, 1, _HOUR_S)


def hearing(receiver: Receiver | None, actor: Principal) -> dict[str, Any]:
    """Return the options of a run that this receiver hears of; none without one.

    Raises InvalidBody for an actor without a key, whose secret would sign, and as `check_url`.
    """
    if receiver is None:
        return {}
    if actor.api_key is None:
        raise errors.InvalidBody(
            "webhook: the secret of an API key signs what is sent. Start the run with a key."
        )
    check_url(receiver.url, person_id=actor.user.pk, field="webhook")
    return {"webhook": receiver}
